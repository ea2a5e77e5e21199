"""Which of an order's invoices a return takes off: units go back to the invoices they stand on; pure and exact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from oms_core.finance.returned import Adjusted, Current, ReturnedLine
from oms_core.kernel.money import split
from oms_core.returns.rules import SHARE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(slots=True)
class Back:
    """The units and value of a return's line that stand on one invoice."""

    order_line_id: int | None
    sku: str
    title: str
    received_qty: int
    amount_minor: int


@dataclass(slots=True)
class Given:
    """The part of a return's adjustment that belongs to one invoice; positive is owed to the customer."""

    kind: str
    code: str
    title: str
    amount_minor: int


@dataclass(slots=True)
class Taken:
    """What a return takes off one invoice."""

    lines: list[Back]
    extras: list[Given]

    @property
    def goods_minor(self) -> int:
        """Value of the goods."""
        return sum(line.amount_minor for line in self.lines)


def shares_of_return(
    invoices: Sequence[Mapping[int, Current]], lines: Sequence[ReturnedLine], extras: Sequence[Adjusted]
) -> list[Taken]:
    """Share a return over invoices, oldest first; units and money of the parts add up to the return's.

    Parameters
    ----------
    invoices : sequence of mapping
        What the lines of each invoice say now, by position.
    """
    taken = [Taken([], []) for _ in invoices]
    held: list[dict[int | None, int]] = [
        {x.order_line_id: x.quantity for x in known.values() if x.order_line_id} for known in invoices
    ]
    for line in lines:
        units = _units(held, line)
        for n, amount in enumerate(split(line.amount_minor, units if any(units) else [1] + [0] * (len(units) - 1))):
            if units[n] or amount:
                back = Back(line.order_line_id, line.sku, line.title, units[n], amount)
                taken[n].lines.append(back)
    for extra in extras:
        for n, amount in enumerate(split(extra.amount_minor, _weights(invoices, taken, extra))):
            if amount:
                taken[n].extras.append(Given(extra.kind, extra.code, extra.title, amount))
    return taken


def _units(held: Sequence[dict[int | None, int]], line: ReturnedLine) -> list[int]:
    """Take a line's units off what the invoices hold; what none holds stands on the last that has the line."""
    units, rest = list[int](), line.received_qty
    for known in held:
        n = min(rest, known.get(line.order_line_id, 0))
        units.append(n)
        rest -= n
        if n:
            known[line.order_line_id] -= n
    if rest and any(units):
        units[max(n for n, u in enumerate(units) if u)] += rest
    return units


def _weights(invoices: Sequence[Mapping[int, Current]], taken: Sequence[Taken], extra: Adjusted) -> list[int]:
    """Share of a discount or tax follows the goods; carriage goes where it stands, the rest to the first touched."""
    goods = [max(one.goods_minor, 0) for one in taken]
    if extra.code == SHARE and any(goods):
        return goods
    carriage = [any(x.kind == "shipping" for x in known.values()) for known in invoices]
    touched = [bool(one.lines) for one in taken]
    marks = carriage if extra.kind == "shipping" and any(carriage) else touched
    first = marks.index(True) if any(marks) else 0
    return [int(n == first) for n in range(len(taken))]
