"""The statements of the work queues: each gives one row for each thing to do.

Columns: ``order_id, work_id`` (the fulfilment order, or null), ``item_id`` (hold, assessment, suspicion
or shipment to act on, or null), ``since`` (since when it waits) and ``why`` (in words).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.fulfilment.queries import SHIPMENT_UNDERWAY, SHIPPABLE, UNFINISHED_WORK
from oms_core.fulfilment.tables import FulfillmentHold, FulfillmentOrder, Shipment
from oms_core.inventory.promise_tables import Backorder
from oms_core.inventory.tables import Allocation
from oms_core.kernel import clock
from oms_core.kernel.database import UtcDateTime
from oms_core.kernel.rows import table_of
from oms_core.orders.tables import Order, OrderLine
from oms_core.review.tables import DuplicateSuspicion, RiskAssessment

if TYPE_CHECKING:
    from datetime import datetime

ORDER, LINE, ALLOCATION = table_of(Order), table_of(OrderLine), table_of(Allocation)
WORK, HOLD, SHIPMENT = table_of(FulfillmentOrder), table_of(FulfillmentHold), table_of(Shipment)
ASSESSMENT, SUSPICION, BACKORDER = table_of(RiskAssessment), table_of(DuplicateSuspicion), table_of(Backorder)
_OPEN_ORDER = sa.and_(ORDER.c.state == "placed", sa.not_(ORDER.c.is_history))
_NOTHING = sa.cast(sa.null(), sa.BigInteger)
#: Shipments that still are to arrive.
_MOVING = ("label_purchased", "picked_up", "in_transit", "out_for_delivery", "ready_for_pickup", "delayed")
#: Shipments somebody has to look after.
_TROUBLE = ("failed", "lost", "return_to_sender", "delayed")

Rows = sa.Select[*tuple[Any, ...]]


def _row(
    order_id: sa.ColumnElement[Any],
    since: sa.ColumnElement[Any],
    why: sa.ColumnElement[Any],
    *,
    work: sa.ColumnElement[Any] = _NOTHING,
    item: sa.ColumnElement[Any] = _NOTHING,
) -> Rows:
    names = ("order_id", "work_id", "item_id", "since", "why")
    columns = (order_id, work, item, since, sa.cast(why, sa.Text))
    return sa.select(*(column.label(name) for name, column in zip(names, columns, strict=True)))


def to_confirm() -> Rows:
    """Return placed orders nobody has paid or promised to pay in full, of which nothing has left."""
    unpaid = ORDER.c.payment_status.in_(("none", "partially_paid", "voided"))
    waits = ORDER.c.fulfillment_status.not_in(("fulfilled", "partially_fulfilled"))
    why = sa.literal("payment: ") + ORDER.c.payment_status
    return _row(ORDER.c.id, ORDER.c.placed_at, why).where(_OPEN_ORDER, unpaid, waits, ORDER.c.total_minor > 0)


def to_route() -> Rows:
    """Return placed orders with units that are neither promised nor waiting for goods that were ordered."""
    held = sa.func.coalesce(
        sa.select(sa.func.sum(ALLOCATION.c.quantity - ALLOCATION.c.released_qty))
        .where(ALLOCATION.c.order_line_id == LINE.c.id)
        .scalar_subquery(),
        0,
    )
    open_backorder = BACKORDER.c.quantity - BACKORDER.c.allocated_qty - BACKORDER.c.cancelled_qty
    expected = sa.func.coalesce(
        sa.select(sa.func.sum(open_backorder))
        .where(BACKORDER.c.order_line_id == LINE.c.id, BACKORDER.c.state == "waiting")
        .scalar_subquery(),
        0,
    )
    lacking = LINE.c.quantity - LINE.c.cancelled_qty - held - expected
    lines = (
        sa.select(LINE.c.order_id, sa.cast(sa.func.sum(lacking), sa.BigInteger).label("units"))
        .join(ORDER, ORDER.c.id == LINE.c.order_id)
        .where(_OPEN_ORDER, ORDER.c.fulfillment_status != "fulfilled", LINE.c.stock_kind == "stocked", lacking > 0)
        .group_by(LINE.c.order_id)
        .subquery()
    )
    why = sa.cast(lines.c.units, sa.Text) + sa.literal(" unit(s) without a place")
    return _row(lines.c.order_id, ORDER.c.placed_at, why).join_from(lines, ORDER, ORDER.c.id == lines.c.order_id)


def on_hold() -> Rows:
    """Return active holds, each with who holds it, why and who looks after it."""
    owner = sa.case((HOLD.c.owner != "", sa.literal(", ") + HOLD.c.owner + " looks after it"), else_="")
    note = sa.case((HOLD.c.note != "", sa.literal(" (") + HOLD.c.note + ")"), else_="")
    why = HOLD.c.reason + note + ", held by " + HOLD.c.held_by + owner
    return _row(HOLD.c.order_id, HOLD.c.held_at, why, work=HOLD.c.fulfillment_order_id, item=HOLD.c.id).where(
        HOLD.c.released_at.is_(None)
    )


def scheduled() -> Rows:
    """Return work that waits for the end of its channel's service window."""
    why = sa.literal("the customer may still change it")
    rows = _row(WORK.c.order_id, WORK.c.created_at, why, work=WORK.c.id)
    return rows.where(UNFINISHED_WORK, WORK.c.state == sa.literal_column("'scheduled'"))


def to_ship() -> Rows:
    """Return work a warehouse may pack now."""
    why = sa.case((WORK.c.state == "in_progress", "partly shipped"), else_="to pack")
    return _row(WORK.c.order_id, WORK.c.created_at, why, work=WORK.c.id).where(
        UNFINISHED_WORK, WORK.c.state.in_(SHIPPABLE)
    )


def late() -> sa.CompoundSelect[*tuple[Any, ...]]:
    """Return what is behind its promise: work not shipped by its time, parcels not delivered by theirs."""
    now = sa.bindparam("now", type_=UtcDateTime())
    unfinished = (*SHIPPABLE, "scheduled", "on_hold")
    work = _row(WORK.c.order_id, WORK.c.ship_by_at, sa.literal("should have shipped"), work=WORK.c.id).where(
        UNFINISHED_WORK, WORK.c.state.in_(unfinished), WORK.c.ship_by_at < now
    )
    why = SHIPMENT.c.carrier + sa.literal(" should have delivered; it is ") + SHIPMENT.c.state
    parcel = _row(
        SHIPMENT.c.order_id, SHIPMENT.c.promised_at, why, work=SHIPMENT.c.fulfillment_order_id, item=SHIPMENT.c.id
    ).where(SHIPMENT_UNDERWAY, SHIPMENT.c.state.in_(_MOVING), SHIPMENT.c.promised_at < now)
    return sa.union_all(work, parcel)


def exceptions() -> sa.CompoundSelect[*tuple[Any, ...]]:
    """Return what went wrong: parcels failed, lost or coming back; money nobody is owed any more."""
    why = SHIPMENT.c.carrier + sa.literal(" says: ") + sa.func.replace(SHIPMENT.c.state, "_", " ")
    parcel = _row(
        SHIPMENT.c.order_id, SHIPMENT.c.shipped_at, why, work=SHIPMENT.c.fulfillment_order_id, item=SHIPMENT.c.id
    ).where(SHIPMENT_UNDERWAY, SHIPMENT.c.state.in_(_TROUBLE))
    said = sa.literal("cancelled, and still ") + sa.func.replace(ORDER.c.payment_status, "_", " ")
    cancelled = _row(ORDER.c.id, ORDER.c.cancelled_at, said).where(
        ORDER.c.state == "cancelled",
        sa.not_(ORDER.c.is_history),
        ORDER.c.payment_status.in_(("paid", "partially_paid", "overpaid", "authorized", "partially_refunded")),
    )
    too_much = _row(ORDER.c.id, ORDER.c.placed_at, sa.literal("paid more than is owed")).where(
        _OPEN_ORDER, ORDER.c.payment_status == "overpaid"
    )
    return sa.union_all(parcel, cancelled, too_much)


def risk_review() -> Rows:
    """Return orders the rules doubt and nobody has looked at."""
    score = sa.cast(ASSESSMENT.c.score, sa.Text)
    why = ASSESSMENT.c.level + sa.literal(" risk, score ") + score
    rows = _row(ASSESSMENT.c.order_id, ASSESSMENT.c.at, why, item=ASSESSMENT.c.id)
    return rows.where(ASSESSMENT.c.state == sa.literal_column("'open'"))


def suspected_duplicates() -> Rows:
    """Return pairs of orders that may be one wish and nobody has decided on; the newer order's row."""
    rows = _row(SUSPICION.c.order_id, SUSPICION.c.found_at, SUSPICION.c.sentence, item=SUSPICION.c.id)
    return rows.where(SUSPICION.c.state == sa.literal_column("'open'"))


def now() -> dict[str, datetime]:
    """Return the parameter the statements that know of time take."""
    return {"now": clock.now()}
