"""Remember who was in a segment, since when and why; keep what was known of each customer; keep models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel import clock, journal
from oms_core.kernel.bulk import bulk_insert
from oms_core.kernel.rows import core, table_of
from oms_core.marketing.segment_tables import CustomerTraits, SegmentMember, SegmentModel, SegmentSnapshot

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

#: Why a customer came or went: clauses that changed, each ``{clause, subject, kind, was, is}``, or one special reason.
Reasons = list[dict[str, Any]]
#: Customers closed by one statement: SQLite takes 32,766 values.
CHUNK = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSnapshot:
    """What one count of one segment found; money in minor units of `currency`."""

    segment: str
    version: int
    expression: str
    business_date: date
    trigger_kind: str
    customers: int
    members: int
    reachable: Mapping[str, int]
    currency: str
    spent_12m_minor: int
    expected_90d_minor: int | None = None


def record_snapshot(
    session: Session,
    new: NewSnapshot,
    *,
    entered: Sequence[tuple[int, Reasons]],
    left: Sequence[tuple[int, Reasons]],
    actor: str = "system",
) -> SegmentSnapshot:
    """Keep a snapshot, open the stays of who came and close those of who went.

    Parameters
    ----------
    entered, left : sequence of (int, list)
        Customer and reasons.
    """
    kept = SegmentSnapshot(
        segment=new.segment, version=new.version, expression=new.expression, at=clock.now(),
        business_date=new.business_date, trigger_kind=new.trigger_kind, actor=actor, customers=new.customers,
        members=new.members, entered_count=len(entered), left_count=len(left), reachable=dict(new.reachable),
        currency=new.currency, spent_12m_minor=new.spent_12m_minor, expected_90d_minor=new.expected_90d_minor,
    )  # fmt: skip
    session.add(kept)
    session.flush()
    if entered:
        columns = ("segment", "customer_id", "entered_id", "came_because")
        rows = ((new.segment, customer, kept.id, because) for customer, because in entered)
        bulk_insert(core(session), table_of(SegmentMember), columns, rows)
    _close(session, kept, left)
    return kept


def _close(session: Session, at: SegmentSnapshot, left: Sequence[tuple[int, Reasons]]) -> None:
    stays = table_of(SegmentMember)
    closing = (
        sa.update(stays)
        .where(
            stays.c.segment == at.segment, stays.c.left_id.is_(None), stays.c.customer_id == sa.bindparam("customer")
        )
        .values(left_id=at.id, went_because=sa.bindparam("because", type_=stays.c.went_because.type))
    )
    for start in range(0, len(left), CHUNK):
        part = [{"customer": customer, "because": because} for customer, because in left[start : start + CHUNK]]
        core(session).execute(closing, part)


def replace_traits(session: Session, business_date: date, rows: Iterable[tuple[int, Mapping[str, Any]]]) -> int:
    """Replace what is known of every customer by `rows` of customer and attributes; return how many there are."""
    traits = table_of(CustomerTraits)
    session.execute(sa.delete(traits))
    columns = ("customer_id", "business_date", "body")
    return bulk_insert(core(session), traits, columns, ((key, business_date, dict(body)) for key, body in rows))


def store_model(session: Session, *, kind: str, body: Mapping[str, Any], actor: str = "system") -> SegmentModel:
    """Keep a model as the current one of its kind; the older ones stay, so that past members can be explained."""
    newest = session.scalar(sa.select(sa.func.max(SegmentModel.version)).where(SegmentModel.kind == kind)) or 0
    session.execute(sa.update(SegmentModel).where(SegmentModel.kind == kind).values(is_current=False))
    kept = SegmentModel(kind=kind, version=newest + 1, at=clock.now(), actor=actor, body=dict(body))
    session.add(kept)
    session.flush()
    journal.record(
        session, "segment_model.stored", "segment_model", kept.id, actor=actor, kind=kind, version=kept.version
    )
    return kept
