"""Pay a proposal: one refund document, one payment for each gateway, store credit where it was chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oms_core.kernel import clock
from oms_core.kernel.errors import Refused
from oms_core.kernel.rows import core, next_ids
from oms_core.payments.commands import pay
from oms_core.payments.credit import issue_credit
from oms_core.payments.reading import accounts
from oms_core.returns.policy_tables import Refund, RefundPart
from oms_core.returns.proposals import Part, split_back

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from oms_core.orders.tables import Order
    from oms_core.returns.proposals import Proposal

FIRST_NUMBER = 1001
STORE_CREDIT = "store_credit"


def captured_left(session: Session, order_id: int) -> list[tuple[int, str, int]]:
    """Return what may still go back of an order's money: capture id, gateway, minor units, oldest first."""
    account = accounts(core(session), {order_id}, lock=False)[order_id]
    gateways = {entry.id: entry.gateway for entry in account.entries}
    return [(key, gateways[key], left) for key, left in account.captured_left().items()]


def parts_of(left: Sequence[tuple[int, str, int]], total_minor: int, method: str) -> tuple[Part, ...]:
    """Return the payments of a refund: back the ways the money came, or all of it as store credit."""
    if total_minor <= 0:
        return ()
    return (Part(STORE_CREDIT, total_minor),) if method == STORE_CREDIT else tuple(split_back(left, total_minor))


def give_back(
    session: Session, order: Order, proposal: Proposal, *, return_id: int | None, zone: str, actor: str
) -> Refund:
    """Pay a proposal's parts and keep it as a refund with its lines.

    Raises
    ------
    Refused
        ``refund.no_customer``: store credit for a guest without a record; or a payment is refused.
    """
    if proposal.method == STORE_CREDIT and order.customer_id is None:
        raise Refused(
            "refund.no_customer",
            f"Order {order.number} has no customer: there is nobody to give store credit to.",
            "Refund it the way it was paid.",
        )
    (refund_id,) = next_ids(core(session), "refunds")
    refund = Refund(
        id=refund_id, number=f"REF-{FIRST_NUMBER - 1 + refund_id}", order_id=order.id, return_id=return_id,
        method=proposal.method, policy=proposal.policy, currency=order.currency, total_minor=proposal.total_minor,
        bonus_minor=proposal.bonus_minor, lines=[line.as_dict() for line in proposal.lines], actor=actor,
        at=clock.now(),
    )  # fmt: skip
    session.add(refund)
    session.flush()
    for n, part in enumerate(proposal.parts, start=1):
        payment = pay(
            session, order_id=order.id, kind="refund", amount_minor=part.amount_minor, gateway=part.gateway,
            parent_id=part.capture_id, return_id=return_id, external_id=f"{refund.number}/{n}", zone=zone,
            actor=actor, simulated=order.is_simulated,
        )  # fmt: skip
        session.add(
            RefundPart(refund_id=refund_id, payment_id=payment.id, gateway=part.gateway, amount_minor=part.amount_minor)
        )
    session.flush()
    _give_bonus(session, order, refund, actor)
    return refund


def _give_bonus(session: Session, order: Order, refund: Refund, actor: str) -> None:
    """Give what comes on top for taking store credit; the refund itself is booked by its payment."""
    if refund.bonus_minor and order.customer_id is not None:
        issue_credit(
            session, customer_id=order.customer_id, amount_minor=refund.bonus_minor, currency=order.currency,
            reason=f"Bonus of {refund.number}", order_id=order.id, return_id=refund.return_id, actor=actor,
        )  # fmt: skip
