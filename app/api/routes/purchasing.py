"""Purchase orders and suppliers."""

from __future__ import annotations

from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Path, Query

from app.api.asking import Asking
from app.api.forms import SAID, Code, Number, PageOf, Text
from app.api.models import buying as b
from app.api.models import flows as m
from app.api.operations import Operations
from app.api.pages import Cursor, Limit, newest_first
from app.api.records import maybe_minor
from oms_core.backorders.commands import receive as receive_and_fill
from oms_core.backorders.commands import repromise
from oms_core.catalog.tables import Supplier
from oms_core.purchasing import commands, names
from oms_core.purchasing.queries import find, purchase_order_detail
from oms_core.purchasing.tables import PurchaseOrder

operations = Operations("purchasing")
ONE: dict[str, Any] = {"answers": m.Purchase, "example": m.PURCHASE}
Sku = Annotated[str, Path(min_length=1, max_length=120, pattern=SAID, description="SKU of the line.")]
Again = Annotated[Text, Query(description="Why goods are ordered that a late order of the supplier still brings.")]
_ROW = ("id", "number", "state", "currency", "total_minor", "created_at", "sent_at", "expected_on", "version")
_SUPPLIER = (
    "id", "code", "name", "email", "country", "currency", "lead_time_days", "lead_time_sd_days", "review_days",
    "cover_days", "min_order_minor", "fixed_cost_minor", "payment_days",
)  # fmt: skip


@operations.read("/purchase-orders", answers=PageOf[m.Purchase], example={"items": [m.PURCHASE], "next_cursor": None})
def list_(
    asking: Asking, state: Annotated[Code | None, Query()] = None,
    supplier: Annotated[Code | None, Query(description="Code of a supplier.")] = None, limit: Limit = 50,
    cursor: Cursor = None,
) -> dict[str, Any]:  # fmt: skip
    """List purchase orders, newest first."""
    rows = sa.select(*(getattr(PurchaseOrder, n) for n in _ROW), Supplier.code.label("supplier"))
    rows = rows.join(Supplier, Supplier.id == PurchaseOrder.supplier_id)
    wanted = {PurchaseOrder.state: state, Supplier.code: supplier}
    rows = rows.where(*(column == value for column, value in wanted.items() if value is not None))
    return newest_first(asking.session, rows, PurchaseOrder.id, limit=limit, cursor=cursor)


@operations.read("/purchase-orders/{number}", **ONE)
def show(asking: Asking, number: Number) -> dict[str, Any]:
    """Show one purchase order with lines, receipts and timeline."""
    return told(asking, find(asking.session, number))


@operations.write("/purchase-orders", status=201, **ONE)
def draft(asking: Asking, body: m.NewPurchase) -> dict[str, Any]:
    """Draft a purchase order; costs are the supplier's prices unless given."""
    session, supplier = asking.session, names.supplier_id(asking.session, body.supplier)
    currency = session.get_one(Supplier, supplier).currency
    wishes = [(line.sku, line.quantity, maybe_minor(line.unit_cost, currency, "unit_cost")) for line in body.lines]
    made = commands.draft_purchase_order(
        session, supplier_id=supplier, location_id=names.location_id(session, body.location),
        lines=names.new_lines(session, supplier, wishes), expected_on=body.expected_on, note=body.note,
        actor=asking.actor,
    )  # fmt: skip
    return told(asking, made.id)


@operations.write("/purchase-orders/{number}/lines/{sku}", method="PATCH", edits=True, **ONE)
def change(asking: Asking, number: Number, sku: Sku, body: m.PurchaseQuantity) -> dict[str, Any]:
    """Change the units of one line of a draft; zero takes it out."""
    session, key = asking.session, seen(asking, number)
    (line,) = names.arrived_lines(session, key, {sku: body.quantity})
    commands.change_quantity(session, purchase_order_id=key, line_id=line, quantity=body.quantity, actor=asking.actor)
    return told(asking, key)


@operations.write("/purchase-orders/{number}/send", **ONE)
def send(asking: Asking, number: Number, again: Again = "") -> dict[str, Any]:
    """Mark it as sent to the supplier; what is to come is incoming from now on.

    Refused above the sender's limit, and for goods that a late order of the supplier still brings.
    """
    key = seen(asking, number)
    commands.send(asking.session, purchase_order_id=key, zone=asking.zone, again=again, actor=asking.actor)
    return told(asking, key)


@operations.write("/purchase-orders/{number}/confirm", **ONE)
def confirm(asking: Asking, number: Number, body: m.Confirm) -> dict[str, Any]:
    """Record that the supplier accepted it, and the day promised."""
    key = seen(asking, number)
    commands.confirm(asking.session, purchase_order_id=key, expected_on=body.expected_on, actor=asking.actor)
    return told(asking, key)


@operations.write("/purchase-orders/{number}/reschedule", **ONE)
def reschedule(asking: Asking, number: Number, body: b.NewDay) -> dict[str, Any]:
    """Write the day the supplier now says; what is promised from its goods moves with it."""
    session, key = asking.session, seen(asking, number)
    commands.reschedule(
        session, purchase_order_id=key, expected_on=body.expected_on, reason=body.reason, actor=asking.actor
    )
    repromise(session, zone=asking.zone, actor=asking.actor)
    return told(asking, key)


@operations.write("/purchase-orders/{number}/receive", **ONE)
def receive(asking: Asking, number: Number, body: m.PurchaseArrival) -> dict[str, Any]:
    """Take goods into stock; who waits for them is served first."""
    session, key = asking.session, seen(asking, number)
    came: dict[str, int] = {}
    for line in body.lines or ():
        came[line.sku] = came.get(line.sku, 0) + line.quantity
    arrived = names.arrived_lines(session, key, came)
    remarks = [
        commands.Remark(names.arrived_lines(session, key, {r.sku: 1}).popitem()[0], r.kind, r.quantity, r.reason)
        for r in body.remarks
    ]
    receive_and_fill(
        session, purchase_order_id=key, lines=arrived, zone=asking.zone, actor=asking.actor, remarks=remarks
    )
    return told(asking, key)


@operations.write("/purchase-orders/{number}/cancel", **ONE)
def cancel(asking: Asking, number: Number, body: m.Why) -> dict[str, Any]:
    """Call off an order of which nothing has arrived."""
    key = seen(asking, number)
    commands.cancel(asking.session, purchase_order_id=key, reason=body.reason, actor=asking.actor)
    return told(asking, key)


@operations.write("/purchase-orders/{number}/close", **ONE)
def close(asking: Asking, number: Number, body: m.Why) -> dict[str, Any]:
    """Finish an order; what never came is called off."""
    key = seen(asking, number)
    commands.close(asking.session, purchase_order_id=key, reason=body.reason, actor=asking.actor)
    return told(asking, key)


@operations.read("/suppliers", answers=PageOf[m.Supplier], example={"items": [m.SUPPLIER], "next_cursor": None})
def suppliers(asking: Asking, limit: Limit = 50, cursor: Cursor = None) -> dict[str, Any]:
    """List suppliers with their terms."""
    rows = sa.select(*(getattr(Supplier, n) for n in _SUPPLIER))
    return newest_first(asking.session, rows, Supplier.id, limit=limit, cursor=cursor)


def seen(asking: Asking, number: str) -> int:
    """Return the id of the order named, after the caller's version was compared."""
    found = asking.session.get_one(PurchaseOrder, find(asking.session, number))
    asking.require_version("purchase_order", found.id, found.version)
    return found.id


def told(asking: Asking, key: int) -> dict[str, Any]:
    """Return the order as it stands now, with its version for the answer's ETag."""
    asking.session.expire_all()
    record = purchase_order_detail(asking.session, key)
    asking.is_version(record["version"])
    return record
