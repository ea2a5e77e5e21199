"""Keep what checks of the numbers found, and tell the last of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel.rows import table_of
from oms_core.reporting.trust_tables import CheckFinding, CheckRun

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

FINDING = table_of(CheckFinding)
#: Runs whose findings are kept whole; of older ones only what was broken.
KEPT = 200


@dataclass(frozen=True, slots=True)
class Checked:
    """One verification: when it began, how long it took, what each law said, why it could not be finished."""

    started_at: datetime
    duration_ms: int
    findings: Sequence[Mapping[str, Any]]
    error: str = ""


def keep(session: Session, done: Checked, *, actor: str) -> CheckRun:
    """Keep a verification with what every law said, and let the findings of old ones go."""
    broken = sum(1 for found in done.findings if found["broken"])
    run = CheckRun(
        started_at=done.started_at, duration_ms=done.duration_ms, actor=actor, laws=len(done.findings), broken=broken,
        error=done.error,
    )  # fmt: skip
    session.add(run)
    session.flush()
    rows = [
        {"check_run_id": run.id, "law": f["name"], **{key: f[key] for key in ("checked", "broken", "first_broken")}}
        for f in done.findings
    ]
    if rows:
        session.execute(sa.insert(FINDING), rows)
    old = (
        sa.select(CheckRun.id)
        .where(CheckRun.error == "")
        .order_by(CheckRun.id.desc())
        .offset(KEPT)
        .limit(1)
        .scalar_subquery()
    )
    session.execute(sa.delete(FINDING).where(FINDING.c.check_run_id <= old, FINDING.c.broken == 0))
    return run


def last_run(session: Session, *, whole: bool = True) -> dict[str, Any] | None:
    """Return the newest verification that was finished; None before the first.

    Parameters
    ----------
    whole : bool
        With what every law said, under ``findings``.
    """
    newest = sa.select(CheckRun).where(CheckRun.error == "").order_by(CheckRun.id.desc()).limit(1)
    run = session.scalars(newest).one_or_none()
    if run is None:
        return None
    if not whole:
        return _told(run)
    found = session.execute(sa.select(FINDING).where(FINDING.c.check_run_id == run.id).order_by(FINDING.c.id))
    columns = ("law", "checked", "broken", "first_broken")
    return _told(run) | {"findings": [{c: row[c] for c in columns} for row in found.mappings()]}


def history(session: Session, *, limit: int = 30) -> list[dict[str, Any]]:
    """Return verifications, newest first, each with the first thing it found broken."""
    first = (
        sa.select(FINDING.c.check_run_id, sa.func.min(FINDING.c.id).label("finding_id"))
        .where(FINDING.c.broken > 0)
        .group_by(FINDING.c.check_run_id)
        .subquery()
    )
    found = session.execute(
        sa.select(CheckRun, FINDING.c.law, FINDING.c.first_broken)
        .outerjoin(first, first.c.check_run_id == CheckRun.id)
        .outerjoin(FINDING, FINDING.c.id == first.c.finding_id)
        .order_by(CheckRun.id.desc())
        .limit(limit)
    )
    return [_told(run) | {"law": law, "first_broken": told} for run, law, told in found]


def _told(run: CheckRun) -> dict[str, Any]:
    columns = ("id", "started_at", "duration_ms", "actor", "laws", "broken", "error")
    return {column: getattr(run, column) for column in columns}
