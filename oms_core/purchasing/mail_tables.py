"""Mail of the buyer's room: orders to suppliers, news of stock running low; one row a mail, tried until it is taken."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from oms_core.kernel.database import Base, Code, Pk, one_of
from oms_core.purchasing.states import BUYING_MAIL

#: What a mail is about.
MAIL_KINDS = ("purchase_order", "low_stock")


class BuyingMail(Base):
    """A mail that waits for the mail server, was taken by it, or failed with its words."""

    __tablename__ = "buying_mails"
    __table_args__ = (
        one_of("kind", MAIL_KINDS),
        one_of("state", BUYING_MAIL.states),
        sa.CheckConstraint("(kind = 'purchase_order') = (purchase_order_id IS NOT NULL)", name="order_has_number"),
        sa.CheckConstraint("(state = 'failed') = (error <> '')", name="failed_has_error"),
        sa.CheckConstraint("attempts >= 0", name="attempts_not_negative"),
        sa.Index("ix_buying_mails_state", "state", "next_try_at"),
    )

    id: Mapped[Pk]
    kind: Mapped[Code]
    purchase_order_id: Mapped[int | None] = mapped_column(sa.ForeignKey("purchase_orders.id"), index=True)
    recipients: Mapped[list[Any]]
    format: Mapped[Code]
    language: Mapped[Code]
    facts: Mapped[dict[str, Any]]
    state: Mapped[Code] = mapped_column(default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    created_by: Mapped[Code]
    next_try_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(sa.Text, default="")
    last_error: Mapped[str] = mapped_column(sa.Text, default="")
