"""Which money may move on an order, as a pure rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oms_core.kernel.errors import InvalidInput, Refused
from oms_core.kernel.money import Money
from oms_core.payments.accounts import STORE_CREDIT, WRITE_OFF
from oms_core.payments.tables import PAYMENT_KINDS

if TYPE_CHECKING:
    from oms_core.payments.accounts import Account

_WORDS = {"capture": "authorised", "void": "authorised", "refund": "captured"}


def check_payment(
    account: Account,
    kind: str,
    amount: Money,
    *,
    gateway: str,
    parent_id: int | None = None,
    reserved: bool = False,
) -> int | None:
    """Return what a movement of money acts on, or refuse one that cannot be.

    Parameters
    ----------
    parent_id : int, optional
        The authorisation (of a capture or void) or capture (of a refund) that is meant; without it the
        oldest of the same gateway that has enough left is taken.
    reserved : bool
        The caller may use the gateway that is no money (``write_off``).

    Returns
    -------
    int or None
        Id of the parent; None for a direct capture, or when several parents together give the amount.

    Raises
    ------
    InvalidInput
        Unknown kind, amount not above zero, another currency, a parent that is none of this order.
    Refused
        ``payment.<kind>_too_large``: more than is left; ``payment.order_cancelled``.
    """
    if kind not in PAYMENT_KINDS:
        raise InvalidInput("kind", kind, f"one of {', '.join(PAYMENT_KINDS)}")
    if amount.minor <= 0:
        raise InvalidInput("amount", str(amount), "an amount above zero; its kind says the direction")
    _check_currency(account, kind, amount)
    _check_gateway(account, kind, gateway, reserved=reserved)
    if account.state == "cancelled" and kind in {"authorize", "capture"}:
        raise Refused("payment.order_cancelled", f"Order {account.number} is cancelled: no money may be taken for it.")
    if kind == "authorize":
        return None
    return _parent(account, kind, amount, gateway=gateway, parent_id=parent_id)


def _check_currency(account: Account, kind: str, amount: Money) -> None:
    if amount.currency != account.currency:
        raise InvalidInput(
            "currency",
            amount.currency,
            f"order {account.number} is in {account.currency}, and a {kind} of {amount} cannot be booked on it",
            f"Book what moved in {account.currency}; the gateway's report says how much it was.",
            code="payment.wrong_currency",
            expected=account.currency,
        )


def _check_gateway(account: Account, kind: str, gateway: str, *, reserved: bool) -> None:
    if gateway == WRITE_OFF and not reserved:
        raise InvalidInput("gateway", gateway, "a gateway of money; forgiving a rest has a command of its own")
    if gateway != STORE_CREDIT:
        return
    if kind in {"authorize", "void"}:
        raise InvalidInput("kind", kind, "store credit is taken (capture) or given back (refund) at once")
    if account.customer_id is None:
        raise Refused("credit.no_customer", f"Order {account.number} has no customer whose store credit could be used.")


def _parent(account: Account, kind: str, amount: Money, *, gateway: str, parent_id: int | None) -> int | None:
    left = account.captured_left() if kind == "refund" else account.authorized_left()
    gateways = {entry.id: entry.gateway for entry in account.entries}
    if parent_id is not None:
        if parent_id not in left:
            word = "a capture" if kind == "refund" else "an authorisation"
            raise InvalidInput("parent_id", parent_id, f"{word} of order {account.number} was expected")
        _check_left(account, kind, amount, left[parent_id])
        return parent_id
    same = {key: n for key, n in left.items() if gateways[key] == gateway and n > 0}
    if kind == "capture" and not same:
        # nothing is held there: the money was taken at once
        return None
    _check_left(account, kind, amount, account.refundable_minor if kind == "refund" else sum(same.values()))
    near = [key for key, n in same.items() if n >= amount.minor]
    far = [key for key, n in left.items() if n >= amount.minor] if kind == "refund" else []
    return next(iter(near + far), None)


def _check_left(account: Account, kind: str, amount: Money, left: int) -> None:
    if amount.minor <= left:
        return
    rest = Money(max(left, 0), amount.currency)
    hints = {
        "capture": f"Capture {rest}; what is owed beyond it is another payment.",
        "void": f"The most that can be voided is {rest}.",
        "refund": f"The most that can be refunded is {rest}.",
    }
    raise Refused(
        f"payment.{kind}_too_large",
        f"Order {account.number}: a {kind} of {amount} is more than the {rest} that is {_WORDS[kind]} and left.",
        hints[kind],
        left_minor=rest.minor,
    )
