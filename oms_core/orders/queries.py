"""Read one order with everything on it, and lists of orders."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel.errors import InvalidInput, NotFound
from oms_core.kernel.money import to_decimal
from oms_core.locations.tables import Channel
from oms_core.orders.states import DELIVERY, FULFILLMENT, ORDER, PAYMENT, RETURN
from oms_core.orders.tables import Order, OrderAdjustment, OrderLine, OrderTag

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

#: What a list of orders may be filtered by: column to its known values.
FILTERS = {
    "state": ORDER.states,
    "payment_status": tuple(PAYMENT),
    "fulfillment_status": tuple(FULFILLMENT),
    "delivery_status": tuple(DELIVERY),
    "return_status": tuple(RETURN),
}


def order_named(session: Session, number: str) -> Order:
    """Return the order of a number (or of a channel's own id, when only one has it)."""
    found = session.scalars(sa.select(Order).where(Order.number == number)).one_or_none()
    if found is not None:
        return found
    others = session.scalars(sa.select(Order).where(Order.external_id == number).limit(2)).all()
    if len(others) == 1:
        return others[0]
    near = session.scalars(sa.select(Order.number).where(Order.number.contains(number[-4:])).limit(200)).all()
    raise NotFound("order", number, difflib.get_close_matches(number, near), "See: ordersight orders list")


def order_record(session: Session, order: Order) -> dict[str, Any]:
    """Return an order as a record: axes, money with its currency, customer place, lines, adjustments."""
    currency = order.currency
    channel = session.scalar(sa.select(Channel.code).where(Channel.id == order.channel_id))
    lines = session.scalars(sa.select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.position))
    extras = session.scalars(sa.select(OrderAdjustment).where(OrderAdjustment.order_id == order.id))
    return {
        "id": order.id, "number": order.number, "channel": channel, "external_id": order.external_id,
        "placed_at": order.placed_at, "business_date": order.business_date, **axes_of(order),
        "currency": currency,
        **{
            name: to_decimal(getattr(order, f"{name}_minor"), currency)
            for name in ("gross", "discount", "shipping", "tax", "other", "total")
        },
        "email": order.email, "ship_country": order.ship_country, "ship_postal_code": order.ship_postal_code,
        "ship_city": order.ship_city,
        "lines": [_line(line, currency) for line in lines],
        "adjustments": [
            {"kind": a.kind, "title": a.title, "amount": to_decimal(a.amount_minor, currency)} for a in extras
        ],
    }  # fmt: skip


def axes_of(order: Order) -> dict[str, str]:
    """Return the state and the four derived axes."""
    return {name: getattr(order, name) for name in FILTERS}


def _line(line: OrderLine, currency: str) -> dict[str, Any]:
    return {
        "sku": line.sku,
        "title": line.title,
        "quantity": line.quantity,
        "unit_price": to_decimal(line.unit_price_minor, currency),
        "gross": to_decimal(line.gross_minor, currency),
        "discount": to_decimal(line.discount_minor, currency),
        "cancelled_qty": line.cancelled_qty,
        "shipped_qty": line.shipped_qty,
        "returned_qty": line.returned_qty,
    }


def orders_list(session: Session, *, filters: Mapping[str, str], limit: int = 50) -> list[dict[str, Any]]:
    """Return the newest orders that match every filter (see :data:`FILTERS`; ``channel`` is a code, ``tag`` a tag)."""
    statement = (
        sa.select(Order, Channel.code)
        .join(Channel, Channel.id == Order.channel_id)
        .order_by(Order.placed_at.desc(), Order.id.desc())
        .limit(limit)
    )
    for name, value in filters.items():
        if name in FILTERS and value not in FILTERS[name]:
            raise InvalidInput(name, value, f"one of {', '.join(FILTERS[name])}")
        statement = statement.where(_matches(name, value))
    return [
        {
            "number": order.number, "placed_at": order.placed_at, "channel": channel, **axes_of(order),
            "country": order.ship_country, "total": to_decimal(order.total_minor, order.currency),
            "currency": order.currency,
        }
        for order, channel in session.execute(statement)
    ]  # fmt: skip


def _matches(name: str, value: str) -> sa.ColumnElement[bool]:
    if name == "tag":
        return Order.id.in_(sa.select(OrderTag.order_id).where(OrderTag.tag == value.strip().lower()))
    return Channel.code == value if name == "channel" else getattr(Order, name) == value
