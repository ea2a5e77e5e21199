"""Orders: take, list, show, pay, cancel."""

from __future__ import annotations

from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Query

from app.api.asking import Asking
from app.api.forms import Day, Number, PageOf, Text
from app.api.models import orders as m
from app.api.operations import Operations
from app.api.pages import Cursor, Limit, newest_first
from app.api.problems import status_of
from app.api.records import minor
from oms_core.fulfilment.queries import shipments_of, work_of
from oms_core.intake import commands as intake
from oms_core.intake.documents import order_from
from oms_core.kernel.errors import OmsError
from oms_core.orders import commands
from oms_core.orders.listing import orders_statement
from oms_core.orders.queries import axes_of, order_named, order_record
from oms_core.orders.tables import Order, OrderLine
from oms_core.orders.timeline import timeline
from oms_core.payments import commands as payments
from oms_core.payments.queries import payments_of, still_owed
from oms_core.routing.queries import decisions_of

operations = Operations("orders")
Value = Annotated[str | None, Query(max_length=40, pattern="^[a-z_]+$")]


def _new_order(body: m.NewOrder) -> commands.NewOrder:
    return order_from(body.document())


@operations.write("/orders", status=201, answers=m.Placed, example=m.PLACED, together=_new_order)
def place(asking: Asking, body: m.NewOrder) -> dict[str, Any]:
    """Take an order: place it, book its payments, promise its stock; all or nothing.

    Not enough stock is refused with every shortage (409 `stock.insufficient`).
    """
    return intake.place(asking.session, asking.shop, _new_order(body), actor=asking.actor)


@operations.write("/orders/bulk", answers=m.BulkAnswer, example={
    "placed": 1, "refused": 0, "outcomes": [{"status": 201, "external_id": "W-10045", "order": m.PLACED}],
})  # fmt: skip
def place_bulk(asking: Asking, body: m.Bulk) -> dict[str, Any]:
    """Take many orders in one transaction; one that is refused leaves the others alone."""
    read = [_read(order) for order in body.orders]
    fit = [n for n, found in enumerate(read) if not isinstance(found, OmsError)]
    new = [found for found in read if not isinstance(found, OmsError)]
    said = intake.place_many(asking.session, asking.shop, new, actor=asking.actor) if new else []
    outcome: list[Any] = list(read)
    for n, answer in zip(fit, said, strict=True):
        outcome[n] = answer
    told = [_outcome(order.external_id, found) for order, found in zip(body.orders, outcome, strict=True)]
    placed = sum(one["status"] == 201 for one in told)
    return {"placed": placed, "refused": len(told) - placed, "outcomes": told}


def _read(order: m.NewOrder) -> commands.NewOrder | OmsError:
    try:
        return order_from(order.document())
    except OmsError as error:
        return error


def _outcome(external_id: str, found: dict[str, Any] | OmsError) -> dict[str, Any]:
    if isinstance(found, OmsError):
        return {"status": status_of(found), "external_id": external_id, "problem": found.as_dict()}
    return {"status": 201, "external_id": external_id, "order": found}


@operations.read("/orders", answers=PageOf[m.OrderRow], example={"items": [m.ROW], "next_cursor": None})
def list_(
    asking: Asking,
    *,
    state: Value = None,
    payment_status: Value = None,
    fulfillment_status: Value = None,
    delivery_status: Value = None,
    return_status: Value = None,
    channel: Annotated[Text | None, Query(description="Code of a channel.")] = None,
    since: Annotated[Day | None, Query(description="First business date.")] = None,
    until: Annotated[Day | None, Query(description="The business date after the last.")] = None,
    q: Annotated[Text, Query(description="Beginning of a number, or a whole e-mail.")] = "",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """List orders, newest first."""
    filters = {
        "state": state, "payment_status": payment_status, "fulfillment_status": fulfillment_status,
        "delivery_status": delivery_status, "return_status": return_status, "channel": channel,
    }  # fmt: skip
    rows = orders_statement(filters=filters, since=since, until=until, search=q)
    return newest_first(asking.session, rows, Order.id, limit=limit, cursor=cursor)


@operations.read("/orders/{number}", answers=m.Order, example=m.ORDER)
def show(asking: Asking, number: Number) -> dict[str, Any]:
    """Show one order with lines, promises, payments, parcels, routing and timeline."""
    session = asking.session
    order = order_named(session, number)
    asking.is_version(order.version)
    record = order_record(session, order)
    ids = session.scalars(sa.select(OrderLine.id).where(OrderLine.order_id == order.id).order_by(OrderLine.position))
    lines = [{"id": key, **line} for key, line in zip(ids, record["lines"], strict=True)]
    return record | {
        "version": order.version,
        "lines": lines,
        "allocations": intake.answer_of(session, order)["allocations"],
        "fulfillment_orders": work_of(session, order.id),
        "shipments": shipments_of(session, order.id),
        "payments": payments_of(session, order.id),
        "routing": decisions_of(session, order.id),
        "timeline": timeline(session, order.id),
    }


@operations.write("/orders/{number}/cancel", answers=m.Axes, example={k: m.PLACED[k] for k in m.Axes.model_fields})
def cancel(asking: Asking, number: Number, body: m.Cancel) -> dict[str, Any]:
    """Call off an order that has not shipped; what it was promised is free again."""
    order = order_named(asking.session, number)
    asking.require_order(order)
    commands.cancel_order(asking.session, order.id, reason=body.reason, actor=asking.actor, zone=asking.zone)
    return _axes(asking, order)


@operations.write("/orders/{number}/payments", status=201, answers=m.Axes, example={
    "kind": "capture", "amount": "8.50", "currency": "GBP", **{k: m.PLACED[k] for k in m.Axes.model_fields},
})  # fmt: skip
def pay(asking: Asking, number: Number, body: m.Pay) -> dict[str, Any]:
    """Book money: authorise, capture, void or refund."""
    order = order_named(asking.session, number)
    asking.require_order(order)
    owed = still_owed(asking.session, order.id, body.kind) if body.amount is None else None
    paid = payments.pay(
        asking.session, order_id=order.id, kind=body.kind, gateway=body.gateway, external_id=body.external_id,
        amount_minor=minor(body.amount, order.currency) if body.amount is not None else owed or 0,
        zone=asking.zone, actor=asking.actor,
    )  # fmt: skip
    axes = _axes(asking, order)
    return {"kind": body.kind, "amount_minor": paid.amount_minor, "currency": order.currency, **axes}


def _axes(asking: Asking, order: Order) -> dict[str, Any]:
    asking.session.refresh(order)
    asking.is_version(order.version)
    return {"number": order.number, **axes_of(order)}
