"""The set-based loader: a batch in, one transaction, counts out."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.imports.answer import counts_of
from oms_core.imports.batch import Batch
from oms_core.imports.documents import Documents
from oms_core.imports.ingest import roomy
from oms_core.imports.known import read_known
from oms_core.imports.master import write_master
from oms_core.imports.plan import Plan, make_plan
from oms_core.imports.remaining import remaining
from oms_core.imports.result import ImportResult
from oms_core.imports.tables import ImportRun
from oms_core.imports.write import write_documents, write_run
from oms_core.kernel import clock

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def load(
    session: Session,
    batch: Batch,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    dry_run: bool = False,
    progress: Callable[[str, float], None],
    begun: float,
) -> tuple[ImportResult, Plan]:
    """Store what a batch has that the shop has not; the caller commits.

    Parameters
    ----------
    session : sqlalchemy.orm.Session
        In a transaction; for a dry run one that only reads.
    batch : Batch
        What a channel prepared.
    since, until : datetime, optional
        Half-open window; documents outside come back in ``result.remaining``.
    progress : callable
        Receives ``(what, share)``.
    begun : float
        ``time.perf_counter()`` at the start, for ``seconds``.

    Returns
    -------
    (ImportResult, Plan)
    """
    started_at = clock.now()
    connection = session.connection()
    if not dry_run:
        _alone(connection)
    progress("comparing with the shop", 0.4)
    known = read_known(connection, batch.source, [c.code for c in batch.channels])
    plan = make_plan(connection, batch, known, since=since, until=until)
    counts = counts_of(plan)
    if dry_run or not _brings_anything(plan):
        counts["seconds"] = round(time.perf_counter() - begun, 3)
        return ImportResult(counts, Documents(), None), plan
    with roomy(connection):
        progress("storing products and customers", 0.5)
        keys = write_master(connection, plan, known)
        write_documents(session, plan, keys, known, progress=progress)
    counts["seconds"] = round(time.perf_counter() - begun, 3)
    run = ImportRun(
        source=batch.source, files=batch.files, mapping_sha256=batch.mapping_sha256, started_at=started_at,
        finished_at=clock.now(), counts=counts,
    )  # fmt: skip
    write_run(session, plan, run)
    progress("done", 1.0)
    return ImportResult(counts, remaining(plan, keys), run.id), plan


def _alone(connection: sa.Connection) -> None:
    """Let one import at a time compare and write (SQLite has one writer anyway)."""
    if connection.dialect.name != "sqlite":
        connection.execute(sa.text("LOCK TABLE import_documents IN SHARE ROW EXCLUSIVE MODE"))


def _brings_anything(plan: Plan) -> bool:
    """Return whether there is anything to write; a run that brings nothing leaves no trace."""
    return bool(plan.choice.rows.height or plan.rejected["is_new"].any())
