"""Allocate an order: choose locations, promise the units and keep the receipt, in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.inventory import ledger
from oms_core.inventory.commands import Move, post
from oms_core.inventory.tables import Allocation
from oms_core.kernel import clock, journal
from oms_core.kernel.bulk import bulk_insert
from oms_core.kernel.errors import InsufficientStock, NotFound, Refused
from oms_core.kernel.rows import core, next_ids, table_of
from oms_core.locations.geography import Point, locate
from oms_core.locations.tables import Location
from oms_core.orders.tables import Order, OrderLine
from oms_core.routing.receipt import reason, records
from oms_core.routing.rules import DEFAULT_RULES, Candidate, Plan, route
from oms_core.routing.tables import RoutingDecision, RoutingRule

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from oms_core.inventory.rules import Key, Level

_ORDER, _LINE, _ALLOCATION = table_of(Order), table_of(OrderLine), table_of(Allocation)
_LOCATION, _RULE, _DECISION = table_of(Location), table_of(RoutingRule), table_of(RoutingDecision)
_HEAD = (
    sa.select(_ORDER.c.number, _ORDER.c.state, _ORDER.c.ship_country, _ORDER.c.ship_postal_code)
    .where(_ORDER.c.id == sa.bindparam("order_id"))
    .with_for_update()
)
#: Lines with their units not yet promised: ordered less cancelled less what live allocations hold.
_OPEN_LINES = (
    sa.select(
        _LINE.c.id,
        _LINE.c.variant_id,
        _LINE.c.sku,
        (
            _LINE.c.quantity
            - _LINE.c.cancelled_qty
            - sa.func.coalesce(sa.func.sum(_ALLOCATION.c.quantity - _ALLOCATION.c.released_qty), 0)
        ).label("wanted"),
    )
    .outerjoin(_ALLOCATION, _ALLOCATION.c.order_line_id == _LINE.c.id)
    .where(_LINE.c.order_id == sa.bindparam("order_id"))
    .group_by(_LINE.c.id)
    .order_by(_LINE.c.position)
)
_ALLOCATION_COLUMNS = (
    "id", "order_line_id", "variant_id", "location_id", "quantity", "shipped_qty", "released_qty", "created_at",
)  # fmt: skip
_KEEP = sa.insert(_DECISION)
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
    connection = core(session)
    head = connection.execute(_HEAD, {"order_id": order_id}).one_or_none()
    if head is None:
        raise NotFound("order", order_id)
    if head.state != "placed":
        raise Refused("order.not_open", f"Order {head.number} is {head.state}: only a placed order is allocated.")
    lines = [line for line in connection.execute(_OPEN_LINES, {"order_id": order_id}) if line.wanted > 0]
    if not lines:
        return []
    levels = ledger.lock_variants(connection, [line.variant_id for line in lines])
    plan, receipt = _routed(connection, head, lines, levels)
    decision_id = _keep_receipt(connection, order_id, receipt)
    promises = _promises(plan, lines)
    keys = _write(connection, promises)
    moves = [
        Move(variant, n, "allocated", place, "available", place, "committed", allocation_id=key)
        for key, (_, variant, place, n) in zip(keys, promises, strict=True)
    ]
    post(session, moves, zone=zone, actor=actor, locked=levels)
    journal.record(
        session, "order.allocated", "order", order_id, actor=actor, decision_id=decision_id, reason=receipt["reason"]
    )
    return list(session.scalars(_BY_ID, {"keys": keys}))


def _routed(
    connection: sa.Connection, head: Any, lines: Sequence[Any], levels: Mapping[Key, Level]
) -> tuple[Plan, dict[str, Any]]:
    """Return the plan and its receipt; refuse with every shortage at once."""
    wanted: dict[int, int] = {}
    for line in lines:
        wanted[line.variant_id] = wanted.get(line.variant_id, 0) + int(line.wanted)
    skus = {line.variant_id: line.sku for line in lines}
    rules = connection.execute(_RULES).scalars().all() or DEFAULT_RULES
    places = connection.execute(_PLACES).all()
    to = locate(head.ship_country, head.ship_postal_code)
    candidates = [_candidate(place, wanted, levels, backorder=False) for place in places]
    plan = route(wanted, candidates, rules=rules, to=to)
    if plan.missing:
        # only what nobody has on the shelf may use a backorder policy
        candidates = [_candidate(place, wanted, levels, backorder=True) for place in places]
        plan = route(wanted, candidates, rules=rules, to=to)
    if plan.missing:
        raise InsufficientStock(
            [
                {"sku": skus[v], "wanted": wanted[v], "available": wanted[v] - missing}
                for v, missing in plan.missing.items()
            ]
        )
    seen, chosen = records(plan, wanted, candidates, skus)
    return plan, {
        "rules": [{"kind": kind} for kind in ("stock", *rules, "location_id")],
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


def _write(connection: sa.Connection, promises: Sequence[tuple[int, int, int, int]]) -> list[int]:
    keys, now = next_ids(connection, "allocations", len(promises)), clock.now()
    rows = ((key, *promise, 0, 0, now) for key, promise in zip(keys, promises, strict=True))
    bulk_insert(connection, _ALLOCATION, _ALLOCATION_COLUMNS, rows, keys_drawn=True)
    return keys


def _keep_receipt(connection: sa.Connection, order_id: int, receipt: Mapping[str, Any]) -> int:
    """Store the receipt; it is never edited."""
    (key,) = next_ids(connection, "routing_decisions")
    connection.execute(_KEEP, {"id": key, "order_id": order_id, "at": clock.now(), **receipt})
    return key
