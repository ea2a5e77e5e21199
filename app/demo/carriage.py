"""Parcels in the simulated shop: when the warehouse hands one over, and what the carrier then says.

Used by the replay and by the live feeder alike.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from app.demo.chance import dice, share
from app.demo.parcels import Event, at_hour, plan, promise, working_days_after
from app.demo.places import carrier_for
from oms_core.fulfilment.commands import ship, track
from oms_core.fulfilment.tables import FulfillmentOrder, FulfillmentOrderLine
from oms_core.orders.tables import Order

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from oms_core.fulfilment.tables import Shipment

ACTOR = "warehouse (simulated)"
#: Orders ready before this local hour leave the same working day.
CUT_OFF_HOUR = 14
#: Working days an order may take before it is late.
SHIP_WITHIN_DAYS = 2
#: Shares of parcels that wait some days, or are forgotten for long.
SLOW, FORGOTTEN = 0.035, 0.006


def ship_by(placed_at: datetime, *, zone: str) -> datetime:
    """Return the instant after which an order is late: 18:00 local, two working days on."""
    return at_hour(working_days_after(placed_at, SHIP_WITHIN_DAYS), 18, zone)


def ready_at(number: str, opened_at: datetime, *, seed: int, zone: str) -> datetime:
    """Return when the warehouse hands a fulfilment order over; fixed by its number."""
    roll = dice(seed, "pick", number)
    local = opened_at.astimezone(ZoneInfo(zone))
    same_day = local.weekday() < 5 and local.hour < CUT_OFF_HOUR and roll.random() < 0.75
    day = opened_at if same_day else working_days_after(opened_at, 1)
    fate = roll.random()
    if fate < FORGOTTEN:
        day = working_days_after(day, 9)
    elif fate < FORGOTTEN + SLOW:
        day = working_days_after(day, roll.randint(2, 4))
    return max(at_hour(day, roll.uniform(14.5, 18.0), zone), opened_at + timedelta(minutes=20))


def hand_over(session: Session, work_id: int, *, seed: int, zone: str, at: datetime) -> Shipment:
    """Ship everything that is open of one fulfilment order with a carrier that fits."""
    units = sa.select(sa.func.sum(FulfillmentOrderLine.quantity)).where(
        FulfillmentOrderLine.fulfillment_order_id == work_id
    )
    head = session.execute(
        sa.select(FulfillmentOrder.number, Order.ship_country, units.scalar_subquery().label("units"))
        .join(Order, Order.id == FulfillmentOrder.order_id)
        .where(FulfillmentOrder.id == work_id)
    ).one()
    carrier = carrier_for(head.ship_country, int(head.units), share(seed, "carrier", head.number))
    return ship(
        session,
        fulfillment_order_id=work_id,
        carrier=carrier.code,
        service=carrier.service,
        tracking_number=f"{carrier.code[:2].upper()}{work_id:08d}",
        cost_minor=carrier.base_minor + carrier.per_unit_minor * int(head.units),
        promised_at=promise(at, carrier, zone),
        zone=zone,
        actor=ACTOR,
        simulated=True,
    )


def events_of(shipment: Shipment, *, seed: int, zone: str) -> list[Event]:
    """Return what the carrier will say of a shipment that carries a promise."""
    promised_at = shipment.promised_at or working_days_after(shipment.shipped_at, 2)
    return plan(shipment.number, shipment.shipped_at, promised_at, seed=seed, zone=zone)


def tell(session: Session, shipment_id: int, index: int, event: Event, *, carrier: str) -> None:
    """Book the carrier's event number `index`; the same event twice is one."""
    track(
        session,
        shipment_id=shipment_id,
        state=event.state,
        at=event.at,
        message=event.message,
        external_id=f"event-{index}",
        actor=f"{carrier} (simulated)",
    )
