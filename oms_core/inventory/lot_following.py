"""Lots follow every movement of a variant that is tracked by lot: which batch left, which came.

Called by `posting.post` after the levels are locked and changed, so that lots and levels are one
transaction and (variant, location) is locked by its level. A promise does not choose its lot:
only a movement out of a location, into it, or between pools does.

- What leaves without naming a lot goes first expired, first out (FEFO); what goes to a customer
  or to another location is never of an expired lot.
- What comes back names its lot, or comes of the lots that were shipped (return) or sent
  (transfer) under the same line.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.catalog.tables import Variant
from oms_core.inventory.lot_origins import opening_of, returned_of, sent_of
from oms_core.inventory.lot_tables import Lot, LotEntry, LotLevel
from oms_core.inventory.rules import Crossing, crossings
from oms_core.inventory.states import POOL_OF
from oms_core.kernel.bulk import bulk_insert
from oms_core.kernel.errors import InsufficientStock, Refused
from oms_core.kernel.rows import table_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from oms_core.inventory.rules import Move

_LOT, _LEVEL, _ENTRY = table_of(Lot), table_of(LotLevel), table_of(LotEntry)
_COLUMNS = (
    "lot_id", "at", "kind", "location_id", "pool", "quantity", "shipment_line_id", "return_line_id",
    "receipt_line_id", "transfer_line_id", "reason", "actor",
)  # fmt: skip
#: Kinds of movement that must not take units of a lot that has expired.
_FRESH_ONLY = ("shipped", "transferred_out")

#: Kinds of movement that bring back what was here before.
_KNOWN_BEFORE = ("returned", "transferred_in")

#: A pool of a level: variant, location, pool.
Place = tuple[int, int, str]


@dataclass
class _Shelf:
    """Units by lot in each pool, lots that expire first before the others; and how they changed."""

    units: dict[Place, dict[int, int]]
    expires: dict[int, date | None]
    changed: dict[tuple[int, int, int, str], int] = field(default_factory=lambda: defaultdict(int))

    def take(self, place: Place, move: Move, today: date) -> list[tuple[int, int]]:
        """Take the move's units of the pool; return (lot, units), short when there are not enough."""
        taken, rest = list[tuple[int, int]](), move.quantity
        for lot, there in self.units.get(place, {}).items():
            n = min(rest, there) if self._may(lot, move, today) else 0
            if n:
                taken.append((lot, n))
                self._change(place, lot, -n)
                rest -= n
        return taken

    def put(self, place: Place, lots: Iterable[tuple[int, int]]) -> None:
        """Put units of lots into a pool."""
        for lot, n in lots:
            self._change(place, lot, n)

    def _may(self, lot: int, move: Move, today: date) -> bool:
        if move.lot_id is not None:
            return lot == move.lot_id
        expires = self.expires.get(lot)
        return move.kind not in _FRESH_ONLY or expires is None or expires >= today

    def _change(self, place: Place, lot: int, n: int) -> None:
        pool = self.units.setdefault(place, {})
        pool[lot] = pool.get(lot, 0) + n
        self.changed[lot, *place] += n


def follow(
    connection: sa.Connection, moves: Sequence[Move], *, at: datetime, business_date: date, actor: str
) -> list[Crossing]:
    """Write which lots the movements took and brought; return those that came into a location or left it.

    Raises
    ------
    Refused
        ``lot.required``: units come in and nothing says of which lot.
    InsufficientStock
        The lots that may be taken do not have the units (the rest has expired, or is another lot).
    """
    shelf = _shelf(connection, moves)
    entries, short = list[tuple[object, ...]](), list[dict[str, object]]()
    crossed = list[Crossing]()
    for move in moves:
        out, into = _places(move)
        if out == into:
            continue
        if out is not None:
            lots = shelf.take(out, move, business_date)
            if sum(n for _, n in lots) < move.quantity:
                short.append(_shortage(connection, move, shelf, lots, business_date))
                continue
            entries += [_entry(move, at, actor, out, lot, -n) for lot, n in lots]
        else:
            lots = _arriving(connection, move)
        if into is not None:
            shelf.put(into, lots)
            entries += [_entry(move, at, actor, into, lot, n) for lot, n in lots]
        crossed += [replace(c, lot_id=lot, quantity=n if c.quantity > 0 else -n)
                    for c in crossings([move]) for lot, n in lots]  # fmt: skip
    if short:
        raise InsufficientStock(short)
    bulk_insert(connection, _ENTRY, _COLUMNS, entries)
    _write_levels(connection, shelf)
    return crossed


def _places(move: Move) -> tuple[Place | None, Place | None]:
    """Return the pools a move takes units out of and puts them into; None is outside."""
    out = into = None
    if move.from_location_id is not None:
        out = (move.variant_id, move.from_location_id, POOL_OF[move.from_state])
    if move.to_location_id is not None:
        into = (move.variant_id, move.to_location_id, POOL_OF[move.to_state])
    return out, into


def _shelf(connection: sa.Connection, moves: Sequence[Move]) -> _Shelf:
    variants = {m.variant_id for m in moves}
    places = {p for m in moves for p in (m.from_location_id, m.to_location_id) if p is not None}
    rows = connection.execute(
        sa.select(_LEVEL.c.variant_id, _LEVEL.c.location_id, _LEVEL.c.pool, _LEVEL.c.lot_id, _LEVEL.c.quantity)
        .join(_LOT, _LOT.c.id == _LEVEL.c.lot_id)
        .where(_LEVEL.c.variant_id.in_(variants), _LEVEL.c.location_id.in_(places), _LEVEL.c.quantity > 0)
        .order_by(_LOT.c.expires_on.is_(None), _LOT.c.expires_on, _LOT.c.id)
    )
    units: dict[Place, dict[int, int]] = {}
    for variant, location, pool, lot, n in rows:
        units.setdefault((variant, location, pool), {})[lot] = n
    dates = connection.execute(sa.select(_LOT.c.id, _LOT.c.expires_on).where(_LOT.c.variant_id.in_(variants)))
    return _Shelf(units, {row[0]: row[1] for row in dates})


def _arriving(connection: sa.Connection, move: Move) -> list[tuple[int, int]]:
    """Return the lots of units that come from outside: named, or as they were shipped or sent."""
    if move.lot_id is not None:
        return [(move.lot_id, move.quantity)]
    lots, rest = list[tuple[int, int]](), move.quantity
    for lot, there in _left_as(connection, move):
        n = min(rest, there)
        if n > 0:
            lots.append((lot, n))
            rest -= n
    if rest and move.kind in _KNOWN_BEFORE:
        # it left before its variant was tracked
        opening = opening_of(connection, move.variant_id)
        if opening is not None:
            return [*lots, (opening, rest)]
    if rest:
        raise _unnamed(connection, move, rest)
    return lots


def _left_as(connection: sa.Connection, move: Move) -> list[tuple[int, int]]:
    """Return the lots, with units, that left under the line that brings a move's units back."""
    if move.return_line_id is not None:
        return returned_of(connection, move.return_line_id)
    return [] if move.transfer_line_id is None else sent_of(connection, move.transfer_line_id)


def _unnamed(connection: sa.Connection, move: Move, rest: int) -> Refused:
    sku = connection.scalar(sa.select(Variant.sku).where(Variant.id == move.variant_id))
    return Refused(
        "lot.required",
        f"{sku} is tracked by lot: nothing says of which lot the {rest} unit(s) that come in are.",
        "Name the lot (number and expiry date) they belong to.",
        sku=sku,
        quantity=rest,
    )


def _shortage(
    connection: sa.Connection, move: Move, shelf: _Shelf, taken: Sequence[tuple[int, int]], today: date
) -> dict[str, object]:
    """Say what is missing; expired units that lie there are named."""
    out, _ = _places(move)
    sku = connection.scalar(sa.select(Variant.sku).where(Variant.id == move.variant_id))
    left = shelf.units.get(out, {}) if out else {}
    old = sum(n for lot, n in left.items() if (day := shelf.expires.get(lot)) is not None and day < today)
    return {
        "sku": sku, "wanted": move.quantity, "available": sum(n for _, n in taken), "expired": old,
        "lot_id": move.lot_id,
    }  # fmt: skip


def _entry(move: Move, at: datetime, actor: str, place: Place, lot: int, n: int) -> tuple[object, ...]:
    return (
        lot, at, move.kind, place[1], place[2], n, move.shipment_line_id, move.return_line_id,
        move.receipt_line_id, move.transfer_line_id, move.reason, actor,
    )  # fmt: skip


def _write_levels(connection: sa.Connection, shelf: _Shelf) -> None:
    """Add the changes to the lots' levels; the levels of stock above them are locked."""
    for (lot, variant, location, pool), n in sorted(shelf.changed.items()):
        if not n:
            continue
        here = sa.and_(_LEVEL.c.lot_id == lot, _LEVEL.c.location_id == location, _LEVEL.c.pool == pool)
        changed = connection.execute(sa.update(_LEVEL).where(here).values(quantity=_LEVEL.c.quantity + n))
        if not changed.rowcount:
            connection.execute(
                sa.insert(_LEVEL).values(lot_id=lot, variant_id=variant, location_id=location, pool=pool, quantity=n)
            )
