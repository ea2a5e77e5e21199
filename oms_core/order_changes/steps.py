"""One step for each kind of action: what it does to an order on a worksheet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from oms_core.catalog.bundles import Component
from oms_core.kernel.errors import InvalidInput
from oms_core.kernel.money import split
from oms_core.order_changes.actions import Action
from oms_core.order_changes.lines import Line, discounted, less, more, priced, share
from oms_core.order_changes.refusals import already_shipped, is_removed, money_returned, unknown_sku
from oms_core.orders.exploding import parts_of
from oms_core.orders.new import NewLine

#: Column of the order (without ``_minor``) that an adjustment of this kind moves.
COLUMNS = {"shipping": "shipping", "discount": "discount", "tax": "tax"}


@dataclass(frozen=True, slots=True)
class NewMoney:
    """An adjustment the change adds; signed as what the customer owes."""

    kind: str
    amount_minor: int
    title: str = ""

    @property
    def column(self) -> str:
        """Money column it moves."""
        return COLUMNS.get(self.kind, "other")


@dataclass(frozen=True, slots=True)
class Entry:
    """What one action did to a line (by its place on the sheet): signed units and minor units."""

    place: int
    kind: str
    quantity: int
    gross_minor: int
    discount_minor: int
    tax_minor: int
    order_discount_minor: int = 0


@dataclass(slots=True, kw_only=True)
class Worksheet:
    """An order while actions are applied to it."""

    lines: list[Line]
    number: str
    currency: str
    variants: Mapping[str, Any]
    bundles: Mapping[str, Sequence[Component]]
    order_discount_minor: int
    shipping_minor: int
    entries: list[Entry] = field(default_factory=list)
    money: list[NewMoney] = field(default_factory=list)
    address: dict[str, str] = field(default_factory=dict)

    def place_of(self, line_id: int) -> int:
        """Return where a line (known to be there) stands."""
        return next(n for n, line in enumerate(self.lines) if line.id == line_id)

    def put(self, place: int, new: Line, kind: str, *, order_discount_minor: int = 0) -> None:
        """Replace a line and keep the entry of it, the order's discount that went with it included."""
        old, self.lines[place] = self.lines[place], new
        entry = Entry(
            place, kind, new.ordered - old.ordered, new.gross_minor - old.gross_minor,
            new.discount_minor - old.discount_minor, new.tax_minor - old.tax_minor, order_discount_minor,
        )  # fmt: skip
        if any((entry.quantity, entry.gross_minor, entry.discount_minor, entry.tax_minor, order_discount_minor)):
            self.entries.append(entry)

    def add_money(self, kind: str, amount_minor: int, title: str) -> None:
        """Add an adjustment, unless it is of nothing."""
        if amount_minor:
            self.money.append(NewMoney(kind, amount_minor, title))
        if kind == "discount":
            self.order_discount_minor -= amount_minor
        if kind == "shipping":
            self.shipping_minor += amount_minor


def add_line(sheet: Worksheet, action: Action) -> None:
    """Add a line at the variant's price unless another is given."""
    variant = sheet.variants.get(action["sku"])
    if variant is None:
        raise unknown_sku(action["sku"], sheet.variants)
    price = action.get("unit_price_minor")
    if price is None and variant.currency != sheet.currency:
        raise InvalidInput(
            "unit_price_minor", None, f"a price in {sheet.currency}: {variant.sku} is priced in {variant.currency}"
        )
    new = NewLine(
        sku=variant.sku, title=action.get("title") or variant.title, quantity=action["quantity"],
        unit_price_minor=variant.price_minor if price is None else price,
        discount_minor=action.get("discount_minor", 0), tax_minor=action.get("tax_minor", 0),
        attributes=action.get("attributes"),
    )  # fmt: skip
    _check_discount(new, new.discount_minor)
    for part in parts_of(new, sheet.bundles.get(variant.sku)):
        _append(sheet, part, sheet.variants[part.sku])


def _append(sheet: Worksheet, new: NewLine, variant: Any) -> None:
    """Add one line (of a component, when a bundle was asked for) and its entry."""
    line = Line(
        id=None, position=max((x.position for x in sheet.lines), default=0) + 1, variant_id=variant.id,
        sku=new.sku, title=new.title or variant.title, quantity=new.quantity, unit_price_minor=new.unit_price_minor,
        rounding_minor=new.rounding_minor, discount_minor=new.discount_minor, tax_minor=new.tax_minor,
        unit_cost_minor=variant.cost_minor if variant.currency == sheet.currency else None,
        stock_kind=variant.stock_kind, lead_time_days=variant.lead_time_days,
        attributes=dict(new.attributes) if new.attributes else None, bundle_sku=new.bundle_sku,
        bundle_qty=new.bundle_qty, oversell_policy=variant.oversell_policy,
    )  # fmt: skip
    sheet.lines.append(line)
    place = len(sheet.lines) - 1
    sheet.entries.append(Entry(place, "added", line.quantity, line.gross_minor, line.discount_minor, line.tax_minor))


def remove_line(sheet: Worksheet, action: Action) -> None:
    """Take a line off whole; refused when units of it have left."""
    place = sheet.place_of(action["line_id"])
    line = sheet.lines[place]
    if line.is_removed or not line.live:
        raise is_removed(sheet.number, line)
    if line.shipped_qty:
        raise already_shipped(sheet.number, line, wanted=0)
    _reduce(sheet, place, line.live)


def set_quantity(sheet: Worksheet, action: Action) -> None:
    """Set how many units the customer wants, never fewer than have left."""
    place = sheet.place_of(action["line_id"])
    line, wanted = sheet.lines[place], action["quantity"]
    if wanted < line.shipped_qty or (wanted == 0 and line.shipped_qty):
        raise already_shipped(sheet.number, line, wanted=wanted)
    if wanted > line.live:
        sheet.put(place, more(line, wanted - line.live), "added")
    elif wanted < line.live:
        _reduce(sheet, place, line.live - wanted)


def _reduce(sheet: Worksheet, place: int, units: int) -> None:
    """Take units off a line, with their share of the order's own discount (as a return of them would).

    Units that a change had put on go first and take none along: the discount was given for the order as it
    was placed, so adding units and taking them off again leaves it whole.
    """
    old, new = sheet.lines[place], less(sheet.lines[place], units)
    mine = split(sheet.order_discount_minor, [x.net_minor for x in sheet.lines])[place]
    placed = less(old, max(units - _added(sheet, place), 0))
    back = share(mine, old.net_minor - placed.net_minor, old.net_minor)
    sheet.put(place, new, "removed", order_discount_minor=-back)
    sheet.add_money("discount", back, f"Share of the order's discount of what was taken off: {old.sku}")


def _added(sheet: Worksheet, place: int) -> int:
    """Return how many of a line's units came by changes, this one so far included."""
    return max(sheet.lines[place].added + sum(e.quantity for e in sheet.entries if e.place == place), 0)


def set_price(sheet: Worksheet, action: Action) -> None:
    """Give all units of a line another price."""
    place = sheet.place_of(action["line_id"])
    line = _repriceable(sheet, place)
    sheet.put(place, priced(line, action["unit_price_minor"]), "price")


def set_discount(sheet: Worksheet, action: Action) -> None:
    """Set a line's discount, or without a line the discount of the order as a whole."""
    if "line_id" not in action:
        _set_order_discount(sheet, action)
        return
    place = sheet.place_of(action["line_id"])
    line = _repriceable(sheet, place)
    _check_discount(line, action["amount_minor"])
    sheet.put(place, discounted(line, action["amount_minor"]), "discount")


def _set_order_discount(sheet: Worksheet, action: Action) -> None:
    worth = sum(line.net_minor for line in sheet.lines)
    if action["amount_minor"] > worth:
        raise InvalidInput(
            "amount_minor", action["amount_minor"], f"at most the value of the lines, {worth} minor units"
        )
    extra = action["amount_minor"] - sheet.order_discount_minor
    for place, part in enumerate(split(extra, [line.net_minor for line in sheet.lines])):
        sheet.put(place, sheet.lines[place], "discount", order_discount_minor=part)
    sheet.add_money("discount", -extra, action.get("title") or "Discount")


def set_shipping(sheet: Worksheet, action: Action) -> None:
    """Set what the customer pays for carriage."""
    sheet.add_money("shipping", action["amount_minor"] - sheet.shipping_minor, action.get("title") or "Carriage")


def set_address(sheet: Worksheet, action: Action) -> None:
    """Send the rest elsewhere; fields not named stay."""
    sheet.address.update({name: value.strip() for name, value in action["address"].items()})


def add_adjustment(sheet: Worksheet, action: Action) -> None:
    """Add money that is no product: a tax, a fee, a gift card, a manual amount."""
    sheet.add_money(action["adjustment"], action["amount_minor"], action.get("title", ""))


def _repriceable(sheet: Worksheet, place: int) -> Line:
    line = sheet.lines[place]
    if line.is_removed:
        raise is_removed(sheet.number, line)
    if line.returned_qty:
        raise money_returned(sheet.number, line)
    return line


def _check_discount(line: Line | NewLine, amount_minor: int) -> None:
    if amount_minor > line.gross_minor:
        expectation = f"at most the line's value, {line.gross_minor} minor units ({line.sku})"
        raise InvalidInput("discount", amount_minor, expectation)


STEPS: Mapping[str, Callable[[Worksheet, Action], None]] = {
    step.__name__: step
    for step in (
        add_line, remove_line, set_quantity, set_price, set_discount, set_shipping, set_address, add_adjustment,
    )
}  # fmt: skip
