"""Allocate orders: choose locations, promise the units and keep the receipts, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.inventory import ledger
from oms_core.inventory.commands import Move, post
from oms_core.inventory.rules import AVAILABLE, Key, Level
from oms_core.inventory.tables import Allocation
from oms_core.kernel import clock, journal
from oms_core.kernel.bulk import bulk_insert
from oms_core.kernel.errors import InsufficientStock, NotFound, OmsError, Refused
from oms_core.kernel.rows import core, next_ids, packed, table_of, unpacked
from oms_core.locations.geography import Point, locate
from oms_core.locations.tables import Location
from oms_core.orders.status import touch
from oms_core.orders.tables import Order, OrderLine
from oms_core.routing.receipt import reason, records
from oms_core.routing.rules import DEFAULT_RULES, Candidate, Plan, route
from oms_core.routing.tables import RoutingDecision, RoutingRule

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy.orm import Session

_ORDER, _LINE, _ALLOCATION = table_of(Order), table_of(OrderLine), table_of(Allocation)
_LOCATION, _RULE, _DECISION = table_of(Location), table_of(RoutingRule), table_of(RoutingDecision)
_ALLOCATION_COLUMNS = (
    "id", "order_line_id", "variant_id", "location_id", "quantity", "shipped_qty", "released_qty", "created_at",
)  # fmt: skip
#: The receipt's parts, each a column of the decision.
_RECEIPT_COLUMNS = ("rules", "candidates", "chosen", "decided_by", "reason")
_BY_ID = sa.select(Allocation).where(Allocation.id.in_(sa.bindparam("keys", expanding=True))).order_by(Allocation.id)
_RULES = sa.select(_RULE.c.kind).where(_RULE.c.is_active).order_by(_RULE.c.position)
_PLACES = (
    sa.select(
        _LOCATION.c.id, _LOCATION.c.name, _LOCATION.c.position, _LOCATION.c.country, _LOCATION.c.postal_code,
        _LOCATION.c.latitude, _LOCATION.c.longitude,
    )
    .where(_LOCATION.c.is_active)
    .order_by(_LOCATION.c.position, _LOCATION.c.id)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Routed:
    """An order with its plan: what is promised (line, variant, location, units) and the receipt."""

    order_id: int
    promises: list[tuple[int, int, int, int]]
    receipt: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Ground:
    """What every order of a batch is routed on: the shop's rules, its places, what is left of stock."""

    rules: Sequence[str]
    places: Sequence[Any]
    levels: dict[Key, Level]


def allocate_order(session: Session, order_id: int, *, zone: str, actor: str = "system") -> list[Allocation]:
    """Promise every unit of an order that is not promised yet, all or nothing.

    Levels of the wanted variants are locked before the route is chosen, so that the choice is
    made on what is really there. A constant number of statements.

    Returns
    -------
    list of Allocation
        The new allocations; empty when everything was promised before.

    Raises
    ------
    Refused
        If the order is not placed (``order.not_open``).
    InsufficientStock
        If the active locations together do not have every line; names all shortages.
    """
    (promised,) = allocate_orders(session, [order_id], zone=zone, actor=actor)
    if isinstance(promised, OmsError):
        raise promised
    return list(session.scalars(_BY_ID, {"keys": promised}))


def allocate_orders(
    session: Session,
    order_ids: Sequence[int],
    *,
    zone: str,
    actor: str = "system",
    without: Collection[int] = (),
    placing: bool = False,
) -> list[list[int] | OmsError]:
    """Promise stock to many orders, first come first served, in the order given.

    Parameters
    ----------
    without : collection of int
        Locations that may not be chosen this time (one has just rejected the order).
    placing : bool
        The orders are placed in this very transaction: nobody has seen a version of them to move.

    Returns
    -------
    list of (list of int) or OmsError
        For each order the ids of its new allocations, or why it got none (see :func:`allocate_order`).
    """
    connection = core(session)
    batch = {"batch": packed((key,) for key in sorted(set(order_ids)))}
    heads = {row.id: row for row in connection.execute(_heads(connection.dialect.name), batch)}
    lines: dict[int, list[Any]] = {}
    for line in connection.execute(_open_lines(connection.dialect.name), batch):
        lines.setdefault(line.order_id, []).append(line)
    levels = ledger.lock_promisable(connection, [line.variant_id for some in lines.values() for line in some])
    left = {key: Level(list(level.units), level.backorder_limit_qty) for key, level in levels.items()}
    rules = connection.execute(_RULES).scalars().all() or DEFAULT_RULES
    places = [place for place in connection.execute(_PLACES) if place.id not in without]
    ground = _Ground(rules, places, left)
    routed = [_try(key, heads.get(key), lines.get(key, []), ground) for key in order_ids]
    good = [found for found in routed if isinstance(found, _Routed) and found.promises]
    keys = iter(_promise(session, good, levels, zone=zone, actor=actor))
    if good and not placing:
        touch(session, [found.order_id for found in good])
    return [found if isinstance(found, OmsError) else next(keys) if found.promises else list[int]() for found in routed]


@lru_cache
def _heads(dialect: str) -> sa.Select[Any]:
    """Build the statement that locks the orders, in id order, and reads where they go."""
    wanted = unpacked(dialect, order_id=int)
    return (
        sa.select(_ORDER.c.id, _ORDER.c.number, _ORDER.c.state, _ORDER.c.ship_country, _ORDER.c.ship_postal_code)
        .join(wanted, wanted.c.order_id == _ORDER.c.id)
        .order_by(_ORDER.c.id)
        .with_for_update(of=_ORDER)
    )


@lru_cache
def _open_lines(dialect: str) -> sa.Select[Any]:
    """Build: lines with units not yet promised, ordered less cancelled less what live allocations hold."""
    wanted = unpacked(dialect, order_id=int)
    held = sa.func.coalesce(sa.func.sum(_ALLOCATION.c.quantity - _ALLOCATION.c.released_qty), 0)
    open_qty = _LINE.c.quantity - _LINE.c.cancelled_qty - held
    return (
        sa.select(
            _LINE.c.order_id,
            _LINE.c.id,
            _LINE.c.variant_id,
            _LINE.c.sku,
            sa.cast(open_qty, sa.BigInteger).label("wanted"),
        )
        .join(wanted, wanted.c.order_id == _LINE.c.order_id)
        .outerjoin(_ALLOCATION, _ALLOCATION.c.order_line_id == _LINE.c.id)
        .group_by(_LINE.c.id)
        .having(open_qty > 0)
        .order_by(_LINE.c.order_id, _LINE.c.position)
    )


def _try(order_id: int, head: Any, lines: Sequence[Any], ground: _Ground) -> _Routed | OmsError:
    """Route one order and take what it is promised off what is left; or say why it cannot be."""
    if head is None:
        return NotFound("order", order_id)
    if head.state != "placed":
        return Refused("order.not_open", f"Order {head.number} is {head.state}: only a placed order is allocated.")
    if not lines:
        return _Routed(order_id, [], {})
    try:
        plan, receipt = _routed(head, lines, ground)
    except InsufficientStock as short:
        return short
    promises = _promises(plan, lines)
    for _, variant, place, n in promises:
        ground.levels[variant, place].units[AVAILABLE] -= n
    return _Routed(order_id, promises, receipt)


def _routed(head: Any, lines: Sequence[Any], ground: _Ground) -> tuple[Plan, dict[str, Any]]:
    """Return the plan and its receipt; refuse with every shortage at once."""
    wanted: dict[int, int] = {}
    for line in lines:
        wanted[line.variant_id] = wanted.get(line.variant_id, 0) + line.wanted
    skus = {line.variant_id: line.sku for line in lines}
    to = locate(head.ship_country, head.ship_postal_code)
    candidates = [_candidate(place, wanted, ground.levels, backorder=False) for place in ground.places]
    plan = route(wanted, candidates, rules=ground.rules, to=to)
    if plan.missing:
        # only what nobody has on the shelf may use a backorder policy
        candidates = [_candidate(place, wanted, ground.levels, backorder=True) for place in ground.places]
        plan = route(wanted, candidates, rules=ground.rules, to=to)
    if plan.missing:
        raise InsufficientStock(
            [
                {"sku": skus[v], "wanted": wanted[v], "available": wanted[v] - missing}
                for v, missing in plan.missing.items()
            ]
        )
    seen, chosen = records(plan, wanted, candidates, skus)
    return plan, {
        "rules": [{"kind": kind} for kind in ("stock", *ground.rules, "location_id")],
        "candidates": seen,
        "chosen": chosen,
        "decided_by": plan.rounds[0].decided_by,
        "reason": reason(plan, wanted, candidates, skus),
    }


def _candidate(place: Any, wanted: Mapping[int, int], levels: Mapping[Key, Level], *, backorder: bool) -> Candidate:
    units = {}
    for variant in wanted:
        level = levels.get((variant, place.id))
        if level is not None:
            units[variant] = max(level.promisable if backorder else level.available, 0)
    return Candidate(place.id, place.name, place.position, _point(place), units)


def _point(place: Any) -> Point | None:
    if place.latitude is not None and place.longitude is not None:
        return Point(place.latitude, place.longitude)
    return locate(place.country, place.postal_code)


def _promises(plan: Plan, lines: Sequence[Any]) -> list[tuple[int, int, int, int]]:
    """Share what each location ships over the order's lines: (line, variant, location, units)."""
    left = {line.id: int(line.wanted) for line in lines}
    promises = []
    for chosen in plan.rounds:
        stock = dict(chosen.take)
        for line in lines:
            n = min(left[line.id], stock.get(line.variant_id, 0))
            if n:
                promises.append((line.id, line.variant_id, chosen.winner.location_id, n))
                left[line.id] -= n
                stock[line.variant_id] -= n
    return promises


def _promise(
    session: Session, good: Sequence[_Routed], levels: Mapping[Key, Level], *, zone: str, actor: str
) -> list[list[int]]:
    """Write receipts, allocations, movements and journal entries; return allocation ids by order."""
    if not good:
        return []
    connection, now = session.connection(), clock.now()
    decisions = next_ids(connection, "routing_decisions", len(good))
    receipts = [
        (key, found.order_id, now, *(found.receipt[name] for name in _RECEIPT_COLUMNS))
        for key, found in zip(decisions, good, strict=True)
    ]
    bulk_insert(connection, _DECISION, ("id", "order_id", "at", *_RECEIPT_COLUMNS), receipts, keys_drawn=True)
    promises = [promise for found in good for promise in found.promises]
    keys = next_ids(connection, "allocations", len(promises))
    rows = ((key, *promise, 0, 0, now) for key, promise in zip(keys, promises, strict=True))
    bulk_insert(connection, _ALLOCATION, _ALLOCATION_COLUMNS, rows, keys_drawn=True)
    moves = [
        Move(variant, n, "allocated", place, "available", place, "committed", allocation_id=key)
        for key, (_, variant, place, n) in zip(keys, promises, strict=True)
    ]
    post(session, moves, zone=zone, actor=actor, locked=levels)
    events = (
        ("order.allocated", found.order_id, {"decision_id": key, "reason": found.receipt["reason"]})
        for key, found in zip(decisions, good, strict=True)
    )
    journal.record_all(session, "order", events, actor=actor)
    drawn = iter(keys)
    return [[next(drawn) for _ in found.promises] for found in good]
