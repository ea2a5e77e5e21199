"""Lists of work and parcels for pages, and one of each with its lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.fulfilment.tables import FulfillmentOrder, FulfillmentOrderLine, Shipment, ShipmentLine, TrackingEvent
from oms_core.kernel.errors import NotFound
from oms_core.locations.tables import Location
from oms_core.orders.tables import Order, OrderLine

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_WORK = ("id", "number", "state", "ship_by_at", "created_at", "closed_at", "version")
_PARCEL = (
    "id", "number", "carrier", "service", "tracking_number", "state", "shipped_at", "promised_at", "delivered_at",
    "cost_minor", "currency", "version",
)  # fmt: skip


def work_statement(
    *, state: str | None = None, location: str | None = None, order: str | None = None
) -> sa.Select[Any]:
    """Return the statement of fulfilment orders by state, location code and order number."""
    work = FulfillmentOrder
    rows = (
        sa.select(*(getattr(work, n) for n in _WORK), Order.number.label("order"), Location.code.label("location"))
        .join(Order, Order.id == work.order_id)
        .join(Location, Location.id == work.location_id)
    )
    wanted = {work.state: state, Location.code: location, Order.number: order}
    return rows.where(*(column == value for column, value in wanted.items() if value is not None))


def shipments_statement(
    *, state: str | None = None, order: str | None = None, carrier: str | None = None
) -> sa.Select[Any]:
    """Return the statement of parcels by state, order number and carrier."""
    rows = (
        sa.select(
            *(getattr(Shipment, n) for n in _PARCEL), Order.number.label("order"), Location.code.label("location")
        )
        .join(Order, Order.id == Shipment.order_id)
        .join(Location, Location.id == Shipment.location_id)
    )
    wanted = {Shipment.state: state, Order.number: order, Shipment.carrier: carrier}
    return rows.where(*(column == value for column, value in wanted.items() if value is not None))


def work_named(session: Session, name: str) -> FulfillmentOrder:
    """Return the fulfilment order of a number or an id."""
    found = session.scalars(sa.select(FulfillmentOrder).where(_is(FulfillmentOrder, name))).one_or_none()
    if found is None:
        newest = sa.select(FulfillmentOrder.number).order_by(FulfillmentOrder.id.desc()).limit(500)
        raise NotFound("fulfillment order", name, session.scalars(newest))
    return found


def shipment_named(session: Session, name: str) -> Shipment:
    """Return the parcel of a number or an id."""
    found = session.scalars(sa.select(Shipment).where(_is(Shipment, name))).one_or_none()
    if found is None:
        newest = sa.select(Shipment.number).order_by(Shipment.id.desc()).limit(500)
        raise NotFound("shipment", name, session.scalars(newest))
    return found


def _is(model: type[FulfillmentOrder | Shipment], name: str) -> sa.ColumnElement[bool]:
    number = model.number == name
    return sa.or_(number, model.id == int(name)) if name.isdecimal() and len(name) < 19 else number


def work_record(session: Session, found: FulfillmentOrder) -> dict[str, Any]:
    """Return a fulfilment order with its lines."""
    line = FulfillmentOrderLine
    head = session.execute(work_statement().where(FulfillmentOrder.id == found.id)).mappings().one()
    lines = (
        sa.select(line.id, line.order_line_id, OrderLine.sku, OrderLine.title, line.quantity)
        .join(OrderLine, OrderLine.id == line.order_line_id)
        .where(line.fulfillment_order_id == found.id)
        .order_by(line.id)
    )
    return {**head, "lines": [dict(row) for row in session.execute(lines).mappings()]}


def shipment_record(session: Session, found: Shipment) -> dict[str, Any]:
    """Return a parcel with its lines and what the carrier said."""
    head = session.execute(shipments_statement().where(Shipment.id == found.id)).mappings().one()
    lines = (
        sa.select(ShipmentLine.id, ShipmentLine.order_line_id, OrderLine.sku, ShipmentLine.quantity)
        .join(OrderLine, OrderLine.id == ShipmentLine.order_line_id)
        .where(ShipmentLine.shipment_id == found.id)
        .order_by(ShipmentLine.id)
    )
    events = (
        sa.select(TrackingEvent.at, TrackingEvent.state, TrackingEvent.message, TrackingEvent.external_id)
        .where(TrackingEvent.shipment_id == found.id)
        .order_by(TrackingEvent.at, TrackingEvent.id)
    )
    return {
        **head,
        "lines": [dict(row) for row in session.execute(lines).mappings()],
        "events": [dict(row) for row in session.execute(events).mappings()],
    }
