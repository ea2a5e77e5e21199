"""Exports that held somebody back are campaigns: which there were, and who was in which arm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.marketing.tables import SegmentExport, SegmentExportMember

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

EXPORTED, HELD_OUT = "exported", "hold_out"


def campaigns(session: Session, *, limit: int = 200) -> list[dict[str, Any]]:
    """Return exports with a hold-out, newest first.

    Returns
    -------
    list of dict
        ``id, at, segment, version, destination, purpose, file_name, campaign`` (name and days, as the
        manifest has them; None in old ones), ``holdout, sent, held``.
    """
    member = SegmentExportMember
    arms = (
        sa.select(
            member.segment_export_id,
            sa.func.sum(sa.case((member.outcome == EXPORTED, 1), else_=0)).label("sent"),
            sa.func.sum(sa.case((member.outcome == HELD_OUT, 1), else_=0)).label("held"),
        )
        .where(member.outcome.in_([EXPORTED, HELD_OUT]))
        .group_by(member.segment_export_id)
        .subquery()
    )
    said = SegmentExport.manifest
    statement = (
        sa.select(
            SegmentExport.id, SegmentExport.at, SegmentExport.segment, SegmentExport.destination,
            SegmentExport.purpose, SegmentExport.file_name, said["campaign"].label("campaign"),
            said["segment"]["version"].as_integer().label("version"),
            said["hold_out"]["share"].as_float().label("holdout"), arms.c.sent, arms.c.held,
        )
        .join(arms, arms.c.segment_export_id == SegmentExport.id)
        .where(arms.c.held > 0)
        .order_by(SegmentExport.id.desc())
        .limit(limit)
    )  # fmt: skip
    return [dict(row) for row in session.execute(statement).mappings()]


def arms(session: Session, export_id: int) -> list[tuple[int, str]]:
    """Return who got the message and who was held out: ``(customer_id, outcome)``.

    Somebody who was found to be two people, one in each arm, is in neither.
    """
    member = SegmentExportMember
    statement = (
        sa.select(member.customer_id, sa.func.min(member.outcome))
        .where(member.segment_export_id == export_id, member.outcome.in_([EXPORTED, HELD_OUT]))
        .group_by(member.customer_id)
        .having(sa.func.min(member.outcome) == sa.func.max(member.outcome))
        .order_by(member.customer_id)
    )
    return [(int(key), str(outcome)) for key, outcome in session.execute(statement)]


def held_but_written_to(session: Session, export_id: int, *, since: datetime, until: datetime) -> int:
    """Count those held out of one export whom another export reached in the same days: they blur the difference."""
    held, other = sa.orm.aliased(SegmentExportMember), sa.orm.aliased(SegmentExportMember)
    statement = (
        sa.select(sa.func.count(sa.distinct(held.customer_id)))
        .join(other, other.customer_id == held.customer_id)
        .join(SegmentExport, SegmentExport.id == other.segment_export_id)
        .where(
            held.segment_export_id == export_id, held.outcome == HELD_OUT, other.outcome == EXPORTED,
            other.segment_export_id != export_id, SegmentExport.at >= since, SegmentExport.at < until,
        )
    )  # fmt: skip
    return int(session.scalar(statement) or 0)
