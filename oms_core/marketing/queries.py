"""Read segments, exports and scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.customers.tables import Consent
from oms_core.kernel.errors import NotFound
from oms_core.marketing.tables import CustomerScore, Segment, SegmentExport, SegmentExportMember

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_SEGMENT = (
    Segment.id, Segment.name, Segment.version, Segment.expression, Segment.description, Segment.created_at,
    Segment.is_list, Segment.author,
)  # fmt: skip


def segments(session: Session) -> list[dict[str, Any]]:
    """Return the current version of every segment, by name: `id`, `expression`, `version` and more."""
    statement = sa.select(*_SEGMENT).where(Segment.is_current).order_by(Segment.name)
    return [dict(row) for row in session.execute(statement).mappings()]


def current_segment(session: Session, name: str) -> dict[str, Any]:
    """Return the current version of a segment.

    Raises
    ------
    NotFound
        ``segment.not_found``, with near matches.
    """
    known = {row["name"]: row for row in segments(session)}
    if name not in known:
        raise NotFound("segment", name, known, "List them with: ordersight segments list")
    return known[name]


def segment_versions(session: Session, name: str) -> list[dict[str, Any]]:
    """Return every version a segment ever had, newest first."""
    statement = sa.select(*_SEGMENT, Segment.is_current).where(Segment.name == name).order_by(Segment.version.desc())
    return [dict(row) for row in session.execute(statement).mappings()]


def exports(session: Session, *, limit: int = 100) -> list[dict[str, Any]]:
    """Return what left the house, newest first, without the manifests."""
    columns = [column for column in sa.inspect(SegmentExport).columns if column.key != "manifest"]
    statement = sa.select(*columns).order_by(SegmentExport.id.desc()).limit(limit)
    return [dict(row) for row in session.execute(statement).mappings()]


def exports_holding(session: Session, customer_id: int) -> list[dict[str, Any]]:
    """Return the files that held a person: ``id, at, file_name, destination, outcome``; what erasure must name."""
    statement = (
        sa.select(
            SegmentExport.id, SegmentExport.at, SegmentExport.file_name, SegmentExport.destination,
            SegmentExportMember.outcome,
        )
        .join(SegmentExportMember, SegmentExportMember.segment_export_id == SegmentExport.id)
        .where(SegmentExportMember.customer_id == customer_id)
        .order_by(SegmentExport.id)
    )  # fmt: skip
    return [dict(row) for row in session.execute(statement).mappings()]


def agreements(session: Session, channel: str) -> list[dict[str, Any]]:
    """Return who agreed to marketing by a channel, when and where: ``customer_id, consent_at, consent_source``."""
    statement = sa.select(
        Consent.customer_id, Consent.at.label("consent_at"), Consent.source.label("consent_source")
    ).where(Consent.channel == channel, Consent.purpose == "marketing", Consent.state == "subscribed")
    return [dict(row) for row in session.execute(statement).mappings()]


def scores(session: Session) -> list[dict[str, Any]]:
    """Return the stored predicted value of every scored customer."""
    statement = sa.select(*sa.inspect(CustomerScore).columns).order_by(CustomerScore.customer_id)
    return [dict(row) for row in session.execute(statement).mappings()]
