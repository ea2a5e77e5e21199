"""Holds: who keeps an order (or one fulfilment order of it) back, why, and until when.

A hold moves the fulfilment orders it covers to ``on_hold``; when the last hold that covers one is
released, it goes back to where it was. Many holds cost the statements of one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from oms_core.fulfilment import held
from oms_core.fulfilment.held import Order
from oms_core.fulfilment.tables import FulfillmentHold
from oms_core.kernel import clock, journal
from oms_core.kernel.bulk import bulk_insert
from oms_core.kernel.errors import InvalidInput, NotFound, OmsError, Refused
from oms_core.kernel.rows import core, loaded, next_ids, packed, table_of
from oms_core.orders.status import refresh

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

_HOLD = table_of(FulfillmentHold)
_COLUMNS = (
    "id", "order_id", "fulfillment_order_id", "reason", "note", "owner", "until_at", "guard_key", "held_by",
    "held_at", "released_by", "released_how",
)  # fmt: skip
#: Holds and fulfilment orders released by their date in one transaction, at most.
DUE_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class NewHold:
    """A hold to be put on an order (see :func:`hold`)."""

    order_id: int
    reason: str
    note: str = ""
    owner: str = ""
    until_at: datetime | None = None
    guard_key: str = ""
    fulfillment_order_id: int | None = None


def hold(
    session: Session,
    order_id: int,
    *,
    reason: str,
    note: str = "",
    owner: str = "",
    until_at: datetime | None = None,
    guard_key: str = "",
    fulfillment_order_id: int | None = None,
    actor: str = "system",
) -> FulfillmentHold:
    """Keep an order back from shipping.

    Parameters
    ----------
    reason : str
        A word for lists, such as ``address`` or ``risk``; `note` says more.
    owner : str
        Who looks after it.
    until_at : datetime, optional
        Aware; released by itself then (:func:`release_due`).
    guard_key : str
        Names what a rule holds for. An active hold of the same key is returned as it is; one that a
        person released is not put on again: it is returned released, and the journal says so.
    fulfillment_order_id : int, optional
        Hold only this fulfilment order.

    Raises
    ------
    Refused
        If the order is not open (``hold.order_ended``) or has nothing left to ship
        (``hold.nothing_left``).
    InvalidInput
        If the reason is empty or `until_at` has passed.
    """
    new = NewHold(
        order_id=order_id, reason=reason, note=note, owner=owner, until_at=until_at, guard_key=guard_key,
        fulfillment_order_id=fulfillment_order_id,
    )  # fmt: skip
    (found,) = hold_all(session, [new], actor=actor)
    if isinstance(found, OmsError):
        raise found
    return loaded(session, FulfillmentHold, found)


def hold_all(session: Session, holds: Sequence[NewHold], *, actor: str = "system") -> list[int | OmsError]:
    """Put holds on many orders, each for itself, in the order given.

    Returns
    -------
    list of int or OmsError
        For each the id of its hold (an earlier one under the same guard key), or why there is none.
    """
    connection = core(session)
    orders = held.locked(connection, {new.order_id for new in holds})
    outcome: list[int | OmsError] = []
    rows, events = list[tuple[Any, ...]](), list[tuple[str, int, dict[str, Any]]]()
    keys = next_ids(connection, "fulfillment_holds", len(holds))
    for key, new in zip(keys, holds, strict=True):
        said = _look(new, orders.get(new.order_id))
        if said is None:
            rows.append(_row(key, new, actor))
            events.append(_put(orders[new.order_id], key, new))
        elif isinstance(said, held.Hold) and said.how:
            events.append(("order.hold_guarded", new.order_id, {"guard_key": new.guard_key, "hold_id": said.id}))
        outcome.append(key if said is None else said.id if isinstance(said, held.Hold) else said)
    if rows:
        bulk_insert(connection, _HOLD, _COLUMNS, rows, keys_drawn=True)
        settle(session, orders)
    if events:
        journal.record_all(session, "order", events, actor=actor)
    return outcome


def release_hold(session: Session, hold_id: int, *, actor: str = "system") -> FulfillmentHold:
    """Release a hold; what it covered goes back to where it was, unless another hold covers it.

    A hold released before stays as it is: releasing twice is releasing once.

    Raises
    ------
    NotFound
        If there is no such hold.
    """
    (refused,) = release_all(session, [hold_id], actor=actor)
    if refused is not None:
        raise refused
    return loaded(session, FulfillmentHold, hold_id)


def release_all(
    session: Session, hold_ids: Sequence[int], *, actor: str = "system", how: str = "person"
) -> list[OmsError | None]:
    """Release many holds, each for itself.

    Parameters
    ----------
    how : str
        ``person`` or ``due``; only what a person released keeps its guard.

    Returns
    -------
    list of OmsError or None
        For each hold None when it is released (now or before), or why not.
    """
    connection = core(session)
    belongs = held.orders_of(connection, set(hold_ids))
    orders = held.locked(connection, set(belongs.values()))
    holds = {one.id: one for order in orders.values() for one in order.holds}
    ended = [holds[key] for key in dict.fromkeys(hold_ids) if key in belongs and holds[key].active]
    for one in ended:
        one.how = how
    if ended:
        batch = packed((one.id,) for one in ended)
        now = clock.now()
        connection.execute(held.end(connection.dialect.name), {"batch": batch, "by": actor, "how": how, "now": now})
        states = {one.order_id: orders[one.order_id].states() for one in ended}
        settle(session, orders)
        events = [
            ("order.released", one.order_id,
             {"hold_id": one.id, "reason": one.reason, "how": how, "before": states[one.order_id],
              "after": orders[one.order_id].states()})
            for one in ended
        ]  # fmt: skip
        journal.record_all(session, "order", events, actor=actor)
    return [None if key in belongs else NotFound("hold", key) for key in hold_ids]


def release_order(session: Session, order_ids: Sequence[int], *, actor: str = "system") -> list[int | OmsError]:
    """Release every active hold of orders; return for each how many there were, or why not."""
    connection = core(session)
    orders = held.locked(connection, set(order_ids))
    active = {key: [one.id for one in order.holds if one.active] for key, order in orders.items()}
    release_all(session, [key for keys in active.values() for key in keys], actor=actor)
    return [len(active[key]) if key in active else NotFound("order", key) for key in order_ids]


def release_due(session: Session, *, actor: str = "clock") -> dict[str, int]:
    """Release the holds and the service windows whose time has come; called by the worker.

    Returns
    -------
    dict
        ``holds`` and ``fulfillment_orders`` released; at most :data:`DUE_AT_ONCE` of each, so call
        again while something was.
    """
    connection, now = core(session), clock.now()
    due = list(connection.execute(held.DUE_HOLDS, {"now": now, "most": DUE_AT_ONCE}).scalars())
    release_all(session, due, actor=actor, how="due")
    waiting = set(connection.execute(held.DUE_WINDOWS, {"now": now, "most": DUE_AT_ONCE}).scalars())
    orders = held.locked(connection, waiting)
    opened = settle(session, orders)
    events = [
        ("order.window_ended", key, {"before": before, "after": orders[key].states()}) for key, before in opened.items()
    ]
    if events:
        journal.record_all(session, "order", events, actor=actor)
    return {"holds": len(due), "fulfillment_orders": sum(len(before) for before in opened.values())}


def is_due(session: Session) -> bool:
    """Return whether a hold or a service window has ended and is not released yet; reads only."""
    connection, asked = core(session), {"now": clock.now(), "most": 1}
    return any(connection.execute(due, asked).first() is not None for due in (held.DUE_HOLDS, held.DUE_WINDOWS))


def settle(session: Session, orders: Mapping[int, Order]) -> dict[int, dict[str, str]]:
    """Bring fulfilment orders to where holds and windows want them; return the states that changed, before."""
    connection, now = session.connection(), clock.now()
    changed: dict[int, dict[str, str]] = {}
    rows = []
    for order in orders.values():
        for work in order.works:
            state, held_from = order.wanted(work, now)
            if (state, held_from) != (work.state, work.held_from):
                changed.setdefault(order.id, {})[work.number] = work.state
                work.state, work.held_from = state, held_from
                rows.append((work.id, state, held_from))
    if rows:
        connection.execute(held.move(connection.dialect.name), {"batch": packed(rows)})
    refresh(session, orders)
    return changed


def _look(new: NewHold, order: Order | None) -> OmsError | held.Hold | None:
    """Return None when the hold may be put on, the hold that stands in its place, or why it may not."""
    if order is None:
        return NotFound("order", new.order_id)
    if not new.reason.strip():
        return InvalidInput("reason", new.reason, "a word saying why", code="hold.no_reason")
    if new.until_at is not None and new.until_at <= clock.now():
        return InvalidInput("until_at", new.until_at.isoformat(), "a time to come", code="hold.past")
    before = order.guarded(new.guard_key)
    if before is not None:
        return before
    return _refused(new, order)


def _refused(new: NewHold, order: Order) -> OmsError | None:
    if order.state != "placed":
        return Refused("hold.order_ended", f"Order {order.number} is {order.state}: there is nothing to hold back.")
    if order.fulfillment_status == "fulfilled":
        return Refused(
            "hold.nothing_left",
            f"Order {order.number} is wholly shipped: a hold keeps nothing back.",
            "Tell the carrier to stop the parcel, or book a return.",
        )
    if new.fulfillment_order_id is not None:
        work = next((w for w in order.works if w.id == new.fulfillment_order_id), None)
        if work is None:
            return NotFound("fulfilment order", new.fulfillment_order_id)
        if work.finished:
            return Refused("hold.nothing_left", f"{work.number} is {work.state}: there is nothing to hold back.")
    return None


def _row(key: int, new: NewHold, actor: str) -> tuple[Any, ...]:
    return (
        key, new.order_id, new.fulfillment_order_id, new.reason.strip(), new.note, new.owner, new.until_at,
        new.guard_key, actor, clock.now(), "", "",
    )  # fmt: skip


def _put(order: Order, key: int, new: NewHold) -> tuple[str, int, dict[str, Any]]:
    """Put the hold on the order in hand and return its journal entry."""
    before = order.states()
    order.holds.append(held.Hold(key, order.id, new.fulfillment_order_id, new.reason, new.guard_key, ""))
    now = clock.now()
    after = {work.number: order.wanted(work, now)[0] for work in order.works if not work.finished}
    facts = {
        "hold_id": key, "reason": new.reason, "note": new.note, "owner": new.owner, "guard_key": new.guard_key,
        "until_at": new.until_at.isoformat() if new.until_at else None, "before": before, "after": after,
    }  # fmt: skip
    return "order.held", order.id, facts
