"""Suppliers' invoices, and what goods cost beyond their price: freight, duty and the like."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from oms_core.finance.states import SUPPLIER_INVOICE
from oms_core.kernel.database import REPLICATED, Base, Code, Currency, Minor, Pk, Qty, one_of

COST_KINDS = ("freight", "duty", "insurance", "price_difference", "other")
BASES = ("value", "quantity", "weight")


class SupplierInvoice(Base):
    """A supplier's bill for one purchase order; matched to what was ordered and what arrived."""

    __tablename__ = "supplier_invoices"
    __table_args__ = (
        one_of("state", SUPPLIER_INVOICE.states),
        sa.UniqueConstraint("supplier_id", "supplier_number"),
        sa.CheckConstraint("gross_minor = net_minor + tax_minor", name="gross_adds_up"),
        REPLICATED,
    )

    id: Mapped[Pk]
    number: Mapped[Code] = mapped_column(unique=True)
    supplier_id: Mapped[int] = mapped_column(sa.ForeignKey("suppliers.id"))
    supplier_number: Mapped[Code]
    purchase_order_id: Mapped[int] = mapped_column(sa.ForeignKey("purchase_orders.id"), index=True)
    state: Mapped[Code] = mapped_column(default="entered")
    currency: Mapped[Currency]
    net_minor: Mapped[Minor] = mapped_column(default=0)
    tax_minor: Mapped[Minor] = mapped_column(default=0)
    gross_minor: Mapped[Minor] = mapped_column(default=0)
    issued_on: Mapped[date]
    due_on: Mapped[date]
    entered_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(sa.String(300), default="")
    version: Mapped[int] = mapped_column(default=1)


class SupplierInvoiceLine(Base):
    """Units of one purchase-order line as the supplier bills them."""

    __tablename__ = "supplier_invoice_lines"
    __table_args__ = (
        sa.UniqueConstraint(
            "supplier_invoice_id", "purchase_order_line_id", name="uq_supplier_invoice_lines_order_line"
        ),
        sa.CheckConstraint("quantity > 0", name="quantity_positive"),
        sa.CheckConstraint("unit_cost_minor >= 0", name="cost_not_negative"),
        REPLICATED,
    )

    id: Mapped[Pk]
    supplier_invoice_id: Mapped[int] = mapped_column(sa.ForeignKey("supplier_invoices.id"))
    purchase_order_line_id: Mapped[int] = mapped_column(sa.ForeignKey("purchase_order_lines.id"), index=True)
    quantity: Mapped[Qty]
    unit_cost_minor: Mapped[Minor]


class LandedCost(Base):
    """A cost of bringing goods in, spread over receipt lines; `on_date` is when it became known."""

    __tablename__ = "landed_costs"
    __table_args__ = (
        one_of("kind", COST_KINDS),
        one_of("basis", BASES),
        sa.CheckConstraint("amount_minor <> 0", name="amount_not_zero"),
        REPLICATED,
    )

    id: Mapped[Pk]
    number: Mapped[Code] = mapped_column(unique=True)
    kind: Mapped[Code]
    basis: Mapped[Code]
    amount_minor: Mapped[Minor]
    currency: Mapped[Currency]
    on_date: Mapped[date]
    supplier_invoice_id: Mapped[int | None] = mapped_column(sa.ForeignKey("supplier_invoices.id"))
    reference: Mapped[Code] = mapped_column(default="")
    note: Mapped[str] = mapped_column(sa.String(300), default="")
    at: Mapped[datetime]
    actor: Mapped[Code] = mapped_column(default="system")


class LandedCostLine(Base):
    """The part of a landed cost that one receipt line carries; parts add up to the cost exactly."""

    __tablename__ = "landed_cost_lines"
    __table_args__ = (sa.UniqueConstraint("landed_cost_id", "receipt_line_id"), REPLICATED)

    id: Mapped[Pk]
    landed_cost_id: Mapped[int] = mapped_column(sa.ForeignKey("landed_costs.id"))
    receipt_line_id: Mapped[int] = mapped_column(sa.ForeignKey("receipt_lines.id"), index=True)
    amount_minor: Mapped[Minor]


class OpeningCost(Base):
    """What one unit of the stock we started with cost, as the books say; the newest entry counts."""

    __tablename__ = "opening_costs"
    __table_args__ = (sa.CheckConstraint("unit_cost_minor >= 0", name="cost_not_negative"), REPLICATED)

    id: Mapped[Pk]
    variant_id: Mapped[int] = mapped_column(sa.ForeignKey("variants.id"), index=True)
    unit_cost_minor: Mapped[Minor]
    currency: Mapped[Currency]
    at: Mapped[datetime]
    actor: Mapped[Code] = mapped_column(default="system")
