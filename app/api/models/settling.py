"""Balances, write-offs, couriers' lists, exchange rates, landed costs."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from app.api.forms import Amount, Code, Currency, Day, Form, Money, Record, ShortText, SignedAmount
from app.api.models.flows import examples

BALANCE: dict[str, Any] = {
    "number": "OS-010045", "payment_status": "overpaid", "currency": "GBP", "total": "8.50", "authorized": "0.00",
    "captured": "10.00", "refunded": "0.00", "written_off": "0.00", "due": "0.00", "overpaid": "1.50",
    "refundable": "10.00",
}  # fmt: skip
REMITTANCE: dict[str, Any] = {
    "carrier": "inpost", "reference": "2026/10", "currency": "PLN", "total": "36.00", "booked": "36.00", "again": False,
    "rows": [{"name": "T-1", "outcome": "matched", "amount": "36.00", "expected": "36.00", "booked": "36.00",
              "order": "OS-010045"}],
    "missing": [],
}  # fmt: skip
LANDED: dict[str, Any] = {
    "number": "LC-1001", "kind": "freight", "basis": "value", "amount": "20.00", "currency": "PLN",
    "on_date": "2026-05-03",
}  # fmt: skip


class Balance(Record):
    """What an order owes and what was paid for it."""

    number: str
    payment_status: str
    currency: str
    total: Money
    authorized: Money
    captured: Money
    refunded: Money
    written_off: Money
    due: Money
    overpaid: Money
    refundable: Money


class WriteOff(Form):
    """Forgive a small rest."""

    model_config = examples(reason="courier's rounding", limit="5.00")

    reason: Code
    limit: Amount | None = Field(default=None, description="The most that may be forgiven; 5.00 if left out.")


class SpendCredit(Form):
    """Pay from store credit."""

    model_config = examples(amount="5.00")

    amount: Amount | None = Field(default=None, description="Everything due if left out.")


class Remitted(Form):
    """One parcel of a courier's list: its tracking number, or our order's number."""

    parcel: Code
    amount: Amount


class NewRemittance(Form):
    """A courier's list of money collected at doors."""

    model_config = examples(
        carrier="inpost", reference="2026/10", currency="PLN", rows=[{"parcel": "T-1", "amount": "36.00"}]
    )

    carrier: Code
    reference: Code
    currency: Currency
    rows: list[Remitted] = Field(min_length=1, max_length=5000)


class Remittance(Record):
    """A booked list: what became of every row, and whose money is missing."""

    carrier: str
    reference: str
    currency: str
    total: Money
    booked: Money
    again: bool
    rows: list[dict[str, Any]]
    missing: list[dict[str, Any]]


class OneRate(Form):
    """One unit of `base` in `quote` on a day."""

    base: Currency
    quote: Currency
    on: Day
    rate: str = Field(pattern=r"^\d{1,12}(\.\d{1,12})?$", description="Decimal text, above zero.")


class NewRates(Form):
    """Published exchange rates; the same ones again change nothing."""

    model_config = examples(source="NBP", rates=[{"base": "EUR", "quote": "PLN", "on": "2026-05-04", "rate": "4.2567"}])

    source: Code
    rates: list[OneRate] = Field(min_length=1, max_length=5000)
    replace: bool = Field(default=False, description="Put a different rate in the place of a stored one.")


class RatesTaken(Record):
    """How many were added, and how many orders and payments could be stated by them."""

    added: int
    unchanged: int
    replaced: int
    orders: int
    payments: int
    without_rate: int


class Rate(Record):
    """The rate that counts on a day, with the day it was published for."""

    base: str
    quote: str
    asked_for: str
    rate: str
    published_for: str


class NewLanded(Form):
    """A cost to be spread over receipts; below zero takes one back."""

    model_config = examples(kind="freight", amount="20.00", currency="PLN", receipts=["GR-1001"], basis="value")

    kind: str = Field(pattern="^(freight|duty|insurance|other)$")
    amount: SignedAmount
    currency: Currency
    receipts: list[Code] = Field(min_length=1, max_length=500)
    basis: str = Field(default="value", pattern="^(value|quantity|weight)$")
    on_date: Day | None = None
    reference: ShortText = ""


class Landed(Record):
    """A landed cost."""

    number: str
    kind: str
    basis: str
    amount: Money
    currency: str
