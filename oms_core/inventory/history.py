"""Stock as it was at any instant, and why it is what it is: the ledger told in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.catalog.tables import Variant
from oms_core.inventory.history_links import Links, links_of
from oms_core.inventory.tables import ON_HAND_STATES, StockLevel, StockMovement
from oms_core.kernel import clock
from oms_core.kernel.errors import InvalidInput
from oms_core.kernel.rows import table_of
from oms_core.locations.tables import Location

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

_LEVEL, _MOVEMENT = table_of(StockLevel), table_of(StockMovement)


def stock_as_of(
    session: Session, at: datetime, *, variant_ids: Sequence[int] = (), location_ids: Sequence[int] = ()
) -> list[dict[str, Any]]:
    """Return the levels as they were right after the last movement at or before an instant.

    Reckoned back from today's levels by the movements since, so that last week costs a week of
    the ledger and not all of it; the same as adding up every movement until then.

    Parameters
    ----------
    at : datetime
        Aware. An instant in the future gives the levels of now.
    variant_ids, location_ids : sequence of int
        Only these; all when empty.

    Returns
    -------
    list of dict
        ``sku, location, on_hand`` and every state, units; levels that held anything then.
    """
    if at.tzinfo is None:
        raise InvalidInput("at", at.isoformat(), "a time with its zone, like 2026-05-01T12:00:00+02:00")
    parts = sa.union_all(_now(variant_ids, location_ids), *_since(at, variant_ids, location_ids)).subquery()
    states = {state: sa.cast(sa.func.sum(parts.c[state]), sa.BigInteger).label(state) for state in ON_HAND_STATES}
    rows = session.execute(
        sa.select(Variant.sku, Location.code.label("location"), *states.values())
        .select_from(parts)
        .join(Variant, Variant.id == parts.c.variant_id)
        .join(Location, Location.id == parts.c.location_id)
        .group_by(Variant.sku, Location.code, Location.position, Location.id)
        .having(sa.or_(*(sa.func.sum(parts.c[state]) != 0 for state in ON_HAND_STATES)))
        .order_by(Variant.sku, Location.position, Location.id)
    )
    return [
        {
            "sku": row["sku"], "location": row["location"], "on_hand": sum(int(row[s]) for s in ON_HAND_STATES),
            **{state: int(row[state]) for state in ON_HAND_STATES},
        }
        for row in rows.mappings()
    ]  # fmt: skip


def _only(
    statement: sa.Select[Any], variant: Any, place: Any, variant_ids: Sequence[int], location_ids: Sequence[int]
) -> sa.Select[Any]:
    if variant_ids:
        statement = statement.where(variant.in_(variant_ids))
    return statement.where(place.in_(location_ids)) if location_ids else statement


def _now(variant_ids: Sequence[int], location_ids: Sequence[int]) -> sa.Select[Any]:
    level = _LEVEL.c
    statement = sa.select(level.variant_id, level.location_id, *(level[state] for state in ON_HAND_STATES))
    return _only(statement, level.variant_id, level.location_id, variant_ids, location_ids)


def _since(at: datetime, variant_ids: Sequence[int], location_ids: Sequence[int]) -> list[sa.Select[Any]]:
    """Return the movements after an instant, the other way round, one statement for each end."""
    m, undone = _MOVEMENT.c, []
    for end, sign in (("from", 1), ("to", -1)):
        place, state = m[f"{end}_location_id"], m[f"{end}_state"]
        units = [sa.case((state == name, sign * m.quantity), else_=0).label(name) for name in ON_HAND_STATES]
        statement = sa.select(m.variant_id, place.label("location_id"), *units).where(m["at"] > at, place.is_not(None))
        undone.append(_only(statement, m.variant_id, place, variant_ids, location_ids))
    return undone


def why(session: Session, variant_id: int, location_id: int | None = None, *, limit: int = 50) -> list[dict[str, Any]]:
    """Tell why on hand is what it is: the newest movements, oldest of them first, each a sentence.

    Returns
    -------
    list of dict
        ``at, sentence, change`` (of on hand), ``on_hand`` and ``available`` after it (the running
        balance, which ends at today's level), ``kind, quantity, from, to, actor, reason`` and
        ``links``: the order, shipment, purchase order, receipt, return, transfer, count or
        reservation behind it, by kind and number.
    """
    m = StockMovement
    statement = sa.select(m).where(m.variant_id == variant_id).order_by(m.id.desc()).limit(limit)
    if location_id is not None:
        statement = statement.where(sa.or_(m.from_location_id == location_id, m.to_location_id == location_id))
    moves = session.scalars(statement).all()
    links = links_of(session, moves)
    names = {row[0]: row[1] for row in session.execute(sa.select(Location.id, Location.name))}
    on_hand, available = _balance(session, variant_id, location_id)
    told = []
    for move in moves:
        change = _change(move, location_id, ON_HAND_STATES)
        told.append(_told(move, names, links, location_id) | {"on_hand": on_hand, "available": available})
        on_hand -= change
        available -= _change(move, location_id, ("available",))
    return told[::-1]


def _balance(session: Session, variant_id: int, location_id: int | None) -> tuple[int, int]:
    total = sum((_LEVEL.c[state] for state in ON_HAND_STATES[1:]), start=_LEVEL.c.available)
    statement = sa.select(sa.func.sum(total), sa.func.sum(_LEVEL.c.available)).where(_LEVEL.c.variant_id == variant_id)
    if location_id is not None:
        statement = statement.where(_LEVEL.c.location_id == location_id)
    row = session.execute(statement).one()
    return int(row[0] or 0), int(row[1] or 0)


def _change(move: StockMovement, location_id: int | None, states: Sequence[str]) -> int:
    """Return what a movement did to the units in some states, of one location or of all together."""

    def inside(place: int | None, state: str) -> bool:
        return place is not None and location_id in {None, place} and state in states

    came, left = inside(move.to_location_id, move.to_state), inside(move.from_location_id, move.from_state)
    return move.quantity * (came - left)


def _told(move: StockMovement, names: dict[int, str], links: Links, location_id: int | None) -> dict[str, Any]:
    behind = links.of(move)
    return {
        "at": move.at, "sentence": _sentence(move, names, behind),
        "change": _change(move, location_id, ON_HAND_STATES), "kind": move.kind, "quantity": move.quantity,
        "from": _place(names, move.from_location_id, move.from_state),
        "to": _place(names, move.to_location_id, move.to_state),
        "actor": move.actor, "reason": move.reason, "links": behind,
    }  # fmt: skip


def _place(names: dict[int, str], location_id: int | None, state: str) -> str:
    return state if location_id is None else f"{names[location_id]} {state.replace('_', ' ')}"


#: What happened, by kind; the documents behind it follow.
_WORDS = {
    "opening": "{n} on the opening balance of {to}",
    "received": "{n} received into {to}",
    "allocated": "{n} promised at {to}",
    "released": "{n} free again: {to}",
    "shipped": "{n} shipped from {out}",
    "returned": "{n} came back into {to}",
    "transferred_out": "{n} sent off from {out}",
    "transferred_in": "{n} arrived into {to}",
    "state_changed": "{n} from {out} to {to}",
}


def _sentence(move: StockMovement, names: dict[int, str], behind: list[dict[str, str]]) -> str:
    n = f"{move.quantity} unit" + ("" if move.quantity == 1 else "s")
    out = _place(names, move.from_location_id, move.from_state)
    to = _place(names, move.to_location_id, move.to_state)
    if move.kind == "adjusted":
        said = f"{n} found: {to}" if move.from_state == "loss" else f"{n} missing or written off: {out}"
    else:
        said = _WORDS[move.kind].format(n=n, out=out, to=to)
    documents = ", ".join(f"{link['kind'].replace('_', ' ')} {link['number']}" for link in behind)
    numbers = {link["number"] for link in behind}
    why_not = f" ({move.reason})" if move.reason and move.reason not in numbers else ""
    return f"{said}{' for ' + documents if documents else ''}{why_not}, by {move.actor}"


def parse_instant(text: str, now: datetime | None = None) -> datetime:
    """Return an instant written as ISO 8601 with a zone; a date alone means its end in UTC is not guessed: refused."""
    from datetime import datetime as instants

    try:
        at = instants.fromisoformat(text) if text != "now" else now or clock.now()
    except ValueError as error:
        raise InvalidInput("at", text, "a time like 2026-05-01T12:00:00+02:00") from error
    if at.tzinfo is None:
        raise InvalidInput("at", text, "a time with its zone, like 2026-05-01T12:00:00+02:00")
    return at
