"""What returned goods are worth, as pure functions of integer minor units.

A customer gets back what was paid for the goods: their price less the line's discount, less their
share of the order's discounts, plus their share of the line's tax. Shares are reckoned on running
totals, so that parts returned one by one add up to the whole to the penny.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Code of the adjustments that are reckoned here and not given by a person.
SHARE = "share"


@dataclass(frozen=True, slots=True)
class LineValue:
    """Money of one order line: value after its discount, its tax, and the value returned so far."""

    net_minor: int
    tax_minor: int
    returned_minor: int


def share(whole_minor: int, part: int, of: int) -> int:
    """Return ``whole × part / of`` rounded half-even; nothing of nothing is nothing."""
    if of == 0:
        return 0
    return int((Decimal(whole_minor) * part / of).to_integral_value(ROUND_HALF_EVEN))


def goods_value(*, left_minor: int, units: int, left_units: int) -> int:
    """Return the value of `units` out of what is left of a line; the last units take the rest.

    Parameters
    ----------
    left_minor : int
        Value of the line that no other return has taken; never below zero is given back.
    units, left_units : int
        Units returned now, units that no other return has taken.
    """
    return share(max(left_minor, 0), units, left_units)


def shares(lines: Iterable[LineValue], *, order_discount_minor: int) -> tuple[int, int]:
    """Return the tax and the order discount that belong to everything returned so far.

    Parameters
    ----------
    lines : iterable of LineValue
        Every line of the order, with the value returned over all its returns.
    order_discount_minor : int
        Discounts of the whole order, positive.

    Returns
    -------
    tuple of int
        Tax to give back, discount to keep back; minor units, positive.
    """
    known = list(lines)
    net, returned = sum(x.net_minor for x in known), sum(x.returned_minor for x in known)
    tax = sum(share(x.tax_minor, x.returned_minor, x.net_minor) for x in known)
    return tax, share(order_discount_minor, returned, net)
