"""The rules of refunds as data, the catalogue of reasons, and refunds as documents."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from oms_core.kernel.database import REPLICATED, Base, Code, Currency, Minor, Pk, one_of

CARRIAGE_PAYERS = ("customer", "shop")
SHIPPING_REFUNDS = ("never", "whole_order", "always")
FAULTS = ("customer", "shop", "supplier", "carrier")
REFUND_METHODS = ("original", "store_credit")


class RefundPolicy(Base):
    """What a goodwill return costs the customer, for one market, channel and reason (empty is any).

    The most specific policy wins: reason before channel before market. Shares are basis points
    (1/100 of a percent); `grade_cuts` keeps back a share of a unit's price by the grade it came
    back in, ``{"b": 1000, "c": 5000}``. A withdrawal by law has a policy of its own in the code.
    """

    __tablename__ = "refund_policies"
    __table_args__ = (
        sa.UniqueConstraint("market", "channel", "reason"),
        one_of("carriage_payer", CARRIAGE_PAYERS),
        one_of("shipping_refund", SHIPPING_REFUNDS),
        sa.CheckConstraint("fee_bp BETWEEN 0 AND 10000", name="fee_is_share"),
        sa.CheckConstraint("fee_minor >= 0 AND label_minor >= 0 AND credit_bonus_bp >= 0", name="not_negative"),
        sa.CheckConstraint("days_allowed >= 0", name="days_not_negative"),
    )

    id: Mapped[Pk]
    code: Mapped[Code] = mapped_column(unique=True)
    market: Mapped[Code] = mapped_column(default="")
    channel: Mapped[Code] = mapped_column(default="")
    reason: Mapped[Code] = mapped_column(default="")
    carriage_payer: Mapped[Code] = mapped_column(default="customer")
    label_minor: Mapped[Minor] = mapped_column(default=0)
    fee_bp: Mapped[int] = mapped_column(default=0)
    fee_minor: Mapped[Minor] = mapped_column(default=0)
    shipping_refund: Mapped[Code] = mapped_column(default="never")
    standard_delivery_minor: Mapped[int | None]
    credit_bonus_bp: Mapped[int] = mapped_column(default=0)
    grade_cuts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    days_allowed: Mapped[int] = mapped_column(default=30)
    is_active: Mapped[bool] = mapped_column(default=True)


class ReturnReason(Base):
    """A reason of the shop's own beside the built-in catalogue (see `returns.reasons`)."""

    __tablename__ = "return_reasons"
    __table_args__ = (one_of("fault", FAULTS), REPLICATED)

    id: Mapped[Pk]
    code: Mapped[Code] = mapped_column(unique=True)
    label_en: Mapped[str] = mapped_column(sa.String(200))
    label_pl: Mapped[str] = mapped_column(sa.String(200))
    fault: Mapped[Code]
    is_active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=100)


class Refund(Base):
    """Money given back, with every line that made it up as it was explained at that moment.

    ``total`` is what the lines add up to and what its parts paid; `bonus_minor` is store credit
    on top, which never was the customer's money.
    """

    __tablename__ = "refunds"
    __table_args__ = (
        one_of("method", REFUND_METHODS),
        sa.CheckConstraint("total_minor > 0 AND bonus_minor >= 0", name="total_positive"),
        REPLICATED,
    )

    id: Mapped[Pk]
    number: Mapped[Code] = mapped_column(unique=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("orders.id"), index=True)
    return_id: Mapped[int | None] = mapped_column(sa.ForeignKey("returns.id"), index=True)
    method: Mapped[Code] = mapped_column(default="original")
    policy: Mapped[Code] = mapped_column(default="")
    currency: Mapped[Currency]
    total_minor: Mapped[Minor]
    bonus_minor: Mapped[Minor] = mapped_column(default=0)
    lines: Mapped[list[Any]]
    actor: Mapped[Code] = mapped_column(default="system")
    at: Mapped[datetime]


class RefundPart(Base):
    """One payment of a refund: which gateway got how much back."""

    __tablename__ = "refund_parts"
    __table_args__ = (sa.UniqueConstraint("payment_id"), REPLICATED)

    id: Mapped[Pk]
    refund_id: Mapped[int] = mapped_column(sa.ForeignKey("refunds.id"), index=True)
    payment_id: Mapped[int] = mapped_column(sa.ForeignKey("payments.id"))
    gateway: Mapped[Code]
    amount_minor: Mapped[Minor]
