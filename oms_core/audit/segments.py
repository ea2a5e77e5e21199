"""Laws of the memory of segments: stays and the snapshots that opened and closed them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from oms_core.audit.law import Law, by_query, count_of, summed, zero
from oms_core.kernel.rows import table_of
from oms_core.marketing.segment_tables import SegmentMember, SegmentSnapshot

SNAPSHOT, STAY = table_of(SegmentSnapshot), table_of(SegmentMember)


def _misfits() -> sa.Select[Any]:
    """Return snapshots whose counts are not those of the stays they began and ended, or of those still open."""
    one = sa.literal(1)
    came = summed(STAY, STAY.c.entered_id, stays=one)
    went = summed(STAY, STAY.c.left_id, stays=one)
    is_open = sa.case((STAY.c.left_id.is_(None), 1), else_=0)
    inside = summed(STAY, STAY.c.segment, stays=is_open)
    newest = sa.select(sa.func.max(SNAPSHOT.c.id)).group_by(SNAPSHOT.c.segment)
    wrong = sa.or_(
        SNAPSHOT.c.entered_count != zero(came.c.stays),
        SNAPSHOT.c.left_count != zero(went.c.stays),
        sa.and_(SNAPSHOT.c.id.in_(newest), SNAPSHOT.c.members != zero(inside.c.stays)),
    )
    return (
        sa.select(SNAPSHOT.c.id, SNAPSHOT.c.segment, SNAPSHOT.c.members)
        .outerjoin(came, came.c.key == SNAPSHOT.c.id)
        .outerjoin(went, went.c.key == SNAPSHOT.c.id)
        .outerjoin(inside, inside.c.key == SNAPSHOT.c.segment)
        .where(wrong)
    )


def _twice() -> sa.Select[Any]:
    return (
        sa.select(STAY.c.segment, STAY.c.customer_id, sa.func.count().label("stays"))
        .where(STAY.c.left_id.is_(None))
        .group_by(STAY.c.segment, STAY.c.customer_id)
        .having(sa.func.count() > 1)
    )


LAWS = (
    Law(
        "segments.stays_fit_snapshots",
        "Every snapshot counts the stays it began and ended, and the newest of a segment those that are open.",
        by_query(count_of(SNAPSHOT), _misfits(), "snapshot {id} of {segment!r} ({members} members) does not fit"),
    ),
    Law(
        "segments.one_open_stay",
        "A customer is in a segment at most once at a time.",
        by_query(count_of(STAY), _twice(), "customer {customer_id} is in segment {segment!r} {stays} times"),
    ),
)
