"""Orders that come from a reservation: what the till holds becomes the order's, atomically with placing it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.inventory import ledger
from oms_core.inventory.promise_tables import Reservation, ReservationLine
from oms_core.inventory.reservations import end, is_over, lines_of, open_units
from oms_core.kernel import clock, journal
from oms_core.kernel.errors import NotFound
from oms_core.kernel.rows import core, packed
from oms_core.locations.tables import Location
from oms_core.routing import ground
from oms_core.routing.promising import Promise, Routed, write_promises

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_DECIDED_BY = "reservation"


def convert(session: Session, reservations: Mapping[int, str], *, zone: str, actor: str) -> dict[int, str]:
    """Turn reservations into allocations of the orders they became: reserved to committed.

    What the order does not want any more is let go; what it wants beyond it is for the caller to
    route. A reservation never outlives its order: it is over afterwards, whatever it held.

    Parameters
    ----------
    reservations : mapping of int to str
        Token by order; the orders are placed in this transaction.

    Returns
    -------
    dict of int to str
        What became of each: ``converted``, or the state (``expired``, ``released``, ``converted
        before``) that left nothing to convert. One past its time expires here.

    Raises
    ------
    NotFound
        If there is no reservation of the token.
    """
    connection = core(session)
    found = _locked(session, sorted(set(reservations.values())))
    batch = {"batch": packed((key,) for key in sorted(reservations))}
    lines: dict[int, list[Any]] = {}
    for line in connection.execute(ground.open_lines(connection.dialect.name), batch):
        lines.setdefault(line.order_id, []).append(line)
    _lock_levels(connection, list(found.values()), [line.variant_id for some in lines.values() for line in some])
    said = {}
    for order_id, token in sorted(reservations.items()):
        held = found.get(token)
        if held is None:
            raise NotFound("reservation", token, hint="Reserve the units again, or place the order without it.")
        said[order_id] = _one(session, order_id, held, lines.get(order_id, []), zone=zone, actor=actor)
    return said


def _locked(session: Session, tokens: Sequence[str]) -> dict[str, Reservation]:
    statement = (
        sa.select(Reservation)
        .where(Reservation.token.in_(tokens))
        .order_by(Reservation.id)
        .with_for_update(key_share=True)
    )
    return {one.token: one for one in session.scalars(statement, execution_options={"populate_existing": True})}


def _lock_levels(connection: sa.Connection, found: Sequence[Reservation], variant_ids: Sequence[int]) -> None:
    """Lock at once, in order, every level that converting, letting go and routing will touch."""
    line = ReservationLine
    held = sa.select(line.variant_id).where(line.reservation_id.in_([one.id for one in found]))
    variants = {*variant_ids, *connection.execute(held).scalars()}
    ledger.lock_promisable(connection, sorted(variants), reserved_too=True)


def _one(session: Session, order_id: int, held: Reservation, lines: Sequence[Any], *, zone: str, actor: str) -> str:
    if is_over(held, clock.now()):
        if held.state == "active":
            end(session, [held], "expired", reason="time is over", zone=zone, actor=actor)
        return "converted before" if held.state == "converted" else held.state
    rows = lines_of(session, held.id)
    promises, sources = _matched(lines, rows)
    if promises:
        receipt = _receipt(session, held, promises)
        write_promises(session, [Routed(order_id, promises, receipt, held=sources)], None, zone=zone, actor=actor)
    used: dict[int, int] = {}
    for (_, _, _, n), source in zip(promises, sources, strict=True):
        used[source] = used.get(source, 0) + n
    for row in rows:
        row.converted_qty += used.get(row.id, 0)
    # both at once: a query in between would write one without the other
    held.state, held.order_id = "converted", order_id
    end(session, [held], "converted", reason="not ordered in the end", zone=zone, actor=actor)
    journal.record(
        session, "order.reservation_converted", "order", order_id, actor=actor, number=held.number,
        units=sum(used.values()),
    )  # fmt: skip
    return "converted"


def _matched(lines: Sequence[Any], rows: Sequence[ReservationLine]) -> tuple[list[Promise], list[int]]:
    """Share what is held over the order's lines; return the promises and the reservation line of each."""
    left = {row.id: open_units(row) for row in rows}
    promises, sources = list[Promise](), list[int]()
    for line in lines:
        rest = int(line.wanted)
        for row in rows:
            n = min(rest, left[row.id]) if row.variant_id == line.variant_id else 0
            if n:
                promises.append((line.id, line.variant_id, row.location_id, n))
                sources.append(row.id)
                left[row.id] -= n
                rest -= n
    return promises, sources


def _receipt(session: Session, held: Reservation, promises: Sequence[Promise]) -> dict[str, Any]:
    """Return the receipt of a decision that was made at the till."""
    units: dict[int, int] = {}
    for _, _, place, n in promises:
        units[place] = units.get(place, 0) + n
    statement = sa.select(Location.id, Location.name).where(Location.id.in_(units)).order_by(Location.position)
    names = {row[0]: row[1] for row in session.execute(statement)}
    chosen = [
        {"location_id": place, "name": names[place], "decided_by": _DECIDED_BY, "units": units[place]}
        for place in names
    ]
    told = " and ".join(names.values())
    return {
        "rules": [{"kind": _DECIDED_BY}], "candidates": [], "chosen": chosen, "decided_by": _DECIDED_BY,
        "reason": f"{told} held the goods since {held.created_at:%Y-%m-%d %H:%M} UTC ({held.number})",
    }  # fmt: skip
