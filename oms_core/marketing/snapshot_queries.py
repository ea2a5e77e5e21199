"""Read the memory of segments: growth, who came and went, the members of a list, a customer's own history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.customers.tables import Customer
from oms_core.kernel.rows import table_of
from oms_core.marketing.segment_tables import CustomerTraits, SegmentMember, SegmentModel, SegmentSnapshot

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

SNAPSHOTS, STAYS = table_of(SegmentSnapshot), table_of(SegmentMember)


def snapshots(session: Session, name: str, *, limit: int = 400) -> list[dict[str, Any]]:
    """Return the snapshots of a segment, newest first."""
    statement = sa.select(SNAPSHOTS).where(SNAPSHOTS.c.segment == name).order_by(SNAPSHOTS.c.id.desc()).limit(limit)
    return [dict(row) for row in session.execute(statement).mappings()]


def latest(session: Session) -> dict[str, dict[str, Any]]:
    """Return the newest snapshot of every segment, by name."""
    newest = sa.select(sa.func.max(SNAPSHOTS.c.id)).group_by(SNAPSHOTS.c.segment)
    rows = session.execute(sa.select(SNAPSHOTS).where(SNAPSHOTS.c.id.in_(newest))).mappings()
    return {row["segment"]: dict(row) for row in rows}


def open_stays(session: Session, name: str) -> list[int]:
    """Return the customers who are in a segment by its newest snapshot."""
    statement = sa.select(STAYS.c.customer_id).where(STAYS.c.segment == name, STAYS.c.left_id.is_(None))
    return list(session.execute(statement.order_by(STAYS.c.customer_id)).scalars())


def movements(session: Session, name: str, *, limit: int = 200, snapshot: int | None = None) -> list[dict[str, Any]]:
    """Return who came and went, newest first: ``at, customer_id, number, name, kind`` (in or out), ``because``.

    Parameters
    ----------
    snapshot : int, optional
        Only those of one snapshot.
    """
    came = _moved(name, STAYS.c.entered_id, STAYS.c.came_because, "in", snapshot)
    went = _moved(name, STAYS.c.left_id, STAYS.c.went_because, "out", snapshot)
    both = sa.union_all(came, went).subquery()
    statement = sa.select(both).order_by(both.c.snapshot_id.desc(), both.c.kind, both.c.customer_id).limit(limit)
    return [dict(row) for row in session.execute(statement).mappings()]


def _moved(
    name: str, key: sa.ColumnElement[Any], because: sa.ColumnElement[Any], kind: str, snapshot: int | None
) -> sa.Select[Any]:
    people = table_of(Customer)
    statement = (
        sa.select(
            SNAPSHOTS.c.id.label("snapshot_id"), SNAPSHOTS.c.at, SNAPSHOTS.c.business_date, STAYS.c.customer_id,
            people.c.number, people.c.name, sa.literal(kind).label("kind"), because.label("because"),
        )
        .join_from(STAYS, SNAPSHOTS, SNAPSHOTS.c.id == key)
        .join(people, people.c.id == STAYS.c.customer_id)
        .where(STAYS.c.segment == name)
    )  # fmt: skip
    return statement if snapshot is None else statement.where(SNAPSHOTS.c.id == snapshot)


def members_page(session: Session, name: str, *, after: int = 0, limit: int = 100) -> list[dict[str, Any]]:
    """Return members by the newest snapshot, by customer: ``id, number, name, country, since, because``."""
    people = table_of(Customer)
    statement = (
        sa.select(
            people.c.id, people.c.number, people.c.name, people.c.country, SNAPSHOTS.c.business_date.label("since"),
            STAYS.c.came_because.label("because"),
        )
        .join_from(STAYS, people, people.c.id == STAYS.c.customer_id)
        .join(SNAPSHOTS, SNAPSHOTS.c.id == STAYS.c.entered_id)
        .where(STAYS.c.segment == name, STAYS.c.left_id.is_(None), people.c.id > after)
        .order_by(people.c.id)
        .limit(limit)
    )  # fmt: skip
    return [dict(row) for row in session.execute(statement).mappings()]


def stays_of(session: Session, customer_id: int) -> list[dict[str, Any]]:
    """Return a customer's segments through time, newest first: ``segment, since, until`` and both reasons."""
    gone = SNAPSHOTS.alias("gone")
    statement = (
        sa.select(
            STAYS.c.segment, SNAPSHOTS.c.business_date.label("since"), gone.c.business_date.label("until"),
            STAYS.c.came_because, STAYS.c.went_because,
        )
        .join_from(STAYS, SNAPSHOTS, SNAPSHOTS.c.id == STAYS.c.entered_id)
        .outerjoin(gone, gone.c.id == STAYS.c.left_id)
        .where(STAYS.c.customer_id == customer_id)
        .order_by(STAYS.c.entered_id.desc(), STAYS.c.segment)
    )  # fmt: skip
    return [dict(row) for row in session.execute(statement).mappings()]


def last_traits(session: Session) -> tuple[date | None, Sequence[tuple[int, dict[str, Any]]]]:
    """Return what was known of every customer at the last snapshot, and the day it was."""
    traits = table_of(CustomerTraits)
    rows = session.execute(sa.select(traits.c.customer_id, traits.c.body, traits.c.business_date)).all()
    return (rows[0].business_date if rows else None), [(row.customer_id, row.body) for row in rows]


def traits_day(session: Session) -> date | None:
    """Return the day of the last snapshot's traits; None before the first."""
    newest: date | None = session.scalar(sa.select(sa.func.max(CustomerTraits.business_date)))
    return newest


def current_model(session: Session, kind: str) -> dict[str, Any] | None:
    """Return the current model of a kind: ``version, at, actor, body``; None before the first."""
    model = table_of(SegmentModel)
    statement = sa.select(model).where(model.c.kind == kind, model.c.is_current)
    row = session.execute(statement).mappings().one_or_none()
    return None if row is None else dict(row)
