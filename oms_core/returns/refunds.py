"""Propose a return's refund by the shop's rules, explain it, and pay it back the ways the money came."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.kernel.errors import InvalidInput, NotFound, Refused, TransitionRefused
from oms_core.orders.tables import Order
from oms_core.returns.giving_back import captured_left, give_back, parts_of
from oms_core.returns.policies import Terms, terms_for
from oms_core.returns.policy_tables import REFUND_METHODS, Refund
from oms_core.returns.proposals import (
    ADJUSTMENT_OF,
    Proposal,
    ProposalLine,
    Situation,
    adjustment_code,
    bonus,
    capped,
    policy_lines,
)
from oms_core.returns.records import lines_of, locked, move, refunded, refuse_governed, revalue
from oms_core.returns.settling import REFUNDABLE
from oms_core.returns.situation import EXCHANGED, situation_of
from oms_core.returns.states import RETURN
from oms_core.returns.tables import Return, ReturnAdjustment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

#: Return states from which money may go back before the goods are here (a withdrawal's choice).
BEFORE_GOODS = ("approved", "in_transit")
_CODES = {adjustment_code(kind): kind for kind in ADJUSTMENT_OF}


def propose_refund(
    session: Session,
    return_id: int,
    *,
    method: str = "original",
    carriage_paid_minor: int = 0,
    label_used: bool = False,
    terms: Terms | None = None,
) -> Proposal:
    """Return what a refund of this return would be, line by line; nothing is written.

    Parameters
    ----------
    method : str
        ``original`` (the ways the money came, first in first back) or ``store_credit``.
    carriage_paid_minor : int
        What the customer paid to send the goods back; given back when the shop pays for carriage.
    label_used : bool
        The customer used the shop's label; its price is kept back when the customer pays.
    terms : Terms, optional
        Instead of the policy that holds for the order and the return's reason.

    Raises
    ------
    NotFound, InvalidInput
        An unknown return; a credit without a sale; an unknown method; carriage below zero.
    """
    if method not in REFUND_METHODS:
        raise InvalidInput("method", method, f"one of {', '.join(REFUND_METHODS)}")
    if carriage_paid_minor < 0:
        raise InvalidInput("carriage", carriage_paid_minor, "nothing below zero was expected")
    found = session.get(Return, return_id)
    if found is None:
        raise NotFound("return", return_id)
    order = _order(session, found)
    terms = terms or terms_for(session, order, found.reason)
    now = situation_of(session, found, order, carriage_paid_minor=carriage_paid_minor, label_used=label_used)
    left = captured_left(session, order.id)
    refundable = sum(minor for _, _, minor in left)
    own = _own_lines(session, found)
    own += _kept_policy(session, found) if _is_settled(session, return_id) else policy_lines(terms, now)
    before = refunded(session, return_id)
    lines = capped(own, refunded_minor=before, refundable_minor=refundable)
    total = sum(line.amount_minor for line in lines)
    return Proposal(
        order.currency, terms.code, method, tuple(lines), sum(line.amount_minor for line in own) - before,
        refundable, total, bonus(terms, max(total, 0), method), parts_of(left, total, method),
        tuple(_warnings(session, found, now)),
    )  # fmt: skip


def settle_refund(
    session: Session,
    *,
    return_id: int,
    method: str = "original",
    carriage_paid_minor: int = 0,
    label_used: bool = False,
    terms: Terms | None = None,
    before_goods: bool = False,
    zone: str,
    actor: str = "system",
) -> Refund:
    """Write what the policy adds and keeps back on the return, and pay the proposal.

    Parameters
    ----------
    before_goods : bool
        Pay although the goods are not here yet (a withdrawal that need not wait).

    Raises
    ------
    TransitionRefused
        Nothing has arrived yet, and the shop did not choose to pay before.
    Refused
        ``return.lines_pending`` while lines are still to come, ``return.nothing_owed`` with every
        line in the facts.
    """
    refuse_governed(session, locked(session, return_id))
    return pay_refund(
        session, return_id=return_id, method=method, carriage_paid_minor=carriage_paid_minor, label_used=label_used,
        terms=terms, before_goods=before_goods, zone=zone, actor=actor,
    )  # fmt: skip


def pay_refund(
    session: Session,
    *,
    return_id: int,
    method: str = "original",
    carriage_paid_minor: int = 0,
    label_used: bool = False,
    terms: Terms | None = None,
    before_goods: bool = False,
    zone: str,
    actor: str = "system",
) -> Refund:
    """Pay as :func:`settle_refund` does, for the exchange, claim or withdrawal that governs the return."""
    found = locked(session, return_id)
    _require_payable(session, found, before_goods=before_goods)
    proposal = propose_refund(
        session, return_id, method=method, carriage_paid_minor=carriage_paid_minor, label_used=label_used, terms=terms
    )
    if proposal.total_minor <= 0:
        told = "; ".join(f"{line.title} {line.amount_minor}" for line in proposal.lines)
        raise Refused(
            "return.nothing_owed", f"Nothing is owed for {found.number}: {told} (minor units).",
            "Check what was captured, and the refund policy.", lines=[line.as_dict() for line in proposal.lines],
        )  # fmt: skip
    apply_policy(session, found, proposal.lines)
    order = _order(session, found)
    refund = give_back(session, order, proposal, return_id=return_id, zone=zone, actor=actor)
    move(
        session, found, found.state, "return.refunded", actor=actor, refund=refund.number,
        amount_minor=refund.total_minor, bonus_minor=refund.bonus_minor, method=method,
    )  # fmt: skip
    return refund


def _order(session: Session, found: Return) -> Order:
    if found.order_id is None:
        raise Refused(
            "return.no_sale", f"{found.number} stands alone: no sale is known.", "Refund it where the money was taken."
        )
    return session.get_one(Order, found.order_id)


def _require_payable(session: Session, found: Return, *, before_goods: bool) -> None:
    allowed = (*REFUNDABLE, *BEFORE_GOODS) if before_goods else REFUNDABLE
    if found.state not in allowed:
        raise TransitionRefused("return", found.number, found.state, "refunded", RETURN.moves[found.state])
    pending = [line.sku for line in lines_of(session, found.id) if line.disposition == "pending"]
    if pending and not before_goods:
        raise Refused(
            "return.lines_pending",
            f"{found.number} still waits for {', '.join(pending)}; what is owed is not known yet.",
            "Count them, or close the return so that they are taken off it.",
        )


def _is_settled(session: Session, return_id: int) -> bool:
    """Say whether the policy was applied before: its lines stand and are not reckoned again."""
    paid = sa.select(Refund.id).where(Refund.return_id == return_id).limit(1)
    applied = sa.select(ReturnAdjustment.id).where(
        ReturnAdjustment.return_id == return_id, ReturnAdjustment.code.in_((*_CODES, EXCHANGED))
    )
    return session.scalar(paid) is not None or session.scalar(applied.limit(1)) is not None


def _own_lines(session: Session, found: Return) -> list[ProposalLine]:
    """Return the lines of the return itself: goods, their shares, and what a person added."""
    goods = [
        ProposalLine("goods", f"{line.quantity} × {line.sku}", line.amount_minor, "What was paid for the goods.")
        for line in lines_of(session, found.id)
        if line.amount_minor
    ]
    whys = {"tax": "The goods' share of tax.", "discount": "The goods' share of the order's discounts."}
    return goods + [
        ProposalLine(a.kind, a.title or a.kind, a.amount_minor, whys.get(a.kind, "Given by a person."))
        for a in _adjustments(session, found)
        if a.code not in _CODES
    ]


def _kept_policy(session: Session, found: Return) -> list[ProposalLine]:
    """Return the policy's lines as an earlier refund wrote them."""
    return [
        ProposalLine(_CODES[a.code], a.title, a.amount_minor, "As explained with the first refund.")
        for a in _adjustments(session, found)
        if a.code in _CODES
    ]


def _adjustments(session: Session, found: Return) -> Sequence[ReturnAdjustment]:
    statement = sa.select(ReturnAdjustment).where(ReturnAdjustment.return_id == found.id).order_by(ReturnAdjustment.id)
    return session.scalars(statement).all()


def apply_policy(session: Session, found: Return, lines: Sequence[ProposalLine]) -> None:
    """Write the policy's lines on the return, so that its total is what the customer is owed; once."""
    if _is_settled(session, found.id):
        return
    for line in lines:
        if line.kind in ADJUSTMENT_OF:
            session.add(
                ReturnAdjustment(
                    return_id=found.id, kind=ADJUSTMENT_OF[line.kind], code=adjustment_code(line.kind),
                    title=line.title, amount_minor=line.amount_minor,
                )
            )  # fmt: skip
    revalue(session, found)


def _warnings(session: Session, found: Return, now: Situation) -> list[str]:
    pending = [line.sku for line in lines_of(session, found.id) if line.disposition == "pending"]
    told = [f"Still to come: {', '.join(pending)}."] if pending else []
    waiting = [back.sku for back in now.goods if sum(back.grades.values()) < back.units and back.grades]
    return told + ([f"Not every unit has a grade: {', '.join(waiting)}."] if waiting else [])
