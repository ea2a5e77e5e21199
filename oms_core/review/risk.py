"""Assess the risk of orders, hold the dangerous ones, and take a person's decision on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.fulfilment.commands import NewHold, hold_all, release_all
from oms_core.fulfilment.tables import FulfillmentHold
from oms_core.kernel import clock, journal
from oms_core.kernel.bulk import bulk_insert
from oms_core.kernel.errors import NotFound, OmsError
from oms_core.kernel.rows import core, table_of
from oms_core.orders.commands import cancel_order
from oms_core.orders.tables import Order
from oms_core.review.evidence import facts_of, rules_of
from oms_core.review.rules import Verdict
from oms_core.review.rules import assess as judge
from oms_core.review.states import ASSESSMENT
from oms_core.review.tables import RiskAssessment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

_ASSESSMENT, _HOLD = table_of(RiskAssessment), table_of(FulfillmentHold)
_COLUMNS = ("order_id", "score", "level", "reasons", "state", "at", "reviewer")
#: Guard key of the holds of this room: what a person released is not held again.
GUARD = "risk"
#: Reviewer of what the rules let through by themselves.
RULES = "rules"
#: Word the journal and the order give for a cancelling after review.
CANCEL_REASON = "risk"


def assess(session: Session, order_ids: Sequence[int], *, actor: str = RULES) -> dict[int, Verdict]:
    """Assess orders by the shop's rules; high risk is held until somebody has looked.

    Low risk is let through. Assessed again (after an edit), an order keeps what a person decided on it.
    A constant number of statements for many orders.

    Returns
    -------
    dict of int to Verdict
        Score, level and reasons by order id; orders that do not exist are left out.
    """
    connection = core(session)
    rules = rules_of(connection)
    found = facts_of(connection, order_ids, rules)
    verdicts = {key: judge(facts, rules) for key, (_, facts) in found.items()}
    before = {row.order_id: row for row in connection.execute(_of(list(verdicts)))}
    _write(session, verdicts, before, actor)
    dangerous = [
        NewHold(order_id=key, reason="risk", note=_note(verdict), guard_key=GUARD)
        for key, verdict in verdicts.items()
        if verdict.level == "high" and found[key][0].state == "placed" and not _decided(before.get(key))
    ]
    if dangerous:
        # one that has left already cannot be held; it still waits in the queue to be looked at
        hold_all(session, dangerous, actor=actor)
    return verdicts


def approve(session: Session, order_id: int, *, actor: str) -> RiskAssessment:
    """Let an order through: its risk hold is released and not put on again. See :func:`approve_all`."""
    (refused,) = approve_all(session, [order_id], actor=actor)
    return _answer(session, order_id, refused)


def approve_all(session: Session, order_ids: Sequence[int], *, actor: str) -> list[OmsError | None]:
    """Let many orders through, each for itself; None where it is done (now or before).

    Returns
    -------
    list of OmsError or None
        NotFound for an order without assessment, TransitionRefused for one that was rejected.
    """
    connection = core(session)
    rows = {row.order_id: row for row in connection.execute(_of(order_ids))}
    outcome = [_may(rows.get(key), key, "approved") for key in order_ids]
    good = [key for key, refused in zip(order_ids, outcome, strict=True) if refused is None]
    _decide(session, [rows[key] for key in dict.fromkeys(good)], "approved", actor)
    held = sa.select(_HOLD.c.id).where(
        _HOLD.c.order_id.in_(good), _HOLD.c.guard_key == GUARD, _HOLD.c.released_at.is_(None)
    )
    release_all(session, list(connection.execute(held).scalars()), actor=actor)
    return outcome


def reject(session: Session, order_id: int, *, zone: str, actor: str) -> RiskAssessment:
    """Refuse an order: it is cancelled and its stock released. See :func:`reject_all`."""
    (refused,) = reject_all(session, [order_id], zone=zone, actor=actor)
    return _answer(session, order_id, refused)


def reject_all(session: Session, order_ids: Sequence[int], *, zone: str, actor: str) -> list[OmsError | None]:
    """Refuse many orders, each for itself; None where it is done (now or before).

    Returns
    -------
    list of OmsError or None
        Why an order stands: not assessed, or shipped already (``order.shipped``).
    """
    rows = {row.order_id: row for row in core(session).execute(_of(order_ids))}
    return [_reject_one(session, rows.get(key), key, zone=zone, actor=actor) for key in order_ids]


def _reject_one(session: Session, row: Any, order_id: int, *, zone: str, actor: str) -> OmsError | None:
    refused = _may(row, order_id, "rejected")
    if refused is not None or row.state == "rejected":
        return refused
    try:
        if session.get_one(Order, order_id).state != "cancelled":
            cancel_order(session, order_id, reason=CANCEL_REASON, actor=actor, zone=zone)
    except OmsError as error:
        return error
    _decide(session, [row], "rejected", actor)
    return None


def _of(order_ids: Sequence[int]) -> sa.Select[Any]:
    return sa.select(_ASSESSMENT).where(_ASSESSMENT.c.order_id.in_(list(order_ids))).order_by(_ASSESSMENT.c.order_id)


def _decided(row: Any) -> bool:
    """Return whether a person has decided on the order."""
    return row is not None and row.reviewer not in {"", RULES}


def _note(verdict: Verdict) -> str:
    return f"score {verdict.score}: " + "; ".join(reason["sentence"] for reason in verdict.reasons)[:400]


def _may(row: Any, order_id: int, target: str) -> OmsError | None:
    if row is None:
        return NotFound("risk assessment", order_id, hint="Assess the order first: ordersight orders review")
    if row.state == target:
        return None
    try:
        ASSESSMENT.check(f"of order id {order_id}", row.state, target)
    except OmsError as refused:
        return refused
    return None


def _decide(session: Session, rows: Sequence[Any], state: str, actor: str) -> None:
    """Write a person's decision; what the rules let through by themselves becomes the person's word too."""
    new = [row for row in rows if row.state != state or not _decided(row)]
    if not new:
        return
    session.connection().execute(
        sa.update(_ASSESSMENT)
        .where(_ASSESSMENT.c.id.in_([row.id for row in new]))
        .values(state=state, reviewer=actor, reviewed_at=clock.now())
    )
    events = [(f"risk.{state}", row.order_id, {"score": row.score, "before": row.state, "after": state}) for row in new]
    journal.record_all(session, "order", events, actor=actor)


def _answer(session: Session, order_id: int, refused: OmsError | None) -> RiskAssessment:
    if refused is not None:
        raise refused
    statement = sa.select(RiskAssessment).where(RiskAssessment.order_id == order_id)
    return session.scalars(statement, execution_options={"populate_existing": True}).one()


def _write(session: Session, verdicts: dict[int, Verdict], before: dict[int, Any], actor: str) -> None:
    """Insert or renew assessments; tell the journal of those a person should know of, and of changes."""
    connection, now = session.connection(), clock.now()
    fresh = [
        (key, v.score, v.level, v.reasons, _first_state(v), now, RULES if v.level == "low" else "")
        for key, v in verdicts.items()
        if key not in before
    ]
    if fresh:
        bulk_insert(connection, _ASSESSMENT, _COLUMNS, fresh)
    for key, row in before.items():
        verdict = verdicts[key]
        values: dict[str, Any] = {"score": verdict.score, "level": verdict.level, "reasons": verdict.reasons, "at": now}
        if not _decided(row):
            values |= {"state": _first_state(verdict), "reviewer": RULES if verdict.level == "low" else ""}
        connection.execute(sa.update(_ASSESSMENT).where(_ASSESSMENT.c.id == row.id).values(**values))
    events = [
        ("risk.assessed", key, _told(verdict, before.get(key)))
        for key, verdict in verdicts.items()
        if (verdict.level != "low" if key not in before else before[key].score != verdict.score)
    ]
    if events:
        journal.record_all(session, "order", events, actor=actor)


def _first_state(verdict: Verdict) -> str:
    return "approved" if verdict.level == "low" else "open"


def _told(verdict: Verdict, row: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "score": verdict.score, "level": verdict.level, "reasons": [r["sentence"] for r in verdict.reasons],
    }  # fmt: skip
    if row is not None:
        facts |= {"before": {"score": row.score}, "after": {"score": verdict.score}}
    return facts
