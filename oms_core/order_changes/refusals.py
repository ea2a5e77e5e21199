"""The sentences with which a change is refused, each with its facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from oms_core.kernel.errors import NotFound, Refused
from oms_core.kernel.money import Money

if TYPE_CHECKING:
    from oms_core.order_changes.lines import Line


def already_shipped(number: str, line: Line, *, wanted: int) -> Refused:
    """Refuse to take off units that have left."""
    return Refused(
        "order_change.shipped",
        f"Order {number}: {line.shipped_qty} of {line.live} × {line.sku} already shipped, {wanted} asked for.",
        f"Set the quantity to {line.shipped_qty} or more; what was shipped comes back as a return.",
        sku=line.sku,
        shipped_qty=line.shipped_qty,
        unshipped_qty=line.live - line.shipped_qty,
        wanted=wanted,
    )


def is_removed(number: str, line: Line) -> Refused:
    """Refuse to change a line that was taken off."""
    return Refused(
        "order_change.line_removed",
        f"Order {number}: {line.sku} was taken off already.",
        "Set its quantity to bring it back.",
        sku=line.sku,
    )


def money_returned(number: str, line: Line) -> Refused:
    """Refuse another price for goods that came back: they were valued at the price of the sale."""
    return Refused(
        "order_change.returned",
        f"Order {number}: {line.returned_qty} of {line.quantity} × {line.sku} came back; its price stands.",
        "Give a goodwill amount as an adjustment instead.",
        sku=line.sku,
        returned_qty=line.returned_qty,
    )


def nothing_left(number: str) -> Refused:
    """Refuse an order of nothing: that is a cancelled order."""
    return Refused(
        "order_change.nothing_left",
        f"Order {number} would be left without any unit.",
        "Cancel the order instead.",
    )


def too_much_discount(number: str, money: Mapping[str, int], currency: str) -> Refused:
    """Refuse to give away more than the goods cost."""
    given, worth = Money(money["discount"], currency), Money(money["gross"], currency)
    return Refused(
        "order_change.discount_too_large",
        f"Order {number}: discounts of {given} would be more than the goods, {worth}.",
        "Lower the order's discount in the same change.",
    )


def below_zero(number: str, total_minor: int, currency: str) -> Refused:
    """Refuse a total below zero: money goes back as a refund."""
    return Refused(
        "order_change.below_zero",
        f"Order {number} would come to {Money(total_minor, currency)}.",
        "Lower the amount; what was paid too much goes back as a refund.",
    )


def no_effect(number: str) -> Refused:
    """Refuse what is so already."""
    return Refused("order_change.no_effect", f"Order {number} is already as proposed.", "Nothing has to be changed.")


def not_a_line(number: str, line_id: int, lines: Sequence[Line]) -> NotFound:
    """Refuse a line of another order, or of none."""
    mine = ", ".join(f"{line.id} ({line.sku})" for line in lines)
    return NotFound("order line", line_id, hint=f"Lines of {number}: {mine}.")


def unknown_sku(sku: str, known: Iterable[str]) -> NotFound:
    """Refuse a SKU that is not in the catalogue."""
    return NotFound("variant", sku, known)
