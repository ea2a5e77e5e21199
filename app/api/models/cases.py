"""Exchanges, claims, withdrawals, units and refunds of returns."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from app.api.forms import (
    Amount,
    Code,
    Day,
    Form,
    Instant,
    Key,
    LongText,
    Money,
    Record,
    ShortText,
    SomeUnits,
    Text,
    Units,
)
from app.api.models.flows import ReturnLine, examples
from oms_core.returns.case_tables import CLAIM_KINDS, CLAIM_RESOLUTIONS, EVIDENCE_KINDS, WITHDRAWAL_CHANNELS
from oms_core.returns.tables import GRADES, UNIT_DISPOSITIONS

EXCHANGE: dict[str, Any] = {
    "id": 3, "number": "EX-000003", "order_id": 10045, "return_id": 52, "state": "requested", "reason": "too small",
    "sends_first": False, "wants": "refund", "settlement": "", "currency": "GBP", "returned": "4.25", "new": "6.00",
    "difference": "1.75", "new_lines": [{"sku": "22115", "quantity": 1, "unit_price": "6.00"}], "version": 1,
}  # fmt: skip
CLAIM: dict[str, Any] = {
    "id": 2, "number": "CL-000002", "order_id": 10045, "kind": "damaged", "state": "opened", "resolution": "",
    "keeps_item": True, "description": "cracked", "currency": "GBP", "amount": "0.00", "version": 1,
    "lines": [{"id": 5, "order_line_id": 20077, "sku": "22114", "quantity": 1, "amount": "4.25"}],
}  # fmt: skip
WITHDRAWAL: dict[str, Any] = {
    "id": 6, "number": "WD-1006", "order_id": 10045, "return_id": 53, "state": "effective", "channel": "web_form",
    "declared_on": "2026-05-09", "period_ends_on": "2026-05-16", "send_back_by_on": "2026-05-23",
    "refund_due_on": "2026-05-23", "currency": "GBP", "version": 1,
}  # fmt: skip
UNIT: dict[str, Any] = {
    "id": 91,
    "return_line_id": 77,
    "position": 1,
    "disposition": "counted",
    "grade": "",
    "note": "",
}
PROPOSAL: dict[str, Any] = {
    "currency": "GBP", "policy": "default", "method": "original", "owed": "4.25", "refundable": "8.50", "total": "4.25",
    "bonus": "0.00", "lines": [{"kind": "goods", "title": "22114", "amount": "4.25", "why": "1 unit"}],
    "parts": [{"gateway": "card", "amount": "4.25", "capture_id": 4}], "warnings": [],
}  # fmt: skip


def _one_of(*values: str) -> str:
    return f"^({'|'.join(value for value in values if value)})$"


class NewExchangeLine(Form):
    """Goods wanted instead; the shop's price unless given."""

    sku: Code
    quantity: Units
    unit_price: Amount | None = None


class NewExchange(Form):
    """Goods of an order swapped for others."""

    model_config = examples(
        order="OS-010045",
        back=[{"sku": "22114", "quantity": 1}],
        new=[{"sku": "22115", "quantity": 1}],
        reason="too small",
    )

    order: Code
    back: list[ReturnLine] = Field(min_length=1, max_length=500)
    new: list[NewExchangeLine] = Field(min_length=1, max_length=500)
    reason: Code = "exchange"
    sends_first: bool = Field(default=False, description="The new goods leave before the old ones are back.")
    wants: str = Field(
        default="refund", pattern="^(refund|store_credit)$", description="What becomes of money left over."
    )
    allow_late: bool = Field(
        default=False, description="A person allows it although the policy's days are over; the journal says so."
    )


class Exchange(Record):
    """Goods swapped, with the difference in price settled."""

    id: int
    number: str
    state: str
    currency: str
    difference: Money
    version: int


class ClaimLine(Form):
    """Units of an order line that are claimed."""

    order_line_id: Key
    quantity: Units


class Evidence(Form):
    """What the customer shows: words, or the address of a photo or page."""

    model_config = examples(kind="text", body="cracked on one side")

    kind: str = Field(pattern=_one_of(*EVIDENCE_KINDS))
    body: LongText = Field(min_length=1)


class NewClaim(Form):
    """A complaint about goods that were sent."""

    model_config = examples(order="OS-010045", kind="damaged", lines=[{"order_line_id": 20077, "quantity": 1}])

    order: Code
    kind: str = Field(pattern=_one_of(*CLAIM_KINDS))
    lines: list[ClaimLine] = Field(min_length=1, max_length=500)
    description: LongText = ""
    evidence: list[Evidence] = Field(default=[], max_length=50)


class ApproveClaim(Form):
    """Accept a claim."""

    model_config = examples(keeps_item=True, note="photo is clear")

    keeps_item: bool = Field(default=True, description="Otherwise the goods come back first.")
    note: Text = ""


class ResolveClaim(Form):
    """Settle an approved claim."""

    model_config = examples(resolution="refund", amount="4.25")

    resolution: str = Field(pattern=_one_of(*CLAIM_RESOLUTIONS))
    amount: Amount | None = None


class Claim(Record):
    """A complaint and what was decided."""

    id: int
    number: str
    kind: str
    state: str
    currency: str
    version: int


class WithdrawnLine(Form):
    """Units of an order line withdrawn from."""

    order_line_id: Key
    quantity: Units


class NewWithdrawal(Form):
    """What a consumer declares; the whole order unless lines are named."""

    model_config = examples(order="OS-010045", channel="web_form", name="Ada Byron", email="ada@example.com")

    order: Code
    channel: str = Field(default="web_form", pattern=_one_of(*WITHDRAWAL_CHANNELS))
    name: Text = ""
    email: ShortText = ""
    lines: list[WithdrawnLine] | None = Field(default=None, min_length=1, max_length=500)
    statement: LongText = ""
    declared_at: Instant | None = None
    delivered_on: Day | None = None
    language: str = Field(default="en", pattern="^(en|pl)$")


class Proof(Form):
    """The consumer's proof that the goods are under way."""

    model_config = examples(proof="InPost 6201")

    proof: Code


class SettleWithdrawal(Form):
    """Give the money back."""

    model_config = examples(method="original")

    method: str = Field(default="original", pattern="^(original|store_credit)$")
    consumer_agreed: bool = Field(default=False, description="To another way than the money came.")
    before_goods: bool = False


class Withdrawal(Record):
    """A withdrawal with its days."""

    id: int
    number: str
    state: str
    version: int


class CountedUnit(Form):
    """Units of one line of a return that arrived."""

    line_id: Key
    units: SomeUnits


class CountedUnits(Form):
    """Units of a return counted in."""

    model_config = examples(location="LDS", lines=[{"line_id": 77, "units": 1}])

    location: Code
    lines: list[CountedUnit] = Field(min_length=1, max_length=500)


class UnitDecision(Form):
    """Where one unit goes, and how good it still is."""

    unit_id: Key
    disposition: str = Field(pattern=_one_of(*UNIT_DISPOSITIONS[1:]))
    grade: str = Field(default="", pattern=f"^({'|'.join(GRADES)})$")
    note: Text = ""


class Inspected(Form):
    """Decisions unit by unit."""

    model_config = examples(decisions=[{"unit_id": 91, "disposition": "restock", "grade": "a"}])

    decisions: list[UnitDecision] = Field(min_length=1, max_length=500)


class UnitList(Record):
    """The units counted for a return."""

    items: list[dict[str, Any]]


class Terms(Form):
    """How the money of a return goes back."""

    model_config = examples(method="original", label_used=False)

    method: str = Field(default="original", pattern="^(original|store_credit)$")
    carriage_paid: Amount | None = None
    label_used: bool = False


class Proposal(Record):
    """A refund line by line, each with its reason."""

    currency: str
    method: str
    total: Money
    lines: list[dict[str, Any]]
