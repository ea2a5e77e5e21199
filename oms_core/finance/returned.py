"""What a return does to the lines of an invoice; pure, and exact: the differences add up to what it owes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from oms_core.finance.records import Changed
from oms_core.finance.valuing import Line
from oms_core.returns.rules import SHARE, share

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class ReturnedLine(Protocol):
    """Units and value of one line of a return."""

    order_line_id: int | None
    sku: str
    title: str
    received_qty: int
    amount_minor: int


class Adjusted(Protocol):
    """A correction on a return that is not goods; positive is owed to the customer."""

    kind: str
    code: str
    title: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Current:
    """What a line says now."""

    position: int
    kind: str
    order_line_id: int | None
    sku: str
    title: str
    tax_bp: int | None
    quantity: int
    net_minor: int
    tax_minor: int

    def becomes(self, quantity: int, net_minor: int, tax_minor: int, *, tax_bp: int | None = None) -> Changed:
        """Return the change of this line to new units and values."""
        line = Line(
            kind=self.kind, title=self.title, quantity=quantity, net_minor=net_minor, tax_minor=tax_minor,
            order_line_id=self.order_line_id, sku=self.sku, tax_bp=self.tax_bp if tax_bp is None else tax_bp,
        )  # fmt: skip
        return Changed(line, self.quantity, self.net_minor, self.tax_minor, self.position)


@dataclass(slots=True)
class _Less:
    """What is taken off a line."""

    line: Current
    units: int
    net_minor: int
    tax_minor: int


def after_return(
    known: Mapping[int, Current], lines: Sequence[ReturnedLine], extras: Sequence[Adjusted]
) -> list[Changed]:
    """Return the changed lines of an invoice after a return.

    Each line loses the part of its net and tax that its units are; what rounding leaves over to the
    return's own sums goes to the largest line. Adjustments a person gave (carriage back, a fee kept)
    change the carriage line or stand on lines of their own.
    """
    by_order_line = {line.order_line_id: line for line in known.values() if line.order_line_id is not None}
    less: list[_Less] = []
    stray = 0
    for back in lines:
        line = by_order_line.get(back.order_line_id or 0)
        if line is None or not line.quantity:
            stray += back.amount_minor
        elif back.amount_minor or back.received_qty:
            less.append(_part(line, min(back.received_qty, line.quantity)))
    goods = sum(back.amount_minor for back in lines) - stray
    tax = _shares(extras, "tax")
    _fit(less, net=goods + _shares(extras, "discount"), tax=tax)
    changed = [
        x.line.becomes(x.line.quantity - x.units, x.line.net_minor - x.net_minor, x.line.tax_minor - x.tax_minor)
        for x in less
    ]
    return changed + _extras(known, [x for x in extras if x.code != SHARE], stray)


def _shares(extras: Sequence[Adjusted], kind: str) -> int:
    return sum(x.amount_minor for x in extras if x.kind == kind and x.code == SHARE)


def _part(line: Current, units: int) -> _Less:
    net, tax = (share(whole, units, line.quantity) for whole in (line.net_minor, line.tax_minor))
    return _Less(line, units, net, tax)


def _fit(less: list[_Less], *, net: int, tax: int) -> None:
    """Make the parts add up to what the return owes: net and tax apart, or together where prices hold tax."""
    if not less:
        return
    held = sum(x.tax_minor for x in less)
    if tax or not held:
        rest_net, rest_tax = net - sum(x.net_minor for x in less), tax - held
    else:
        # the return's money is with tax: only the sum of both is known
        rest_net, rest_tax = net - sum(x.net_minor for x in less) - held, 0
    largest = max(less, key=lambda x: (x.line.quantity > x.units, x.line.net_minor))
    largest.net_minor += rest_net
    largest.tax_minor += rest_tax


def _extras(known: Mapping[int, Current], extras: Sequence[Adjusted], stray: int) -> list[Changed]:
    """Return the changes of what is not goods; a fee kept is a line of its own."""
    given = [(x.kind, x.title or x.kind, x.amount_minor) for x in extras if x.amount_minor]
    given += [("other", "goods", stray)] if stray else []
    changed, position = list[Changed](), max(known, default=0)
    carriage = next((line for line in known.values() if line.kind == "shipping"), None)
    for kind, title, amount in given:
        if kind == "shipping" and carriage and 0 < amount <= carriage.net_minor + carriage.tax_minor:
            tax = share(carriage.tax_minor, amount, carriage.net_minor + carriage.tax_minor)
            left = carriage.net_minor - (amount - tax)
            units = carriage.quantity if left else 0
            changed.append(carriage.becomes(units, left, carriage.tax_minor - tax))
            carriage = None
            continue
        position += 1
        line = Line(kind="other", title=title, quantity=1, net_minor=-amount, tax_minor=0, tax_bp=None)
        changed.append(Changed(line, position=position))
    return changed
