"""Import runs, the documents they brought, and the rows they rejected."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from oms_core.kernel.database import REPLICATED, Base, Code, Pk, Qty


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


class ImportDocument(Base):
    """A source document that was taken, by its number: what makes an import safe to repeat.

    The control totals (rows, units, exact amount in millionths of the currency unit, and units weighted by a
    hash of their code) tell an unchanged document from a changed one; they add up when rows are added.
    """

    __tablename__ = "import_documents"
    __table_args__ = (sa.UniqueConstraint("source", "external_id"),)

    id: Mapped[Pk]
    source: Mapped[Code]
    external_id: Mapped[Code]
    import_run_id: Mapped[int] = mapped_column(sa.ForeignKey("import_runs.id"))
    row_count: Mapped[int]
    total_qty: Mapped[Qty]
    total_micro: Mapped[int]
    code_hash: Mapped[int]


class RejectedRow(Base):
    """A row that could not be taken, as it was, with its reason; resolved when a fixed row replaces it.

    `external_id` is the document it belongs to, if that could be read; `raw_sha256` tells two rows apart
    that stand at the same place of two files of one name.
    """

    __tablename__ = "rejected_rows"
    __table_args__ = (sa.UniqueConstraint("source", "file_name", "row_number", "raw_sha256"), REPLICATED)

    id: Mapped[Pk]
    import_run_id: Mapped[int] = mapped_column(sa.ForeignKey("import_runs.id"))
    source: Mapped[Code]
    file_name: Mapped[str] = mapped_column(sa.String(300))
    row_number: Mapped[int]
    external_id: Mapped[Code] = mapped_column(default="")
    raw_sha256: Mapped[str] = mapped_column(sa.String(64))
    raw: Mapped[dict[str, Any]]
    code: Mapped[Code]
    reason: Mapped[str] = mapped_column(sa.Text)
    resolved_at: Mapped[datetime | None]
