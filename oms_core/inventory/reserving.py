"""Where a reservation holds its units: the fewest places, first in the shop's order; what is left; what is missing."""

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


def behind_who_waits(
    connection: sa.Connection, free: Mapping[Key, int], waiting: Mapping[int, int], *, location_id: int | None
) -> dict[Key, int]:
    """Return what is free of each level without the units that earlier orders wait for.

    The last places in the shop's order give them up, as they do before an order; the place the
    buyer asks for gives up only what the others cannot.

    Parameters
    ----------
    free : mapping
        Units by level that the channel may take.
    waiting : mapping
        Units by variant that earlier orders wait for.
    """
    left, owed = dict(free), dict(waiting)
    if not owed:
        return left
    places = _active(connection, {place for variant, place in free if owed.get(variant)})
    giving = [place for place in reversed(places) if place != location_id]
    for place in giving + [place for place in places if place == location_id]:
        for variant, n in owed.items():
            kept = min(left.get((variant, place), 0), n)
            if kept:
                left[variant, place] -= kept
                owed[variant] -= kept
    return left


def _active(connection: sa.Connection, places: set[int]) -> list[int]:
    """Return the active ones of the places, in the shop's order (the first of equals wins)."""
    statement = sa.select(Location.id).where(Location.id.in_(places), Location.is_active)
    return list(connection.execute(statement.order_by(Location.position, Location.id)).scalars())


def shortages_of(
    connection: sa.Connection,
    wanted: Mapping[int, int],
    left: Mapping[Key, int],
    *,
    free: Mapping[Key, int],
    levels: Mapping[Key, Level],
) -> list[dict[str, Any]]:
    """Return every variant of which there is not enough, with what the channel may not take.

    Parameters
    ----------
    left, free : mapping
        Units by level that may be taken, and that could be if nobody waited for them.
    levels : mapping
        The levels asked.
    """
    skus = _skus(connection, wanted)
    active = set(_active(connection, {place for _, place in levels}))
    short = []
    for variant, n in wanted.items():
        keys = [(v, place) for v, place in levels if v == variant and place in active]
        mine, mine_alone = sum(left[key] for key in keys), sum(free[key] for key in keys)
        there = sum(max(levels[key].available, 0) for key in keys)
        if mine < n:
            fact = {"sku": skus[variant], "wanted": n, "available": mine, "held_back": there - mine_alone}
            short.append(fact | ({"promised": mine_alone - mine} if mine_alone > mine else {}))
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
