"""What goods of an exchange are worth when they are back, and what becomes of the difference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oms_core.orders.tables import Order
from oms_core.returns.policies import terms_for
from oms_core.returns.records import revalue
from oms_core.returns.refunds import apply_policy, pay_refund, propose_refund
from oms_core.returns.situation import EXCHANGED
from oms_core.returns.tables import ReturnAdjustment

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from oms_core.returns.case_tables import Exchange
    from oms_core.returns.tables import Return


def take_stock_of_goods(session: Session, goods: Return) -> int:
    """Return what the goods are worth by inspection and policy, minor units, never below zero."""
    order = session.get_one(Order, goods.order_id)
    proposal = propose_refund(session, goods.id, terms=terms_for(session, order, goods.reason))
    apply_policy(session, goods, proposal.lines)
    return max(goods.total_minor, 0)


def settle_difference(session: Session, found: Exchange, goods: Return, *, zone: str, actor: str) -> str:
    """Take what paid for new goods off the return, and give back what is left over; say how it ended.

    Returns
    -------
    str
        ``even``, ``due`` (on the order), ``refund`` or ``store_credit``. A rest that was never
        captured is no money to give back: it lowers nothing, and is told as ``even``.
    """
    if found.credit_minor:
        title = f"Exchange {found.number}: paid for new goods"
        session.add(
            ReturnAdjustment(
                return_id=goods.id, kind="manual", code=EXCHANGED, title=title, amount_minor=-found.credit_minor
            )
        )
        revalue(session, goods)
    if found.difference_minor >= 0:
        return "due" if found.difference_minor else "even"
    if propose_refund(session, goods.id, method=_method(found)).total_minor <= 0:
        return "even"
    pay_refund(session, return_id=goods.id, method=_method(found), zone=zone, actor=actor)
    return found.wants


def _method(found: Exchange) -> str:
    return "store_credit" if found.wants == "store_credit" else "original"
