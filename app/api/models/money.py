"""Invoices, suppliers' bills, accounts, costs, store credit."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from app.api.forms import Amount, Code, Currency, Day, Form, Key, Money, Record, ShortText, SignedAmount, Text, Units
from app.api.models.flows import examples

INVOICE: dict[str, Any] = {
    "id": 21, "number": "FV/2026/00021", "kind": "invoice", "state": "issued", "order": "OS-010045",
    "buyer_name": "Ada Byron",
    "currency": "GBP", "net": "7.08", "tax": "1.42", "gross": "8.50", "issued_on": "2026-05-02", "due_on": "2026-05-16",
    "lines": [{"position": 1, "sku": "22114", "quantity": 2, "net": "7.08", "tax": "1.42", "gross": "8.50"}],
    "corrections": [], "rates": [],
}  # fmt: skip
BILL: dict[str, Any] = {
    "id": 8, "number": "SI-000008", "supplier_number": "2026/117", "state": "entered", "currency": "GBP",
    "net": "121.44",
    "tax": "24.29", "gross": "145.73", "issued_on": "2026-05-03", "due_on": "2026-06-02",
    "lines": [{"sku": "22114", "quantity": 48, "unit_cost": "2.53"}], "differences": [],
}  # fmt: skip


INVOICING: dict[str, Any] = {
    "order": "OS-000421", "currency": "GBP", "ordered": "82.50", "invoiced": "50.00", "left": "32.50",
    "invoices": [{"number": "FV/2026/00021", "issued_on": "2026-05-02", "gross": "50.00", "state": "issued"}],
    "lines": [
        {"order_line_id": 9, "sku": "22114", "title": "Hot water bottle", "ordered": 5, "shipped": 3, "left": 2}
    ],
}  # fmt: skip


class Buyer(Form):
    """Whom the invoice names; the order's address unless given."""

    name: Text = ""
    tax_id: ShortText = Field(default="", max_length=40)
    address: Text = ""
    country: str = Field(default="", pattern="^([A-Z]{2})?$")


class InvoicedUnits(Form):
    """Units of an order's line that are invoiced now."""

    line_id: Key
    quantity: Units


class NewInvoice(Form):
    """Issue the invoice of an order, or of a part of it: named units, a shipment's, or all that was shipped."""

    model_config = examples(buyer={"name": "Ada Byron"}, due_days=14, shipped=True)

    buyer: Buyer | None = None
    lines: list[InvoicedUnits] | None = Field(default=None, min_length=1, max_length=500)
    shipment: Code | None = Field(default=None, description="Number of the shipment; asked twice it is one invoice.")
    shipped: bool = Field(default=False, description="All that was shipped and stands on no invoice.")
    due_days: int | None = Field(default=None, ge=0, le=3650)


class Invoice(Record):
    """An invoice or a correction."""

    id: int
    number: str | None
    kind: str
    state: str
    currency: str
    net: Money
    tax: Money
    gross: Money


class Invoicing(Record):
    """What of an order is invoiced, and what is left."""

    order: str
    currency: str
    ordered: Money
    invoiced: Money
    left: Money
    invoices: list[dict[str, Any]]
    lines: list[dict[str, Any]]


class Rows(Record):
    """Rows of an account."""

    items: list[dict[str, Any]]


class Statement(Record):
    """A party's account over a period, with the running balance."""

    party: str
    currency: str
    opening: Money
    entries: list[dict[str, Any]]
    closing: Money


class BilledLine(Form):
    """Units and unit cost of one SKU on a supplier's bill."""

    sku: Code
    quantity: Units
    unit_cost: Amount


class NewBill(Form):
    """A supplier's bill as it stands on its paper."""

    model_config = examples(
        purchase_order="PO-1012", supplier_number="2026/117", issued_on="2026-05-03", tax="24.29",
        lines=[{"sku": "22114", "quantity": 48, "unit_cost": "2.53"}],
    )  # fmt: skip

    purchase_order: Code
    supplier_number: Code
    issued_on: Day
    lines: list[BilledLine] = Field(min_length=1, max_length=500)
    tax: Amount | None = None
    due_on: Day | None = None


class Approve(Form):
    """Approve a bill; why its differences are accepted, if it has any."""

    model_config = examples(accept="price agreed by phone")

    accept: Text = Field(default="", max_length=120)


class PayBill(Form):
    """Money sent to the supplier."""

    model_config = examples(amount="145.73", reference="transfer 4401")

    amount: Amount | None = Field(default=None, description="What is open if left out.")
    reference: ShortText = ""


class Bill(Record):
    """A supplier's bill matched to its order and receipts."""

    id: int
    number: str
    state: str
    currency: str
    gross: Money
    lines: list[dict[str, Any]]
    differences: list[dict[str, Any]]


class NewCredit(Form):
    """Store credit given, or with a minus taken back."""

    model_config = examples(amount="10.00", currency="GBP", reason="late parcel")

    amount: SignedAmount
    currency: Currency
    reason: Code


class Credit(Record):
    """What a customer may still spend."""

    customer: str
    balance: Money
    currency: str


class Costs(Record):
    """What goods cost, with the receipts they came from."""

    items: list[dict[str, Any]]
