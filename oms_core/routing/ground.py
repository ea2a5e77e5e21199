"""What orders are routed on: where they go, what they still want, what each channel may take where.

Only locations that have some of the wanted goods are read, locked and compared, so that routing
costs the same with ten locations as with a thousand.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from oms_core.catalog.tables import Variant
from oms_core.inventory import ledger
from oms_core.inventory.channels import held_back, rules_about
from oms_core.inventory.promise_tables import Backorder
from oms_core.inventory.rules import Key, Level
from oms_core.inventory.tables import Allocation
from oms_core.inventory.waiting import waiting_units
from oms_core.kernel.rows import packed, table_of, unpacked
from oms_core.locations.geography import Point, locate
from oms_core.locations.tables import Location
from oms_core.orders.tables import Order, OrderLine
from oms_core.routing.rules import DEFAULT_RULES, Candidate
from oms_core.routing.tables import RoutingRule

_ORDER, _LINE, _ALLOCATION = table_of(Order), table_of(OrderLine), table_of(Allocation)
_LOCATION, _RULE = table_of(Location), table_of(RoutingRule)
_VARIANT, _WAITING = table_of(Variant), table_of(Backorder)
_RULES = sa.select(_RULE.c.kind).where(_RULE.c.is_active).order_by(_RULE.c.position)
DENY = "deny"

#: How many units of variants (variant to its oversell policy) may be promised from goods still to come.
Beyond = Callable[[sa.Connection, Mapping[int, str]], Mapping[int, int]]


@dataclass(slots=True)
class Ground:
    """What every order of a batch is routed on.

    `levels` are as they were locked, `taken` is what the batch has promised of them since; `promised`
    units of a variant wait for earlier orders; `beyond` units may still be promised from goods to
    come; both by variant.
    """

    rules: Sequence[str]
    places: Sequence[Any]
    levels: Mapping[Key, Level]
    taken: dict[Key, int] = field(default_factory=dict)
    channel_rules: Sequence[Any] = ()
    promised: Mapping[int, int] = field(default_factory=dict)
    beyond: dict[int, int] = field(default_factory=dict)
    _held: dict[int, dict[Key, int | None]] = field(default_factory=dict)

    def free(self, key: Key, channel_id: int, *, backorder: bool) -> int:
        """Return the units of a level that a channel may be promised now."""
        level = self.levels[key]
        there = (level.promisable if backorder else level.available) - self.taken.get(key, 0)
        if not self.channel_rules:
            return max(there, 0)
        if channel_id not in self._held:
            self._held[channel_id] = held_back(self.channel_rules, channel_id, self.levels)
        kept = self._held[channel_id][key]
        return 0 if kept is None else max(there - kept, 0)

    def take(self, key: Key, units: int) -> None:
        """Take units off what is left, for the next order of the batch."""
        self.taken[key] = self.taken.get(key, 0) + units


def read_ground(
    connection: sa.Connection, lines: Sequence[Any], *, without: Collection[int], beyond: Beyond | None, filling: bool
) -> tuple[Ground, dict[Key, Level]]:
    """Lock the levels of what is wanted; return the ground and the levels as they are."""
    levels = ledger.lock_promisable(connection, [line.variant_id for line in lines])
    rules = connection.execute(_RULES).scalars().all() or DEFAULT_RULES
    holding = packed((place,) for place in sorted({place for _, place in levels}))
    places = connection.execute(_places(connection.dialect.name), {"batch": holding})
    ground = Ground(rules, [place for place in places if place.id not in without], levels)
    ground.channel_rules = rules_about(connection, {line.variant_id for line in lines})
    policies = {line.variant_id: line.policy for line in lines if line.policy != DENY}
    if not filling:
        # of every variant: a promise outlives the policy it was made under
        ground.promised = waiting_units(connection, {line.variant_id for line in lines})
    if policies and not filling:
        ground.beyond = dict(beyond(connection, policies)) if beyond else {}
    return ground, levels


@lru_cache
def heads(dialect: str) -> sa.Select[Any]:
    """Build the statement that locks the orders, in id order, and reads where they go."""
    wanted = unpacked(dialect, order_id=int)
    told = (_ORDER.c[name] for name in ("id", "number", "state", "channel_id", "ship_country", "ship_postal_code"))
    return (
        sa.select(*told)
        .join(wanted, wanted.c.order_id == _ORDER.c.id)
        .order_by(_ORDER.c.id)
        .with_for_update(of=_ORDER, key_share=True)
    )


@lru_cache
def open_lines(dialect: str, *, waiting_too: bool = False) -> sa.Select[Any]:
    """Build: lines with units not yet promised, ordered less cancelled less what live allocations hold.

    Units that wait for goods to come are promised already; with `waiting_too` they count as open.
    Lines that need no stock are left out.
    """
    wanted = unpacked(dialect, order_id=int)
    held = sa.func.coalesce(sa.func.sum(_ALLOCATION.c.quantity - _ALLOCATION.c.released_qty), 0)
    open_qty = _LINE.c.quantity - _LINE.c.cancelled_qty - held
    if not waiting_too:
        w = _WAITING.c
        waits = sa.select(sa.func.sum(w.quantity - w.allocated_qty - w.cancelled_qty)).where(
            w.order_line_id == _LINE.c.id, w.state == "waiting"
        )
        open_qty -= sa.func.coalesce(waits.scalar_subquery(), 0)
    return (
        sa.select(
            _LINE.c.order_id,
            _LINE.c.id,
            _LINE.c.variant_id,
            _LINE.c.sku,
            sa.cast(open_qty, sa.BigInteger).label("wanted"),
            _VARIANT.c.oversell_policy.label("policy"),
        )
        .join(wanted, wanted.c.order_id == _LINE.c.order_id)
        .join(_VARIANT, _VARIANT.c.id == _LINE.c.variant_id)
        .outerjoin(_ALLOCATION, _ALLOCATION.c.order_line_id == _LINE.c.id)
        .where(_LINE.c.stock_kind == "stocked")
        .group_by(_LINE.c.id, _VARIANT.c.oversell_policy)
        .having(open_qty > 0)
        .order_by(_LINE.c.order_id, _LINE.c.position)
    )


@lru_cache
def _places(dialect: str) -> sa.Select[Any]:
    """Build: the active ones of some locations, in the shop's order."""
    wanted = unpacked(dialect, location_id=int)
    names = ("id", "name", "position", "country", "postal_code", "latitude", "longitude")
    return (
        sa.select(*(_LOCATION.c[name] for name in names))
        .join(wanted, wanted.c.location_id == _LOCATION.c.id)
        .where(_LOCATION.c.is_active)
        .order_by(_LOCATION.c.position, _LOCATION.c.id)
    )


def candidates_for(
    ground: Ground, wanted: Mapping[int, int], channel_id: int, *, backorder: bool = False
) -> list[Candidate]:
    """Return the locations with what the order's channel may take of the wanted goods.

    Units that earlier orders wait for are not offered to a later one; the last places give them up.
    """
    owed = {v: n for v in wanted if (n := ground.promised.get(v, 0))}
    found = []
    for place in reversed(ground.places):
        units = {}
        for variant in wanted:
            if (variant, place.id) in ground.levels:
                free = ground.free((variant, place.id), channel_id, backorder=backorder)
                kept = min(free, owed.get(variant, 0))
                units[variant] = free - kept
                if kept:
                    owed[variant] -= kept
        if units:
            found.append(Candidate(place.id, place.name, place.position, _point(place), units))
    return found[::-1]


def _point(place: Any) -> Point | None:
    if place.latitude is not None and place.longitude is not None:
        return Point(place.latitude, place.longitude)
    return locate(place.country, place.postal_code)


def short_of(
    ground: Ground, missing: Mapping[int, int], wanted: Mapping[int, int], skus: Mapping[int, str]
) -> list[dict[str, Any]]:
    """Return every shortage, with the units that are there and this order may not take."""
    known = {place.id for place in ground.places}
    short = []
    for variant, n in missing.items():
        mine = wanted[variant] - n
        there = sum(
            max(level.promisable - ground.taken.get((v, place), 0), 0)
            for (v, place), level in ground.levels.items()
            if v == variant and place in known
        )
        fact = {"sku": skus[variant], "wanted": wanted[variant], "available": mine}
        kept = {"promised": min(ground.promised.get(variant, 0), max(there - mine, 0))}
        kept["held_back"] = there - mine - kept["promised"]
        short.append(fact | {key: units for key, units in kept.items() if units > 0})
    return short
