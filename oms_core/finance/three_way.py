"""Lay a supplier's bill beside what was ordered and what arrived, and name every difference; pure."""

from __future__ import annotations

from dataclasses import dataclass

from oms_core.kernel.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Billed:
    """One line of a bill with what is known of its purchase-order line.

    `billed_before` counts the units on other bills of the line (cancelled ones left out).
    """

    sku: str
    quantity: int
    unit_cost_minor: int
    ordered: int
    received: int
    agreed_minor: int
    billed_before: int = 0


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: ``price``, ``not_received`` or ``not_ordered``; its worth in minor units."""

    sku: str
    kind: str
    amount_minor: int
    sentence: str


def differences(line: Billed, currency: str) -> list[Difference]:
    """Return how one billed line differs from order and receipts; nothing when it fits."""
    found = []
    price = line.unit_cost_minor - line.agreed_minor
    if price:
        worth = price * line.quantity
        billed, agreed = Money(line.unit_cost_minor, currency), Money(line.agreed_minor, currency)
        found.append(Difference(
            line.sku, "price", worth,
            f"{line.sku}: billed at {billed}, ordered at {agreed}: {Money(abs(worth), currency)} too"
            f" {'much' if worth > 0 else 'little'} for {line.quantity}.",
        ))  # fmt: skip
    total = line.quantity + line.billed_before
    if total > line.ordered:
        beyond = total - line.ordered
        found.append(Difference(
            line.sku, "not_ordered", beyond * line.unit_cost_minor,
            f"{line.sku}: {total} billed, {line.ordered} ordered: {beyond} too many.",
        ))  # fmt: skip
    if total > line.received:
        missing = min(total - line.received, line.quantity)
        found.append(Difference(
            line.sku, "not_received", missing * line.unit_cost_minor,
            f"{line.sku}: {total} billed, {line.received} received: {missing} have not arrived.",
        ))  # fmt: skip
    return found
