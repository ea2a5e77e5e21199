"""Laws of the memory of segments: stays and the snapshots that opened and closed them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from oms_core.audit.law import Law, by_query, count_of
from oms_core.kernel.rows import table_of
from oms_core.marketing.segment_tables import SegmentMember, SegmentSnapshot

SNAPSHOT, STAY = table_of(SegmentSnapshot), table_of(SegmentMember)


def _stays(*where: sa.ColumnElement[bool]) -> sa.ScalarSelect[Any]:
    return (
        sa.select(sa.func.count())
        .select_from(STAY)
        .where(STAY.c.segment == SNAPSHOT.c.segment, *where)
        .scalar_subquery()
    )


def _misfits() -> sa.Select[Any]:
    """Return snapshots whose counts are not those of the stays they lie in, begin or end."""
    inside = _stays(
        STAY.c.entered_id <= SNAPSHOT.c.id, sa.or_(STAY.c.left_id.is_(None), STAY.c.left_id > SNAPSHOT.c.id)
    )
    came, went = _stays(STAY.c.entered_id == SNAPSHOT.c.id), _stays(STAY.c.left_id == SNAPSHOT.c.id)
    newest = sa.select(sa.func.max(SNAPSHOT.c.id)).group_by(SNAPSHOT.c.segment)
    wrong = sa.or_(
        SNAPSHOT.c.entered_count != came,
        SNAPSHOT.c.left_count != went,
        sa.and_(SNAPSHOT.c.id.in_(newest), SNAPSHOT.c.members != inside),
    )
    return sa.select(SNAPSHOT.c.id, SNAPSHOT.c.segment, SNAPSHOT.c.members).where(wrong)


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
