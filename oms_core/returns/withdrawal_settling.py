"""Refund a withdrawal by the law's terms, and keep the queue of refunds with the days that are left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel import clock, journal
from oms_core.kernel.errors import InvalidInput, Refused
from oms_core.orders.tables import Order
from oms_core.payments.accounts import WRITE_OFF
from oms_core.payments.tables import Payment
from oms_core.returns.calendar import payable_on
from oms_core.returns.case_tables import Withdrawal
from oms_core.returns.giving_back import captured_left, give_back, parts_of
from oms_core.returns.policies import Terms, statutory, terms_for
from oms_core.returns.proposals import Proposal, ProposalLine, capped
from oms_core.returns.records import VOID
from oms_core.returns.refunds import pay_refund, propose_refund
from oms_core.returns.states import WITHDRAWAL
from oms_core.returns.tables import Return
from oms_core.returns.withdrawals import locked

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from oms_core.returns.policy_tables import Refund

_ARRIVED = ("received", "inspected", "closed")


def settle_withdrawal(
    session: Session,
    *,
    withdrawal_id: int,
    method: str = "original",
    consumer_agreed: bool = False,
    carriage_paid_minor: int = 0,
    before_goods: bool = False,
    zone: str,
    actor: str = "system",
) -> Withdrawal:
    """Give the money back: goods, the whole order's standard delivery, no fee (articles 13 and 14).

    Parameters
    ----------
    consumer_agreed : bool
        The consumer expressly agreed to another way than the one they paid by; store credit needs it.
    before_goods : bool
        Pay although neither goods nor proof of sending are here.

    Raises
    ------
    TransitionRefused
        It was settled or refused, or waits for a decision.
    Refused
        ``withdrawal.may_wait``: the shop may still wait for the goods, and was not told to pay before;
        ``return.nothing_owed``.
    InvalidInput
        Store credit without the consumer's agreement.
    """
    found = locked(session, withdrawal_id)
    WITHDRAWAL.check(found.number, found.state, "settled")
    if method != "original" and not (consumer_agreed or found.doubt):
        raise InvalidInput(
            "method", method, "the way the consumer paid, unless they expressly agreed", code="withdrawal.not_agreed"
        )
    order = session.get_one(Order, found.order_id)
    _refuse_too_early(session, found, zone=zone, before_goods=before_goods)
    paid = [_refund_unsent(session, found, order, method, zone=zone, actor=actor)]
    facts: dict[str, Any] = {
        "method": method, "carriage_paid_minor": carriage_paid_minor, "terms": _terms(session, found, order),
    }  # fmt: skip
    # of an order that was never paid nothing can go back, and the withdrawal is settled all the same
    if found.return_id is not None and propose_refund(session, found.return_id, **facts).total_minor > 0:
        paid.append(pay_refund(session, return_id=found.return_id, before_goods=True, zone=zone, actor=actor, **facts))
    refunds = [refund for refund in paid if refund is not None]
    found.refund_id = refunds[-1].id if refunds else None
    found.refunded_minor = sum(refund.total_minor for refund in refunds)
    found.settled_at = clock.now()
    before, found.state = found.state, "settled"
    found.version += 1
    session.flush()
    journal.record(
        session, "withdrawal.settled", "withdrawal", found.id, actor=actor, number=found.number,
        order_id=found.order_id, amount_minor=found.refunded_minor, refunds=[refund.number for refund in refunds],
        **{"from": before, "to": "settled"},
    )  # fmt: skip
    return found


def withdrawal_queue(session: Session, *, zone: str, on: date | None = None) -> list[dict[str, Any]]:
    """Return the withdrawals that wait for money or a decision, the most urgent first.

    Returns
    -------
    list of dict
        ``number, order, state, doubt, email, country, declared_on, period_ends_on, send_back_by_on,
        refund_due_on, payable_on`` (None while the shop may wait), ``days_left`` (below zero is late),
        ``waits_for`` (decision, goods, payment), ``currency, value_minor``.
    """
    today = on or clock.business_date(clock.now(), zone)
    statement = (
        sa.select(Withdrawal, Order.number, Return)
        .join(Order, Order.id == Withdrawal.order_id)
        .outerjoin(Return, Return.id == Withdrawal.return_id)
        .where(Withdrawal.state.in_(("declared", "undecided", "goodwill")))
    )
    rows = [_queued(found, order, goods, today, zone) for found, order, goods in session.execute(statement)]
    far = 10_000
    return sorted(
        rows, key=lambda r: (far if r["days_left"] is None else r["days_left"], r["declared_on"], r["number"])
    )


def pay_by(found: Withdrawal, goods: Return | None, zone: str) -> date | None:
    """Return the day by which the refund has to be paid as things stand, None while the shop may wait."""
    if found.state == "undecided":
        return None
    if goods is None or goods.state in VOID:
        return found.refund_due_on
    goods_on = clock.business_date(goods.received_at, zone) if goods.received_at else None
    proof_on = clock.business_date(found.proof_at, zone) if found.proof_at else None
    return payable_on(found.refund_due_on, goods_on=goods_on, proof_on=proof_on, shop_collects=found.shop_collects)


def _queued(found: Withdrawal, order: str, goods: Return | None, today: date, zone: str) -> dict[str, Any]:
    by = pay_by(found, goods, zone)
    waits = "decision" if found.state == "undecided" else "payment" if by else "goods"
    keys = (
        "number", "state", "doubt", "email", "country", "declared_on", "period_ends_on", "send_back_by_on",
        "refund_due_on", "currency",
    )  # fmt: skip
    return {key: getattr(found, key) for key in keys} | {
        "order": order, "payable_on": by, "days_left": (by - today).days if by else None, "waits_for": waits,
        "value_minor": found.cancelled_minor + (goods.total_minor if goods else 0),
    }  # fmt: skip


def _terms(session: Session, found: Withdrawal, order: Order) -> Terms:
    if found.doubt:
        return terms_for(session, order, "changed_mind")
    return statutory(terms_for(session, order, "withdrawal"), was_informed=found.was_informed)


def _refuse_too_early(session: Session, found: Withdrawal, *, zone: str, before_goods: bool) -> None:
    goods = session.get(Return, found.return_id) if found.return_id else None
    if before_goods or goods is None or goods.state in _ARRIVED or pay_by(found, goods, zone) is not None:
        return
    raise Refused(
        "withdrawal.may_wait",
        f"{found.number}: neither goods nor proof of sending are here, so the refund may wait.",
        "Count the goods in, note the proof of sending, or pay before the goods come.",
        refund_due_on=str(found.refund_due_on),
    )


def _refund_unsent(
    session: Session, found: Withdrawal, order: Order, method: str, *, zone: str, actor: str
) -> Refund | None:
    """Give back what was paid for goods that were taken off before they left."""
    left = captured_left(session, order.id)
    refundable = min(sum(minor for _, _, minor in left), _overpaid(session, order))
    line = ProposalLine("unsent", "Taken off before it left", found.cancelled_minor, "The order was lowered by it.")
    lines = capped([line], refunded_minor=0, refundable_minor=refundable)
    total = sum(x.amount_minor for x in lines)
    if total <= 0:
        return None
    proposal = Proposal(
        order.currency, "withdrawal", method, tuple(lines), found.cancelled_minor, refundable, total, 0,
        parts_of(left, total, method),
    )  # fmt: skip
    return give_back(session, order, proposal, return_id=None, zone=zone, actor=actor)


def _overpaid(session: Session, order: Order) -> int:
    """Return by how much more was captured than the order now costs, minor units."""
    captured = sa.select(sa.func.coalesce(sa.func.sum(Payment.amount_minor), 0)).where(
        Payment.order_id == order.id, Payment.kind == "capture", Payment.gateway != WRITE_OFF
    )
    costs = 0 if order.state == "cancelled" else order.total_minor
    return max(int(session.scalar(captured) or 0) - costs, 0)
