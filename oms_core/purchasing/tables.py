"""Purchase orders, their lines, receipts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from oms_core.kernel.database import REPLICATED, Base, Code, Currency, Minor, Pk, Qty, one_of
from oms_core.purchasing.states import PURCHASE_ORDER


class PurchaseOrder(Base):
    """An order to one supplier, delivered to one location, in one currency."""

    __tablename__ = "purchase_orders"
    __table_args__ = (one_of("state", PURCHASE_ORDER.states), REPLICATED)

    id: Mapped[Pk]
    number: Mapped[Code] = mapped_column(unique=True)
    supplier_id: Mapped[int] = mapped_column(sa.ForeignKey("suppliers.id"), index=True)
    location_id: Mapped[int] = mapped_column(sa.ForeignKey("locations.id"))
    state: Mapped[Code] = mapped_column(default="draft")
    currency: Mapped[Currency]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    expected_on: Mapped[date | None]
    closed_at: Mapped[datetime | None]
    total_minor: Mapped[Minor] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(sa.Text, default="")
    is_simulated: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    drafted_by: Mapped[str | None] = mapped_column(sa.String(120))
    edited_by: Mapped[str | None] = mapped_column(sa.String(120))


class PurchaseOrderLine(Base):
    """One variant of a purchase order; `receipt` keeps why this quantity was suggested."""

    __tablename__ = "purchase_order_lines"
    __table_args__ = (
        sa.UniqueConstraint("purchase_order_id", "variant_id"),
        sa.CheckConstraint("quantity > 0", name="quantity_positive"),
        sa.CheckConstraint("received_qty >= 0 AND cancelled_qty >= 0", name="received_not_negative"),
        sa.CheckConstraint("unit_cost_minor >= 0", name="cost_not_negative"),
        REPLICATED,
    )

    id: Mapped[Pk]
    purchase_order_id: Mapped[int] = mapped_column(sa.ForeignKey("purchase_orders.id"), index=True)
    position: Mapped[int]
    variant_id: Mapped[int] = mapped_column(sa.ForeignKey("variants.id"), index=True)
    quantity: Mapped[Qty]
    received_qty: Mapped[Qty] = mapped_column(default=0)
    cancelled_qty: Mapped[Qty] = mapped_column(default=0)
    unit_cost_minor: Mapped[Minor]
    suggested_qty: Mapped[int | None]
    receipt: Mapped[dict[str, Any] | None]


class Receipt(Base):
    """One arrival of goods from a purchase order."""

    __tablename__ = "receipts"
    __table_args__ = (REPLICATED,)

    id: Mapped[Pk]
    number: Mapped[Code] = mapped_column(unique=True)
    purchase_order_id: Mapped[int] = mapped_column(sa.ForeignKey("purchase_orders.id"), index=True)
    received_at: Mapped[datetime]
    is_simulated: Mapped[bool] = mapped_column(default=False)


class ReceiptLine(Base):
    """Units of one purchase-order line that arrived."""

    __tablename__ = "receipt_lines"
    __table_args__ = (sa.CheckConstraint("quantity > 0", name="quantity_positive"), REPLICATED)

    id: Mapped[Pk]
    receipt_id: Mapped[int] = mapped_column(sa.ForeignKey("receipts.id"), index=True)
    purchase_order_line_id: Mapped[int] = mapped_column(sa.ForeignKey("purchase_order_lines.id"), index=True)
    quantity: Mapped[Qty]
