"""Parcels in the simulated shop: when the warehouse hands one over, and what the carrier then says.

Used by the replay and by the live feeder alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import Row

from app.demo.chance import dice, share
from app.demo.parcels import Event, at_hour, plan, promise, working_days_after
from app.demo.places import Carrier
from app.demo.scenes import RETAIL, Scene
from oms_core.fulfilment.commands import NewParcel, Scan, ship_all, track_all
from oms_core.fulfilment.tables import FulfillmentOrder, FulfillmentOrderLine, Shipment
from oms_core.kernel.errors import OmsError
from oms_core.locations.tables import Channel, Location
from oms_core.orders.tables import Order

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


ACTOR = "warehouse (simulated)"
#: Orders ready before this local hour leave the same working day.
CUT_OFF_HOUR = 14
#: Working days an order may take before it is late.
SHIP_WITHIN_DAYS = 2
_UNITS = (
    sa.select(sa.func.sum(FulfillmentOrderLine.quantity))
    .where(FulfillmentOrderLine.fulfillment_order_id == FulfillmentOrder.id)
    .scalar_subquery()
)
_HEADS = (
    sa.select(FulfillmentOrder.id, FulfillmentOrder.number, Order.ship_country, Channel.code, _UNITS.label("units"))
    .join(Order, Order.id == FulfillmentOrder.order_id)
    .join(Channel, Channel.id == Order.channel_id)
    .where(FulfillmentOrder.id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(FulfillmentOrder.id)
)
_SHIPPED = (
    sa.select(
        Shipment.id, Shipment.number, Shipment.carrier, Shipment.shipped_at, Shipment.promised_at,
        Location.code.label("place"), Order.ship_country,
    )
    .join(Location, Location.id == Shipment.location_id)
    .join(Order, Order.id == Shipment.order_id)
    .where(Shipment.id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(Shipment.id)
)  # fmt: skip
#: What is taken along in a store goes through nobody's hands but the customer's.
COUNTER = Carrier("Store counter", "handed over", 0, 0, 0)
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


def hand_over(
    session: Session, work_ids: Sequence[int], *, seed: int, zone: str, at: datetime, scene: Scene = RETAIL
) -> list[Row[tuple[int, str, str, datetime, datetime | None, str, str]]]:
    """Ship everything that is open of fulfilment orders, each with a carrier that fits.

    Returns
    -------
    list of Row
        ``id, number, carrier, shipped_at, promised_at, place, ship_country`` of the new shipments.
    """
    heads = session.execute(_HEADS, {"ids": list(work_ids)})
    parcels = [_parcel(head, scene, seed=seed, zone=zone, at=at) for head in heads]
    sent = ship_all(session, parcels, zone=zone, actor=ACTOR, simulated=True)
    refused = next((said for said in sent if isinstance(said, OmsError)), None)
    if refused is not None:
        raise refused
    return list(session.execute(_SHIPPED, {"ids": sent}))


def _parcel(head: Any, scene: Scene, *, seed: int, zone: str, at: datetime) -> NewParcel:
    units = int(head.units)
    by_hand = head.code in scene.counters
    carrier = COUNTER if by_hand else scene.carrier(head.ship_country, units, share(seed, "carrier", head.number))
    return NewParcel(
        fulfillment_order_id=head.id,
        carrier=carrier.code,
        service=carrier.service,
        tracking_number=f"{carrier.code[:2].upper()}{head.id:08d}",
        cost_minor=carrier.base_minor + carrier.per_unit_minor * units,
        promised_at=at if by_hand else promise(at, carrier, zone),
    )


def leaves_at(number: str, opened_at: datetime, channel: str, *, seed: int, zone: str, scene: Scene) -> datetime:
    """Return when goods leave: at once over a counter, else when the warehouse is ready."""
    return opened_at if channel in scene.counters else ready_at(number, opened_at, seed=seed, zone=zone)


def events_of(sent: Any, *, seed: int, zone: str, scene: Scene = RETAIL) -> list[Event]:
    """Return what the carrier will say of a shipment, a row of :func:`hand_over`."""
    if sent.carrier == COUNTER.code:
        return [Event(sent.shipped_at, "delivered", "Handed over the counter")]
    odds = scene.odds(sent.carrier, sent.place, sent.ship_country)
    promised_at = sent.promised_at or working_days_after(sent.shipped_at, 2)
    return plan(sent.number, sent.shipped_at, promised_at, seed=seed, zone=zone, odds=odds)


def tell(session: Session, news: Iterable[tuple[int, int, Event]], *, actor: str = "carriers (simulated)") -> None:
    """Book what carriers say: ``(shipment id, number of the event in its plan, event)``; twice is once."""
    scans = [
        Scan(shipment_id=key, state=event.state, at=event.at, message=event.message, external_id=f"event-{index}")
        for key, index, event in news
    ]
    refused = next((said for said in track_all(session, scans, actor=actor) if said is not None), None)
    if refused is not None:
        raise refused
