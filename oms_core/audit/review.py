"""Laws of review: risk assessments and suspected duplicates."""

from __future__ import annotations

import sqlalchemy as sa

from oms_core.audit.fulfilment import WORK
from oms_core.audit.holds import HOLD
from oms_core.audit.law import Law, by_query, count_of
from oms_core.audit.stock import ORDER
from oms_core.kernel.rows import table_of
from oms_core.review.risk import GUARD
from oms_core.review.rules import HIGH, MEDIUM
from oms_core.review.tables import DuplicateSuspicion, RiskAssessment

ASSESSMENT, SUSPICION = table_of(RiskAssessment), table_of(DuplicateSuspicion)


def _misjudged() -> sa.Select[*tuple[object, ...]]:
    """Return assessments whose level is not their score's, or that wait though nothing is doubted."""
    c = ASSESSMENT.c
    level = sa.case((c.score >= HIGH, "high"), (c.score >= MEDIUM, "medium"), else_="low")
    wrong = sa.or_(c.level != level, sa.and_(c.level == "low", c.state == "open"))
    return (
        sa.select(ORDER.c.number, c.id, c.score, c.level, c.state)
        .join(ASSESSMENT, c.order_id == ORDER.c.id)
        .where(wrong)
    )


def _running_free() -> sa.Select[*tuple[object, ...]]:
    """Return dangerous orders nobody has looked at, with work to do and no hold, past or present."""
    guarded = sa.exists().where(HOLD.c.order_id == ORDER.c.id, HOLD.c.guard_key == GUARD)
    to_do = sa.exists().where(WORK.c.order_id == ORDER.c.id, WORK.c.state.not_in(("closed", "cancelled")))
    danger = sa.and_(ASSESSMENT.c.level == "high", ASSESSMENT.c.state == "open", ORDER.c.state == "placed")
    return (
        sa.select(ORDER.c.number, ASSESSMENT.c.id, ASSESSMENT.c.score)
        .join(ASSESSMENT, ASSESSMENT.c.order_id == ORDER.c.id)
        .where(danger, to_do, sa.not_(guarded))
    )


def _still_standing() -> sa.Select[*tuple[object, ...]]:
    return (
        sa.select(ORDER.c.number, ASSESSMENT.c.id, ORDER.c.state)
        .join(ASSESSMENT, ASSESSMENT.c.order_id == ORDER.c.id)
        .where(ASSESSMENT.c.state == "rejected", ORDER.c.state != "cancelled")
    )


def _strangers() -> sa.Select[*tuple[object, ...]]:
    """Return pairs that are not two orders of one buyer, the newer first."""
    other = ORDER.alias("other")
    wrong = sa.or_(
        ORDER.c.customer_id != other.c.customer_id,
        SUSPICION.c.order_id <= SUSPICION.c.other_order_id,
        (SUSPICION.c.state == "open") != SUSPICION.c.decided_at.is_(None),
    )
    return (
        sa.select(SUSPICION.c.id, ORDER.c.number, other.c.number.label("other_number"))
        .join(ORDER, ORDER.c.id == SUSPICION.c.order_id)
        .join(other, other.c.id == SUSPICION.c.other_order_id)
        .where(wrong)
    )


LAWS = (
    Law(
        "review.level_follows_score",
        "A risk assessment's level is its score's, and low risk waits for nobody.",
        by_query(count_of(ASSESSMENT), _misjudged(), "order {number}: score {score}, {level}, {state}"),
    ),
    Law(
        "review.danger_is_held",
        "An order of high risk that nobody has looked at is held.",
        by_query(
            count_of(ASSESSMENT, ASSESSMENT.c.level == "high"),
            _running_free(),
            "order {number} has risk score {score} and may be shipped",
        ),
    ),
    Law(
        "review.rejected_are_cancelled",
        "An order that review rejected is cancelled.",
        by_query(count_of(ASSESSMENT), _still_standing(), "order {number} was rejected by review and is {state}"),
    ),
    Law(
        "review.duplicates_of_one_buyer",
        "A suspected duplicate is a pair of orders of one buyer, the newer first, and decided with a time.",
        by_query(count_of(SUSPICION), _strangers(), "suspicion {id}: {number} and {other_number} are no such pair"),
    ),
)
