"""What is known of one customer beside the list: the stored forecast with its interval, segments, merges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from app import data

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def about(customer_id: int, number: str) -> dict[str, Any]:
    """Return ``score`` (or None), ``stays`` (segment, came and went, newest first) and ``merges``."""
    return _about(data.watermark(), customer_id, number)


@data.remembered(20)
def _about(mark: str, customer_id: int, number: str) -> dict[str, Any]:
    del mark
    from oms_core.merging.queries import merges_of

    with data.floor().workspace.reading() as session:
        return {
            "score": _score(session, customer_id),
            "stays": _stays(session, customer_id),
            "merges": merges_of(session, number),
        }


def _score(session: Session, customer_id: int) -> dict[str, Any] | None:
    """Return the stored forecast of a customer, value in major units."""
    from oms_core.marketing.tables import CustomerScore

    columns = (CustomerScore.at, CustomerScore.horizon_days, CustomerScore.expected_value, CustomerScore.value_lo_90,
               CustomerScore.value_hi_90)  # fmt: skip
    found = (
        session.execute(sa.select(*columns).where(CustomerScore.customer_id == customer_id)).mappings().one_or_none()
    )
    return dict(found) if found else None


def _stays(session: Session, customer_id: int) -> list[dict[str, Any]]:
    """Return the segments a customer was in, by snapshots, newest first."""
    from oms_core.marketing.segment_tables import SegmentMember, SegmentSnapshot

    came, went = sa.orm.aliased(SegmentSnapshot), sa.orm.aliased(SegmentSnapshot)
    rows = (
        sa.select(SegmentMember.segment, came.business_date.label("came"), went.business_date.label("went"))
        .join(came, came.id == SegmentMember.entered_id)
        .outerjoin(went, went.id == SegmentMember.left_id)
        .where(SegmentMember.customer_id == customer_id)
        .order_by(came.id.desc())
        .limit(12)
    )
    return [dict(row) for row in session.execute(rows).mappings()]
