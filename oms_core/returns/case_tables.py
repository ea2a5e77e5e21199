"""Exchanges, claims and withdrawals: what a customer asks for beside a plain return; messages that answer them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from oms_core.kernel.database import REPLICATED, Base, Code, Currency, Minor, Pk, Qty, one_of
from oms_core.returns.states import CLAIM, EXCHANGE, WITHDRAWAL

SETTLEMENTS = ("", "even", "due", "refund", "store_credit")
CLAIM_KINDS = ("damaged", "missing", "wrong", "late")
CLAIM_RESOLUTIONS = ("", "refund", "replacement", "store_credit", "none")
EVIDENCE_KINDS = ("photo", "link", "text")
WITHDRAWAL_CHANNELS = ("web_form", "email", "phone", "post", "in_person")
#: Why a withdrawal is outside the statutory right: too late, not a consumer, nothing left that the right covers.
DOUBTS = ("", "late", "business", "exempt")


class Exchange(Base):
    """Goods back for other goods, and the difference in money: ``difference = new - returned``.

    `credit_minor` is what the returned goods pay of the new ones (the smaller of both); it stands
    once on the order and once on the return, so that neither is paid for twice. A positive
    difference is due on the order, a negative one goes back to the customer.
    `new_lines` are the goods that go out: ``[{sku, quantity, unit_price_minor}]``.
    """

    __tablename__ = "exchanges"
    __table_args__ = (
        one_of("state", EXCHANGE.states),
        one_of("settlement", SETTLEMENTS),
        sa.CheckConstraint("difference_minor = new_minor - returned_minor", name="difference_adds_up"),
        sa.CheckConstraint("credit_minor >= 0 AND credit_minor <= new_minor", name="credit_within_new"),
        sa.CheckConstraint("(state = 'completed') = (completed_at IS NOT NULL)", name="completed_has_time"),
        REPLICATED,
    )

    id: Mapped[Pk]
    number: Mapped[Code] = mapped_column(unique=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("orders.id"), index=True)
    return_id: Mapped[int] = mapped_column(sa.ForeignKey("returns.id"), unique=True)
    order_change_id: Mapped[int | None]
    state: Mapped[Code] = mapped_column(default="requested")
    reason: Mapped[Code] = mapped_column(default="")
    sends_first: Mapped[bool] = mapped_column(default=False)
    wants: Mapped[Code] = mapped_column(default="refund")
    settlement: Mapped[Code] = mapped_column(default="")
    new_lines: Mapped[list[Any]]
    currency: Mapped[Currency]
    returned_minor: Mapped[Minor]
    new_minor: Mapped[Minor]
    difference_minor: Mapped[Minor]
    credit_minor: Mapped[Minor] = mapped_column(default=0)
    requested_at: Mapped[datetime]
    replaced_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    is_simulated: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)


class Claim(Base):
    """A complaint about delivered (or lost) goods; the customer may keep them.

    `return_id` is set when the goods have to come back, `order_change_id` when a replacement went
    out, `refund_id` when money did. `amount_minor` is the money the resolution gave.
    """

    __tablename__ = "claims"
    __table_args__ = (
        one_of("state", CLAIM.states),
        one_of("kind", CLAIM_KINDS),
        one_of("resolution", CLAIM_RESOLUTIONS),
        sa.CheckConstraint("amount_minor >= 0", name="amount_not_negative"),
        sa.CheckConstraint("(state = 'resolved') = (resolution <> '')", name="resolved_has_resolution"),
        REPLICATED,
    )

    id: Mapped[Pk]
    number: Mapped[Code] = mapped_column(unique=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("orders.id"), index=True)
    customer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("customers.id"), index=True)
    kind: Mapped[Code]
    state: Mapped[Code] = mapped_column(default="opened")
    resolution: Mapped[Code] = mapped_column(default="")
    keeps_item: Mapped[bool] = mapped_column(default=True)
    description: Mapped[str] = mapped_column(sa.String(2000), default="")
    decision: Mapped[str] = mapped_column(sa.String(500), default="")
    decided_by: Mapped[Code] = mapped_column(default="")
    currency: Mapped[Currency]
    amount_minor: Mapped[Minor] = mapped_column(default=0)
    return_id: Mapped[int | None] = mapped_column(sa.ForeignKey("returns.id"))
    order_change_id: Mapped[int | None]
    refund_id: Mapped[int | None] = mapped_column(sa.ForeignKey("refunds.id"))
    opened_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    is_simulated: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)


class ClaimLine(Base):
    """Units of one order line that a claim is about; `amount_minor` is their value, as on a return line."""

    __tablename__ = "claim_lines"
    __table_args__ = (
        sa.UniqueConstraint("claim_id", "order_line_id"),
        sa.CheckConstraint("quantity > 0", name="quantity_positive"),
        REPLICATED,
    )

    id: Mapped[Pk]
    claim_id: Mapped[int] = mapped_column(sa.ForeignKey("claims.id"))
    order_line_id: Mapped[int] = mapped_column(sa.ForeignKey("order_lines.id"), index=True)
    variant_id: Mapped[int] = mapped_column(sa.ForeignKey("variants.id"))
    sku: Mapped[Code]
    quantity: Mapped[Qty]
    amount_minor: Mapped[Minor]


class ClaimEvidence(Base):
    """What the customer shows: the address of a photo or page, or words."""

    __tablename__ = "claim_evidence"
    __table_args__ = (one_of("kind", EVIDENCE_KINDS),)

    id: Mapped[Pk]
    claim_id: Mapped[int] = mapped_column(sa.ForeignKey("claims.id"), index=True)
    kind: Mapped[Code]
    body: Mapped[str] = mapped_column(sa.String(2000))
    author: Mapped[Code]
    at: Mapped[datetime]


class Withdrawal(Base):
    """A consumer's declaration that the contract is undone (Directive 2011/83/EU, articles 9 to 16).

    `last_good_on` is the day the last good was delivered (empty: not all delivered yet, the period
    has not begun), `period_ends_on` the last day of the period. The refund is due by `refund_due_on`,
    but may wait until goods or proof of sending (`proof_at`) come, unless the shop collects them.
    `cancelled_minor` is the value of what was taken off the order because it had not left yet.
    """

    __tablename__ = "withdrawals"
    __table_args__ = (
        one_of("state", WITHDRAWAL.states),
        one_of("channel", WITHDRAWAL_CHANNELS),
        one_of("doubt", DOUBTS),
        REPLICATED,
    )

    id: Mapped[Pk]
    number: Mapped[Code] = mapped_column(unique=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("orders.id"), index=True)
    return_id: Mapped[int | None] = mapped_column(sa.ForeignKey("returns.id"))
    refund_id: Mapped[int | None] = mapped_column(sa.ForeignKey("refunds.id"))
    state: Mapped[Code] = mapped_column(default="declared")
    doubt: Mapped[Code] = mapped_column(default="")
    channel: Mapped[Code]
    name: Mapped[str] = mapped_column(sa.String(200), default="")
    email: Mapped[str] = mapped_column(sa.String(254), default="")
    statement: Mapped[str] = mapped_column(sa.String(2000), default="")
    is_whole: Mapped[bool]
    country: Mapped[str] = mapped_column(sa.String(2))
    declared_at: Mapped[datetime]
    declared_on: Mapped[date]
    acknowledged_at: Mapped[datetime | None]
    last_good_on: Mapped[date | None]
    informed_on: Mapped[date | None]
    was_informed: Mapped[bool] = mapped_column(default=True)
    period_ends_on: Mapped[date | None]
    send_back_by_on: Mapped[date]
    refund_due_on: Mapped[date]
    shop_collects: Mapped[bool] = mapped_column(default=False)
    proof_at: Mapped[datetime | None]
    proof: Mapped[str] = mapped_column(sa.String(500), default="")
    decision: Mapped[str] = mapped_column(sa.String(500), default="")
    decided_by: Mapped[Code] = mapped_column(default="")
    settled_at: Mapped[datetime | None]
    currency: Mapped[Currency]
    cancelled_minor: Mapped[Minor] = mapped_column(default=0)
    refunded_minor: Mapped[Minor] = mapped_column(default=0)
    is_simulated: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)


class WithdrawalLine(Base):
    """Units of one order line that a withdrawal names; `exempt` says why the right does not cover them."""

    __tablename__ = "withdrawal_lines"
    __table_args__ = (
        sa.UniqueConstraint("withdrawal_id", "order_line_id"),
        sa.CheckConstraint("quantity > 0", name="quantity_positive"),
        REPLICATED,
    )

    id: Mapped[Pk]
    withdrawal_id: Mapped[int] = mapped_column(sa.ForeignKey("withdrawals.id"))
    order_line_id: Mapped[int] = mapped_column(sa.ForeignKey("order_lines.id"), index=True)
    sku: Mapped[Code]
    title: Mapped[str] = mapped_column(sa.String(300), default="")
    quantity: Mapped[Qty]
    exempt: Mapped[Code] = mapped_column(default="")


class CustomerMessage(Base):
    """A message to a customer that waits to be sent (`sent_at` empty), kept as it was written: a durable medium.

    `body_sha256` shows that the text was not changed afterwards. One without a recipient says that nobody is told.
    `sending_at`: handed to the server just now; `error`: it is not sent, in words (see `returns.outbox`).
    """

    __tablename__ = "customer_messages"
    __table_args__ = (sa.Index(None, "object_type", "object_id"),)

    id: Mapped[Pk]
    kind: Mapped[Code]
    object_type: Mapped[Code]
    object_id: Mapped[int]
    recipient: Mapped[str] = mapped_column(sa.String(254))
    language: Mapped[str] = mapped_column(sa.String(5))
    subject: Mapped[str] = mapped_column(sa.String(300))
    body: Mapped[str] = mapped_column(sa.Text())
    body_sha256: Mapped[str] = mapped_column(sa.String(64))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None] = mapped_column(index=True)
    sending_at: Mapped[datetime | None]
    next_try_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    error: Mapped[str] = mapped_column(sa.Text(), default="", server_default="")
