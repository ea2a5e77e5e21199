"""Import runs and the rows they rejected."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from oms_core.kernel.database import REPLICATED, Base, Code, Pk


class ImportRun(Base):
    """One import of one or more files; `counts` is its printed result."""

    __tablename__ = "import_runs"
    __table_args__ = (REPLICATED,)

    id: Mapped[Pk]
    source: Mapped[Code]
    files: Mapped[list[Any]]
    mapping_sha256: Mapped[str] = mapped_column(sa.String(64), default="")
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    counts: Mapped[dict[str, Any]]


class RejectedRow(Base):
    """A row that could not be taken, as it was, with its reason; resolved when a fixed row replaces it."""

    __tablename__ = "rejected_rows"
    __table_args__ = (sa.UniqueConstraint("source", "file_name", "row_number"), REPLICATED)

    id: Mapped[Pk]
    import_run_id: Mapped[int] = mapped_column(sa.ForeignKey("import_runs.id"))
    source: Mapped[Code]
    file_name: Mapped[str] = mapped_column(sa.String(300))
    row_number: Mapped[int]
    raw: Mapped[dict[str, Any]]
    code: Mapped[Code]
    reason: Mapped[str] = mapped_column(sa.Text)
    resolved_at: Mapped[datetime | None]
