"""An order's money as invoice lines, exact to the minor unit; pure.

Line by line: ``net = gross - discount`` of the order line less its share of the order's discounts, and the
tax that is known of it; carriage is a line of its own, every other adjustment too. Where tax was sent
for the whole order it is shared out by net value. Where no tax is known at all and the shop says which
rate its prices hold, ``tax = value x rate / (100 + rate)`` is taken out of each line.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING

from oms_core.kernel.money import split

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Rates that amounts are first tried against, percent (Poland, then other EU standard and reduced rates).
KNOWN_PERCENT = (23, 8, 5, 0, 19, 20, 21, 22, 24, 25, 27, 17, 18, 7, 10, 9, 6, 12, 13)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One invoice line: units, net and tax in minor units; ``gross = net + tax``."""

    kind: str
    title: str
    quantity: int
    net_minor: int
    tax_minor: int
    order_line_id: int | None = None
    sku: str = ""
    tax_bp: int | None = None

    @property
    def gross_minor(self) -> int:
        """Value with tax."""
        return self.net_minor + self.tax_minor


@dataclass(frozen=True, slots=True)
class Extra:
    """An adjustment of an order: kind, title, signed amount in minor units."""

    kind: str
    title: str
    amount_minor: int


def rate_bp(net_minor: int, tax_minor: int, *, units: int = 1) -> int | None:
    """Return the tax rate that these amounts show, basis points (2300 is 23 %).

    A known whole rate is meant when the tax is within one minor unit a piece of it; otherwise the
    nearest hundredth of a percent. None when there is nothing to tell it from.
    """
    if net_minor == 0:
        return None if tax_minor else 0
    for percent in KNOWN_PERCENT:
        exact = Decimal(net_minor) * percent / 100
        if abs(exact - tax_minor) <= max(Decimal("0.5"), min(Decimal(units) / 2, abs(exact) / 20)):
            return percent * 100
    return int((Decimal(tax_minor) * 10_000 / net_minor).to_integral_value(ROUND_HALF_EVEN))


def lines_of(goods: Sequence[Line], extras: Sequence[Extra], *, included_percent: Decimal | None = None) -> list[Line]:
    """Return the invoice lines of an order; their gross adds up to its total.

    Parameters
    ----------
    goods : sequence of Line
        Order lines: net is their value after their own discount, tax what is known of them.
    extras : sequence of Extra
        Adjustments of the order.
    included_percent : Decimal, optional
        Rate that prices hold, used only when no tax is known at all.
    """
    discount = sum(x.amount_minor for x in extras if x.kind == "discount")
    shares = split(discount, [max(line.net_minor, 0) for line in goods])
    lines = [replace(line, net_minor=line.net_minor + share) for line, share in zip(goods, shares, strict=True)]
    lines += [
        Line(
            kind="shipping" if x.kind == "shipping" else "other", title=x.title or x.kind, quantity=1,
            net_minor=x.amount_minor, tax_minor=0,
        )
        for x in extras if x.kind not in {"discount", "tax"} and x.amount_minor
    ]  # fmt: skip
    if not goods and discount:
        lines.append(Line(kind="other", title="discount", quantity=1, net_minor=discount, tax_minor=0))
    tax = sum(x.amount_minor for x in extras if x.kind == "tax")
    lines = _with_order_tax(lines, tax)
    if included_percent and not any(line.tax_minor for line in lines):
        lines = [_with_included(line, included_percent) for line in lines]
    return [replace(x, tax_bp=rate_bp(x.net_minor, x.tax_minor, units=max(x.quantity, 1))) for x in lines]


def _with_order_tax(lines: Sequence[Line], tax: int) -> list[Line]:
    """Share a tax of the whole order over the lines that have none of their own, by net value."""
    if not tax:
        return list(lines)
    if not lines:
        return [Line(kind="other", title="tax", quantity=1, net_minor=0, tax_minor=tax)]
    without = [n for n, line in enumerate(lines) if not line.tax_minor and line.net_minor > 0]
    chosen = without or [n for n, line in enumerate(lines) if line.net_minor > 0] or [0]
    parts = dict(zip(chosen, split(tax, [max(lines[n].net_minor, 0) for n in chosen]), strict=True))
    return [replace(line, tax_minor=line.tax_minor + parts.get(n, 0)) for n, line in enumerate(lines)]


def _with_included(line: Line, percent: Decimal) -> Line:
    held = Decimal(line.net_minor) * percent / (100 + percent)
    tax = int(held.to_integral_value(ROUND_HALF_EVEN))
    return replace(line, net_minor=line.net_minor - tax, tax_minor=tax)


def by_rate(lines: Sequence[Line]) -> list[dict[str, int | None]]:
    """Return the sums by tax rate, highest rate first: ``tax_bp, net_minor, tax_minor, gross_minor``."""
    sums: dict[int | None, list[int]] = {}
    for line in lines:
        entry = sums.setdefault(line.tax_bp, [0, 0])
        entry[0] += line.net_minor
        entry[1] += line.tax_minor
    ordered = sorted(sums.items(), key=lambda item: -1 if item[0] is None else item[0], reverse=True)
    return [
        {"tax_bp": rate, "net_minor": net, "tax_minor": tax, "gross_minor": net + tax} for rate, (net, tax) in ordered
    ]
