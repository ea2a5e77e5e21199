"""Suppliers' bills: entered, matched to order and receipts, approved, paid."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Query

from app.api.asking import Asking
from app.api.forms import Code, Number, PageOf
from app.api.models import money as m
from app.api.models.flows import Why
from app.api.operations import Operations
from app.api.pages import Cursor, Limit, newest_first
from app.api.records import columns, maybe_minor, minor
from oms_core.finance import supplier_invoices as bills
from oms_core.finance.cost_tables import SupplierInvoice
from oms_core.finance.queries import billed_lines, supplier_invoice_named
from oms_core.purchasing.names import arrived_lines
from oms_core.purchasing.queries import find
from oms_core.purchasing.tables import PurchaseOrder

operations = Operations("finance", tag="supplier invoices")
ONE: dict[str, Any] = {"answers": m.Bill, "example": m.BILL}
_ROW = (
    "id", "number", "supplier_number", "state", "net_minor", "tax_minor", "gross_minor", "currency", "issued_on",
    "due_on",
)  # fmt: skip


@operations.read("/supplier-invoices", answers=PageOf[dict[str, Any]], example={
    "items": [{k: v for k, v in m.BILL.items() if k not in {"lines", "differences"}}], "next_cursor": None,
})  # fmt: skip
def list_(
    asking: Asking, state: Annotated[Code | None, Query()] = None, limit: Limit = 50, cursor: Cursor = None
) -> dict[str, Any]:
    """List suppliers' bills, newest first."""
    rows = sa.select(*(getattr(SupplierInvoice, name) for name in _ROW))
    if state is not None:
        rows = rows.where(SupplierInvoice.state == state)
    return newest_first(asking.session, rows, SupplierInvoice.id, limit=limit, cursor=cursor)


@operations.read("/supplier-invoices/{number}", **ONE)
def show(asking: Asking, number: Number) -> dict[str, Any]:
    """Show one bill with its lines and how it differs from order and receipts."""
    return _told(asking, supplier_invoice_named(asking.session, number))


@operations.write("/supplier-invoices", status=201, **ONE)
def enter(asking: Asking, body: m.NewBill) -> dict[str, Any]:
    """Enter a bill as it stands on its paper; nothing is owed until it is approved."""
    session, order = asking.session, find(asking.session, body.purchase_order)
    currency = session.get_one(PurchaseOrder, order).currency
    lines = []
    for line in body.lines:
        (key,) = arrived_lines(session, order, {line.sku: line.quantity})
        lines.append(bills.BilledLine(key, line.quantity, minor(line.unit_cost, currency, "unit_cost")))
    made = bills.enter_supplier_invoice(
        session, purchase_order_id=order, supplier_number=body.supplier_number, issued_on=body.issued_on, lines=lines,
        tax_minor=maybe_minor(body.tax, currency, "tax") or 0, due_on=body.due_on, actor=asking.actor,
    )  # fmt: skip
    return _told(asking, made.id)


@operations.write("/supplier-invoices/{number}/approve", **ONE)
def approve(asking: Asking, number: Number, body: m.Approve) -> dict[str, Any]:
    """Approve a bill: it is owed from now on; differences are accepted with a reason or refuse it."""
    key = supplier_invoice_named(asking.session, number)
    bills.approve_supplier_invoice(
        asking.session, supplier_invoice_id=key, accept=body.accept, zone=asking.zone, actor=asking.actor
    )
    return _told(asking, key)


@operations.write("/supplier-invoices/{number}/dispute", **ONE)
def dispute(asking: Asking, number: Number, body: Why) -> dict[str, Any]:
    """Set a bill aside until the supplier has answered."""
    key = supplier_invoice_named(asking.session, number)
    bills.dispute_supplier_invoice(asking.session, supplier_invoice_id=key, reason=body.reason, actor=asking.actor)
    return _told(asking, key)


@operations.write("/supplier-invoices/{number}/cancel", **ONE)
def cancel(asking: Asking, number: Number, body: Why) -> dict[str, Any]:
    """Throw away a bill that was entered wrongly."""
    key = supplier_invoice_named(asking.session, number)
    bills.cancel_supplier_invoice(asking.session, supplier_invoice_id=key, reason=body.reason, actor=asking.actor)
    return _told(asking, key)


@operations.write("/supplier-invoices/{number}/payments", status=201, **ONE)
def pay(asking: Asking, number: Number, body: m.PayBill) -> dict[str, Any]:
    """Book money sent to the supplier: what is open, or a part of it."""
    session, key = asking.session, supplier_invoice_named(asking.session, number)
    currency = session.get_one(SupplierInvoice, key).currency
    bills.pay_supplier_invoice(
        session, supplier_invoice_id=key, amount_minor=maybe_minor(body.amount, currency), reference=body.reference,
        zone=asking.zone, actor=asking.actor,
    )  # fmt: skip
    return _told(asking, key)


def _told(asking: Asking, key: int) -> dict[str, Any]:
    asking.session.expire_all()
    found = asking.session.get_one(SupplierInvoice, key)
    told = [asdict(one) for one in bills.find_differences(asking.session, key)]
    return {**columns(found), "lines": billed_lines(asking.session, key), "differences": told}
