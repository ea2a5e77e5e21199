"""Risk rules, risk assessments and suspected duplicates."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from oms_core.kernel.database import REPLICATED, Base, Code, Pk, one_of
from oms_core.review.states import ASSESSMENT, SUSPICION

#: What a rule looks at (`review.rules` says how).
RISK_KINDS = (
    "velocity_email", "velocity_address", "billing_country", "billing_address", "new_country", "value",
    "address_quality", "contact",
)  # fmt: skip
LEVELS = ("low", "medium", "high")
_OPEN = sa.text("state = 'open'")


class RiskRule(Base):
    """One rule of the shop: what it looks at, its numbers, the points it gives when it speaks.

    A shop without rules of its own uses `review.rules.DEFAULT_RULES`.
    """

    __tablename__ = "risk_rules"
    __table_args__ = (
        one_of("kind", RISK_KINDS),
        sa.CheckConstraint("points >= 0 AND points <= 100", name="points_in_scale"),
    )

    id: Mapped[Pk]
    kind: Mapped[Code] = mapped_column(unique=True)
    points: Mapped[int]
    params: Mapped[dict[str, Any]]
    is_active: Mapped[bool] = mapped_column(default=True)


class RiskAssessment(Base):
    """What the rules say of one order, and what a person decided.

    `score` is 0-100, the sum of its reasons' points and no more than 100; each reason holds its rule,
    its points, a sentence and the facts behind it.
    """

    __tablename__ = "risk_assessments"
    __table_args__ = (
        one_of("level", LEVELS),
        one_of("state", ASSESSMENT.states),
        sa.CheckConstraint("score >= 0 AND score <= 100", name="score_in_scale"),
        sa.Index("ix_risk_assessments_open", "score", sqlite_where=_OPEN, postgresql_where=_OPEN),
        REPLICATED,
    )

    id: Mapped[Pk]
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("orders.id"), unique=True)
    score: Mapped[int]
    level: Mapped[Code]
    reasons: Mapped[list[Any]]
    state: Mapped[Code] = mapped_column(default="open")
    at: Mapped[datetime]
    reviewer: Mapped[Code] = mapped_column(default="")
    reviewed_at: Mapped[datetime | None]


class DuplicateSuspicion(Base):
    """Two orders that may be one wish sent twice: `order_id` is the newer, `other_order_id` the older."""

    __tablename__ = "duplicate_suspicions"
    __table_args__ = (
        one_of("kind", ("same_lines", "same_total")),
        one_of("state", SUSPICION.states),
        sa.UniqueConstraint("order_id", "other_order_id"),
        sa.CheckConstraint("order_id > other_order_id", name="newer_first"),
        sa.Index("ix_duplicate_suspicions_open", "order_id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        REPLICATED,
    )

    id: Mapped[Pk]
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("orders.id"))
    other_order_id: Mapped[int] = mapped_column(sa.ForeignKey("orders.id"), index=True)
    kind: Mapped[Code]
    sentence: Mapped[str] = mapped_column(sa.String(500))
    state: Mapped[Code] = mapped_column(default="open")
    found_at: Mapped[datetime]
    decided_by: Mapped[Code] = mapped_column(default="")
    decided_at: Mapped[datetime | None]
