"""Read invoices: one with its lines, rates and corrections, and the list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.finance.cost_tables import LandedCost, SupplierInvoice, SupplierInvoiceLine
from oms_core.finance.states import INVOICE, SUPPLIER_INVOICE
from oms_core.finance.tables import Invoice, InvoiceLine
from oms_core.kernel.errors import InvalidInput, NotFound
from oms_core.kernel.rows import table_of
from oms_core.orders.tables import Order

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

_HEAD = (
    "id", "number", "kind", "state", "order_id", "return_id", "customer_id", "seller_name", "seller_tax_id",
    "seller_address", "seller_account", "buyer_name", "buyer_tax_id", "buyer_address", "buyer_country", "reason",
    "currency", "net_minor", "tax_minor", "gross_minor", "shop_currency", "shop_rate", "shop_rate_on", "shop_tax_minor",
    "shop_gross_minor", "sold_on", "issued_on", "due_on", "is_simulated", "version",
)  # fmt: skip
_LINE = (
    "position", "kind", "sku", "title", "tax_bp", "before_qty", "before_net_minor", "before_tax_minor", "after_qty",
    "after_net_minor", "after_tax_minor", "quantity", "net_minor", "tax_minor", "gross_minor",
)  # fmt: skip


def invoice_named(session: Session, number: str) -> int:
    """Return the id of an invoice by its number, or by its order's number (its newest invoice).

    Raises
    ------
    NotFound
        ``invoice.not_found``, with near matches.
    """
    found = session.scalar(sa.select(Invoice.id).where(Invoice.number == number.upper()))
    if found is None:
        of_order = sa.select(Invoice.id).join(Order, Order.id == Invoice.order_id)
        found = session.scalar(
            of_order.where(Order.number == number, Invoice.kind == "invoice").order_by(Invoice.id.desc())
        )
    if found is None:
        known = session.scalars(
            sa.select(Invoice.number).where(Invoice.number.is_not(None)).order_by(Invoice.id.desc()).limit(200)
        )
        raise NotFound("invoice", number, [str(x) for x in known], "See: ordersight invoices list")
    return found


def invoice_detail(session: Session, invoice_id: int) -> dict[str, Any]:
    """Return an invoice with its lines, sums by tax rate, order and what it corrects or is corrected by."""
    invoice = session.get(Invoice, invoice_id)
    if invoice is None:
        raise NotFound("invoice", invoice_id)
    rows = session.scalars(
        sa.select(InvoiceLine).where(InvoiceLine.invoice_id == invoice_id).order_by(InvoiceLine.position)
    )
    lines = [{name: getattr(row, name) for name in _LINE} for row in rows]
    order = session.get_one(Order, invoice.order_id)
    original = session.get(Invoice, invoice.corrects_id) if invoice.corrects_id is not None else None
    later = session.scalars(sa.select(Invoice).where(Invoice.corrects_id == invoice_id).order_by(Invoice.id))
    return {
        **{name: getattr(invoice, name) for name in _HEAD},
        "order": order.number,
        "corrects": original.number if original else None,
        "corrects_issued_on": original.issued_on if original else None,
        "corrections": [
            {"number": x.number, "issued_on": x.issued_on, "gross_minor": x.gross_minor, "reason": x.reason}
            for x in later
        ],
        "lines": lines,
        "rates": _by_rate(lines),
    }


def _by_rate(lines: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the sums by tax rate, highest first."""
    rates = sorted({line["tax_bp"] for line in lines}, key=lambda bp: -1 if bp is None else bp, reverse=True)
    return [
        {"tax_bp": bp}
        | {
            name: sum(line[name] for line in lines if line["tax_bp"] == bp)
            for name in ("net_minor", "tax_minor", "gross_minor")
        }
        for bp in rates
    ]


def invoices_list(
    session: Session, *, state: str | None = None, kind: str | None = None, customer_id: int | None = None,
    limit: int = 50,
) -> list[dict[str, Any]]:  # fmt: skip
    """Return the newest invoices; money in minor units."""
    if state is not None and state not in INVOICE.states:
        raise InvalidInput("state", state, f"one of {', '.join(INVOICE.states)}")
    statement = sa.select(Invoice, Order.number.label("order_number")).join(Order, Order.id == Invoice.order_id)
    for column, value in ((Invoice.state, state), (Invoice.kind, kind), (Invoice.customer_id, customer_id)):
        if value is not None:
            statement = statement.where(column == value)
    names = (
        "id", "number", "kind", "state", "buyer_name", "buyer_tax_id", "net_minor", "tax_minor", "gross_minor",
        "currency", "issued_on", "due_on",
    )  # fmt: skip
    return [
        {name: getattr(invoice, name) for name in names} | {"order": number}
        for invoice, number in session.execute(statement.order_by(Invoice.id.desc()).limit(limit))
    ]


def supplier_invoices_list(
    session: Session, *, state: str | None = None, supplier_id: int | None = None, limit: int = 50
) -> list[dict[str, Any]]:
    """Return the newest suppliers' invoices; money in minor units."""
    if state is not None and state not in SUPPLIER_INVOICE.states:
        raise InvalidInput("state", state, f"one of {', '.join(SUPPLIER_INVOICE.states)}")
    statement = sa.select(SupplierInvoice).order_by(SupplierInvoice.id.desc()).limit(limit)
    if state is not None:
        statement = statement.where(SupplierInvoice.state == state)
    if supplier_id is not None:
        statement = statement.where(SupplierInvoice.supplier_id == supplier_id)
    names = (
        "id", "number", "supplier_number", "supplier_id", "purchase_order_id", "state", "net_minor", "tax_minor",
        "gross_minor", "currency", "issued_on", "due_on", "reason",
    )  # fmt: skip
    return [{name: getattr(row, name) for name in names} for row in session.scalars(statement)]


def supplier_invoice_named(session: Session, number: str) -> int:
    """Return the id of a supplier's invoice by our number; near matches are offered."""
    found = session.scalar(sa.select(SupplierInvoice.id).where(SupplierInvoice.number == number.upper()))
    if found is None:
        known = session.scalars(sa.select(SupplierInvoice.number)).all()
        raise NotFound("supplier invoice", number, known, "See: ordersight ledger bills")
    return found


def landed_costs_list(session: Session, *, limit: int = 50) -> list[dict[str, Any]]:
    """Return the newest landed costs; money in minor units."""
    names = ("number", "kind", "basis", "amount_minor", "currency", "on_date", "reference", "note", "actor")
    rows = session.scalars(sa.select(LandedCost).order_by(LandedCost.id.desc()).limit(limit))
    return [{name: getattr(row, name) for name in names} for row in rows]


def billed_lines(session: Session, supplier_invoice_id: int) -> list[dict[str, Any]]:
    """Return the lines of a supplier's invoice."""
    table = table_of(SupplierInvoiceLine)
    rows = session.execute(sa.select(table).where(table.c.supplier_invoice_id == supplier_invoice_id))
    return [dict(row) for row in rows.mappings()]
