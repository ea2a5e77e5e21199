"""What an order is before it is placed: plain values, checked as a whole before anything is written.

Money is integer minor units of the order's currency.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from oms_core.customers.commands import NewCustomer, check_customer
from oms_core.kernel.errors import InvalidInput
from oms_core.orders.tables import ADJUSTMENT_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

_CURRENCY = re.compile(r"^[A-Z]{3}$")
_COUNTRY = re.compile(r"^([A-Z]{2})?$")
#: Column of the order that an adjustment of this kind adds to; every other kind adds to `other_minor`.
_ADJUSTMENT_COLUMN = {"shipping": "shipping_minor", "discount": "discount_minor", "tax": "tax_minor"}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLine:
    """One product line: ``gross = quantity x unit_price + rounding``.

    `attributes` say how a made-to-order unit is made (size, colour, engraving). A component of a
    bundle names the bundle it was sold in and how many of it.
    """

    sku: str
    quantity: int
    unit_price_minor: int
    discount_minor: int = 0
    tax_minor: int = 0
    rounding_minor: int = 0
    title: str = ""
    attributes: Mapping[str, Any] | None = None
    bundle_sku: str | None = None
    bundle_qty: int | None = None

    @property
    def gross_minor(self) -> int:
        """Value before discount and tax, minor units."""
        return self.quantity * self.unit_price_minor + self.rounding_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAdjustment:
    """Money that is not a product; positive raises what the customer owes (a discount is negative)."""

    kind: str
    amount_minor: int
    code: str = ""
    title: str = ""
    quantity: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAddress:
    """Where the order goes; `country` is ISO 3166 alpha-2, empty when unknown."""

    country: str = ""
    postal_code: str = ""
    city: str = ""
    region: str = ""
    line1: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPayment:
    """Money that came with the order (see `payments.commands.pay`)."""

    gateway: str
    amount_minor: int
    kind: str = "capture"
    external_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """An order as a channel sends it.

    Attributes
    ----------
    channel : str
        Code of the channel.
    external_id : str
        The channel's own name of the order; unique within the channel.
    customer : NewCustomer, optional
        None is a guest without a name.
    placed_at : datetime, optional
        Aware; None is now.
    total_minor : int, optional
        What the channel says the customer owes; refused when it is not what the lines add up to.
    billing : NewAddress, optional
        Where the bill goes; None is where the goods go.
    payments : sequence of NewPayment
        Taken by `intake.place` in the same transaction.
    reservation : str
        Token of the checkout reservation the order comes from; empty: none.
    """

    channel: str
    external_id: str
    currency: str
    lines: Sequence[NewLine]
    adjustments: Sequence[NewAdjustment] = ()
    customer: NewCustomer | None = None
    address: NewAddress = field(default_factory=NewAddress)
    billing: NewAddress | None = None
    placed_at: datetime | None = None
    ship_by_at: datetime | None = None
    total_minor: int | None = None
    payments: Sequence[NewPayment] = ()
    reservation: str = ""
    is_simulated: bool = False
    is_test: bool = False


@dataclass(frozen=True, slots=True)
class Totals:
    """The money columns of an order: ``total = gross - discount + shipping + tax + other``."""

    gross_minor: int
    discount_minor: int
    shipping_minor: int
    tax_minor: int
    other_minor: int

    @property
    def total_minor(self) -> int:
        """What the customer owes, minor units."""
        return self.gross_minor - self.discount_minor + self.shipping_minor + self.tax_minor + self.other_minor


def totals(lines: Iterable[NewLine], adjustments: Iterable[NewAdjustment]) -> Totals:
    """Add up the money of an order; a discount adjustment is negative, the discount column positive."""
    sums = {"gross_minor": 0, "discount_minor": 0, "shipping_minor": 0, "tax_minor": 0, "other_minor": 0}
    for line in lines:
        sums["gross_minor"] += line.gross_minor
        sums["discount_minor"] += line.discount_minor
        sums["tax_minor"] += line.tax_minor
    for adjustment in adjustments:
        column = _ADJUSTMENT_COLUMN.get(adjustment.kind, "other_minor")
        sums[column] += -adjustment.amount_minor if column == "discount_minor" else adjustment.amount_minor
    return Totals(**sums)


def check(new: NewOrder) -> Totals:
    """Check an order in itself (no database) and return its totals.

    Raises
    ------
    InvalidInput
        The first thing that is wrong: no lines, a quantity below one, a currency or country that is
        no ISO code, a negative or too large discount, a naive time, a total that does not add up.
    """
    if not new.external_id.strip():
        raise InvalidInput("external_id", new.external_id, "the channel's name of the order")
    if not _CURRENCY.match(new.currency):
        raise InvalidInput("currency", new.currency, "three capital letters (ISO 4217)")
    for address in (new.address, new.billing):
        if address is not None and not _COUNTRY.match(address.country):
            raise InvalidInput("country", address.country, "two capital letters (ISO 3166)")
    _check_times(new)
    if not new.lines:
        raise InvalidInput("lines", [], "at least one line", code="order.no_lines")
    for line in new.lines:
        _check_line(line)
    if new.customer:
        check_customer(new.customer)
    return _check_money(new)


def _check_times(new: NewOrder) -> None:
    for name, at in (("placed_at", new.placed_at), ("ship_by_at", new.ship_by_at)):
        if at is not None and at.tzinfo is None:
            raise InvalidInput(name, at.isoformat(), "a time with its zone")


def _check_line(line: NewLine) -> None:
    if line.quantity <= 0:
        expectation = f"at least one unit of {line.sku}"
        raise InvalidInput("quantity", line.quantity, expectation, "Returns have a command of their own.", sku=line.sku)
    if line.unit_price_minor < 0 or line.gross_minor < 0:
        raise InvalidInput("unit_price", line.unit_price_minor, f"a price of {line.sku} that is not below zero")
    if not 0 <= line.discount_minor <= line.gross_minor:
        expectation = f"between 0 and the line's value {line.gross_minor} (minor units, {line.sku})"
        raise InvalidInput("discount", line.discount_minor, expectation)


def _check_money(new: NewOrder) -> Totals:
    for adjustment in new.adjustments:
        if adjustment.kind not in ADJUSTMENT_KINDS:
            raise InvalidInput("adjustment kind", adjustment.kind, f"one of {', '.join(ADJUSTMENT_KINDS)}")
        if adjustment.kind == "discount" and adjustment.amount_minor > 0:
            raise InvalidInput("discount", adjustment.amount_minor, "an amount below zero (it lowers what is owed)")
    sums = totals(new.lines, new.adjustments)
    if new.total_minor is not None and new.total_minor != sums.total_minor:
        raise InvalidInput(
            "total",
            new.total_minor,
            f"{sums.total_minor} minor units of {new.currency}, which its lines and adjustments add up to",
            "Send every discount, carriage and tax as an adjustment.",
            code="order.total_mismatch",
        )
    return sums
