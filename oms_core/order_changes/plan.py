"""What a change does, as a pure function: the order before, the actions, the order after.

The same plan makes the preview and is written when the change is confirmed, so that they cannot differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from oms_core.catalog.bundles import Component
from oms_core.kernel.exchange import Rate
from oms_core.order_changes.actions import Action
from oms_core.order_changes.lines import Line
from oms_core.order_changes.refusals import below_zero, no_effect, not_a_line, nothing_left, too_much_discount
from oms_core.order_changes.steps import STEPS, Entry, NewMoney, Worksheet

MONEY = ("gross", "discount", "shipping", "tax", "other")
ADDRESS_COLUMNS = ("name", "line1", "city", "region", "postal_code", "country")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """An order as it is: its head, money columns by name (without ``_minor``), lines, and what is around it.

    `shop_rate` is the rate into `shop_currency` the order was placed at. `variants` are those an action
    names, by SKU, `bundles` the components of those that are bundles; `available` the units that may be
    promised, by variant; `captured_minor` is money taken less money given back.
    """

    order_id: int
    number: str
    state: str
    currency: str
    version: int
    money: Mapping[str, int]
    address: Mapping[str, str]
    lines: Sequence[Line]
    captured_minor: int = 0
    shop_currency: str | None = None
    shop_rate: Rate | None = None
    variants: Mapping[str, Any] = field(default_factory=dict)
    bundles: Mapping[str, Sequence[Component]] = field(default_factory=dict)
    available: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be written: lines that changed or are new, entries, adjustments, address, money after."""

    before: Ground
    lines: Sequence[Line]
    entries: Sequence[Entry]
    adjustments: Sequence[NewMoney]
    address: Mapping[str, str]
    money: Mapping[str, int]

    @property
    def total_minor(self) -> int:
        """What the customer owes for the order after the change."""
        return total(self.money)

    @property
    def changed(self) -> list[Line]:
        """Lines that are not as they were; new ones last."""
        old = {line.id: line for line in self.before.lines}
        return [line for line in self.lines if old.get(line.id) != line]


def total(money: Mapping[str, int]) -> int:
    """Return gross − discount + shipping + tax + other."""
    return money["gross"] - money["discount"] + money["shipping"] + money["tax"] + money["other"]


def plan(ground: Ground, actions: Sequence[Action]) -> Plan:
    """Apply actions, in their order, to an order.

    Raises
    ------
    Refused
        Something already shipped would be taken off, nothing would be left, nothing would change.
    InvalidInput, NotFound
        A line or SKU that is not there, an amount that cannot be.
    """
    sheet = Worksheet(
        lines=list(ground.lines), number=ground.number, currency=ground.currency, variants=ground.variants,
        bundles=ground.bundles,
        order_discount_minor=ground.money["discount"] - sum(line.discount_minor for line in ground.lines),
        shipping_minor=ground.money["shipping"],
    )  # fmt: skip
    for action in actions:
        if "line_id" in action and not any(line.id == action["line_id"] for line in sheet.lines):
            raise not_a_line(ground.number, action["line_id"], ground.lines)
        STEPS[action["kind"]](sheet, action)
    made = _finished(ground, sheet)
    _check(made)
    return made


def _finished(ground: Ground, sheet: Worksheet) -> Plan:
    money = dict(ground.money)
    old_lines = _line_money(ground.lines)
    for name, value in _line_money(sheet.lines).items():
        money[name] += value - old_lines[name]
    for extra in sheet.money:
        money[extra.column] += -extra.amount_minor if extra.column == "discount" else extra.amount_minor
    address = {k: v for k, v in sheet.address.items() if v != ground.address.get(k, "")}
    return Plan(ground, sheet.lines, sheet.entries, sheet.money, address, money)


def _line_money(lines: Sequence[Line]) -> dict[str, int]:
    return {
        "gross": sum(line.gross_minor for line in lines),
        "discount": sum(line.discount_minor for line in lines),
        "tax": sum(line.tax_minor for line in lines),
    }


def _check(made: Plan) -> None:
    if not made.changed and not made.adjustments and not made.address:
        raise no_effect(made.before.number)
    if not any(line.live for line in made.lines):
        raise nothing_left(made.before.number)
    if made.money["discount"] > max(made.money["gross"], made.before.money["discount"]):
        raise too_much_discount(made.before.number, made.money, made.before.currency)
    if made.total_minor < min(total(made.before.money), 0):
        raise below_zero(made.before.number, made.total_minor, made.before.currency)


@dataclass(frozen=True, slots=True)
class StockNeed:
    """What a line's promise does: units promised before, to promise, to release, to wait for no longer."""

    line: Line
    held: int
    to_allocate: int
    to_release: int
    to_free: int
    shortage: int


def stock(made: Plan) -> list[StockNeed]:
    """Return what the change does to promises, line by line; shortages counted over lines of one variant.

    An order of which nothing was promised yet stays so: its units are promised when it is allocated.
    """
    before = {line.id: line for line in made.before.lines}
    promised = _is_promised(made.before)
    left = dict(made.before.available)
    needs = []
    for line in made.changed:
        old = before.get(line.id)
        over = max(line.held + line.waiting - line.live, 0)
        free = min(over, line.waiting)
        release = over - free
        if line.needs_stock:
            left[line.variant_id] = left.get(line.variant_id, 0) + release
        extra = max(line.unpromised - (old.unpromised if old else 0), 0) if promised else 0
        needs.append(StockNeed(line, line.held, extra, release, free, 0))
    return [_short(need, left) for need in needs]


def _is_promised(ground: Ground) -> bool:
    """Whether the order has been allocated: something is promised, or nothing has to be."""
    return any(line.held or line.waiting for line in ground.lines) or not any(line.unpromised for line in ground.lines)


def _short(need: StockNeed, left: dict[int, int]) -> StockNeed:
    key = need.line.variant_id
    found = min(max(left.get(key, 0), 0), need.to_allocate)
    left[key] = left.get(key, 0) - found
    return replace(need, shortage=need.to_allocate - found)
