"""Where a reservation holds its units: the fewest places, first in the shop's order; and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.catalog.tables import Variant
from oms_core.inventory.promise_tables import ReservationLine
from oms_core.locations.tables import Location

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from oms_core.inventory.rules import Key, Level


def choose(
    connection: sa.Connection, wanted: Mapping[int, int], free: Mapping[Key, int]
) -> list[tuple[int, int, int]] | None:
    """Return (variant, location, units) that together are what is wanted, or None when there is not enough.

    The first place that has everything; else place by place whoever has most of the rest. Inactive
    places are not asked.
    """
    places = _active(connection, {place for (_, place), n in free.items() if n > 0})
    taken, rest = list[tuple[int, int, int]](), dict(wanted)
    while rest:
        gains = {place: sum(min(n, free.get((v, place), 0)) for v, n in rest.items()) for place in places}
        best = max(places, key=lambda place: gains[place], default=None)
        if best is None or not gains[best]:
            return None
        for variant, n in list(rest.items()):
            units = min(n, free.get((variant, best), 0))
            if units:
                taken.append((variant, best, units))
                rest[variant] -= units
        rest = {v: n for v, n in rest.items() if n}
        places = [place for place in places if place != best]
    return sorted(taken)


def _active(connection: sa.Connection, places: set[int]) -> list[int]:
    """Return the active ones of the places, in the shop's order (the first of equals wins)."""
    statement = sa.select(Location.id).where(Location.id.in_(places), Location.is_active)
    return list(connection.execute(statement.order_by(Location.position, Location.id)).scalars())


def shortages_of(
    connection: sa.Connection, wanted: Mapping[int, int], free: Mapping[Key, int], levels: Mapping[Key, Level]
) -> list[dict[str, Any]]:
    """Return every variant of which there is not enough, with what the channel may not take."""
    skus = _skus(connection, wanted)
    active = set(_active(connection, {place for _, place in levels}))
    short = []
    for variant, n in wanted.items():
        mine = sum(units for (v, place), units in free.items() if v == variant and place in active)
        there = sum(max(level.available, 0) for (v, place), level in levels.items() if v == variant and place in active)
        if mine < n:
            short.append({"sku": skus[variant], "wanted": n, "available": mine, "held_back": there - mine})
    return short


def _skus(connection: sa.Connection, variant_ids: Mapping[int, int] | Sequence[int]) -> dict[int, str]:
    rows = connection.execute(sa.select(Variant.id, Variant.sku).where(Variant.id.in_(list(variant_ids))))
    return {row[0]: row[1] for row in rows}


def named_lines(connection: sa.Connection, reservation_id: int) -> list[dict[str, Any]]:
    """Return what a reservation holds and held, by SKU and place."""
    line = ReservationLine
    rows = connection.execute(
        sa.select(Variant.sku, Location.code.label("location"), line.quantity, line.converted_qty, line.released_qty)
        .join(Variant, Variant.id == line.variant_id)
        .join(Location, Location.id == line.location_id)
        .where(line.reservation_id == reservation_id)
        .order_by(Variant.sku, Location.position)
    )
    return [dict(row) for row in rows.mappings()]
