"""Payout statements: what a channel or gateway says it took, kept and sent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from pydantic import Field

from app.api.forms import Code, Currency, Day, Form, Money, Record, ShortText, SignedAmount
from app.api.models.flows import examples

SUMS: dict[str, Any] = {
    "id": 7, "channel": "allegro", "gateway": "", "reference": "2026-03", "currency": "PLN", "since": "2026-03-01",
    "until": "2026-03-31", "gross": "36.90", "fee": "3.80", "net": "33.10", "received": "33.10",
    "received_difference": "0.00", "fees_in_books": "3.80", "fee_difference": "0.00", "difference": "-0.30",
}  # fmt: skip
LISTED: dict[str, Any] = {**SUMS, "rows": 4, "odd": 1}
STATEMENT: dict[str, Any] = {
    **SUMS,
    "rows": [{
        "kind": "sale", "name": "OS-010045", "order": "OS-010045", "amount": "12.00", "fee": "0.40",
        "elsewhere": "0.00", "books": "12.30", "difference": "-0.30", "outcome": "short",
    }],
}  # fmt: skip
MISSING: dict[str, Any] = {
    "order": "OS-010046", "captured_on": "2026-03-12", "captured": "12.30", "currency": "PLN", "gateway": "card",
    "waits_days": 19,
}  # fmt: skip


class NewRow(Form):
    """One row of a statement."""

    kind: Literal["sale", "refund", "fee", "other"]
    name: ShortText = Field(default="", description="Our number, the channel's of the order, the gateway's of payment.")
    amount: SignedAmount = Field(
        default=Decimal(0), description="What the customer paid; below zero what was given back."
    )
    fee: SignedAmount = Field(default=Decimal(0), description="What was kept; below zero when a fee was given back.")
    on: Day | None = None


class NewStatement(Form):
    """A statement with its rows; the same one again is kept once."""

    model_config = examples(
        channel="allegro", reference="2026-03", currency="PLN", received="11.60",
        rows=[{"kind": "sale", "name": "OS-010045", "amount": "12.00", "fee": "0.40", "on": "2026-03-12"}],
    )  # fmt: skip

    channel: Code
    reference: Code = Field(description="The statement's own name.")
    currency: Currency | None = Field(default=None, description="The shop's if left out.")
    gateway: ShortText = Field(default="", description="Only payments of this gateway are on it.")
    received: SignedAmount | None = Field(default=None, description="What arrived on the account.")
    book_fees: bool = Field(default=False, description="Book the fees that the books of its days do not have yet.")
    rows: list[NewRow] = Field(min_length=1, max_length=5000)


class Sums(Record):
    """A statement's sums beside the books; differences are the statement less the books."""

    id: int
    channel: str
    gateway: str
    reference: str
    currency: str
    since: str
    until: str
    gross: Money
    fee: Money
    net: Money
    received: Money | None
    received_difference: Money | None
    fees_in_books: Money
    fee_difference: Money
    difference: Money


class Listed(Sums):
    """A statement in a list: how many rows it has, and how many do not fit the books."""

    rows: int
    odd: int


class Row(Record):
    """One order's sales or refunds on it: `difference` is amount + elsewhere - books."""

    kind: str
    name: str
    order: str | None
    amount: Money
    fee: Money
    elsewhere: Money = Field(description="What other statements say of the order.")
    books: Money
    difference: Money
    outcome: str


class Statement(Sums):
    """A statement laid beside the books row by row."""

    rows: list[Row]


class Kept(Statement):
    """A statement that was sent; `again` when it was kept before."""

    again: bool


class Missing(Record):
    """A captured payment that stands on no statement of its days."""

    order: str
    captured_on: str
    captured: Money
    currency: str
    gateway: str
    waits_days: int


class Missed(Record):
    """Captured payments that nobody paid out, oldest first."""

    items: list[Missing]
