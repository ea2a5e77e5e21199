"""Limits of buyers, suppliers' answers, remarks on deliveries, mail to suppliers, price breaks."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from app.api.forms import Amount, Code, Day, Form, Instant, Money, Record, Text
from app.api.models.flows import examples

LIMIT: dict[str, Any] = {
    "buyer": "anna", "amount": "5000.00", "currency": "PLN", "set_by": "owner", "set_at": "2026-05-01T10:00:00Z",
}  # fmt: skip
MAIL: dict[str, Any] = {
    "id": 7, "kind": "purchase_order", "recipients": ["orders@acme.example"], "format": "pdf", "state": "waiting",
    "attempts": 0, "created_at": "2026-05-01T10:00:00Z", "sent_at": None, "last_error": "",
}  # fmt: skip


BREAK: dict[str, Any] = {
    "supplier": "ACME", "sku": "22114", "from_qty": 100, "unit_cost": "2.10", "currency": "GBP",
}  # fmt: skip


class PriceBreak(Record):
    """Unit cost from a quantity on, for all units of the line."""

    supplier: str
    sku: str
    from_qty: int
    unit_cost: Money
    currency: str


class Limit(Record):
    """Most that a buyer may send or approve alone."""

    buyer: str
    amount: Money
    currency: str
    set_by: str
    set_at: Instant


class NewLimit(Form):
    """Most that a buyer may send or approve alone, in the shop's currency."""

    model_config = examples(amount="5000.00")

    amount: Amount


class Dropped(Record):
    """What was taken back."""

    buyer: str


class NewDay(Form):
    """The day goods come, as the supplier says now."""

    model_config = examples(expected_on="2027-05-20", reason="the ship is late")

    expected_on: Day
    reason: Text


class Note(Form):
    """A word on the approval."""

    model_config = examples(note="agreed with the owner")

    note: Text = ""


class Reason(Form):
    """Why; it is kept with the order."""

    model_config = examples(reason="price is above the agreement")

    reason: Text = Field(min_length=1)


class AnsweredLine(Form):
    """What the supplier says to one line; what is left out is as ordered."""

    model_config = examples(sku="22114", quantity=36, unit_cost="2.60")

    sku: Code
    quantity: int | None = Field(default=None, ge=0, le=1_000_000)
    unit_cost: Amount | None = None


class Answer(Form):
    """A confirmation that differs from the order."""

    model_config = examples(expected_on="2026-05-12", lines=[{"sku": "22114", "quantity": 36, "unit_cost": "2.60"}])

    expected_on: Day | None = None
    lines: list[AnsweredLine] = Field(min_length=1, max_length=500)


class Post(Form):
    """To whom and in which form beside the PDF; the supplier's address when left out."""

    model_config = examples(format="edi", to=["orders@acme.example"])

    format: Literal["pdf", "csv", "xlsx", "edi"] = "pdf"
    to: list[Code] = Field(default_factory=list, max_length=20)
    language: Literal["en", "pl"] | None = None


class Mail(Record):
    """A mail to a supplier and what became of it."""

    id: int
    kind: str
    format: str
    state: str
    attempts: int


class Break(Form):
    """Unit cost from a quantity on."""

    model_config = examples(from_qty=100, unit_cost="2.10")

    from_qty: int = Field(gt=1, le=1_000_000)
    unit_cost: Amount


class Breaks(Form):
    """Every price break of an article at a supplier; an empty list takes them away."""

    model_config = examples(breaks=[{"from_qty": 100, "unit_cost": "2.10"}])

    breaks: list[Break] = Field(max_length=50)
