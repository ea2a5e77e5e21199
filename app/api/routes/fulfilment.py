"""Fulfilment orders and shipments: what a warehouse works on and what the carrier says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Query

from app.api.asking import Asking
from app.api.forms import Code, Number, PageOf
from app.api.models import flows as m
from app.api.operations import Operations
from app.api.pages import Cursor, Limit, newest_first
from app.api.records import maybe_minor
from oms_core.fulfilment import commands, rearranging
from oms_core.fulfilment.listing import (
    shipment_named,
    shipment_record,
    shipments_statement,
    work_named,
    work_record,
    work_statement,
)
from oms_core.fulfilment.queries import units_by_line
from oms_core.fulfilment.tables import FulfillmentOrder, Shipment
from oms_core.inventory.queries import location_of
from oms_core.orders.tables import Order

operations = Operations("fulfilment")
Filter = Annotated[Code | None, Query()]
WORK: dict[str, Any] = {"answers": m.Work, "example": m.WORK}
PARCEL: dict[str, Any] = {"answers": m.Parcel, "example": m.PARCEL}


@operations.read("/fulfillment-orders", answers=PageOf[m.Work], example={"items": [m.WORK], "next_cursor": None})
def list_work(
    asking: Asking, state: Filter = None, location: Filter = None, order: Filter = None, limit: Limit = 50,
    cursor: Cursor = None,
) -> dict[str, Any]:  # fmt: skip
    """List fulfilment orders, newest first."""
    rows = work_statement(state=state, location=location, order=order)
    return newest_first(asking.session, rows, FulfillmentOrder.id, limit=limit, cursor=cursor)


@operations.read("/fulfillment-orders/{number}", **WORK)
def show_work(asking: Asking, number: Number) -> dict[str, Any]:
    """Show one fulfilment order with its lines."""
    return _work(asking, number)


@operations.write("/fulfillment-orders/{number}/ship", status=201, **PARCEL)
def ship(asking: Asking, number: Number, body: m.Ship) -> dict[str, Any]:
    """Ship a fulfilment order, or named units of it, as one parcel."""
    session, found = asking.session, _seen(asking, number)
    currency = session.get_one(Order, found.order_id).currency
    lines = _units(asking, found, body.lines)
    made = commands.ship(
        session, fulfillment_order_id=found.id, carrier=body.carrier, tracking_number=body.tracking_number, lines=lines,
        cost_minor=maybe_minor(body.cost, currency, "cost") or 0, promised_at=body.promised_at,
        service=body.service, zone=asking.zone, actor=asking.actor,
    )  # fmt: skip
    return _parcel(asking, made.number)


@operations.write("/fulfillment-orders/{number}/reject", answers=m.Work, example=m.WORK)
def reject(asking: Asking, number: Number, body: m.Reject) -> dict[str, Any]:
    """Take it back from a location that cannot ship it, and route it elsewhere."""
    found = _seen(asking, number)
    rearranging.reject(
        asking.session, found.id, reason=body.reason, not_found=body.not_found, zone=asking.zone, actor=asking.actor
    )
    return _work(asking, number)


@operations.write("/fulfillment-orders/{number}/move", **WORK)
def move(asking: Asking, number: Number, body: m.MoveTo) -> dict[str, Any]:
    """Let another location ship it, or some units of it."""
    found, target = _seen(asking, number), location_of(asking.session, body.location)
    lines = _units(asking, found, body.lines)
    moved = rearranging.move(
        asking.session, found.id, target.id, lines=lines, reason=body.reason, zone=asking.zone, actor=asking.actor
    )
    return _work(asking, moved.number)


@operations.read("/shipments", answers=PageOf[m.Parcel], example={"items": [m.PARCEL], "next_cursor": None})
def list_parcels(
    asking: Asking, state: Filter = None, order: Filter = None, carrier: Filter = None, limit: Limit = 50,
    cursor: Cursor = None,
) -> dict[str, Any]:  # fmt: skip
    """List parcels, newest first."""
    rows = shipments_statement(state=state, order=order, carrier=carrier)
    return newest_first(asking.session, rows, Shipment.id, limit=limit, cursor=cursor)


@operations.read("/shipments/{number}", **PARCEL)
def show_parcel(asking: Asking, number: Number) -> dict[str, Any]:
    """Show one parcel with its lines and tracking events."""
    return _parcel(asking, number)


@operations.write("/shipments/{number}/tracking-events", status=201, **PARCEL)
def track(asking: Asking, number: Number, body: m.Scan) -> dict[str, Any]:
    """Take what the carrier says of a parcel."""
    found = shipment_named(asking.session, number)
    asking.require_version("shipment", found.id, found.version)
    commands.track(
        asking.session, shipment_id=found.id, state=body.state, at=body.at, message=body.message,
        external_id=body.external_id, actor=asking.actor,
    )  # fmt: skip
    return _parcel(asking, number)


def _units(asking: Asking, work: FulfillmentOrder, lines: Sequence[m.WorkLine] | None) -> dict[int, int] | None:
    """Return the units of the lines named, by allocation; None when none were named."""
    if not lines:
        return None
    return units_by_line(asking.session, work.id, {line.line_id: line.quantity for line in lines})


def _seen(asking: Asking, number: str) -> FulfillmentOrder:
    found = work_named(asking.session, number)
    asking.require_version("fulfillment_order", found.id, found.version)
    return found


def _work(asking: Asking, number: str) -> dict[str, Any]:
    asking.session.expire_all()
    record = work_record(asking.session, work_named(asking.session, number))
    asking.is_version(record["version"])
    return record


def _parcel(asking: Asking, number: str) -> dict[str, Any]:
    asking.session.expire_all()
    record = shipment_record(asking.session, shipment_named(asking.session, number))
    asking.is_version(record["version"])
    return record
