"""Which sale a credit note reverses: nothing in most sources links them, so a rule does.

The rule, for each returned line in time order:

1. If the source names the order (or the return stands on the sale's own document), that order's lines
   of the SKU with enough units left.
2. Else, unless the source named an order, the same customer's lines of the same SKU at the same unit
   price, sold at or before the return, with at least the returned units not yet returned; the most
   recent such sale is reversed.
3. Else none: the line is a stand-alone credit. Guests' returns match only by rule 1.

A returned line is never divided among sales.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime

from oms_core.imports.shelf import Shelf


@dataclass(slots=True)
class SoldLine:
    """One line that could be reversed.

    `key` identifies it for the caller; `left_qty` is what was shipped and has not come back.
    """

    key: tuple[str, int]
    order: str
    customer: str | None
    sku: str
    unit_price_minor: int
    at: datetime
    left_qty: int


@dataclass(frozen=True, slots=True)
class Returned:
    """One line of a credit note."""

    sequence: int
    order: str
    customer: str | None
    sku: str
    unit_price_minor: int
    quantity: int
    at: datetime
    reverses: str | None


class _Shelves:
    """Sold lines by what a return may ask for; what a line loses it loses in every place it stands."""

    def __init__(self, sold: list[SoldLine], *kinds: Callable[[SoldLine], Hashable | None]) -> None:
        self._lines: dict[Hashable, list[SoldLine]] = defaultdict(list)
        self._places: dict[tuple[str, int], list[tuple[Hashable, int]]] = defaultdict(list)
        for line in sold:
            for name in (kind(line) for kind in kinds):
                if name is not None:
                    self._places[line.key].append((name, len(self._lines[name])))
                    self._lines[name].append(line)
        self._shelves = {
            n: Shelf([s.at for s in lines], [s.left_qty for s in lines]) for n, lines in self._lines.items()
        }

    def take(self, name: Hashable, back: Returned) -> SoldLine | None:
        """Use up the latest line under `name` that the return could reverse."""
        shelf = self._shelves.get(name)
        index = shelf.latest(back.quantity, until=back.at) if shelf else None
        if index is None:
            return None
        line = self._lines[name][index]
        line.left_qty -= back.quantity
        for place, position in self._places[line.key]:
            self._shelves[place].set(position, line.left_qty)
        return line


def match(sold: list[SoldLine], returned: list[Returned]) -> dict[int, SoldLine]:
    """Return, by the sequence of each matched returned line, the sale it reverses.

    `sold` and `returned` are in time order; the sold lines' `left_qty` is used up.
    """
    shelves = _Shelves(sold, _of_order, _of_customer)
    found = {}
    for back in returned:
        hit = shelves.take(("order", back.reverses or back.order, back.sku), back)
        if hit is None and back.reverses is None and back.customer is not None:
            hit = shelves.take(("customer", back.customer, back.sku, back.unit_price_minor), back)
        if hit is not None:
            found[back.sequence] = hit
    return found


def _of_order(line: SoldLine) -> Hashable:
    return "order", line.order, line.sku


def _of_customer(line: SoldLine) -> Hashable | None:
    return None if line.customer is None else ("customer", line.customer, line.sku, line.unit_price_minor)
