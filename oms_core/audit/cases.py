"""Laws of returned units, refunds, exchanges, claims and withdrawals."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.audit.law import Finding, Law, by_query, count_of, summed, zero
from oms_core.audit.money import PAYMENT, RETURN, RETURN_ADJUSTMENT, RETURN_LINE, UNIT
from oms_core.audit.stock import LINE, ORDER
from oms_core.kernel.rows import core, table_of
from oms_core.orders.tables import OrderAdjustment
from oms_core.returns import calendar
from oms_core.returns.case_tables import Claim, ClaimLine, CustomerMessage, Exchange, Withdrawal
from oms_core.returns.policy_tables import Refund, RefundPart
from oms_core.returns.records import VOID
from oms_core.returns.situation import EXCHANGED
from oms_core.returns.taken import SETTLING_KINDS, TAKING

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

EXCHANGE, CLAIM, CLAIM_LINE = table_of(Exchange), table_of(Claim), table_of(ClaimLine)
WITHDRAWAL, MESSAGE = table_of(Withdrawal), table_of(CustomerMessage)
REFUND, PART, ORDER_ADJUSTMENT = table_of(Refund), table_of(RefundPart), table_of(OrderAdjustment)


def _miscounted_units() -> sa.Select[*tuple[object, ...]]:
    here = sa.case((UNIT.c.disposition != "not_received", 1), else_=0)
    units = summed(UNIT, UNIT.c.return_line_id, units=here)
    return (
        sa.select(RETURN.c.number, RETURN_LINE.c.sku, RETURN_LINE.c.received_qty, units.c.units)
        .join(units, units.c.key == RETURN_LINE.c.id)
        .join(RETURN, RETURN.c.id == RETURN_LINE.c.return_id)
        .where(RETURN_LINE.c.received_qty != units.c.units)
    )


def _taken_beyond_shipped() -> sa.Select[*tuple[object, ...]]:
    """Return order lines of which returns and claims together want more than was shipped."""
    coming = (
        sa.select(
            RETURN_LINE.c.order_line_id.label("key"),
            sa.func.sum(RETURN_LINE.c.quantity - RETURN_LINE.c.received_qty).label("units"),
        )
        .join(RETURN, RETURN.c.id == RETURN_LINE.c.return_id)
        .where(RETURN_LINE.c.disposition == "pending", RETURN.c.state.in_(TAKING))
        .group_by(RETURN_LINE.c.order_line_id)
        .subquery()
    )
    claimed = (
        sa.select(CLAIM_LINE.c.order_line_id.label("key"), sa.func.sum(CLAIM_LINE.c.quantity).label("units"))
        .join(CLAIM, CLAIM.c.id == CLAIM_LINE.c.claim_id)
        .outerjoin(RETURN, RETURN.c.id == CLAIM.c.return_id)
        .where(
            CLAIM.c.state != "rejected",
            CLAIM.c.resolution != "none",
            CLAIM.c.kind.in_(SETTLING_KINDS),
            sa.or_(CLAIM.c.return_id.is_(None), RETURN.c.state.in_(VOID)),
        )
        .group_by(CLAIM_LINE.c.order_line_id)
        .subquery()
    )
    wanted = LINE.c.returned_qty + zero(coming.c.units) + zero(claimed.c.units)
    return (
        sa.select(ORDER.c.number, LINE.c.position, LINE.c.shipped_qty, wanted.label("wanted"))
        .join(ORDER, ORDER.c.id == LINE.c.order_id)
        .outerjoin(coming, coming.c.key == LINE.c.id)
        .outerjoin(claimed, claimed.c.key == LINE.c.id)
        .where(sa.or_(coming.c.key.is_not(None), claimed.c.key.is_not(None)), wanted > LINE.c.shipped_qty)
    )


def _unpaid_refunds() -> sa.Select[*tuple[object, ...]]:
    """Return refunds that are not the sum of refund payments of their own order."""
    paid = (
        sa.select(PART.c.refund_id.label("key"), sa.func.sum(PART.c.amount_minor).label("amount"))
        .join(PAYMENT, PAYMENT.c.id == PART.c.payment_id)
        .join(REFUND, REFUND.c.id == PART.c.refund_id)
        .where(
            PAYMENT.c.kind == "refund",
            PAYMENT.c.order_id == REFUND.c.order_id,
            PAYMENT.c.amount_minor == PART.c.amount_minor,
            PAYMENT.c.gateway == PART.c.gateway,
        )
        .group_by(PART.c.refund_id)
        .subquery()
    )
    return (
        sa.select(REFUND.c.number, REFUND.c.total_minor, zero(paid.c.amount).label("paid"))
        .outerjoin(paid, paid.c.key == REFUND.c.id)
        .where(REFUND.c.total_minor != zero(paid.c.amount))
    )


def _uneven_exchanges() -> sa.Select[*tuple[object, ...]]:
    """Return completed exchanges whose money is not twice what it was reckoned to be."""
    c = EXCHANGE.c
    kept = summed(
        RETURN_ADJUSTMENT, RETURN_ADJUSTMENT.c.return_id,
        amount=sa.case((RETURN_ADJUSTMENT.c.code == EXCHANGED, RETURN_ADJUSTMENT.c.amount_minor), else_=0),
    )  # fmt: skip
    title = sa.literal("Exchange ") + c.number + sa.literal(": paid with returned goods")
    given = (
        sa.select(sa.func.coalesce(sa.func.sum(ORDER_ADJUSTMENT.c.amount_minor), 0))
        .where(ORDER_ADJUSTMENT.c.order_id == c.order_id, ORDER_ADJUSTMENT.c.title == title)
        .scalar_subquery()
    )
    smaller = sa.case((c.new_minor < c.returned_minor, c.new_minor), else_=c.returned_minor)
    sign = sa.case(
        (c.difference_minor > 0, c.settlement == "due"),
        (c.difference_minor == 0, c.settlement == "even"),
        else_=c.settlement.in_(("refund", "store_credit", "even")),
    )
    wrong = sa.or_(
        c.difference_minor != c.new_minor - c.returned_minor, c.credit_minor != smaller, sa.not_(sign),
        zero(kept.c.amount) != -c.credit_minor, given != -c.credit_minor,
    )  # fmt: skip
    return (
        sa.select(c.number, c.new_minor, c.returned_minor, c.credit_minor, c.settlement, given.label("given"))
        .outerjoin(kept, kept.c.key == c.return_id)
        .where(c.state == "completed", wrong)
    )


def _unsettled_claims() -> sa.Select[*tuple[object, ...]]:
    """Return claims whose resolution left no trace, or another one."""
    c, money = CLAIM.c, CLAIM.c.resolution.in_(("refund", "store_credit"))
    wrong = sa.or_(
        money != c.refund_id.is_not(None),
        sa.and_(money, c.amount_minor != REFUND.c.total_minor),
        (c.resolution == "replacement") != c.order_change_id.is_not(None),
        sa.and_(c.state.in_(("approved", "resolved")), c.keeps_item != c.return_id.is_(None)),
    )
    return (
        sa.select(c.number, c.state, c.resolution, c.amount_minor)
        .outerjoin(REFUND, REFUND.c.id == c.refund_id)
        .where(wrong)
    )


def withdrawal_days(session: Session) -> Finding:
    """Reckon every withdrawal's days again from the calendar."""
    checked, broken, first = 0, 0, None
    for row in core(session).execute(sa.select(WITHDRAWAL).order_by(WITHDRAWAL.c.id)):
        ends = row.last_good_on and calendar.period_ends(
            row.last_good_on, row.country, was_informed=row.was_informed, informed_on=row.informed_on
        )
        right = (ends, calendar.ends(row.declared_on, row.country), calendar.refund_due(row.declared_on))
        kept = (row.period_ends_on, row.send_back_by_on, row.refund_due_on)
        late = ends is not None and row.declared_on > ends
        checked += 1
        if kept != right or (late and not row.doubt):
            broken += 1
            days = ", ".join(str(day) for day in right)
            first = first or f"withdrawal {row.number}: its days are {days}" + (", and it was late" if late else "")
    return Finding(checked, broken, first)


def acknowledgements(session: Session) -> Finding:
    """Look for withdrawals without an acknowledgement, and for messages whose text was changed."""
    said = sa.and_(MESSAGE.c.object_type == "withdrawal", MESSAGE.c.object_id == WITHDRAWAL.c.id)
    statement = sa.select(WITHDRAWAL.c.number, MESSAGE.c.body, MESSAGE.c.body_sha256).outerjoin(MESSAGE, said)
    checked, broken, first = 0, 0, None
    for row in core(session).execute(statement.order_by(WITHDRAWAL.c.id)):
        checked += 1
        if row.body is None or hashlib.sha256(row.body.encode()).hexdigest() != row.body_sha256:
            broken += 1
            first = first or f"withdrawal {row.number} has no acknowledgement as it was written"
    return Finding(checked, broken, first)


LAWS = (
    Law(
        "returns.units_counted",
        "Where units were counted one by one, a return line received as many as are there.",
        by_query(
            count_of(UNIT), _miscounted_units(), "return {number}, {sku}: {received_qty} received, {units} unit(s) here"
        ),
    ),
    Law(
        "returns.taken_within_shipped",
        "Returned units, units on their way back and claimed units of a line are together at most its shipped ones.",
        by_query(
            count_of(LINE),
            _taken_beyond_shipped(),
            "order {number}, line {position}: {wanted} returned, coming back or claimed of {shipped_qty} shipped",
        ),
    ),
    Law(
        "refunds.paid_as_explained",
        "A refund is the sum of refund payments of its own order.",
        by_query(count_of(REFUND), _unpaid_refunds(), "refund {number}: {total_minor}, its payments gave {paid}"),
    ),
    Law(
        "exchanges.difference_adds_up",
        "What returned goods paid of new ones stands once on the order and once on the return; the rest is settled.",
        by_query(
            count_of(EXCHANGE),
            _uneven_exchanges(),
            "exchange {number}: {returned_minor} back for {new_minor}, credit {credit_minor} ({given} on the order),"
            " settled as {settlement}",
        ),
    ),
    Law(
        "claims.settled_as_said",
        "A claim's resolution is there: its refund, its replacement, or the return of goods that are not kept.",
        by_query(
            count_of(CLAIM), _unsettled_claims(), "claim {number} is {state} ({resolution}, {amount_minor}) without it"
        ),
    ),
    Law(
        "withdrawals.follow_the_calendar",
        "The days of a withdrawal are what the law's calendar says, and a late one waits for a decision.",
        withdrawal_days,
    ),
    Law(
        "withdrawals.acknowledged",
        "Every withdrawal has its acknowledgement, word for word as it was written.",
        acknowledgements,
    ),
)
