"""Payments (authorise, capture, void, refund), store credit, couriers' money lists and charges (fees, bad debt)."""

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
    """One movement of money for an order; always positive, its kind says the direction.

    `parent_id` is what it acts on: the authorisation of a capture or void, the capture of a refund.
    Gateway ``write_off`` is no money: it settles a small underpayment, and the loss stands in `charges`.
    """

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
    #: The shop's own money at the rate of the payment's day; all empty when no rate was published.
    shop_currency: Mapped[Currency | None]
    shop_amount_minor: Mapped[int | None]
    shop_rate: Mapped[str | None] = mapped_column(sa.String(40))
    shop_rate_on: Mapped[date | None]
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


CREDIT_KINDS = ("issue", "spend", "give_back", "correct")


class StoreCreditAccount(Base):
    """What a customer may still spend in one currency; the sum of its entries, never below zero."""

    __tablename__ = "store_credit_accounts"
    __table_args__ = (
        sa.UniqueConstraint("customer_id", "currency"),
        sa.CheckConstraint("balance_minor >= 0", name="balance_not_negative"),
        REPLICATED,
    )

    id: Mapped[Pk]
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey("customers.id"))
    currency: Mapped[Currency]
    balance_minor: Mapped[Minor] = mapped_column(default=0)


class StoreCreditEntry(Base):
    """One change of a store credit, signed; append-only."""

    __tablename__ = "store_credit_entries"
    __table_args__ = (
        one_of("kind", CREDIT_KINDS),
        sa.CheckConstraint("amount_minor <> 0", name="amount_not_zero"),
        REPLICATED,
    )

    id: Mapped[Pk]
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey("customers.id"), index=True)
    currency: Mapped[Currency]
    kind: Mapped[Code]
    amount_minor: Mapped[Minor]
    order_id: Mapped[int | None] = mapped_column(sa.ForeignKey("orders.id"))
    return_id: Mapped[int | None]
    payment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("payments.id"))
    reason: Mapped[str] = mapped_column(sa.String(300), default="")
    at: Mapped[datetime]
    actor: Mapped[Code] = mapped_column(default="system")


#: What became of one row of a courier's list.
REMITTED = ("matched", "short", "over", "already_paid", "unknown", "not_cod", "cancelled", "wrong_currency")


class CodRemittance(Base):
    """One list of a courier: the money it collected at doors and sent to us."""

    __tablename__ = "cod_remittances"
    __table_args__ = (sa.UniqueConstraint("carrier", "reference"), REPLICATED)

    id: Mapped[Pk]
    carrier: Mapped[Code]
    reference: Mapped[Code]
    currency: Mapped[Currency]
    total_minor: Mapped[Minor]
    booked_minor: Mapped[Minor] = mapped_column(default=0)
    fingerprint: Mapped[str] = mapped_column(sa.String(64))
    booked_at: Mapped[datetime]
    business_date: Mapped[date]
    actor: Mapped[Code] = mapped_column(default="system")


class CodRemittanceLine(Base):
    """One parcel of a courier's list: what came, what was expected, what was booked."""

    __tablename__ = "cod_remittance_lines"
    __table_args__ = (
        sa.UniqueConstraint("remittance_id", "position"),
        one_of("outcome", REMITTED),
        REPLICATED,
    )

    id: Mapped[Pk]
    remittance_id: Mapped[int] = mapped_column(sa.ForeignKey("cod_remittances.id"))
    position: Mapped[int]
    name: Mapped[Code]
    amount_minor: Mapped[Minor]
    expected_minor: Mapped[int | None]
    booked_minor: Mapped[Minor] = mapped_column(default=0)
    outcome: Mapped[Code]
    order_id: Mapped[int | None] = mapped_column(sa.ForeignKey("orders.id"))
