"""What goods of an exchange are worth when they are back, and what becomes of the difference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel.money import Money
from oms_core.orders.tables import Order, OrderLine
from oms_core.returns.policies import terms_for
from oms_core.returns.records import revalue
from oms_core.returns.refunds import apply_policy, pay_refund, propose_refund
from oms_core.returns.rules import share
from oms_core.returns.situation import EXCHANGED
from oms_core.returns.tables import ReturnAdjustment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
        captured is no money to give back: it lowers nothing, and is told as ``even`` (`settled_in_words`).
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


def taxed(session: Session, order: Order, new: Sequence[dict[str, Any]], back: Sequence[int]) -> list[dict[str, Any]]:
    """Return new lines with the tax their goods carry on this order, if its lines carry any.

    The share of tax is that of the order's own lines of the same SKU, else that of the goods that
    come back, else that of all its lines. Of an order whose tax is not on lines nothing is added.

    Parameters
    ----------
    new : sequence of dict
        ``sku, quantity, unit_price_minor``; prices before tax, as on the order.
    back : sequence of int
        Order lines that come back.
    """
    sold = session.scalars(sa.select(OrderLine).where(OrderLine.order_id == order.id)).all()
    if not any(line.tax_minor for line in sold):
        return list(new)
    returned = [line for line in sold if line.id in set(back)]
    return [
        line
        | {
            "tax_minor": _tax(
                line["quantity"] * line["unit_price_minor"],
                [like for like in sold if like.sku == line["sku"]] or returned or sold,
            )
        }
        for line in new
    ]


def _tax(price_minor: int, like: Sequence[OrderLine]) -> int:
    """Return the tax of a price at the share other lines carry, half-even, minor units."""
    net = sum(line.gross_minor - line.discount_minor for line in like)
    return share(sum(line.tax_minor for line in like), price_minor, net) if net else 0


def settled_in_words(record: Mapping[str, Any]) -> str:
    """Return what became of an exchange's difference, in one sentence; empty while it is open.

    Parameters
    ----------
    record : mapping
        ``state, settlement, difference_minor, currency`` of an exchange.
    """
    if record["state"] != "completed":
        return ""
    money = Money(abs(record["difference_minor"]), record["currency"])
    if record["settlement"] == "even" and record["difference_minor"]:
        return f"The new goods cost {money} less, but nothing was captured that could go back: no money is promised."
    return {
        "even": "The new goods cost as much as the returned ones are worth: nobody owes anything.",
        "due": f"The new goods cost {money} more: it is due on the order.",
        "refund": f"The new goods cost {money} less: it went back the way it was paid, as far as it was captured.",
        "store_credit": f"The new goods cost {money} less: it became store credit, as far as it was captured.",
    }[record["settlement"]]


def _method(found: Exchange) -> str:
    return "store_credit" if found.wants == "store_credit" else "original"
