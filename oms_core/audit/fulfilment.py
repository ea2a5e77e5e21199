"""Laws of fulfilment: work, parcels and the allocations they consume."""

from __future__ import annotations

import sqlalchemy as sa

from oms_core.audit.law import Law, by_query, count_of, summed, zero
from oms_core.audit.stock import ALLOCATION, LINE, MOVEMENT, OPEN, ORDER
from oms_core.fulfilment.tables import (
    FulfillmentOrder,
    FulfillmentOrderLine,
    Shipment,
    ShipmentLine,
    TrackingEvent,
)
from oms_core.kernel.rows import table_of
from oms_core.routing.tables import RoutingDecision

WORK, WORK_LINE = table_of(FulfillmentOrder), table_of(FulfillmentOrderLine)
SHIPMENT, SHIPMENT_LINE, EVENT = table_of(Shipment), table_of(ShipmentLine), table_of(TrackingEvent)
DECISION = table_of(RoutingDecision)


def _foreign_work() -> sa.Select[*tuple[object, ...]]:
    """Return work lines whose allocation is another line's, another place's, or smaller."""
    wrong = sa.or_(
        ALLOCATION.c.order_line_id != WORK_LINE.c.order_line_id,
        ALLOCATION.c.location_id != WORK.c.location_id,
        LINE.c.order_id != WORK.c.order_id,
        WORK_LINE.c.quantity > ALLOCATION.c.quantity,
    )
    return (
        sa.select(WORK.c.number, WORK_LINE.c.id, WORK_LINE.c.allocation_id, WORK_LINE.c.quantity)
        .select_from(WORK_LINE)
        .join(WORK, WORK.c.id == WORK_LINE.c.fulfillment_order_id)
        .join(ALLOCATION, ALLOCATION.c.id == WORK_LINE.c.allocation_id)
        .join(LINE, LINE.c.id == WORK_LINE.c.order_line_id)
        .where(wrong)
    )


def _idle_or_unfinished_work() -> sa.Select[*tuple[object, ...]]:
    """Return work that is finished with open units, or still open without any."""
    open_units = (
        sa.select(WORK_LINE.c.fulfillment_order_id.label("key"), sa.func.sum(OPEN).label("open"))
        .join(ALLOCATION, ALLOCATION.c.id == WORK_LINE.c.allocation_id)
        .group_by(WORK_LINE.c.fulfillment_order_id)
        .subquery()
    )
    left = zero(open_units.c.open)
    finished = WORK.c.state.in_(("closed", "cancelled"))
    wrong = sa.or_(sa.and_(finished, left > 0), sa.and_(sa.not_(finished), left == 0))
    return (
        sa.select(WORK.c.number, WORK.c.state, left.label("open"))
        .outerjoin(open_units, open_units.c.key == WORK.c.id)
        .where(wrong)
    )


def _foreign_shipments() -> sa.Select[*tuple[object, ...]]:
    """Return shipment lines that consume an allocation of another line, order, place or fulfilment order."""
    mine = sa.exists().where(
        WORK_LINE.c.allocation_id == SHIPMENT_LINE.c.allocation_id,
        WORK_LINE.c.fulfillment_order_id == SHIPMENT.c.fulfillment_order_id,
    )
    wrong = sa.or_(
        ALLOCATION.c.order_line_id != SHIPMENT_LINE.c.order_line_id,
        ALLOCATION.c.location_id != SHIPMENT.c.location_id,
        LINE.c.order_id != SHIPMENT.c.order_id,
        sa.not_(mine),
    )
    return (
        sa.select(SHIPMENT.c.number, SHIPMENT_LINE.c.id, SHIPMENT_LINE.c.allocation_id)
        .select_from(SHIPMENT_LINE)
        .join(SHIPMENT, SHIPMENT.c.id == SHIPMENT_LINE.c.shipment_id)
        .join(ALLOCATION, ALLOCATION.c.id == SHIPMENT_LINE.c.allocation_id)
        .join(LINE, LINE.c.id == SHIPMENT_LINE.c.order_line_id)
        .where(wrong)
    )


def _miscounted_allocations() -> sa.Select[*tuple[object, ...]]:
    shipped = summed(SHIPMENT_LINE, SHIPMENT_LINE.c.allocation_id, units=SHIPMENT_LINE.c.quantity)
    return (
        sa.select(ALLOCATION.c.id, ALLOCATION.c.shipped_qty, zero(shipped.c.units).label("units"))
        .outerjoin(shipped, shipped.c.key == ALLOCATION.c.id)
        .where(ALLOCATION.c.shipped_qty != zero(shipped.c.units))
    )


def _miscounted_lines() -> sa.Select[*tuple[object, ...]]:
    shipped = summed(SHIPMENT_LINE, SHIPMENT_LINE.c.order_line_id, units=SHIPMENT_LINE.c.quantity)
    return (
        sa.select(ORDER.c.number, LINE.c.position, LINE.c.shipped_qty, zero(shipped.c.units).label("units"))
        .join(ORDER, ORDER.c.id == LINE.c.order_id)
        .outerjoin(shipped, shipped.c.key == LINE.c.id)
        .where(sa.not_(ORDER.c.is_history), LINE.c.shipped_qty != zero(shipped.c.units))
    )


def _unmoved_shipments() -> sa.Select[*tuple[object, ...]]:
    gone = sa.case((MOVEMENT.c.kind == "shipped", MOVEMENT.c.quantity), else_=0)
    moved = summed(MOVEMENT, MOVEMENT.c.shipment_line_id, units=gone)
    return (
        sa.select(SHIPMENT_LINE.c.id, SHIPMENT_LINE.c.quantity, zero(moved.c.units).label("units"))
        .outerjoin(moved, moved.c.key == SHIPMENT_LINE.c.id)
        .where(SHIPMENT_LINE.c.quantity != zero(moved.c.units))
    )


def _untracked() -> sa.Select[*tuple[object, ...]]:
    """Return shipments in a state that no carrier's event gave them."""
    told = sa.exists().where(EVENT.c.shipment_id == SHIPMENT.c.id, EVENT.c.state == SHIPMENT.c.state)
    timed = (SHIPMENT.c.state == "delivered") == (SHIPMENT.c.delivered_at.is_not(None))
    return sa.select(SHIPMENT.c.number, SHIPMENT.c.state).where(sa.or_(sa.not_(told), sa.not_(timed)))


def _undecided() -> sa.Select[*tuple[object, ...]]:
    decided = sa.exists().where(DECISION.c.order_id == LINE.c.order_id)
    return (
        sa.select(ALLOCATION.c.id, LINE.c.order_id)
        .join(LINE, LINE.c.id == ALLOCATION.c.order_line_id)
        .where(sa.not_(decided))
    )


LAWS = (
    Law(
        "fulfilment.work_has_its_allocations",
        "A fulfilment order's lines are allocations of its own order at its own location.",
        by_query(
            count_of(WORK_LINE), _foreign_work(), "{number}, line {id}: allocation {allocation_id} is not its own"
        ),
    ),
    Law(
        "fulfilment.work_follows_units",
        "A fulfilment order is finished exactly when nothing of it is left to ship.",
        by_query(count_of(WORK), _idle_or_unfinished_work(), "{number} is {state} with {open} open unit(s)"),
    ),
    Law(
        "fulfilment.shipments_consume_their_own",
        "A shipment consumes only named allocations of its own lines, order, location and fulfilment order.",
        by_query(
            count_of(SHIPMENT_LINE),
            _foreign_shipments(),
            "shipment {number}, line {id} consumes allocation {allocation_id} of something else",
        ),
    ),
    Law(
        "fulfilment.allocations_count_shipments",
        "Shipped units of an allocation are the sum of its shipment lines.",
        by_query(
            count_of(ALLOCATION),
            _miscounted_allocations(),
            "allocation {id}: {shipped_qty} shipped, its shipment lines have {units}",
        ),
    ),
    Law(
        "fulfilment.lines_count_shipments",
        "Shipped units of an order line are the sum of its shipment lines (imported history apart).",
        by_query(
            count_of(LINE),
            _miscounted_lines(),
            "order {number}, line {position}: {shipped_qty} shipped, its shipment lines have {units}",
        ),
    ),
    Law(
        "fulfilment.shipments_in_ledger",
        "What a shipment line took left stock in the ledger under its name.",
        by_query(
            count_of(SHIPMENT_LINE), _unmoved_shipments(), "shipment line {id}: {quantity}, the ledger has {units}"
        ),
    ),
    Law(
        "fulfilment.carriers_said_so",
        "A shipment's state is one its tracking events tell, and delivered has its time.",
        by_query(count_of(SHIPMENT), _untracked(), "shipment {number} is {state}, which no tracking event says"),
    ),
    Law(
        "routing.decisions_kept",
        "Every allocation's order has the receipt of its routing.",
        by_query(count_of(ALLOCATION), _undecided(), "allocation {id} of order id {order_id} has no routing decision"),
    ),
)
