"""Drafts and quotes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from oms_core.drafts.states import DRAFT
from oms_core.kernel.database import REPLICATED, Base, Code, Currency, Minor, Pk, one_of

DRAFT_KINDS = ("draft", "quote")


class Draft(Base):
    """An order that is not placed yet: a document as the intake takes it, and its money.

    `payment_token` names the draft in its payment link; whoever has it may pay. Nothing of a draft is
    promised or counted as a sale; completing it places the order of the document.
    """

    __tablename__ = "drafts"
    __table_args__ = (
        one_of("kind", DRAFT_KINDS),
        one_of("state", DRAFT.states),
        sa.CheckConstraint("(state = 'completed') = (order_id IS NOT NULL)", name="completed_has_order"),
        REPLICATED,
    )

    id: Mapped[Pk]
    number: Mapped[Code] = mapped_column(unique=True)
    kind: Mapped[Code] = mapped_column(default="draft")
    state: Mapped[Code] = mapped_column(default="open", index=True)
    document: Mapped[dict[str, Any]]
    currency: Mapped[Currency]
    total_minor: Mapped[Minor]
    tax_minor: Mapped[Minor] = mapped_column(default=0)
    customer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("customers.id"))
    email: Mapped[str | None] = mapped_column(sa.String(254))
    note: Mapped[str] = mapped_column(sa.Text, default="")
    expires_at: Mapped[datetime | None]
    payment_token: Mapped[Code] = mapped_column(unique=True)
    order_id: Mapped[int | None] = mapped_column(sa.ForeignKey("orders.id"), unique=True)
    created_by: Mapped[Code]
    created_at: Mapped[datetime]
    invoice_sent_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
