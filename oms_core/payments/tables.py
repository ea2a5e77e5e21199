"""Payments (authorise, capture, void, refund) and charges (fees, bad debt, write-offs)."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from oms_core.kernel.database import REPLICATED, Base, Code, Currency, Minor, Pk, Qty, one_of

PAYMENT_KINDS = ("authorize", "capture", "void", "refund")
#: Money of the books by what it is; `stock_write_off` and `stock_found` carry a quantity and no money.
CHARGE_KINDS = (
    "channel_fee", "payment_fee", "bad_debt", "shipping", "discount", "tax", "fee", "gift_card", "manual", "sample",
    "test", "stock_write_off", "stock_found", "other",
)  # fmt: skip


class Payment(Base):
    """One movement of money for an order; always positive, its kind says the direction."""

    __tablename__ = "payments"
    __table_args__ = (
        one_of("kind", PAYMENT_KINDS),
        sa.CheckConstraint("amount_minor > 0", name="amount_positive"),
        sa.UniqueConstraint("gateway", "external_id"),
        REPLICATED,
    )

    id: Mapped[Pk]
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("orders.id"), index=True)
    kind: Mapped[Code]
    amount_minor: Mapped[Minor]
    currency: Mapped[Currency]
    gateway: Mapped[Code]
    external_id: Mapped[Code | None]
    at: Mapped[datetime]
    business_date: Mapped[date]
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("payments.id"))
    return_id: Mapped[int | None]
    is_simulated: Mapped[bool] = mapped_column(default=False)


class Charge(Base):
    """Money of the books that is no customer's order: a marketplace's fee, bad debt, a manual entry.

    Signed like the source document: negative is money the shop loses. `quantity` is the source's, signed.
    """

    __tablename__ = "charges"
    __table_args__ = (one_of("kind", CHARGE_KINDS), sa.UniqueConstraint("source", "external_id"), REPLICATED)

    id: Mapped[Pk]
    kind: Mapped[Code]
    channel_id: Mapped[int | None] = mapped_column(sa.ForeignKey("channels.id"))
    customer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("customers.id"))
    source: Mapped[Code]
    external_id: Mapped[Code]
    code: Mapped[Code] = mapped_column(default="")
    title: Mapped[str] = mapped_column(sa.String(300), default="")
    quantity: Mapped[Qty] = mapped_column(default=1)
    amount_minor: Mapped[Minor]
    currency: Mapped[Currency]
    at: Mapped[datetime]
    business_date: Mapped[date]
