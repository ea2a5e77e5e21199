"""Verbs on fulfilment orders: split, merge, move to another place, reject by the place that should ship.

A place that is chosen by hand is a routing decision too: it gets a receipt, and the one before it is
superseded. The promise and the stock move with the work, in the same transaction, so that what is
shipped is always what was promised, from where it was promised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.fulfilment import taking
from oms_core.fulfilment.opening import open_work_for
from oms_core.fulfilment.tables import FulfillmentOrder, FulfillmentOrderLine
from oms_core.inventory.commands import Move, post
from oms_core.kernel import clock, journal
from oms_core.kernel.errors import InvalidInput, NotFound, OmsError, Refused
from oms_core.kernel.rows import loaded, table_of
from oms_core.locations.tables import Location
from oms_core.orders.status import refresh
from oms_core.routing.commands import allocate_orders
from oms_core.routing.tables import RoutingDecision

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from oms_core.fulfilment.packing import Work

_WORK, _WORK_LINE = table_of(FulfillmentOrder), table_of(FulfillmentOrderLine)
_DECISION = table_of(RoutingDecision)


def split(
    session: Session, fulfillment_order_id: int, lines: Mapping[int, int], *, zone: str, actor: str = "system"
) -> FulfillmentOrder:
    """Let some units of a fulfilment order go on their own, from the same place.

    Parameters
    ----------
    lines : mapping of int to int
        Units by allocation id; at least one unit stays.

    Returns
    -------
    FulfillmentOrder
        The new one, with the units named.

    Raises
    ------
    Refused
        If it is on hold or finished, or nothing would stay (``fulfillment_order.nothing_stays``).
    InvalidInput
        If more units are named than are open.
    """
    work = taking.movable(session, {fulfillment_order_id})[fulfillment_order_id]
    units = taking.chosen(work, lines)
    if units == work.left:
        raise Refused(
            "fulfillment_order.nothing_stays",
            f"Every open unit of {work.number} would leave it: that is the same work under another number.",
            "Name fewer units.",
        )
    post(session, taking.hand_over(session, work, units), zone=zone, actor=actor)
    new = _opened(session, work, actor)
    facts = {"number": work.number, "into": new.number, "units": sum(units.values())}
    return _done(session, work, new, "fulfillment_order.split", facts, actor=actor)


def move(
    session: Session,
    fulfillment_order_id: int,
    to_location_id: int,
    *,
    lines: Mapping[int, int] | None = None,
    reason: str = "",
    zone: str,
    actor: str = "system",
) -> FulfillmentOrder:
    """Let another place ship a fulfilment order, or some units of it.

    Returns
    -------
    FulfillmentOrder
        The work at the other place. The old one is finished when nothing is left of it.

    Raises
    ------
    Refused
        If it is on hold or finished, or the place ships it already (``fulfillment_order.same_place``)
        or is not active (``location.not_active``).
    InsufficientStock
        If the place does not have the units available; nothing moves.
    """
    work = taking.movable(session, {fulfillment_order_id})[fulfillment_order_id]
    here, there = _places(session, work, to_location_id)
    units = taking.chosen(work, lines)
    why = reason.strip() or "chosen by hand"
    post(session, taking.carry(session, work, units, there.id, reason=why), zone=zone, actor=actor)
    told = f"{actor} moved {sum(units.values())} unit(s) of {work.number} from {here.name} to {there.name}: {why}"
    decision = _receipt(session, work, there, sum(units.values()), len(units), told)
    before = work.state
    taking.finish(session, work)
    new = _opened(session, work, actor, decision)
    facts = {
        "number": work.number, "into": new.number, "units": sum(units.values()), "from_location": here.name,
        "to_location": there.name, "reason": why, "decision_id": decision,
    }  # fmt: skip
    return _done(session, work, new, "fulfillment_order.moved", facts, actor=actor, before=before)


def merge(session: Session, fulfillment_order_ids: Sequence[int], *, actor: str = "system") -> FulfillmentOrder:
    """Make one fulfilment order of several of the same order at the same place.

    Returns
    -------
    FulfillmentOrder
        The first of them, with all units; the others are cancelled.

    Raises
    ------
    Refused
        If they are of different orders or places (``fulfillment_order.not_together``), or one is on
        hold, finished, or partly shipped and not the first (``fulfillment_order.partly_shipped``).
    """
    ids = list(dict.fromkeys(fulfillment_order_ids))
    if len(ids) < 2:
        raise InvalidInput("fulfillment_order_ids", ids, "at least two fulfilment orders")
    works = taking.movable(session, set(ids))
    # one that has sent a parcel already keeps its number, for the parcel names it
    first, *rest = sorted((works[key] for key in ids), key=lambda work: not _has_shipped(work))
    _check_together(first, rest)
    before = {work.number: work.state for work in (first, *rest)}
    gone = [work.id for work in rest]
    connection = session.connection()
    connection.execute(
        sa.update(_WORK_LINE)
        .where(_WORK_LINE.c.fulfillment_order_id.in_(gone))
        .values(fulfillment_order_id=first.id)
    )  # fmt: skip
    connection.execute(
        sa.update(_WORK)
        .where(_WORK.c.id.in_(gone))
        .values(state="cancelled", closed_at=clock.now(), version=_WORK.c.version + 1)
    )
    connection.execute(sa.update(_WORK).where(_WORK.c.id == first.id).values(version=_WORK.c.version + 1))
    after = {first.number: first.state, **{work.number: "cancelled" for work in rest}}
    journal.record(
        session, "fulfillment_order.merged", "order", first.order_id, actor=actor, number=first.number,
        numbers=[work.number for work in rest], before=before, after=after,
    )  # fmt: skip
    refresh(session, [first.order_id])
    return loaded(session, FulfillmentOrder, first.id)


def reject(
    session: Session,
    fulfillment_order_id: int,
    *,
    reason: str,
    not_found: bool = False,
    zone: str,
    actor: str = "system",
) -> list[int]:
    """Take a fulfilment order back from a place that cannot ship it, and route it elsewhere.

    Parameters
    ----------
    not_found : bool
        The units are not on the shelf: they go to ``quality_control`` until somebody counts, and are
        not promised to the next customer. Otherwise they are available again.

    Returns
    -------
    list of int
        The fulfilment orders opened elsewhere; empty when no other place has the units. The order then
        waits in the queue `to_route`.

    Raises
    ------
    Refused
        If it is on hold or finished.
    InvalidInput
        If no reason is given.
    """
    if not reason.strip():
        raise InvalidInput("reason", reason, "why the place cannot ship it", code="fulfillment_order.no_reason")
    work = taking.movable(session, {fulfillment_order_id})[fulfillment_order_id]
    units, before = dict(work.left), work.state
    moves = taking.give_back(session, work, units, reason=reason)
    post(session, moves + (_unseen(work, units, reason) if not_found else []), zone=zone, actor=actor)
    state = taking.finish(session, work)
    place = session.get_one(Location, work.location_id)
    journal.record(
        session, "fulfillment_order.rejected", "order", work.order_id, actor=actor, number=work.number,
        location=place.name, reason=reason, not_found=not_found, units=sum(units.values()),
        before={work.number: before}, after={work.number: state},
    )  # fmt: skip
    opened = _elsewhere(session, work, zone=zone, actor=actor)
    refresh(session, [work.order_id])
    return opened


def _elsewhere(session: Session, work: Work, *, zone: str, actor: str) -> list[int]:
    """Route what an order lacks without the place that rejected it; open the work."""
    (promised,) = allocate_orders(session, [work.order_id], zone=zone, actor=actor, without=(work.location_id,))
    if isinstance(promised, OmsError):
        facts = {"number": work.number, "code": promised.code, "why": promised.message}
        journal.record(session, "fulfillment_order.parked", "order", work.order_id, actor=actor, **facts)
        return []
    return open_work_for(session, [work.order_id], actor=actor)


def _unseen(work: Work, units: Mapping[int, int], reason: str) -> list[Move]:
    here = work.location_id
    return [
        Move(
            int(work.rows[key].variant_id), n, "state_changed", here, "available", here, "quality_control",
            reason=f"not found at picking: {reason}"[:120],
        )
        for key, n in sorted(units.items())
    ]  # fmt: skip


def _has_shipped(work: Work) -> bool:
    return any(row.shipped_qty for row in work.rows.values())


def _check_together(first: Work, rest: Sequence[Work]) -> None:
    apart = [w.number for w in rest if (w.order_id, w.location_id) != (first.order_id, first.location_id)]
    if apart:
        raise Refused(
            "fulfillment_order.not_together",
            f"{', '.join(apart)} cannot join {first.number}: another order, or another place.",
            "Merge work of one order at one place; several orders of one buyer can share a parcel instead.",
        )
    begun = [work.number for work in rest if _has_shipped(work)]
    if begun:
        raise Refused(
            "fulfillment_order.partly_shipped",
            f"{first.number} and {', '.join(begun)} have each sent parcels, which name them.",
            "Ship the rest of each as it is.",
        )


def _places(session: Session, work: Work, to_location_id: int) -> tuple[Location, Location]:
    there = session.get(Location, to_location_id)
    if there is None:
        raise NotFound("location", to_location_id)
    if there.id == work.location_id:
        raise Refused("fulfillment_order.same_place", f"{there.name} is to ship {work.number} already.")
    if not there.is_active:
        raise Refused("location.not_active", f"{there.name} is not active: it ships nothing.", "Choose another place.")
    return session.get_one(Location, work.location_id), there


def _receipt(session: Session, work: Work, there: Location, units: int, lines: int, told: str) -> int:
    """Write the receipt of a choice made by hand and supersede the one before it; return its id."""
    chosen = {"location_id": there.id, "name": there.name, "decided_by": "manual", "lines": lines, "units": units}
    decision = RoutingDecision(
        order_id=work.order_id, at=clock.now(), rules=[{"kind": "manual"}], candidates=[],
        chosen=[chosen], decided_by="manual", reason=told,
    )  # fmt: skip
    session.add(decision)
    session.flush()
    before = sa.select(_WORK.c.routing_decision_id).where(_WORK.c.id == work.id).scalar_subquery()
    session.connection().execute(
        sa.update(_DECISION)
        .where(_DECISION.c.id == before, _DECISION.c.superseded_by_id.is_(None))
        .values(superseded_by_id=decision.id)
    )
    return decision.id


def _opened(session: Session, work: Work, actor: str, decision_id: int | None = None) -> FulfillmentOrder:
    """Open the work for what was taken off and return it: the one with the newest promise."""
    decisions: dict[int, int] = {work.order_id: decision_id} if decision_id else {}
    keys = open_work_for(session, [work.order_id], decisions=decisions, actor=actor)
    return loaded(session, FulfillmentOrder, keys[-1])


def _done(
    session: Session,
    work: Work,
    new: FulfillmentOrder,
    event: str,
    facts: dict[str, Any],
    *,
    actor: str,
    before: str | None = None,
) -> FulfillmentOrder:
    """Write the journal entry with the states before and after; derive the order's status."""
    states = {"before": {work.number: before or work.state}, "after": {work.number: work.state, new.number: new.state}}
    journal.record(session, event, "order", work.order_id, actor=actor, **facts, **states)
    refresh(session, [work.order_id])
    return loaded(session, FulfillmentOrder, new.id)
