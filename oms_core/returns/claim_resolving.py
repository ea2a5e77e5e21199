"""Resolve an approved claim: money back, the goods again for nothing, store credit, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.kernel import clock, journal
from oms_core.kernel.errors import InvalidInput, Refused
from oms_core.kernel.money import Money
from oms_core.order_changes import commands as changes
from oms_core.orders.tables import Order, OrderAdjustment, OrderLine
from oms_core.returns.case_tables import CLAIM_RESOLUTIONS, Claim
from oms_core.returns.claims import lines_of, locked
from oms_core.returns.giving_back import captured_left, give_back, parts_of
from oms_core.returns.policies import NOT_THEIR_FAULT, terms_for
from oms_core.returns.proposals import Proposal, ProposalLine, bonus, capped
from oms_core.returns.records import locked as locked_return
from oms_core.returns.records import revalue
from oms_core.returns.refunds import pay_refund
from oms_core.returns.rules import share
from oms_core.returns.states import CLAIM

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from oms_core.returns.policy_tables import Refund

MONEY = {"refund": "original", "store_credit": "store_credit"}


def resolve_claim(
    session: Session,
    *,
    claim_id: int,
    resolution: str,
    amount_minor: int | None = None,
    zone: str,
    actor: str = "system",
) -> Claim:
    """Settle an approved claim.

    Parameters
    ----------
    resolution : str
        ``refund`` (the ways the money came), ``store_credit``, ``replacement`` (the same goods as
        lines that cost nothing), or ``none``.
    amount_minor : int, optional
        Money of the order's currency; what was paid for the claimed goods when left out. Lateness has
        no price of its own: there it has to be given.

    Raises
    ------
    TransitionRefused
        The claim is not approved, or settled before.
    Refused
        ``claim.too_much``: more than goods and delivery cost; ``claim.nothing_captured``; goods that
        have to come back are not here yet (``return.transition_refused``).
    InsufficientStock
        There is nothing to replace the goods with.
    """
    found = locked(session, claim_id)
    CLAIM.check(found.number, found.state, "resolved")
    if resolution not in CLAIM_RESOLUTIONS[1:]:
        raise InvalidInput("resolution", resolution, f"one of {', '.join(CLAIM_RESOLUTIONS[1:])}")
    if amount_minor is not None and resolution not in MONEY:
        raise InvalidInput("amount", amount_minor, f"no amount is given with {resolution}")
    if resolution in MONEY:
        refund = _pay(session, found, MONEY[resolution], amount_minor, zone=zone, actor=actor)
        found.refund_id, found.amount_minor = refund.id, refund.total_minor
    if resolution == "replacement":
        _replace(session, found, zone=zone, actor=actor)
    before, found.state, found.resolution, found.resolved_at = found.state, "resolved", resolution, clock.now()
    found.version += 1
    session.flush()
    if found.return_id is not None:
        # of replaced goods nothing is owed, whenever they come
        revalue(session, locked_return(session, found.return_id))
    journal.record(
        session, "claim.resolved", "claim", found.id, actor=actor, number=found.number, order_id=found.order_id,
        resolution=resolution, amount_minor=found.amount_minor, **{"from": before, "to": "resolved"},
    )  # fmt: skip
    return found


def propose_claim_refund(
    session: Session, found: Claim, *, method: str = "original", amount_minor: int | None = None
) -> Proposal:
    """Return what a refund of kept goods would be: goods, shares of tax and discount, an agreed difference."""
    order = session.get_one(Order, found.order_id)
    own = _worth(session, found, order)
    worth = sum(line.amount_minor for line in own)
    if amount_minor is not None:
        _require_within(found, amount_minor, worth + max(order.shipping_minor, 0))
        own.append(ProposalLine("agreed", "Agreed difference", amount_minor - worth, "A person agreed on the amount."))
    left = captured_left(session, order.id)
    refundable = sum(minor for _, _, minor in left)
    lines = capped([line for line in own if line.amount_minor], refunded_minor=0, refundable_minor=refundable)
    total = sum(line.amount_minor for line in lines)
    terms = terms_for(session, order, found.kind)
    return Proposal(
        order.currency, f"claim/{found.kind}", method, tuple(lines), sum(line.amount_minor for line in own), refundable,
        total, bonus(terms, max(total, 0), method), parts_of(left, total, method),
    )  # fmt: skip


def _pay(session: Session, found: Claim, method: str, amount_minor: int | None, *, zone: str, actor: str) -> Refund:
    order = session.get_one(Order, found.order_id)
    if found.return_id is not None:
        if amount_minor is not None:
            expected = "goods that come back are worth what inspection finds; leave the amount out"
            raise InvalidInput("amount", amount_minor, expected)
        return pay_refund(
            session, return_id=found.return_id, method=method, terms=NOT_THEIR_FAULT, zone=zone, actor=actor
        )
    if found.kind == "late" and amount_minor is None:
        raise InvalidInput("amount", None, "lateness has no price of its own: say how much")
    proposal = propose_claim_refund(session, found, method=method, amount_minor=amount_minor)
    if proposal.total_minor <= 0:
        raise Refused(
            "claim.nothing_captured",
            f"{found.number}: nothing was captured for {order.number} that is not refunded yet.",
            "Replace the goods, or settle the claim without money.",
        )
    return give_back(session, order, proposal, return_id=None, zone=zone, actor=actor)


def _worth(session: Session, found: Claim, order: Order) -> list[ProposalLine]:
    """Return what was paid for the claimed goods: their value, share of tax, share of the order's discounts."""
    claimed = lines_of(session, found.id)
    statement = sa.select(OrderLine).where(OrderLine.order_id == order.id)
    sold = {line.id: line for line in session.scalars(statement)}
    net = sum(line.gross_minor - line.discount_minor for line in sold.values())
    cut = sa.select(sa.func.coalesce(sa.func.sum(OrderAdjustment.amount_minor), 0)).where(
        OrderAdjustment.order_id == order.id, OrderAdjustment.kind == "discount"
    )
    goods = sum(line.amount_minor for line in claimed)
    tax = sum(
        share(s.tax_minor, line.amount_minor, s.gross_minor - s.discount_minor)
        for line in claimed
        for s in [sold[line.order_line_id]]
    )
    discount = share(int(session.scalar(cut) or 0), goods, net)
    said = "What was paid for the goods."
    return [
        *(ProposalLine("goods", f"{x.quantity} × {x.sku}", x.amount_minor, said) for x in claimed),
        ProposalLine("tax", "Tax", tax, "The goods' share of tax."),
        ProposalLine("discount", "Discount", discount, "The goods' share of the order's discounts."),
    ]


def _require_within(found: Claim, amount_minor: int, most: int) -> None:
    if amount_minor <= 0:
        raise InvalidInput("amount", str(Money(amount_minor, found.currency)), "an amount above zero was expected")
    if amount_minor > most:
        raise Refused(
            "claim.too_much",
            f"{Money(amount_minor, found.currency)} is more than goods and delivery of {found.number} cost:"
            f" {Money(most, found.currency)}.",
            "Give goodwill beyond it as store credit of its own.",
            most_minor=most,
        )


def _replace(session: Session, found: Claim, *, zone: str, actor: str) -> None:
    actions = [
        {"kind": "add_line", "sku": line.sku, "quantity": line.quantity, "unit_price_minor": 0,
         "title": f"Replacement, {found.number}"}
        for line in lines_of(session, found.id)
    ]  # fmt: skip
    change = changes.propose(session, found.order_id, actions, zone=zone, actor=actor, reason=found.number)
    changes.confirm(session, change.id, zone=zone, actor=actor)
    found.order_change_id = change.id
