"""Which money may move on an order, as a pure rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oms_core.kernel.errors import InvalidInput, Refused
from oms_core.kernel.money import Money
from oms_core.payments.tables import PAYMENT_KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping


def check_payment(kind: str, amount: Money, so_far: Mapping[str, int], *, number: str, cancelled: bool) -> None:
    """Refuse a movement of money that cannot be.

    Parameters
    ----------
    so_far : mapping of str to int
        Sums by kind, minor units of the order's currency.

    Raises
    ------
    InvalidInput
        If the kind is unknown or the amount is not above zero.
    Refused
        If a refund is more than what was captured and not yet refunded, a void more than what is
        held, or money is taken for a cancelled order.
    """
    if kind not in PAYMENT_KINDS:
        raise InvalidInput("kind", kind, f"one of {', '.join(PAYMENT_KINDS)}")
    if amount.minor <= 0:
        raise InvalidInput("amount", str(amount), "an amount above zero; its kind says the direction")
    if cancelled and kind in {"authorize", "capture"}:
        raise Refused("payment.order_cancelled", f"Order {number} is cancelled: no money may be taken for it.")
    limits = {
        "refund": ("captured", so_far.get("capture", 0) - so_far.get("refund", 0)),
        "void": ("authorised", so_far.get("authorize", 0) - so_far.get("void", 0) - so_far.get("capture", 0)),
    }
    word, most = limits.get(kind, ("", amount.minor))
    if amount.minor > most:
        rest = Money(max(most, 0), amount.currency)
        raise Refused(
            f"payment.{kind}_too_large",
            f"Order {number}: a {kind} of {amount} is more than the {rest} that is {word} and left.",
            f"The most that can be {'refunded' if kind == 'refund' else 'voided'} is {rest}.",
            left_minor=rest.minor,
        )
