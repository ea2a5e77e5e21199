"""Laws of what waits: holds, service windows, shipments that ride in another order's parcel."""

from __future__ import annotations

import sqlalchemy as sa

from oms_core.audit.fulfilment import SHIPMENT, WORK
from oms_core.audit.law import Law, by_query, count_of
from oms_core.audit.stock import ORDER
from oms_core.fulfilment.tables import FulfillmentHold
from oms_core.kernel.rows import table_of

HOLD = table_of(FulfillmentHold)
_UNFINISHED = WORK.c.state.not_in(("closed", "cancelled"))
_ON_HOLD = WORK.c.state == "on_hold"


def _wrongly_waiting() -> sa.Select[*tuple[object, ...]]:
    """Return unfinished work that is on hold without a hold, or held and not on hold."""
    covers = sa.or_(HOLD.c.fulfillment_order_id.is_(None), HOLD.c.fulfillment_order_id == WORK.c.id)
    covered = sa.exists().where(HOLD.c.order_id == WORK.c.order_id, HOLD.c.released_at.is_(None), covers)
    return sa.select(WORK.c.number, WORK.c.state).where(_UNFINISHED, covered != _ON_HOLD)


def _forgetful() -> sa.Select[*tuple[object, ...]]:
    return sa.select(WORK.c.number, WORK.c.state).where(WORK.c.held_from.is_not(None) != _ON_HOLD, _UNFINISHED)


def _outliving() -> sa.Select[*tuple[object, ...]]:
    return (
        sa.select(ORDER.c.number, HOLD.c.id, HOLD.c.reason)
        .join(HOLD, HOLD.c.order_id == ORDER.c.id)
        .where(ORDER.c.state == "cancelled", HOLD.c.released_at.is_(None))
    )


def _endless() -> sa.Select[*tuple[object, ...]]:
    """Return work that is scheduled for a time its order does not have."""
    waits = sa.or_(WORK.c.state == "scheduled", sa.and_(_ON_HOLD, WORK.c.held_from == "scheduled"))
    return (
        sa.select(WORK.c.number, ORDER.c.number.label("order_number"))
        .join(ORDER, ORDER.c.id == WORK.c.order_id)
        .where(waits, ORDER.c.release_at.is_(None))
    )


def _apart() -> sa.Select[*tuple[object, ...]]:
    """Return riders that say something else than their parcel, or are no riders of it."""
    parcel, other = SHIPMENT.alias("parcel"), ORDER.alias("other")
    wrong = sa.or_(
        parcel.c.id.is_(None),
        parcel.c.state != SHIPMENT.c.state,
        parcel.c.location_id != SHIPMENT.c.location_id,
        parcel.c.parent_shipment_id.is_not(None),
        SHIPMENT.c.tracking_number.is_not(None),
        other.c.customer_id != ORDER.c.customer_id,
    )
    return (
        sa.select(SHIPMENT.c.number, SHIPMENT.c.state, SHIPMENT.c.parent_shipment_id)
        .join(ORDER, ORDER.c.id == SHIPMENT.c.order_id)
        .outerjoin(parcel, parcel.c.id == SHIPMENT.c.parent_shipment_id)
        .outerjoin(other, other.c.id == parcel.c.order_id)
        .where(SHIPMENT.c.parent_shipment_id.is_not(None), wrong)
    )


LAWS = (
    Law(
        "holds.held_work_waits",
        "Unfinished work is on hold exactly while an active hold covers it.",
        by_query(count_of(HOLD), _wrongly_waiting(), "{number} is {state}, which its holds do not say"),
    ),
    Law(
        "holds.held_work_remembers",
        "Work on hold, and no other, knows the state it goes back to.",
        by_query(count_of(WORK), _forgetful(), "{number} is {state} and does not know where it goes back to"),
    ),
    Law(
        "holds.end_with_their_order",
        "A cancelled order has no active hold.",
        by_query(count_of(HOLD), _outliving(), "order {number} is cancelled, its hold {id} ({reason}) is not released"),
    ),
    Law(
        "fulfilment.scheduled_until_release",
        "Scheduled work belongs to an order that has a time of release.",
        by_query(count_of(WORK), _endless(), "{number} is scheduled; order {order_number} has no time of release"),
    ),
    Law(
        "fulfilment.riders_follow_their_parcel",
        "A shipment that rides in a parcel is of the same buyer and place, has no label, and is where the parcel is.",
        by_query(
            count_of(SHIPMENT, SHIPMENT.c.parent_shipment_id.is_not(None)),
            _apart(),
            "shipment {number} ({state}) does not ride in shipment id {parent_shipment_id}",
        ),
    ),
)
