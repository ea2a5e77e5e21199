"""What a shop remembers of its segments: snapshots, who was in and why, what was known of each customer, models."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from oms_core.kernel.database import Base, Code, Currency, Pk, one_of

#: What made a snapshot: the night, a person, or the freezing of a segment into a list.
TRIGGERS = ("night", "person", "freeze")
MODEL_KINDS = ("clusters",)


class SegmentSnapshot(Base):
    """One count of one segment: how many, what they are worth, how many may be written to.

    ``members`` of this snapshot are those of the one before, less `left_count`, plus `entered_count`.
    """

    __tablename__ = "segment_snapshots"
    __table_args__ = (
        sa.CheckConstraint("members >= 0 AND entered_count >= 0 AND left_count >= 0", name="counts_not_negative"),
        sa.CheckConstraint("entered_count <= members", name="entered_within_members"),
        one_of("trigger_kind", TRIGGERS),
        sa.Index(None, "segment", "id"),
    )

    id: Mapped[Pk]
    segment: Mapped[Code]
    version: Mapped[int]
    expression: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[datetime]
    business_date: Mapped[date]
    trigger_kind: Mapped[Code] = mapped_column(default="night")
    actor: Mapped[Code] = mapped_column(default="system")
    customers: Mapped[int]
    members: Mapped[int]
    entered_count: Mapped[int] = mapped_column(default=0)
    left_count: Mapped[int] = mapped_column(default=0)
    reachable: Mapped[dict[str, Any]]
    currency: Mapped[Currency]
    spent_12m_minor: Mapped[int] = mapped_column(default=0)
    expected_90d_minor: Mapped[int | None]


class SegmentMember(Base):
    """One stay of a customer in a segment: from which snapshot to which, and why they came and went.

    The stay is open while `left_id` is None. The members of a snapshot are the stays it lies in, so every past list can
    be told without a copy of it. Each reason lists the clauses that changed, with the value before and after.
    """

    __tablename__ = "segment_members"
    __table_args__ = (
        sa.CheckConstraint("left_id > entered_id", name="leaves_after_entering"),
        sa.UniqueConstraint("segment", "customer_id", "entered_id"),
        sa.Index(None, "customer_id"),
        sa.Index(None, "segment", "left_id"),
    )

    id: Mapped[Pk]
    segment: Mapped[Code]
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey("customers.id"))
    entered_id: Mapped[int] = mapped_column(sa.ForeignKey("segment_snapshots.id"))
    left_id: Mapped[int | None] = mapped_column(sa.ForeignKey("segment_snapshots.id"))
    came_because: Mapped[list[Any]]
    went_because: Mapped[list[Any] | None]


class CustomerTraits(Base):
    """What was known of a customer at the last snapshot: every attribute of the expression language by name.

    Replaced at each snapshot. It lets a change be told from what to what, and lets the operational database answer
    a segment by itself.
    """

    __tablename__ = "customer_traits"
    __table_args__ = (sa.UniqueConstraint("customer_id"),)

    id: Mapped[Pk]
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey("customers.id"))
    business_date: Mapped[date]
    body: Mapped[dict[str, Any]]


class SegmentModel(Base):
    """A model segments speak of, frozen with its version: the same facts give the same cluster until the next one."""

    __tablename__ = "segment_models"
    __table_args__ = (sa.UniqueConstraint("kind", "version"), one_of("kind", MODEL_KINDS))

    id: Mapped[Pk]
    kind: Mapped[Code]
    version: Mapped[int]
    is_current: Mapped[bool] = mapped_column(default=True)
    at: Mapped[datetime]
    actor: Mapped[Code] = mapped_column(default="system")
    body: Mapped[dict[str, Any]]
