"""Keep segments, exports and predicted values; every change of a definition is a new version."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.customers.tables import Customer
from oms_core.kernel import clock, journal
from oms_core.kernel.bulk import bulk_insert
from oms_core.kernel.errors import InvalidInput, NotFound, Refused
from oms_core.kernel.rows import core, table_of
from oms_core.marketing.queries import current_segment
from oms_core.marketing.tables import CustomerScore, Segment, SegmentExport, SegmentExportMember

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

#: What became of a member of an export; every other outcome is a reason for being left out.
EXPORTED = "exported"


@dataclass(frozen=True, slots=True)
class NewScore:
    """A customer's predicted future over a horizon; values in major units of the shop's currency."""

    customer_id: int
    expected_orders: float
    expected_value: float
    value_lo_90: float
    value_hi_90: float
    p_active: float
    p_alive: float
    expected_value_12m: float | None = None
    p_active_30d: float | None = None
    next_order_on: date | None = None


def save_segment(
    session: Session,
    *,
    name: str,
    expression: str,
    description: str = "",
    actor: str = "system",
    is_list: bool = False,
) -> Segment:
    """Save a segment; an unchanged definition keeps its version, a changed one gets the next.

    Parameters
    ----------
    is_list : bool
        The segment holds whom it holds now; its members are stored by `snapshots.record_snapshot`.

    Raises
    ------
    InvalidInput
        An empty name or expression.
    Refused
        ``segment.is_list``: a list has no definition to change.
    """
    name, expression = name.strip(), expression.strip()
    for field, value in (("name", name), ("expression", expression)):
        if not value:
            raise InvalidInput(field, value, "some text was expected", code=f"segment.no_{field}")
    before = session.scalar(_CURRENT.where(Segment.name == name))
    if before is not None and before.is_list:
        raise Refused("segment.is_list", f"{name} is a list: it is never changed.", "Save it under another name.")
    if before is not None and (before.expression, before.description) == (expression, description):
        return before
    if before is not None:
        before.is_current = False
        session.flush()
    newest = session.scalar(sa.select(sa.func.max(Segment.version)).where(Segment.name == name)) or 0
    saved = Segment(
        name=name,
        version=newest + 1,
        expression=expression,
        description=description,
        created_at=clock.now(),
        is_list=is_list,
        author=actor,
    )
    session.add(saved)
    session.flush()
    journal.record(
        session, "segment.saved", "segment", saved.id, actor=actor, name=name, version=saved.version,
        before=before.expression if before else None, after=expression,
    )  # fmt: skip
    return saved


def retire_segment(session: Session, *, name: str, actor: str = "system") -> None:
    """Take a segment out of the list; its versions stay, for the exports that used them."""
    found = session.get_one(Segment, current_segment(session, name)["id"])
    found.is_current = False
    session.flush()
    journal.record(session, "segment.retired", "segment", found.id, actor=actor, name=name)


def register_export(
    session: Session,
    *,
    segment: str,
    destination: str,
    purpose: str,
    file_name: str,
    sha256: str,
    manifest: Mapping[str, Any],
    members: Sequence[tuple[int, str]],
    actor: str = "system",
) -> SegmentExport:
    """Record what left the house and who was in it.

    Parameters
    ----------
    segment : str
        Name or expression that was exported.
    members : sequence of (int, str)
        Customer and outcome: ``exported``, or why the person was left out.
    """
    exported = sum(outcome == EXPORTED for _, outcome in members)
    kept = SegmentExport(
        at=clock.now(), actor=actor, segment=segment, destination=destination, purpose=purpose, file_name=file_name,
        sha256=sha256, members=len(members), exported=exported, dropped=len(members) - exported,
        manifest=dict(manifest),
    )  # fmt: skip
    session.add(kept)
    session.flush()
    rows = ((kept.id, customer_id, outcome) for customer_id, outcome in members)
    columns = ("segment_export_id", "customer_id", "outcome")
    bulk_insert(core(session), table_of(SegmentExportMember), columns, rows)
    journal.record(
        session, "segment.exported", "segment_export", kept.id, actor=actor, segment=segment, destination=destination,
        purpose=purpose, file_name=file_name, sha256=sha256, members=len(members), exported=exported,
    )  # fmt: skip
    return kept


def store_scores(
    session: Session, *, model: str, horizon_days: int, scores: Iterable[NewScore], actor: str = "system"
) -> int:
    """Replace every customer's predicted value by this fit; return how many were stored.

    Raises
    ------
    NotFound
        A score names a customer that does not exist.
    """
    at, new = clock.now(), list(scores)
    known = set(session.scalars(sa.select(Customer.id)))
    unknown = [score.customer_id for score in new if score.customer_id not in known]
    if unknown:
        raise NotFound("customer", unknown[0], hint="Refresh the replica and fit again.")
    session.execute(sa.delete(CustomerScore))
    columns = (
        "at", "model", "horizon_days", "customer_id", "expected_orders", "expected_value", "value_lo_90",
        "value_hi_90", "p_active", "p_alive", "expected_value_12m", "p_active_30d", "next_order_on",
    )  # fmt: skip
    rows = ((at, model, horizon_days, *astuple(score)) for score in new)
    stored = bulk_insert(core(session), table_of(CustomerScore), columns, rows) if new else 0
    journal.record(session, "scores.stored", "customer_score", 0, actor=actor, model=model, customers=len(new))
    return stored


_CURRENT = sa.select(Segment).where(Segment.is_current).with_for_update()
