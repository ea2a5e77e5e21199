"""Ask for a return against an order, and answer it: approve, decline, cancel, on its way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from oms_core.kernel import clock, journal
from oms_core.kernel.errors import InvalidInput, Refused
from oms_core.kernel.money import Money
from oms_core.kernel.rows import core, next_ids
from oms_core.orders.commands import locked_order
from oms_core.orders.tables import ADJUSTMENT_KINDS, Order, OrderLine
from oms_core.returns.asked import refuse_too_many, sold_lines, worth_of
from oms_core.returns.places import send_to
from oms_core.returns.records import move, ready, refunded, revalue
from oms_core.returns.tables import WISHES, Return, ReturnAdjustment, ReturnLine
from oms_core.returns.taken import Taken, taken_of
from oms_core.returns.windows import days_over, refuse_late

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

FIRST_NUMBER = 1001


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
    besides_claim: int | None = None,
    late: str = "refuse",
    wish: str = "",
) -> Return:
    """Ask for goods of an order to come back; nothing moves yet.

    The value is what was paid for the goods (see `returns.rules`). It is dated in `zone` today and
    dated again on the day the first goods arrive. `besides_claim` is the claim whose own units these are.

    Parameters
    ----------
    late : str
        What happens to goods sent back by goodwill after the policy's days: ``refuse``; ``allow``,
        which a person decides and the journal keeps; ``by_right``: law or a promise asks for them
        (a withdrawal, a claim), so that no policy's days count.
    wish : str
        How the customer would like it settled: ``refund``, ``store_credit``, or nothing said.

    Raises
    ------
    Refused
        ``return.too_late``: the policy's days are over (see `returns.windows`).
        ``return.too_many``: more than was shipped and is not yet returned or claimed by another
        return; names every such line.
    NotFound, InvalidInput
        A line of another order, a line twice, a quantity below 1, an unknown adjustment or wish.
    """
    if wish not in WISHES:
        raise InvalidInput("wish", wish, f"one of {', '.join(WISHES[1:])}")
    order = locked_order(session, order_id)
    sold = sold_lines(session, order, lines, document="return")
    taken = taken_of(session, list(sold), besides_claim=besides_claim)
    refuse_too_many(
        lines, sold, taken, code="return.too_many", what=f"More than can come back from {order.number}",
        left_is="returnable", hint="Only shipped units that no other return has taken can come back.",
    )  # fmt: skip
    reasons = {new.order_line_id: new.reason or reason for new in lines}
    over = days_over(session, order, reasons, late=late, zone=zone)
    if over and late == "refuse":
        refuse_late(order, over)
    at = clock.now()
    (return_id,) = next_ids(core(session), "returns")
    number = f"RET-{FIRST_NUMBER - 1 + return_id}"
    found = Return(
        id=return_id, number=number, order_id=order.id, channel_id=order.channel_id, customer_id=order.customer_id,
        external_id=number, state="requested", reason=reason, currency=order.currency,
        ship_country=order.ship_country, requested_at=at, business_date=clock.business_date(at, zone),
        is_simulated=simulated, version=0, wish=wish, **_send_to(session, order),
    )  # fmt: skip
    session.add(found)
    session.flush()
    session.add_all(_line(return_id, new, sold[new.order_line_id], taken) for new in lines)
    session.add_all(_adjustment(return_id, new) for new in adjustments)
    revalue(session, found)
    move(session, found, "requested", "return.requested", actor=actor, reason=reason, total_minor=found.total_minor)
    if over:
        said = [one.sentence for one in over]
        journal.record(session, "return.late_allowed", "return", return_id, actor=actor, number=number, said=said)
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
    back = refunded(session, return_id)
    if back:
        raise Refused(
            "return.refunded",
            f"{found.number} cannot be called off: {Money(back, found.currency)} was refunded for it already.",
            "Wait for the goods, or close it when they came.",
        )
    found.closed_at = clock.now()
    move(session, found, "cancelled", "return.cancelled", actor=actor, reason=reason)
    return found


def note_in_transit(session: Session, *, return_id: int, tracking: str = "", actor: str = "system") -> Return:
    """Record that the customer handed the goods to a carrier; the journal keeps the tracking number."""
    found = ready(session, return_id, "in_transit")
    move(session, found, "in_transit", "return.in_transit", actor=actor, **({"tracking": tracking} if tracking else {}))
    return found


def _send_to(session: Session, order: Order) -> dict[str, Any]:
    """Return the address the customer is told, as columns of a return; it stays when the rules change later."""
    there = send_to(session, order)
    place = there.location.id if there.location else None
    return {"send_to": there.address[:400], "send_to_location_id": place, "send_to_why": there.why}


def _line(return_id: int, new: NewReturnLine, sold: OrderLine, taken: Mapping[int, Taken]) -> ReturnLine:
    return ReturnLine(
        return_id=return_id, order_line_id=sold.id, variant_id=sold.variant_id, sku=sold.sku, title=sold.title,
        quantity=new.quantity, amount_minor=worth_of(new.quantity, sold, taken), disposition="pending",
        reason=new.reason,
    )  # fmt: skip


def _adjustment(return_id: int, new: NewReturnAdjustment) -> ReturnAdjustment:
    if new.kind not in ADJUSTMENT_KINDS:
        raise InvalidInput("adjustment kind", new.kind, f"one of {', '.join(ADJUSTMENT_KINDS)}")
    return ReturnAdjustment(return_id=return_id, kind=new.kind, title=new.title, amount_minor=new.amount_minor)
