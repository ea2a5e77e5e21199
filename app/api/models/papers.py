"""Corrections of invoices, matches in accounts, opening costs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from app.api.forms import Amount, Code, Form, Key, Money, Record, SomeUnits
from app.api.models.flows import examples
from app.api.models.money import Buyer

MATCH: dict[str, Any] = {
    "id": 9, "claim_id": 77, "claim": "FV/2026/00021", "settling_id": 81, "settling": "transfer 4401",
    "amount": "8.50", "currency": "GBP", "at": "2026-05-03T09:00:00Z", "actor": "api:books",
}  # fmt: skip
OPENING: dict[str, Any] = {"items": [{"sku": "22114", "unit_cost": "2.53", "currency": "GBP"}]}


class Draft(Form):
    """Write the draft invoice of an order."""

    model_config = examples(buyer={"name": "Ada Byron", "tax_id": ""})

    buyer: Buyer | None = None


class Reason(Form):
    """Why; it is printed or kept in the journal."""

    model_config = examples(reason="units called off after invoicing")

    reason: Code


class CorrectedLine(Form):
    """What a line should say: units, and net and tax of all of them."""

    position: int = Field(ge=1, le=100_000)
    quantity: SomeUnits
    net: Amount
    tax: Amount


class Correction(Form):
    """New values by line, or another buyer."""

    model_config = examples(
        reason="price promised by phone", lines=[{"position": 1, "quantity": 2, "net": "6.00", "tax": "1.20"}]
    )

    reason: Code
    lines: list[CorrectedLine] = Field(default=[], max_length=500)
    buyer: Buyer | None = None


class NewMatch(Form):
    """A claim and what settles it, both of one account and currency."""

    model_config = examples(claim=77, settling=81, amount="8.50")

    claim: Key
    settling: Key
    amount: Amount | None = Field(default=None, description="As much as fits if left out.")


class Match(Record):
    """A part of a claim settled by a part of a payment or credit."""

    id: int
    claim_id: int
    claim: str
    settling_id: int
    settling: str
    amount: Money
    currency: str
    at: datetime


class Matches(Record):
    """The matches of one entry, oldest first."""

    items: list[Match]


class OpeningCost(Form):
    """What one unit cost that was there at the beginning, in the shop's currency."""

    sku: Code
    unit_cost: Amount


class OpeningCosts(Form):
    """Costs of the stock we started with; the latest entry of a SKU counts."""

    model_config = examples(costs=[{"sku": "22114", "unit_cost": "2.53"}])

    costs: list[OpeningCost] = Field(min_length=1, max_length=500)


class OpeningCostRow(Record):
    """An opening cost that was taken."""

    sku: str
    unit_cost: Money
    currency: str


class OpeningCostsTaken(Record):
    """The opening costs that were taken."""

    items: list[OpeningCostRow]
