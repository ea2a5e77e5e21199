"""Routing rules and the receipts of routing decisions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from oms_core.kernel.database import REPLICATED, Base, Code, Pk, one_of

RULE_KINDS = ("fewest_splits", "ranked", "closest")


class RoutingRule(Base):
    """One rule of the active set; first rule without a tie decides (stock is always required)."""

    __tablename__ = "routing_rules"
    __table_args__ = (one_of("kind", RULE_KINDS),)

    id: Mapped[Pk]
    position: Mapped[int] = mapped_column(unique=True)
    kind: Mapped[Code]
    params: Mapped[dict[str, Any]]
    is_active: Mapped[bool] = mapped_column(default=True)


class RoutingDecision(Base):
    """The receipt: candidates, every rule's scores, what decided, in one sentence; never edited."""

    __tablename__ = "routing_decisions"
    __table_args__ = (REPLICATED,)

    id: Mapped[Pk]
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("orders.id"), index=True)
    at: Mapped[datetime]
    rules: Mapped[list[Any]]
    candidates: Mapped[list[Any]]
    chosen: Mapped[list[Any]]
    decided_by: Mapped[Code]
    reason: Mapped[str] = mapped_column(sa.Text)
    superseded_by_id: Mapped[int | None]
