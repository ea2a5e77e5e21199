"""Read what a refund's terms are applied to: goods by grade, charges not given back yet, whether all is back."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.orders.tables import Order, OrderAdjustment, OrderLine
from oms_core.returns.case_tables import Exchange
from oms_core.returns.proposals import Back, Situation, adjustment_code
from oms_core.returns.records import VOID, lines_of
from oms_core.returns.rules import SHARE
from oms_core.returns.tables import Return, ReturnAdjustment, ReturnLine, ReturnUnit

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

#: Code of the adjustments by which an exchange pays new goods with returned ones.
EXCHANGED = "exchange"


def situation_of(
    session: Session, found: Return, order: Order, *, carriage_paid_minor: int = 0, label_used: bool = False
) -> Situation:
    """Return the facts of one return that a refund policy speaks of."""
    discount = sa.select(ReturnAdjustment.amount_minor).where(
        ReturnAdjustment.return_id == found.id, ReturnAdjustment.kind == "discount", ReturnAdjustment.code == SHARE
    )
    delivered = ReturnAdjustment.code.in_(("", adjustment_code("delivery")))
    return Situation(
        goods=goods_of(session, found),
        discount_minor=-_sum(session, discount),
        delivery_left_minor=order.shipping_minor
        - _given(session, order, ReturnAdjustment.kind == "shipping", delivered, ReturnAdjustment.amount_minor > 0),
        other_left_minor=_other_charges(session, order)
        - _given(session, order, ReturnAdjustment.code == adjustment_code("other_charges")),
        is_whole=is_whole(session, order),
        carriage_paid_minor=carriage_paid_minor,
        label_used=label_used,
    )


def goods_of(session: Session, found: Return) -> list[Back]:
    """Return what came back (or is to come) of each line, its units by grade."""
    grades: dict[int, dict[str, int]] = defaultdict(dict)
    counted = (
        sa.select(ReturnUnit.return_line_id, ReturnUnit.grade, sa.func.count())
        .join(ReturnLine, ReturnLine.id == ReturnUnit.return_line_id)
        .where(ReturnLine.return_id == found.id, ReturnUnit.disposition != "not_received", ReturnUnit.grade != "")
        .group_by(ReturnUnit.return_line_id, ReturnUnit.grade)
    )
    for line_id, grade, units in session.execute(counted):
        grades[line_id][grade] = int(units)
    return [
        Back(
            sku=line.sku, units=line.quantity if line.disposition == "pending" else line.received_qty,
            amount_minor=line.amount_minor, grades=grades[line.id],
        )
        for line in lines_of(session, found.id)
        if line.amount_minor
    ]  # fmt: skip


def is_whole(session: Session, order: Order) -> bool:
    """Say whether everything of an order that was not cancelled is back, or on its way back by approved returns."""
    live = sa.select(OrderLine.quantity - OrderLine.cancelled_qty).where(OrderLine.order_id == order.id)
    still_comes = ReturnLine.disposition == "pending"
    back = (
        sa.select(sa.case((still_comes, ReturnLine.quantity), else_=ReturnLine.received_qty))
        .join(Return, Return.id == ReturnLine.return_id)
        .where(Return.order_id == order.id, Return.state.not_in((*VOID, "requested")))
    )
    return _sum(session, back) >= _sum(session, live) > 0


def _other_charges(session: Session, order: Order) -> int:
    statement = sa.select(OrderAdjustment.amount_minor).where(
        OrderAdjustment.order_id == order.id,
        OrderAdjustment.kind.not_in(("shipping", "discount")),
    )
    # what returned goods paid of exchanged ones stands there as a credit, and is no charge
    exchanged = sa.select(Exchange.credit_minor).where(Exchange.order_id == order.id)
    return _sum(session, statement) + _sum(session, exchanged)


def _given(session: Session, order: Order, *which: sa.ColumnElement[bool]) -> int:
    statement = (
        sa.select(ReturnAdjustment.amount_minor)
        .join(Return, Return.id == ReturnAdjustment.return_id)
        .where(Return.order_id == order.id, Return.state.not_in(VOID), *which)
    )
    return _sum(session, statement)


def _sum(session: Session, amounts: sa.Select[int]) -> int:
    column = amounts.subquery().c[0]
    return int(session.scalar(sa.select(sa.func.coalesce(sa.func.sum(column), 0))) or 0)
