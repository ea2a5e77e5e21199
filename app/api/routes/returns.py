"""Returns: asked for, approved, taken in, refunded, closed."""

from __future__ import annotations

from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Query

from app.api.asking import Asking
from app.api.forms import Code, Number, PageOf
from app.api.models import flows as m
from app.api.operations import Operations
from app.api.pages import Cursor, Limit, newest_first
from app.api.records import maybe_minor
from oms_core.inventory.queries import location_of
from oms_core.kernel.errors import InvalidInput, NotFound
from oms_core.orders.queries import order_named
from oms_core.orders.tables import Order, OrderLine
from oms_core.returns import commands
from oms_core.returns.queries import find, return_detail
from oms_core.returns.tables import Return, ReturnLine

operations = Operations("returns")
ONE: dict[str, Any] = {"answers": m.Back, "example": m.BACK}
_ROW = (
    "id",
    "number",
    "state",
    "reason",
    "currency",
    "total_minor",
    "requested_at",
    "received_at",
    "closed_at",
    "version",
)


@operations.read("/returns", answers=PageOf[m.Back], example={"items": [m.BACK], "next_cursor": None})
def list_(
    asking: Asking, state: Annotated[Code | None, Query()] = None, order: Annotated[Code | None, Query()] = None,
    limit: Limit = 50, cursor: Cursor = None,
) -> dict[str, Any]:  # fmt: skip
    """List returns, newest first."""
    rows = sa.select(*(getattr(Return, n) for n in _ROW), Order.number.label("order"))
    rows = rows.outerjoin(Order, Order.id == Return.order_id)
    wanted = {Return.state: state, Order.number: order}
    rows = rows.where(*(column == value for column, value in wanted.items() if value is not None))
    return newest_first(asking.session, rows, Return.id, limit=limit, cursor=cursor)


@operations.read("/returns/{number}", **ONE)
def show(asking: Asking, number: Number) -> dict[str, Any]:
    """Show one return with lines, money and timeline."""
    return told(asking, find(asking.session, number))


@operations.write("/returns", status=201, **ONE)
def request(asking: Asking, body: m.NewReturn) -> dict[str, Any]:
    """Ask for goods of an order to come back; nothing moves yet."""
    session = asking.session
    order = order_named(session, body.order)
    lines = [commands.NewReturnLine(line_of(session, order, line), line.quantity, line.reason) for line in body.lines]
    made = commands.request_return(
        session, order_id=order.id, lines=lines, reason=body.reason, zone=asking.zone, actor=asking.actor,
        late="allow" if body.allow_late else "refuse", wish=body.wish,
    )  # fmt: skip
    if body.approve:
        commands.approve_return(session, return_id=made.id, actor=asking.actor)
    return told(asking, made.id)


def line_of(session: Any, order: Order, line: m.ReturnLine) -> int:
    """Return the order line meant."""
    if line.order_line_id is not None:
        return line.order_line_id
    if line.sku is None:
        raise InvalidInput("lines", line.model_dump(), "order_line_id or sku in every line", code="return.no_line")
    sold = session.execute(sa.select(OrderLine.id, OrderLine.sku).where(OrderLine.order_id == order.id)).all()
    found = [row.id for row in sold if row.sku == line.sku]
    if not found:
        raise NotFound("line", line.sku, [row.sku for row in sold], f"Order {order.number} has no line of it.")
    if len(found) > 1:
        raise InvalidInput(
            "sku", line.sku, f"order_line_id: {order.number} has {len(found)} lines of it", code="return.ambiguous_line"
        )
    return int(found[0])


@operations.write("/returns/{number}/approve", **ONE)
def approve(asking: Asking, number: Number) -> dict[str, Any]:
    """Allow the goods to be sent back."""
    key = seen(asking, number)
    commands.approve_return(asking.session, return_id=key, actor=asking.actor)
    return told(asking, key)


@operations.write("/returns/{number}/decline", **ONE)
def decline(asking: Asking, number: Number, body: m.Why) -> dict[str, Any]:
    """Refuse the return, with the reason the customer is told."""
    key = seen(asking, number)
    commands.decline_return(asking.session, return_id=key, reason=body.reason, actor=asking.actor)
    return told(asking, key)


@operations.write("/returns/{number}/cancel", **ONE)
def cancel(asking: Asking, number: Number, body: m.Why) -> dict[str, Any]:
    """Call the return off before anything arrived."""
    key = seen(asking, number)
    commands.cancel_return(asking.session, return_id=key, reason=body.reason, actor=asking.actor)
    return told(asking, key)


@operations.write("/returns/{number}/receive", **ONE)
def receive(asking: Asking, number: Number, body: m.Received) -> dict[str, Any]:
    """Take goods in at a location; lines not named may still come."""
    session, key = asking.session, seen(asking, number)
    if body.lines is None:
        rows = session.scalars(sa.select(ReturnLine).where(ReturnLine.return_id == key))
        lines = [commands.ReceivedLine(row.id, row.quantity - row.received_qty, "restock") for row in rows]
    else:
        lines = [commands.ReceivedLine(x.line_id, x.quantity, x.disposition) for x in body.lines]
    place = location_of(session, body.location).id
    commands.receive_return(
        session, return_id=key, lines=lines, location_id=place, zone=asking.zone, actor=asking.actor
    )
    return told(asking, key)


@operations.write("/returns/{number}/refund", **ONE)
def refund(asking: Asking, number: Number, body: m.Refund) -> dict[str, Any]:
    """Give money back for received goods."""
    key = seen(asking, number)
    currency = asking.session.get_one(Return, key).currency
    commands.refund_return(
        asking.session, return_id=key, gateway=body.gateway, external_id=body.external_id, zone=asking.zone,
        amount_minor=maybe_minor(body.amount, currency), actor=asking.actor,
    )  # fmt: skip
    return told(asking, key)


@operations.write("/returns/{number}/close", **ONE)
def close(asking: Asking, number: Number) -> dict[str, Any]:
    """Finish a return; lines that never came are taken off it."""
    key = seen(asking, number)
    commands.close_return(asking.session, return_id=key, actor=asking.actor)
    return told(asking, key)


def seen(asking: Asking, number: str) -> int:
    """Return the id of a return in the version the caller saw."""
    found = asking.session.get_one(Return, find(asking.session, number))
    asking.require_version("return", found.id, found.version)
    return found.id


def told(asking: Asking, key: int) -> dict[str, Any]:
    """Return a return as it now is, and say its version."""
    asking.session.expire_all()
    record = return_detail(asking.session, key)
    asking.is_version(record["version"])
    return record
