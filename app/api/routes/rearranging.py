"""Work that changes hands: split, merged, several orders in one parcel; windows ended early; an order's story."""

from __future__ import annotations

from typing import Any

from app.api.asking import Asking
from app.api.forms import Number
from app.api.models import flows
from app.api.models import rearranging as m
from app.api.operations import Operations
from app.api.records import maybe_minor
from oms_core.fulfilment import commands
from oms_core.fulfilment.listing import shipment_record, work_named, work_record
from oms_core.fulfilment.queries import units_by_line
from oms_core.fulfilment.tables import FulfillmentOrder, Shipment
from oms_core.orders.queries import order_named
from oms_core.orders.tables import Order
from oms_core.orders.timeline import timeline
from oms_core.review.consolidation import consolidate

operations = Operations("fulfilment", tag="rearranging")
RELEASED = {
    "number": "OS-010045",
    "fulfillment_status": "unfulfilled",
    "release_at": "2026-05-01T10:00:00Z",
    "version": 4,
}


@operations.write("/fulfillment-orders/{number}/split", status=201, answers=flows.Work, example=flows.WORK)
def split(asking: Asking, number: Number, body: m.Split) -> dict[str, Any]:
    """Let some units of a fulfilment order go on their own; the answer is the new one."""
    work = _seen(asking, number).id
    units = units_by_line(asking.session, work, {line.line_id: line.quantity for line in body.lines})
    made = commands.split(asking.session, work, units, zone=asking.zone, actor=asking.actor)
    return _work(asking, made.number)


@operations.write("/fulfillment-orders/{number}/merge", answers=flows.Work, example=flows.WORK)
def merge(asking: Asking, number: Number, body: m.Merge) -> dict[str, Any]:
    """Make one fulfilment order of several of one order and location."""
    ids = [_seen(asking, number).id, *(work_named(asking.session, other).id for other in body.others)]
    return _work(asking, commands.merge(asking.session, ids, actor=asking.actor).number)


@operations.write(
    "/parcels", status=201, answers=dict[str, list[flows.Parcel]], example={"items": [flows.PARCEL]}
)  # fmt: skip
def together(asking: Asking, body: m.Together) -> dict[str, Any]:
    """Ship work of several orders of one buyer as one parcel; the parcel comes first, the others ride in it."""
    session = asking.session
    works = [work_named(session, number) for number in body.fulfillment_orders]
    currency = session.get_one(Order, works[0].order_id).currency
    keys = consolidate(
        session, [work.id for work in works], carrier=body.carrier, tracking_number=body.tracking_number,
        cost_minor=maybe_minor(body.cost, currency, "cost") or 0, zone=asking.zone, actor=asking.actor,
    )  # fmt: skip
    session.expire_all()
    return {"items": [shipment_record(session, session.get_one(Shipment, key)) for key in keys]}


@operations.write("/orders/{number}/release-now", answers=m.Released, example=RELEASED, scope="orders:write")
def release_now(asking: Asking, number: Number) -> dict[str, Any]:
    """End the service window of an order: its work goes to the warehouse."""
    order = order_named(asking.session, number)
    asking.require_order(order)
    (refused,) = commands.release_now(asking.session, [order.id], actor=asking.actor)
    if refused is not None:
        raise refused
    asking.session.expire_all()
    return {name: getattr(order, name) for name in RELEASED}


@operations.read("/orders/{number}/timeline", answers=m.Timeline, example={"items": [m.EVENT]}, scope="orders:read")
def story(asking: Asking, number: Number) -> dict[str, Any]:
    """Tell everything that happened to an order, with what was before and after."""
    return {"items": timeline(asking.session, order_named(asking.session, number).id)}


def _seen(asking: Asking, number: str) -> FulfillmentOrder:
    found = work_named(asking.session, number)
    asking.require_version("fulfillment_order", found.id, found.version)
    return found


def _work(asking: Asking, number: str) -> dict[str, Any]:
    asking.session.expire_all()
    record = work_record(asking.session, work_named(asking.session, number))
    asking.is_version(record["version"])
    return record
