"""What suppliers answer and bring: changed quantities and prices, goods too many, too few or broken."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from oms_core.kernel.database import Base, Code, Minor, Pk, Qty, one_of
from oms_core.purchasing.states import SUPPLIER_ANSWER

#: How a delivery differs from its order or its delivery note.
DISCREPANCIES = ("over", "short", "damaged")


class SupplierAnswer(Base):
    """A supplier's confirmation that differs from the order, and what the buyer said to it."""

    __tablename__ = "supplier_answers"
    __table_args__ = (
        one_of("state", SUPPLIER_ANSWER.states),
        sa.CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided_has_time"),
    )

    id: Mapped[Pk]
    purchase_order_id: Mapped[int] = mapped_column(sa.ForeignKey("purchase_orders.id"), index=True)
    state: Mapped[Code] = mapped_column(default="open")
    answered_at: Mapped[datetime]
    entered_by: Mapped[Code]
    expected_on: Mapped[date | None]
    total_before_minor: Mapped[Minor]
    total_minor: Mapped[Minor]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[Code] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(sa.Text, default="")


class SupplierAnswerLine(Base):
    """What the supplier says to one line, beside what was ordered."""

    __tablename__ = "supplier_answer_lines"
    __table_args__ = (
        sa.UniqueConstraint("supplier_answer_id", "purchase_order_line_id", name="uq_supplier_answer_lines_once"),
        sa.CheckConstraint("quantity >= 0 AND unit_cost_minor >= 0", name="not_negative"),
    )

    id: Mapped[Pk]
    supplier_answer_id: Mapped[int] = mapped_column(sa.ForeignKey("supplier_answers.id"))
    purchase_order_line_id: Mapped[int] = mapped_column(sa.ForeignKey("purchase_order_lines.id"))
    quantity_before: Mapped[Qty]
    quantity: Mapped[Qty]
    unit_cost_before_minor: Mapped[Minor]
    unit_cost_minor: Mapped[Minor]


class ReceiptDiscrepancy(Base):
    """Units of one line that came too many, too few or broken, with the reason."""

    __tablename__ = "receipt_discrepancies"
    __table_args__ = (
        one_of("kind", DISCREPANCIES),
        sa.UniqueConstraint("receipt_id", "purchase_order_line_id", "kind"),
        sa.CheckConstraint("quantity > 0", name="quantity_positive"),
        sa.CheckConstraint("reason <> ''", name="has_reason"),
    )

    id: Mapped[Pk]
    receipt_id: Mapped[int] = mapped_column(sa.ForeignKey("receipts.id"))
    purchase_order_line_id: Mapped[int] = mapped_column(sa.ForeignKey("purchase_order_lines.id"), index=True)
    kind: Mapped[Code]
    quantity: Mapped[Qty]
    reason: Mapped[str] = mapped_column(sa.Text)
