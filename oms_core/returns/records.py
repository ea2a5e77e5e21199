"""Find and lock a return, move it through its machine, reckon its money again. Used by every command of the room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel import clock, journal
from oms_core.kernel.errors import NotFound, Refused
from oms_core.orders.commands import locked_order
from oms_core.orders.status import refresh
from oms_core.orders.tables import OrderAdjustment, OrderLine
from oms_core.payments.tables import Payment
from oms_core.returns.case_tables import Claim, Exchange, Withdrawal
from oms_core.returns.rules import SHARE, LineValue, share, shares
from oms_core.returns.states import RETURN
from oms_core.returns.tables import Return, ReturnAdjustment, ReturnLine

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.orm import Session

#: Returns that take nothing from an order.
VOID = ("declined", "cancelled")
#: Returns whose goods are here: their shares stand, while those of goods on their way are an estimate.
CAME = ("received", "inspected", "closed")
#: Codes of adjustments that `revalue` writes anew beside the shares.
COUNTERWEIGHTS = ("claim", "advance")


def locked(session: Session, return_id: int) -> Return:
    """Return the return; its order's row and then its own are locked until the transaction ends.

    The order first, as every command that changes an order does: so nobody waits for each other in a ring.

    Raises
    ------
    NotFound
        ``return.not_found``.
    """
    row = session.execute(sa.select(Return.order_id).where(Return.id == return_id)).one_or_none()
    if row is None:
        raise NotFound("return", return_id)
    if row.order_id is not None:
        locked_order(session, row.order_id)
    statement = sa.select(Return).where(Return.id == return_id).with_for_update(key_share=True)
    return session.scalars(statement, execution_options={"populate_existing": True}).one()


def ready(session: Session, return_id: int, target: str) -> Return:
    """Return the locked return, or refuse before anything is touched if it cannot become `target`."""
    found = locked(session, return_id)
    RETURN.check(found.number, found.state, target)
    return found


def lines_of(session: Session, return_id: int) -> Sequence[ReturnLine]:
    """Return the lines of a return, in the order they were asked for."""
    statement = sa.select(ReturnLine).where(ReturnLine.return_id == return_id).order_by(ReturnLine.id)
    return session.scalars(statement.execution_options(populate_existing=True)).all()


def move(session: Session, found: Return, target: str, event: str, *, actor: str, **facts: Any) -> None:
    """Take a `ready` return to another state (or keep it), bump the version, write journal and order status."""
    before, found.state = found.state, target
    found.version += 1
    session.flush()
    facts = {"number": found.number, "order_id": found.order_id, "from": before, "to": target, **facts}
    journal.record(session, event, "return", found.id, actor=actor, **facts)
    if found.order_id is not None:
        refresh(session, [found.order_id])


def date_arrival(found: Return, zone: str) -> None:
    """Date a return on the day its first goods arrive, in the shop's `zone`."""
    if found.received_at is None:
        found.received_at = clock.now()
        found.business_date = clock.business_date(found.received_at, zone)


def count_on_order(session: Session, counted: Iterable[tuple[ReturnLine, int]]) -> None:
    """Count units as returned (or, below zero, as not returned after all) on the lines they were sold by."""
    for line, units in counted:
        if line.order_line_id is not None:
            session.execute(
                sa.update(OrderLine)
                .where(OrderLine.id == line.order_line_id)
                .values(returned_qty=OrderLine.returned_qty + units)
            )


def revalue(session: Session, found: Return) -> None:
    """Reckon the return's money from its lines: goods, shares of tax and order discount, total.

    Adjustments given by a person (carriage, a fee) or a policy stay; shares and counterweights are
    written anew: of goods that a claim replaced nothing is owed, and money that went back before
    the goods came stays with the customer, however few of them came. The discount of goods that an
    exchange replaced stands as it was before its new goods came onto the order.
    """
    session.flush()
    mine = ReturnAdjustment.return_id == found.id
    standing = _standing_discount(session, found)
    session.execute(sa.delete(ReturnAdjustment).where(mine, ReturnAdjustment.code.in_((SHARE, *COUNTERWEIGHTS))))
    if found.order_id is not None:
        session.add_all(_shares(session, found, found.order_id, standing_discount_minor=standing))
        session.flush()
    _add_counterweight(session, found)
    goods = _sum(session, sa.select(ReturnLine.amount_minor).where(ReturnLine.return_id == found.id))
    other = _sum(session, sa.select(ReturnAdjustment.amount_minor).where(ReturnAdjustment.return_id == found.id))
    # written together: the table's CHECK holds the three columns to each other
    found.goods_minor, found.other_minor, found.total_minor = goods, other, goods + other
    session.flush()


def refunded(session: Session, return_id: int) -> int:
    """Return what was refunded for a return so far, minor units."""
    back = sa.select(Payment.amount_minor).where(Payment.return_id == return_id, Payment.kind == "refund")
    return _sum(session, back)


def governed_by(session: Session, found: Return) -> str:
    """Return the number of the exchange, claim or withdrawal that settles a return now; empty for none."""
    done: dict[Any, tuple[str, ...]] = {
        Exchange: ("completed", "cancelled"),
        Claim: ("resolved", "rejected"),
        Withdrawal: ("settled", "refused"),
    }
    for model, over in done.items():
        statement = sa.select(model.number).where(model.return_id == found.id, model.state.not_in(over))
        number = session.scalar(statement.limit(1))
        if number is not None:
            return str(number)
    return ""


def refuse_governed(session: Session, found: Return) -> None:
    """Refuse to settle a return on its own while an exchange, a claim or a withdrawal settles it.

    Raises
    ------
    Refused
        ``return.governed``, naming the document that does.
    """
    number = governed_by(session, found)
    if number:
        raise Refused(
            "return.governed",
            f"The money of {found.number} is settled by {number}.",
            f"Settle {number} instead; it knows what was agreed and what the law asks.",
            governed_by=number,
        )


def _add_counterweight(session: Session, found: Return) -> None:
    worth = _sum(session, sa.select(ReturnLine.amount_minor).where(ReturnLine.return_id == found.id))
    worth += _sum(session, sa.select(ReturnAdjustment.amount_minor).where(ReturnAdjustment.return_id == found.id))
    replaced = sa.select(Claim.number).where(Claim.return_id == found.id, Claim.resolution.in_(("replacement", "none")))
    number, back = session.scalar(replaced), refunded(session, found.id)
    if number is not None:
        _weigh(session, found, "claim", f"Settled by claim {number}", -worth)
    elif back > worth:
        _weigh(session, found, "advance", "Refunded before the goods came", back - worth)


def _weigh(session: Session, found: Return, code: str, title: str, amount_minor: int) -> None:
    if amount_minor:
        session.add(
            ReturnAdjustment(return_id=found.id, kind="manual", code=code, title=title, amount_minor=amount_minor)
        )
        session.flush()


def _shares(
    session: Session, found: Return, order_id: int, *, standing_discount_minor: int | None
) -> list[ReturnAdjustment]:
    """Return this return's shares: what belongs to all goods back so far and its own, less what others carry.

    Goods of others that are still on their way are left out. Their shares were reckoned when they were
    announced; had the order's discount or goods changed since, this return would pay their correction.
    They are reckoned again when they come. A discount that stands (signed, see `_standing_discount`) stays.
    """
    discount = -_sum(
        session,
        sa.select(OrderAdjustment.amount_minor).where(
            OrderAdjustment.order_id == order_id, OrderAdjustment.kind == "discount"
        ),
    )
    lines = _line_values(session, found, order_id, only_taxed=not discount)
    tax_due, discount_due = shares(lines, order_discount_minor=discount)
    amounts: dict[str, int | None] = {
        "tax": tax_due - _carried(session, found, order_id, "tax"),
        "discount": standing_discount_minor,
    }
    if standing_discount_minor is None:
        amounts["discount"] = -discount_due - _carried(session, found, order_id, "discount")
    return [
        ReturnAdjustment(return_id=found.id, kind=kind, code=SHARE, amount_minor=amount)
        for kind, amount in amounts.items()
        if amount
    ]


def _standing_discount(session: Session, found: Return) -> int | None:
    """Return the discount kept back by a return whose exchange put its new goods on the order; None of any other.

    What was paid for goods does not change because others were bought since: the new goods would
    take over a part of the order's discount, and what they were paid with would be owed again. Of
    goods that did not come the discount goes with their value.
    """
    new_goods = sa.select(Exchange.id).where(Exchange.return_id == found.id, Exchange.replaced_at.is_not(None))
    if session.scalar(new_goods.limit(1)) is None:
        return None
    goods = _sum(session, sa.select(ReturnLine.amount_minor).where(ReturnLine.return_id == found.id))
    adjusted = ReturnAdjustment
    kept = sa.select(adjusted.amount_minor).where(
        adjusted.return_id == found.id, adjusted.kind == "discount", adjusted.code == SHARE
    )
    return share(_sum(session, kept), goods, found.goods_minor)


def _line_values(session: Session, found: Return, order_id: int, *, only_taxed: bool) -> list[LineValue]:
    """Return the money of the order's lines, with what came back and what this return brings.

    Without an order discount, lines free of tax share nothing and are left out.
    """
    returned = (
        sa.select(ReturnLine.order_line_id, sa.func.sum(ReturnLine.amount_minor).label("amount"))
        .join(Return, Return.id == ReturnLine.return_id)
        .where(Return.order_id == order_id, sa.or_(Return.id == found.id, Return.state.in_(CAME)))
        .group_by(ReturnLine.order_line_id)
        .subquery()
    )
    statement = (
        sa.select(
            OrderLine.gross_minor - OrderLine.discount_minor,
            OrderLine.tax_minor,
            sa.func.coalesce(returned.c.amount, 0),
        )
        .outerjoin(returned, returned.c.order_line_id == OrderLine.id)
        .where(OrderLine.order_id == order_id)
    )
    if only_taxed:
        statement = statement.where(OrderLine.tax_minor != 0)
    return [LineValue(int(net), int(tax), int(amount)) for net, tax, amount in session.execute(statement)]


def _carried(session: Session, found: Return, order_id: int, kind: str) -> int:
    """Return the shares of one kind that other returns of the order carry for goods that came, signed."""
    others = (
        sa.select(ReturnAdjustment.amount_minor)
        .join(Return, Return.id == ReturnAdjustment.return_id)
        .where(
            Return.order_id == order_id,
            Return.id != found.id,
            Return.state.in_(CAME),
            ReturnAdjustment.kind == kind,
            ReturnAdjustment.code == SHARE,
        )
    )
    return _sum(session, others)


def _sum(session: Session, amounts: sa.Select[int]) -> int:
    column = amounts.subquery().c[0]
    return int(session.scalar(sa.select(sa.func.coalesce(sa.func.sum(column), 0))) or 0)
