"""What the Finance page asks about suppliers' bills: the list, one laid beside its order, orders to enter one for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from app import desk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

#: The most bills of the list.
MOST = 300
#: States in which nobody has decided yet: differences are named.
WAITING = ("entered", "disputed")
_NAMES = (
    "id", "number", "supplier_number", "state", "net_minor", "tax_minor", "gross_minor", "currency", "issued_on",
    "due_on", "reason", "purchase_order_id",
)  # fmt: skip


def bills() -> list[dict[str, Any]]:
    """Return the newest suppliers' bills with what is open of them; those to decide on name their differences."""
    return desk.read(lambda session: [_row(session, *row) for row in session.execute(_statement().limit(MOST))])


def _statement() -> sa.Select[Any, Any, Any, Any]:
    from oms_core.catalog.tables import Supplier
    from oms_core.finance.cost_tables import SupplierInvoice
    from oms_core.finance.ledger_tables import SupplierPayment
    from oms_core.purchasing.tables import PurchaseOrder

    paid = (
        sa.select(SupplierPayment.supplier_invoice_id, sa.func.sum(SupplierPayment.amount_minor).label("minor"))
        .group_by(SupplierPayment.supplier_invoice_id)
        .subquery()
    )
    return (
        sa.select(SupplierInvoice, Supplier.name, PurchaseOrder.number, sa.func.coalesce(paid.c.minor, 0))
        .join(Supplier, Supplier.id == SupplierInvoice.supplier_id)
        .join(PurchaseOrder, PurchaseOrder.id == SupplierInvoice.purchase_order_id)
        .outerjoin(paid, paid.c.supplier_invoice_id == SupplierInvoice.id)
        .order_by(SupplierInvoice.id.desc())
    )


def _row(session: Session, bill: Any, supplier: str, order: str, paid: int) -> dict[str, Any]:
    from oms_core.finance.supplier_invoices import find_differences

    return {name: getattr(bill, name) for name in _NAMES} | {
        "supplier": supplier, "purchase_order": order, "paid_minor": int(paid),
        "open_minor": bill.gross_minor - int(paid) if bill.state == "approved" else 0,
        "differences": find_differences(session, bill.id) if bill.state in WAITING else [],
    }  # fmt: skip


def bill(number: str) -> dict[str, Any]:
    """Return one bill with its lines laid beside order and receipts.

    Raises
    ------
    NotFound
        There is no such bill.
    """
    return desk.read(lambda session: _bill(session, number))


def _bill(session: Session, number: str) -> dict[str, Any]:
    from oms_core.finance.cost_tables import SupplierInvoice
    from oms_core.finance.queries import billed_lines, supplier_invoice_named
    from oms_core.purchasing.queries import purchase_order_detail

    key = supplier_invoice_named(session, number)
    row = _row(session, *session.execute(_statement().where(SupplierInvoice.id == key)).one())
    ordered = {line["id"]: line for line in purchase_order_detail(session, row["purchase_order_id"])["lines"]}
    return {**row, "lines": [_beside(line, ordered) for line in billed_lines(session, key)]}


def _beside(billed: Mapping[str, Any], ordered: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    line = ordered[billed["purchase_order_line_id"]]
    return {
        "sku": line["sku"], "title": line["title"], "ordered": line["quantity"] - line["cancelled_qty"],
        "received": line["received_qty"], "billed": billed["quantity"], "agreed_minor": line["unit_cost_minor"],
        "cost_minor": billed["unit_cost_minor"],
    }  # fmt: skip


def to_bill() -> list[str]:
    """Return the numbers of the newest purchase orders of which something arrived."""
    from oms_core.purchasing.tables import PurchaseOrder

    arrived = ("partially_received", "received", "closed")
    newest = sa.select(PurchaseOrder.number).where(PurchaseOrder.state.in_(arrived)).order_by(PurchaseOrder.id.desc())
    return desk.read(lambda session: list(session.scalars(newest.limit(MOST))))


def purchase_order(number: str) -> dict[str, Any]:
    """Return a purchase order with its lines."""
    from oms_core.purchasing.queries import find, purchase_order_detail

    return desk.read(lambda session: purchase_order_detail(session, find(session, number)))
