"""Payout statements: what a channel or a gateway says it took for us, kept for itself, and sent."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from oms_core.kernel.database import REPLICATED, Base, Code, Currency, Minor, Pk, one_of

#: What a row of a statement is: money taken from a customer, given back, kept by the channel, or anything else.
PAYOUT_KINDS = ("sale", "refund", "fee", "other")


class PayoutStatement(Base):
    """One statement of a channel, or of one gateway of it; ``net = gross - fee`` is what it says it sent.

    `since` and `until` are its first and last day, `received_minor` is what arrived on the account, if told.
    """

    __tablename__ = "payout_statements"
    __table_args__ = (
        sa.UniqueConstraint("channel_id", "reference"),
        sa.CheckConstraint("net_minor = gross_minor - fee_minor", name="net_adds_up"),
        sa.CheckConstraint("since <= until", name="days_in_order"),
        REPLICATED,
    )

    id: Mapped[Pk]
    channel_id: Mapped[int] = mapped_column(sa.ForeignKey("channels.id"))
    #: Only payments of this gateway are on it; every one of the channel's when empty.
    gateway: Mapped[Code] = mapped_column(default="")
    reference: Mapped[Code]
    currency: Mapped[Currency]
    since: Mapped[date]
    until: Mapped[date]
    gross_minor: Mapped[Minor]
    fee_minor: Mapped[Minor]
    net_minor: Mapped[Minor]
    received_minor: Mapped[int | None] = mapped_column(sa.BigInteger())
    fingerprint: Mapped[str] = mapped_column(sa.String(64))
    booked_at: Mapped[datetime]
    business_date: Mapped[date]
    actor: Mapped[Code] = mapped_column(default="system")


class PayoutLine(Base):
    """One row of a statement: money (signed, what the customer paid) and fee (positive is kept by the channel)."""

    __tablename__ = "payout_lines"
    __table_args__ = (
        sa.UniqueConstraint("statement_id", "position"),
        one_of("kind", PAYOUT_KINDS),
        REPLICATED,
    )

    id: Mapped[Pk]
    statement_id: Mapped[int] = mapped_column(sa.ForeignKey("payout_statements.id"))
    position: Mapped[int]
    kind: Mapped[Code]
    name: Mapped[Code] = mapped_column(default="")
    on_date: Mapped[date | None]
    amount_minor: Mapped[Minor]
    fee_minor: Mapped[Minor] = mapped_column(default=0)
    order_id: Mapped[int | None] = mapped_column(sa.ForeignKey("orders.id"), index=True)
