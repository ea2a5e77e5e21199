"""Two records of one person made one, with what is needed to part them again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from oms_core.kernel.database import Base, Code, Pk


class CustomerMerge(Base):
    """One merge: everything of `merged_id` went to `kept_id`. `moved` names each row that went, by table.

    A merge that was undone has `undone_at`; a customer is merged into at most one other at a time.
    """

    __tablename__ = "customer_merges"
    __table_args__ = (
        sa.CheckConstraint("kept_id <> merged_id", name="two_customers"),
        sa.CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name="undone_has_who"),
        sa.Index(
            "uq_customer_merges_merged_id", "merged_id", unique=True, sqlite_where=sa.text("undone_at IS NULL"),
            postgresql_where=sa.text("undone_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[Pk]
    kept_id: Mapped[int] = mapped_column(sa.ForeignKey("customers.id"), index=True)
    merged_id: Mapped[int] = mapped_column(sa.ForeignKey("customers.id"))
    at: Mapped[datetime]
    actor: Mapped[Code]
    reason: Mapped[str] = mapped_column(sa.String(300))
    moved: Mapped[dict[str, Any]]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[Code | None]
