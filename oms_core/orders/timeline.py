"""The timeline of an order: every event of it in the journal, told as a sentence, with before and after.

Rooms above this one write to the journal under the order they act on; things of an order that have
journal entries of their own (a return) are named in :data:`RELATED` and not imported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel.errors import NotFound
from oms_core.kernel.journal import JournalEntry
from oms_core.kernel.money import to_decimal
from oms_core.kernel.rows import core, table_of
from oms_core.orders.tables import Order, OrderNote

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

_JOURNAL, _ORDER, _NOTE = table_of(JournalEntry), table_of(Order), table_of(OrderNote)
#: Things of an order with entries of their own: object type in the journal to its table.
RELATED = {"return": sa.table("returns", sa.column("id"), sa.column("order_id"))}

#: What an event says; names in braces are facts of the entry, ``{money}`` its amount with the currency.
SENTENCES = {
    "order.placed": "Placed through {channel} as {external_id}: {lines} line(s), {money}",
    "order.allocated": "Promised: {reason}",
    "order.cancelled": "Cancelled: {reason}",
    "order.tagged": "Tags are now {after}",
    "order.untagged": "Tags are now {after}",
    "order.noted": "Note: {note}",
    "order.held": "Put on hold: {reason}{owner}{until}",
    "order.hold_guarded": "Not held again ({guard_key}): a person released it before",
    "order.released": "Released from hold: {reason}",
    "order.window_ended": "The time for changes ended; work is released to the warehouse",
    "fulfillment_order.opened": "Work opened for {places} place(s)",
    "fulfillment_order.moved": "{number} moved from {from_location} to {to_location}: {reason}",
    "fulfillment_order.split": "{number} split: {units} unit(s) go on their own",
    "fulfillment_order.merged": "{numbers} merged into {number}",
    "fulfillment_order.rejected": "{location} rejected {number}: {reason}",
    "fulfillment_order.parked": "No place has the rest: it waits to be routed",
    "shipment.shipped": "{units} unit(s) handed to {carrier} {tracking_number}",
    "shipment.riding": "{units} unit(s) ride in parcel {parent} of order {parent_order}",
    "payment.authorize": "{money} authorised through {gateway}",
    "payment.capture": "{money} captured through {gateway}",
    "payment.void": "{money} let go at {gateway}",
    "payment.refund": "{money} given back through {gateway}",
    "payment.written_off": "{money} written off: {reason}",
    "risk.assessed": "Risk {score} of 100, {level}: {reasons}",
    "risk.approved": "Risk looked at and approved",
    "risk.rejected": "Risk looked at and rejected",
    "duplicate.suspected": "May be a duplicate: {sentence}",
    "duplicate.confirmed": "Confirmed as a duplicate of {other}",
    "duplicate.dismissed": "Not a duplicate of {other}",
}


def timeline(session: Session, order_id: int) -> list[dict[str, Any]]:
    """Return everything that happened to an order, oldest first.

    Returns
    -------
    list of dict
        ``at, actor, event, sentence, before, after, facts``; `before` and `after` are None where an
        event changed nothing that was there.

    Raises
    ------
    NotFound
        If there is no such order.
    """
    connection = core(session)
    head = connection.execute(sa.select(_ORDER.c.currency).where(_ORDER.c.id == order_id)).one_or_none()
    if head is None:
        raise NotFound("order", order_id)
    written = connection.execute(sa.select(_NOTE.c.id, _NOTE.c.body).where(_NOTE.c.order_id == order_id))
    notes = {row.id: row.body for row in written}
    return [_told(row, head.currency, notes) for row in connection.execute(_entries(order_id))]


def sentence(event: str, facts: Mapping[str, Any], currency: str) -> str:
    """Say an event of the journal; one without words of its own is said by its name."""
    told = _words(facts, currency)
    template = SENTENCES.get(event)
    if template is not None:
        return template.format_map(told).strip()
    subject, _, verb = event.replace("_", " ").partition(".")
    change = f": {told['before']} → {told['after']}" if "before" in facts and "after" in facts else ""
    return f"{subject.capitalize()} {verb.replace('.', ' ')}{change}"


class _Facts(dict[str, str]):
    """Facts in words; one that an older entry does not have is left out."""

    def __missing__(self, key: str) -> str:
        return ""


def _words(facts: Mapping[str, Any], currency: str) -> _Facts:
    told = _Facts({key: _plain(value) for key, value in facts.items() if value is not None})
    amount = facts.get("amount_minor", facts.get("total_minor"))
    if isinstance(amount, int):
        told["money"] = f"{to_decimal(amount, currency)} {currency}"
    if facts.get("owner"):
        told["owner"] = f", {facts['owner']} looks after it"
    if facts.get("until_at"):
        told["until"] = f", until {facts['until_at']}"
    if "fulfillment_order_ids" in facts:
        told["places"] = str(len(facts["fulfillment_order_ids"]))
    return told


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(_plain(v) if len(value) == 1 else f"{k} {_plain(v)}" for k, v in value.items())
    if isinstance(value, list):
        return ", ".join(_plain(v) for v in value) or "none"
    return str(value)


def _told(row: Any, currency: str, notes: Mapping[int, str]) -> dict[str, Any]:
    facts = dict(row.data)
    if "note_id" in facts:
        facts["note"] = notes.get(facts["note_id"], "")
    return {
        "at": row.at,
        "actor": row.actor,
        "event": row.event,
        "sentence": sentence(row.event, facts, currency),
        "before": facts.pop("before", facts.pop("from", None)),
        "after": facts.pop("after", facts.pop("to", None)),
        "facts": facts,
    }


def _entries(order_id: int) -> sa.Select[Any]:
    """Build: the journal entries of the order and of its related things."""
    c = _JOURNAL.c
    mine = sa.and_(c.object_type == "order", c.object_id == order_id)
    others = [
        sa.and_(c.object_type == kind, c.object_id.in_(sa.select(table.c.id).where(table.c.order_id == order_id)))
        for kind, table in RELATED.items()
    ]
    return sa.select(c.at, c.actor, c.event, c.data).where(sa.or_(mine, *others)).order_by(c.at, c.id)
