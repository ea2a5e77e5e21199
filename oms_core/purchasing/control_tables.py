"""Who may buy for how much, and who looked at an order before it went out."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from oms_core.kernel.database import Base, Code, Currency, Minor, Pk


class BuyingLimit(Base):
    """Most that one buyer may send or approve at once, in the shop's currency.

    `buyer` is what the journal calls a person or a role; ``*`` stands for everybody who is not named.
    """

    __tablename__ = "buying_limits"
    __table_args__ = (
        sa.UniqueConstraint("buyer"),
        sa.CheckConstraint("amount_minor >= 0", name="amount_not_negative"),
    )

    id: Mapped[Pk]
    buyer: Mapped[Code]
    amount_minor: Mapped[Minor]
    set_by: Mapped[Code]
    set_at: Mapped[datetime]


class PurchaseApproval(Base):
    """One person's yes to a purchase order as it stood; a change of the order takes it back."""

    __tablename__ = "purchase_approvals"
    __table_args__ = (
        sa.CheckConstraint("approved_by <> edited_by", name="four_eyes"),
        sa.CheckConstraint("(voided_at IS NULL) = (void_reason = '')", name="voided_has_reason"),
    )

    id: Mapped[Pk]
    purchase_order_id: Mapped[int] = mapped_column(sa.ForeignKey("purchase_orders.id"), index=True)
    approved_by: Mapped[Code]
    edited_by: Mapped[Code]
    approved_at: Mapped[datetime]
    total_minor: Mapped[Minor]
    currency: Mapped[Currency]
    note: Mapped[str] = mapped_column(sa.Text, default="")
    voided_at: Mapped[datetime | None]
    void_reason: Mapped[str] = mapped_column(sa.Text, default="")
