"""A line while a change is reckoned, and what an action does to it: pure functions of integers.

Money is minor units of the order's currency. Reducing a line takes off its units' share of rounding,
discount and tax (half-even), so that what is left is exactly what the remaining units cost.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any


def share(whole: int, part: int, of: int) -> int:
    """Return ``whole × part / of`` rounded half-even; nothing of nothing is nothing."""
    if of == 0:
        return 0
    return int((Decimal(whole) * part / of).to_integral_value(ROUND_HALF_EVEN))


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One order line; `id` is None for a line that the change adds.

    `held` are the units promised to it and not released, shipped ones included; `waiting` those promised
    from goods still to come; `added` those that earlier changes put on it and did not take off again.
    """

    id: int | None
    position: int
    variant_id: int
    sku: str
    title: str
    quantity: int
    unit_price_minor: int
    rounding_minor: int = 0
    discount_minor: int = 0
    tax_minor: int = 0
    unit_cost_minor: int | None = None
    cancelled_qty: int = 0
    shipped_qty: int = 0
    returned_qty: int = 0
    is_removed: bool = False
    held: int = 0
    waiting: int = 0
    added: int = 0
    stock_kind: str = "stocked"
    attributes: dict[str, Any] | None = None
    lead_time_days: int | None = None
    bundle_sku: str | None = None
    bundle_qty: int | None = None
    oversell_policy: str = "deny"

    @property
    def gross_minor(self) -> int:
        """Value before discount and tax."""
        return self.quantity * self.unit_price_minor + self.rounding_minor

    @property
    def net_minor(self) -> int:
        """Value after the line's own discount, before tax."""
        return self.gross_minor - self.discount_minor

    @property
    def live(self) -> int:
        """Units the customer still wants, shipped ones included."""
        return self.quantity - self.cancelled_qty

    @property
    def ordered(self) -> int:
        """Units the line's money stands for; none when it was taken off whole."""
        return 0 if self.is_removed else self.quantity

    @property
    def needs_stock(self) -> bool:
        """Whether its units are promised from the shelf."""
        return self.stock_kind == "stocked"

    @property
    def unpromised(self) -> int:
        """Units that are wanted from the shelf and not promised."""
        return max(self.live - self.held - self.waiting, 0) if self.needs_stock else 0


def less(line: Line, units: int) -> Line:
    """Return the line without `units` of its live, unshipped units."""
    if units == line.live and line.cancelled_qty == 0:
        return replace(
            line, cancelled_qty=line.quantity, rounding_minor=-line.quantity * line.unit_price_minor,
            discount_minor=0, tax_minor=0, is_removed=True,
        )  # fmt: skip
    whole, left = line.quantity, line.quantity - units
    rounding = line.rounding_minor - share(line.rounding_minor, units, whole)
    smaller = replace(
        line,
        quantity=left,
        rounding_minor=max(rounding, -left * line.unit_price_minor),
        tax_minor=line.tax_minor - share(line.tax_minor, units, whole),
    )
    discount = line.discount_minor - share(line.discount_minor, units, whole)
    return replace(smaller, discount_minor=min(discount, smaller.gross_minor))


def more(line: Line, units: int) -> Line:
    """Return the line with `units` more at its price; its discount stays, its tax grows with its value."""
    if line.is_removed:
        return replace(line, quantity=units, cancelled_qty=0, rounding_minor=0, is_removed=False)
    tax = line.tax_minor + share(line.tax_minor, units * line.unit_price_minor, line.net_minor)
    return replace(line, quantity=line.quantity + units, tax_minor=tax)


def priced(line: Line, unit_price_minor: int) -> Line:
    """Return the line at another price; its discount is kept within its value, its tax follows its value."""
    new = replace(line, unit_price_minor=unit_price_minor, rounding_minor=0)
    return _taxed(replace(new, discount_minor=min(line.discount_minor, new.gross_minor)), line)


def discounted(line: Line, amount_minor: int) -> Line:
    """Return the line with this discount on all its units; its tax follows its value."""
    return _taxed(replace(line, discount_minor=amount_minor), line)


def _taxed(new: Line, old: Line) -> Line:
    return replace(new, tax_minor=share(old.tax_minor, new.net_minor, old.net_minor) if old.net_minor else 0)
