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
from dataclasses import dataclass
from datetime import datetime


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


def match(sold: list[SoldLine], returned: list[Returned]) -> dict[int, SoldLine]:
    """Return, by the sequence of each matched returned line, the sale it reverses.

    `sold` and `returned` are in time order; the sold lines' `left_qty` is used up.
    """
    by_customer: dict[tuple[str, str, int], list[SoldLine]] = defaultdict(list)
    by_order: dict[tuple[str, str], list[SoldLine]] = defaultdict(list)
    for line in sold:
        by_order[line.order, line.sku].append(line)
        if line.customer is not None:
            by_customer[line.customer, line.sku, line.unit_price_minor].append(line)
    found = {}
    for back in returned:
        candidates = by_order.get((back.reverses or back.order, back.sku), [])
        if back.reverses is None and back.customer is not None:
            candidates = by_customer.get((back.customer, back.sku, back.unit_price_minor), []) + candidates
        hit = next((s for s in reversed(candidates) if s.left_qty >= back.quantity and s.at <= back.at), None)
        if hit is not None:
            hit.left_qty -= back.quantity
            found[back.sequence] = hit
    return found
