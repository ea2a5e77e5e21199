"""Allocate orders: choose locations, promise the units and keep the receipts, in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.inventory.tables import Allocation
from oms_core.kernel.errors import InsufficientStock, NotFound, OmsError, Refused
from oms_core.kernel.rows import core, packed
from oms_core.locations.geography import locate
from oms_core.orders.status import touch
from oms_core.routing import ground
from oms_core.routing.ground import Beyond, Ground, candidates_for, short_of
from oms_core.routing.promising import Promise, Routed, write_promises
from oms_core.routing.receipt import reason, records
from oms_core.routing.rules import Candidate, Plan, route

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_BY_ID = sa.select(Allocation).where(Allocation.id.in_(sa.bindparam("keys", expanding=True))).order_by(Allocation.id)


@dataclass(frozen=True, slots=True)
class Request:
    """An order to be allocated: all of it, or units of some lines as far as there are any (`only`, by line)."""

    order_id: int
    only: Mapping[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Promised:
    """What an order got: new allocations, and units by line that wait for goods to come."""

    allocation_ids: list[int]
    waiting: Mapping[int, int]


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
    requests = [Request(key) for key in order_ids]
    found = allocate(session, requests, zone=zone, actor=actor, without=without, placing=placing)
    return [one if isinstance(one, OmsError) else one.allocation_ids for one in found]


def allocate(
    session: Session,
    requests: Sequence[Request],
    *,
    zone: str,
    actor: str = "system",
    without: Collection[int] = (),
    placing: bool = False,
    beyond: Beyond | None = None,
) -> list[Promised | OmsError]:
    """Promise stock to orders or to units of their lines, first come first served, in the order given.

    Parameters
    ----------
    beyond : callable, optional
        Says how many units of sold-out variants may wait for goods to come; asked only for
        variants whose policy is not ``deny``, once, with their levels locked. Without it none may.

    Returns
    -------
    list of Promised or OmsError
        For each request what it got, or why it got nothing (see :func:`allocate_order`).
    """
    connection = core(session)
    filling = any(request.only is not None for request in requests)
    batch = {"batch": packed((key,) for key in sorted({request.order_id for request in requests}))}
    heads = {row.id: row for row in connection.execute(ground.heads(connection.dialect.name), batch)}
    lines: dict[int, list[Any]] = {}
    for line in connection.execute(ground.open_lines(connection.dialect.name, waiting_too=filling), batch):
        lines.setdefault(line.order_id, []).append(line)
    wanted = [line for some in lines.values() for line in some]
    found, levels = ground.read_ground(connection, wanted, without=without, beyond=beyond, filling=filling)
    routed = [_try(r, heads.get(r.order_id), _asked(r, lines), found) for r in requests]
    good = [one for one in routed if isinstance(one, Routed) and one.promises]
    keys = iter(write_promises(session, good, levels, zone=zone, actor=actor))
    if good and not placing:
        touch(session, sorted({one.order_id for one in good}))
    return [
        one if isinstance(one, OmsError) else Promised(next(keys) if one.promises else [], one.waiting)
        for one in routed
    ]


def _asked(request: Request, lines: Mapping[int, Sequence[Any]]) -> list[Any]:
    """Return the lines a request speaks of."""
    return [line for line in lines.get(request.order_id, []) if request.only is None or line.id in request.only]


def _try(request: Request, head: Any, lines: Sequence[Any], ground: Ground) -> Routed | OmsError:
    """Route one order and take what it is promised off what is left; or say why it cannot be."""
    if head is None:
        return NotFound("order", request.order_id)
    if head.state != "placed":
        return Refused("order.not_open", f"Order {head.number} is {head.state}: only a placed order is allocated.")
    if not lines:
        return Routed(request.order_id, [], {})
    try:
        return _routed(request, head, lines, ground)
    except InsufficientStock as short:
        return short


def _routed(request: Request, head: Any, lines: Sequence[Any], ground: Ground) -> Routed:
    """Return what is promised, the receipt and what waits; refuse with every shortage at once."""
    wanted: dict[int, int] = {}
    for line in lines:
        wanted[line.variant_id] = wanted.get(line.variant_id, 0) + _units(request, line)
    skus = {line.variant_id: line.sku for line in lines}
    to = locate(head.ship_country, head.ship_postal_code)
    candidates = candidates_for(ground, wanted, head.channel_id)
    plan = route(wanted, candidates, rules=ground.rules, to=to)
    if plan.missing:
        # only what nobody has on the shelf may use a backorder limit
        candidates = candidates_for(ground, wanted, head.channel_id, backorder=True)
        plan = route(wanted, candidates, rules=ground.rules, to=to)
    if plan.missing and request.only is None:
        short = {v: n for v, n in plan.missing.items() if n > ground.beyond.get(v, 0)}
        if short:
            raise InsufficientStock(short_of(ground, short, wanted, skus))
    promises, waiting = _shared(plan, {line: _units(request, line) for line in lines})
    for _, variant, place, n in promises:
        ground.take((variant, place), n)
    for variant, n in plan.missing.items():
        ground.beyond[variant] = ground.beyond.get(variant, 0) - n
    receipt = _receipt(plan, wanted, candidates, skus, ground) if promises else {}
    return Routed(request.order_id, promises, receipt, waiting)


def _units(request: Request, line: Any) -> int:
    return int(line.wanted) if request.only is None else min(int(line.wanted), request.only[line.id])


def _receipt(
    plan: Plan, wanted: Mapping[int, int], candidates: Sequence[Candidate], skus: Mapping[int, str], ground: Ground
) -> dict[str, Any]:
    seen, chosen = records(plan, wanted, candidates, skus)
    return {
        "rules": [{"kind": kind} for kind in ("stock", *ground.rules, "location_id")],
        "candidates": seen,
        "chosen": chosen,
        "decided_by": plan.rounds[0].decided_by,
        "reason": reason(plan, wanted, candidates, skus),
    }


def _shared(plan: Plan, left: dict[Any, int]) -> tuple[list[Promise], dict[int, int]]:
    """Share what each location ships over the order's lines; return the promises, and units by line without one."""
    promises = []
    for chosen in plan.rounds:
        stock = dict(chosen.take)
        for line, open_units in left.items():
            n = min(open_units, stock.get(line.variant_id, 0))
            if n:
                promises.append((line.id, line.variant_id, chosen.winner.location_id, n))
                left[line] -= n
                stock[line.variant_id] -= n
    return promises, {line.id: n for line, n in left.items() if n}
