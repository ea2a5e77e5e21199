"""Ask for a return against an order, and answer it: approve, decline, cancel, on its way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.kernel import clock
from oms_core.kernel.errors import InvalidInput, NotFound, Refused
from oms_core.kernel.rows import core, next_ids
from oms_core.orders.commands import locked_order
from oms_core.orders.tables import ADJUSTMENT_KINDS, Order, OrderLine
from oms_core.returns.records import VOID, move, ready, revalue
from oms_core.returns.rules import goods_value
from oms_core.returns.tables import Return, ReturnAdjustment, ReturnLine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

FIRST_NUMBER = 1001
#: States of a return whose pending lines still claim units of the order.
_CLAIMING = ("requested", "approved", "in_transit", "received", "inspected")


@dataclass(frozen=True, slots=True)
class NewReturnLine:
    """Units of one order line that come back, and why."""

    order_line_id: int
    quantity: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class NewReturnAdjustment:
    """Money beside the goods, minor units: carriage given back (positive), a fee kept (negative)."""

    kind: str
    amount_minor: int
    title: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """What other returns have taken of an order line: units and value."""

    units: int = 0
    amount_minor: int = 0


def request_return(
    session: Session,
    *,
    order_id: int,
    lines: Sequence[NewReturnLine],
    reason: str = "",
    adjustments: Sequence[NewReturnAdjustment] = (),
    zone: str,
    actor: str = "system",
    simulated: bool = False,
) -> Return:
    """Ask for goods of an order to come back; nothing moves yet.

    The value is what was paid for the goods (see `returns.rules`). It is dated in `zone` today and
    dated again on the day the first goods arrive.

    Raises
    ------
    Refused
        ``return.too_many``: more than was shipped and is not yet returned or claimed by another
        return; names every such line.
    NotFound, InvalidInput
        A line of another order, a line twice, a quantity below 1, an unknown adjustment.
    """
    order = locked_order(session, order_id)
    sold = _sold(session, order, lines)
    claims = _claims(session, list(sold))
    _refuse_too_many(order, lines, sold, claims)
    at = clock.now()
    (return_id,) = next_ids(core(session), "returns")
    number = f"RET-{FIRST_NUMBER - 1 + return_id}"
    found = Return(
        id=return_id, number=number, order_id=order.id, channel_id=order.channel_id, customer_id=order.customer_id,
        external_id=number, state="requested", reason=reason, currency=order.currency,
        ship_country=order.ship_country, requested_at=at, business_date=clock.business_date(at, zone),
        is_simulated=simulated, version=0,
    )  # fmt: skip
    session.add(found)
    session.flush()
    session.add_all(_line(return_id, new, sold[new.order_line_id], claims) for new in lines)
    session.add_all(_adjustment(return_id, new) for new in adjustments)
    revalue(session, found)
    move(session, found, "requested", "return.requested", actor=actor, reason=reason, total_minor=found.total_minor)
    return found


def approve_return(session: Session, *, return_id: int, actor: str = "system") -> Return:
    """Allow the goods to be sent back."""
    found = ready(session, return_id, "approved")
    move(session, found, "approved", "return.approved", actor=actor)
    return found


def decline_return(session: Session, *, return_id: int, reason: str, actor: str = "system") -> Return:
    """Refuse the return, with the reason the customer is told; its units are free again."""
    if not reason.strip():
        raise InvalidInput("reason", reason, "the sentence the customer is told was expected")
    found = ready(session, return_id, "declined")
    found.closed_at = clock.now()
    move(session, found, "declined", "return.declined", actor=actor, reason=reason)
    return found


def cancel_return(session: Session, *, return_id: int, reason: str = "", actor: str = "system") -> Return:
    """Call the return off before anything arrived; its units are free again."""
    found = ready(session, return_id, "cancelled")
    found.closed_at = clock.now()
    move(session, found, "cancelled", "return.cancelled", actor=actor, reason=reason)
    return found


def note_in_transit(session: Session, *, return_id: int, actor: str = "system") -> Return:
    """Record that the customer handed the goods to a carrier."""
    found = ready(session, return_id, "in_transit")
    move(session, found, "in_transit", "return.in_transit", actor=actor)
    return found


def _sold(session: Session, order: Order, lines: Sequence[NewReturnLine]) -> dict[int, OrderLine]:
    """Return the order's lines that come back, or refuse what is no return of this order."""
    if not lines:
        raise InvalidInput("lines", [], "at least one line was expected", code="return.no_lines")
    wanted = [new.order_line_id for new in lines]
    statement = sa.select(OrderLine).where(OrderLine.order_id == order.id, OrderLine.id.in_(wanted))
    sold = {line.id: line for line in session.scalars(statement.execution_options(populate_existing=True))}
    for new in lines:
        if new.order_line_id not in sold:
            raise NotFound("order line", new.order_line_id, hint=f"It is not a line of {order.number}.")
        if new.quantity < 1:
            raise InvalidInput("quantity", new.quantity, "at least 1 unit was expected")
        if wanted.count(new.order_line_id) > 1:
            raise InvalidInput("lines", new.order_line_id, "each order line once", code="return.line_twice")
    return sold


def _claims(session: Session, order_line_ids: Sequence[int]) -> dict[int, Claim]:
    """Return what other returns took: units asked for and not yet dealt with, value of all of them."""
    pending = sa.and_(ReturnLine.disposition == "pending", Return.state.in_(_CLAIMING))
    statement = (
        sa.select(
            ReturnLine.order_line_id,
            sa.func.sum(sa.case((pending, ReturnLine.quantity - ReturnLine.received_qty), else_=0)),
            sa.func.sum(ReturnLine.amount_minor),
        )
        .join(Return, Return.id == ReturnLine.return_id)
        .where(ReturnLine.order_line_id.in_(order_line_ids), Return.state.not_in(VOID))
        .group_by(ReturnLine.order_line_id)
    )
    return {key: Claim(int(units), int(amount)) for key, units, amount in session.execute(statement)}


def _refuse_too_many(
    order: Order, lines: Sequence[NewReturnLine], sold: Mapping[int, OrderLine], claims: Mapping[int, Claim]
) -> None:
    facts = []
    for new in lines:
        line = sold[new.order_line_id]
        left = line.shipped_qty - line.returned_qty - claims.get(line.id, Claim()).units
        if new.quantity > left:
            facts.append({"order_line_id": line.id, "sku": line.sku, "wanted": new.quantity, "returnable": left})
    if facts:
        told = "; ".join(f"{f['sku']} wanted {f['wanted']}, returnable {f['returnable']}" for f in facts)
        raise Refused(
            "return.too_many",
            f"More than can come back from {order.number}: {told}.",
            "Only shipped units that no other return has taken can come back.",
            lines=facts,
        )


def _line(return_id: int, new: NewReturnLine, sold: OrderLine, claims: Mapping[int, Claim]) -> ReturnLine:
    claim = claims.get(sold.id, Claim())
    amount = goods_value(
        left_minor=sold.gross_minor - sold.discount_minor - claim.amount_minor,
        units=new.quantity,
        left_units=sold.quantity - sold.returned_qty - claim.units,
    )
    return ReturnLine(
        return_id=return_id, order_line_id=sold.id, variant_id=sold.variant_id, sku=sold.sku, title=sold.title,
        quantity=new.quantity, amount_minor=amount, disposition="pending", reason=new.reason,
    )  # fmt: skip


def _adjustment(return_id: int, new: NewReturnAdjustment) -> ReturnAdjustment:
    if new.kind not in ADJUSTMENT_KINDS:
        raise InvalidInput("adjustment kind", new.kind, f"one of {', '.join(ADJUSTMENT_KINDS)}")
    return ReturnAdjustment(return_id=return_id, kind=new.kind, title=new.title, amount_minor=new.amount_minor)
