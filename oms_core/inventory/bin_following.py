"""Bins follow every movement of a binned level: which bin units left, which they came into.

Called by `posting.post` after levels are locked and changed, so that bins and levels are one
transaction and every bin of a (variant, location) is locked by its level. What comes in without
naming a bin lies in the location's default bin until somebody puts it away. What leaves without
naming one is taken as pickers walk: pick bins first, then what has no place, then overstock; a
counted loss is taken first of what has no place, because that is what nobody can find.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.catalog.tables import Variant
from oms_core.inventory.bin_tables import Bin, BinEntry, BinLevel
from oms_core.kernel import clock
from oms_core.kernel.bulk import bulk_insert
from oms_core.kernel.errors import InsufficientStock
from oms_core.kernel.rows import table_of
from oms_core.locations.tables import Location

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from oms_core.inventory.rules import Crossing, Key

BIN, LEVEL, ENTRY = table_of(Bin), table_of(BinLevel), table_of(BinEntry)
_COLUMNS = ("bin_id", "variant_id", "lot_id", "at", "kind", "quantity", "bin_replenishment_line_id", "reason", "actor")
_ORDER = {"pick": 0, "default": 1, "overstock": 2}
_LOSS_ORDER = {"default": 0, "pick": 1, "overstock": 2}

#: What a bin holds of one thing: bin id, variant id, lot id.
Slot = tuple[int, int, int | None]


@dataclass(slots=True)
class Bins:
    """What lies in the bins of some levels, and the entries to be written; every change goes through :meth:`change`."""

    bins: dict[int, Any]
    units: dict[Slot, int]
    at: datetime
    actor: str
    entries: list[tuple[object, ...]] = field(default_factory=list)
    changed: dict[Slot, int] = field(default_factory=lambda: defaultdict(int))

    def change(self, slot: Slot, quantity: int, kind: str, *, reason: str = "", line_id: int | None = None) -> None:
        """Put units into a slot (negative: take them out)."""
        self.units[slot] = self.units.get(slot, 0) + quantity
        self.changed[slot] += quantity
        self.entries.append((*slot, self.at, kind, quantity, line_id, reason[:120], self.actor))

    def default_at(self, location_id: int) -> int:
        """Return the bin of what has no place yet."""
        return next(key for key, b in self.bins.items() if b.location_id == location_id and b.kind == "default")

    def holding(self, crossing: Crossing) -> list[Slot]:
        """Return the slots that may give a crossing's units, in the order they are taken."""
        move, rank = crossing.move, _LOSS_ORDER if crossing.move.kind == "adjusted" else _ORDER
        found = [
            slot
            for slot, n in self.units.items()
            if n > 0
            and slot[1:] == (move.variant_id, crossing.lot_id)
            and self.bins[slot[0]].location_id == crossing.location_id
            and move.bin_id in {None, slot[0]}
        ]
        return sorted(found, key=lambda s: (rank[self.bins[s[0]].kind], self.bins[s[0]].position, s[0]))

    def write(self, connection: sa.Connection) -> None:
        """Append the entries and change the levels; their stock levels are locked."""
        bulk_insert(connection, ENTRY, _COLUMNS, self.entries)
        for slot, n in sorted(self.changed.items(), key=str):
            if (
                n
                and not connection.execute(
                    sa.update(LEVEL).where(_is(slot)).values(quantity=LEVEL.c.quantity + n)
                ).rowcount
            ):
                connection.execute(
                    sa.insert(LEVEL).values(bin_id=slot[0], variant_id=slot[1], lot_id=slot[2], quantity=n)
                )


def _is(slot: Slot) -> sa.ColumnElement[bool]:
    lot = LEVEL.c.lot_id.is_(None) if slot[2] is None else LEVEL.c.lot_id == slot[2]
    return sa.and_(LEVEL.c.bin_id == slot[0], LEVEL.c.variant_id == slot[1], lot)


def look(connection: sa.Connection, keys: Iterable[Key], *, at: datetime, actor: str) -> Bins:
    """Return the bins of levels that are locked, and what of their variants lies in them."""
    variants, places = ({key[n] for key in keys} for n in (0, 1)) if (keys := list(keys)) else (set[int](), set[int]())
    bins = {row.id: row for row in connection.execute(sa.select(BIN).where(BIN.c.location_id.in_(places)))}
    held = sa.select(LEVEL.c.bin_id, LEVEL.c.variant_id, LEVEL.c.lot_id, LEVEL.c.quantity).where(
        LEVEL.c.variant_id.in_(variants), LEVEL.c.bin_id.in_(sa.select(BIN.c.id).where(BIN.c.location_id.in_(places))),
        LEVEL.c.quantity > 0,
    )  # fmt: skip
    return Bins(bins, {(row[0], row[1], row[2]): row[3] for row in connection.execute(held)}, at, actor)


def follow(connection: sa.Connection, crossed: Sequence[Crossing], *, at: datetime, actor: str) -> None:
    """Write which bins units left and came into.

    Raises
    ------
    InsufficientStock
        The bins do not hold the units that leave; every shortage at once.
    """
    if not crossed:
        return
    bins = look(connection, {(c.move.variant_id, c.location_id) for c in crossed}, at=at, actor=actor)
    short = list[dict[str, object]]()
    for crossing in crossed:
        if crossing.quantity > 0:
            into = crossing.move.bin_id or bins.default_at(crossing.location_id)
            slot = (into, crossing.move.variant_id, crossing.lot_id)
            bins.change(slot, crossing.quantity, crossing.move.kind, reason=crossing.move.reason)
        else:
            rest = _take(bins, crossing)
            if rest:
                short.append(_shortage(connection, crossing, rest))
    if short:
        raise InsufficientStock(short)
    bins.write(connection)


def _take(bins: Bins, crossing: Crossing) -> int:
    """Take a crossing's units out of bins; return how many were not found."""
    rest = -crossing.quantity
    for slot in bins.holding(crossing):
        n = min(rest, bins.units[slot])
        if n:
            bins.change(slot, -n, crossing.move.kind, reason=crossing.move.reason)
            rest -= n
    return rest


def _shortage(connection: sa.Connection, crossing: Crossing, rest: int) -> dict[str, object]:
    sku = connection.scalar(sa.select(Variant.sku).where(Variant.id == crossing.move.variant_id))
    place = connection.scalar(sa.select(Location.code).where(Location.id == crossing.location_id))
    wanted = -crossing.quantity
    return {"sku": sku, "location": place, "state": "bins", "wanted": wanted, "available": wanted - rest}


def name_lot(connection: sa.Connection, *, variant_id: int, lot_id: int, actor: str) -> None:
    """Say that everything a variant has in bins is of a lot: its lots are told apart from now on."""
    held = connection.execute(
        sa.select(LEVEL.c.bin_id, LEVEL.c.quantity).where(LEVEL.c.variant_id == variant_id, LEVEL.c.quantity > 0)
    ).all()
    bins = Bins({}, {}, clock.now(), actor)
    for key, n in held:
        bins.change((key, variant_id, None), -n, "lot_named")
        bins.change((key, variant_id, lot_id), n, "lot_named")
    bins.write(connection)
