"""What a return's refund is made of, line by line with its reason: pure functions of integer minor units.

Goods, their shares of discount and tax, and what a person added come from the return itself; this
module adds what the terms add or keep back, and takes care that no more goes back than was taken.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from oms_core.returns.rules import share

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from oms_core.returns.policies import Terms

#: What a policy's line is on the return it is written to, by kind of line; the code there is `adjustment_code`.
ADJUSTMENT_OF = {
    "grade_cut": "manual", "restocking": "fee", "delivery": "shipping", "label": "shipping", "carriage": "shipping",
    "other_charges": "fee",
}  # fmt: skip
_WHOLE = 10_000
#: Money taken by these cannot go back the same way: it is sent to a bank account.
BY_TRANSFER = {"cod": "bank_transfer", "cash": "bank_transfer"}


@dataclass(frozen=True, slots=True)
class ProposalLine:
    """One line of a refund: signed minor units, and in one sentence why."""

    kind: str
    title: str
    amount_minor: int
    why: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the line as it is kept with the refund."""
        return {"kind": self.kind, "title": self.title, "amount_minor": self.amount_minor, "why": self.why}


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """What came back of one order line: units by grade, and what was paid for all of them."""

    sku: str
    units: int
    amount_minor: int
    grades: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What the terms are applied to; minor units.

    Attributes
    ----------
    discount_minor : int
        The goods' share of the order's discounts (kept back, positive).
    delivery_left_minor : int
        What the customer paid for delivery and has not got back yet.
    other_left_minor : int
        Other charges of the order (fees, tax of the order) not given back yet.
    is_whole : bool
        With this return everything of the order is back.
    carriage_paid_minor : int
        What the customer paid to send the goods back, if told.
    """

    goods: Sequence[Back]
    discount_minor: int = 0
    delivery_left_minor: int = 0
    other_left_minor: int = 0
    is_whole: bool = False
    carriage_paid_minor: int = 0
    label_used: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One payment of a refund: way, minor units, and the capture it gives back (None: whichever is oldest)."""

    gateway: str
    amount_minor: int
    capture_id: int | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A refund before it is paid; the lines add up to `total_minor`.

    `owed_minor` is what the customer is owed, `refundable_minor` what was captured and not given
    back; the total is the smaller of both.
    """

    currency: str
    policy: str
    method: str
    lines: tuple[ProposalLine, ...]
    owed_minor: int
    refundable_minor: int
    total_minor: int
    bonus_minor: int
    parts: tuple[Part, ...]
    warnings: tuple[str, ...] = ()


def adjustment_code(kind: str) -> str:
    """Return the code of the adjustment that a policy's line of this kind becomes."""
    return f"policy_{kind}"


def policy_lines(terms: Terms, now: Situation) -> list[ProposalLine]:
    """Return what the terms add (positive) or keep back (negative) beside the goods."""
    cuts = [line for back in now.goods for line in _grade_cuts(terms, back)]
    worth = sum(back.amount_minor for back in now.goods) - now.discount_minor + sum(c.amount_minor for c in cuts)
    fees = _fees(terms, worth)
    after_fees = worth + sum(fee.amount_minor for fee in fees)
    lines = [*cuts, *fees, *_delivery(terms, now), *_carriage(terms, now, after_fees)]
    if terms.is_statutory and now.is_whole and now.other_left_minor:
        why = "A withdrawal from the whole order gives back all payments, other charges too (art. 13(1))."
        lines.append(ProposalLine("other_charges", "Other charges of the order", now.other_left_minor, why))
    return [line for line in lines if line.amount_minor]


def _grade_cuts(terms: Terms, back: Back) -> Iterable[ProposalLine]:
    for grade, units in sorted(back.grades.items()):
        cut = terms.grade_cuts.get(grade, 0)
        kept = share(share(back.amount_minor, units, back.units), cut, _WHOLE)
        why = f"{units} of {back.units} came back in grade {grade}: {_percent(cut)} of the price is kept back."
        yield ProposalLine("grade_cut", f"{back.sku}: worn", -kept, why)


def _fees(terms: Terms, worth_minor: int) -> list[ProposalLine]:
    """Return the restocking fee, never more than the goods are worth."""
    left = max(worth_minor, 0)
    by_share = min(share(left, terms.fee_bp, _WHOLE), left)
    fixed = min(terms.fee_minor, left - by_share)
    lines = [
        ProposalLine(
            "restocking", "Restocking fee", -by_share, f"{_percent(terms.fee_bp)} of the goods (policy {terms.code})."
        ),
        ProposalLine(
            "restocking", "Restocking fee, fixed", -fixed, f"A fixed fee for each return (policy {terms.code})."
        ),
    ]
    return [line for line in lines if line.amount_minor]


def _delivery(terms: Terms, now: Situation) -> list[ProposalLine]:
    if terms.shipping_refund == "never" or (terms.shipping_refund == "whole_order" and not now.is_whole):
        return []
    most = now.delivery_left_minor if terms.standard_delivery_minor is None else terms.standard_delivery_minor
    back = max(min(now.delivery_left_minor, most), 0)
    why = "Everything of the order is back." if now.is_whole else f"Policy {terms.code} always gives it back."
    if back < now.delivery_left_minor:
        why += " Of a dearer delivery only the price of the standard one goes back."
    return [ProposalLine("delivery", "Delivery of the order", back, why)]


def _carriage(terms: Terms, now: Situation, worth_minor: int) -> list[ProposalLine]:
    if terms.carriage_payer == "shop":
        why = f"The shop pays for sending back (policy {terms.code})."
        return [ProposalLine("carriage", "Carriage back, paid by the customer", now.carriage_paid_minor, why)]
    if not now.label_used:
        return []
    why = f"The customer pays for sending back and used the shop's label (policy {terms.code})."
    return [ProposalLine("label", "Return label", -min(terms.label_minor, max(worth_minor, 0)), why)]


def capped(lines: Sequence[ProposalLine], *, refunded_minor: int, refundable_minor: int) -> list[ProposalLine]:
    """Return the lines with what was given back before, and with what was never taken, kept off."""
    told = list(lines)
    if refunded_minor:
        told.append(ProposalLine("refunded", "Refunded before", -refunded_minor, "Earlier refunds of this return."))
    over = sum(line.amount_minor for line in told) - refundable_minor
    if over > 0:
        why = "No more can go back than was captured and is not refunded yet."
        told.append(ProposalLine("cap", "Not captured", -over, why))
    return told


def bonus(terms: Terms, total_minor: int, method: str) -> int:
    """Return the store credit given on top of `total_minor`; nothing for other ways."""
    return share(total_minor, terms.credit_bonus_bp, _WHOLE) if method == "store_credit" else 0


def split_back(captured_left: Sequence[tuple[int, str, int]], amount_minor: int) -> list[Part]:
    """Split a refund over the captures the money came by, first in first back.

    Parameters
    ----------
    captured_left : sequence of (capture id, gateway, minor units)
        What may still go back of each capture, in the order they were taken.
    amount_minor : int
        To give back now; at most what is left.

    Returns
    -------
    list of Part
        One for each capture that gives something. Cash cannot travel back through a courier's
        terminal: it becomes a bank transfer (`BY_TRANSFER`).
    """
    parts = []
    for capture_id, gateway, left in captured_left:
        paid = min(max(left, 0), amount_minor)
        amount_minor -= paid
        if paid:
            parts.append(Part(BY_TRANSFER.get(gateway, gateway), paid, capture_id))
    return parts


def _percent(basis_points: int) -> str:
    whole, rest = divmod(basis_points, 100)
    return f"{whole}.{rest:02d} %" if rest else f"{whole} %"
