"""Drafts and quotes: what is sent to keep one, what is told of one; bundles and made-to-order work."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field

from app.api.forms import Amount, Code, Currency, Form, Instant, LongText, Money, Record, Text, Units
from app.api.models import orders
from app.api.models.flows import examples

WISH: dict[str, Any] = {
    "channel": "web",
    "currency": "GBP",
    "customer": {"email": "ada@example.com", "name": "Ada Byron"},
    "lines": [{"sku": "22114", "quantity": 2}],
}
DRAFT: dict[str, Any] = {
    "id": 7, "number": "Q-000007", "kind": "quote", "state": "open", "email": "ada@example.com", "total": "8.50",
    "tax": "0.00", "currency": "GBP", "expires_at": "2026-06-01T00:00:00Z", "created_at": "2026-05-01T10:00:00Z",
    "note": "", "version": 1, "order": None, "created_by": "api:desk", "invoice_sent_at": None, "completed_at": None,
    "payment_token": "Zk1…", "document": {**WISH, "external_id": "draft"},
}  # fmt: skip
ROW_KEYS = (
    "id", "number", "kind", "state", "email", "total", "tax", "currency", "expires_at", "created_at",
)  # fmt: skip
MESSAGE: dict[str, Any] = {
    "draft": "Q-000007", "to": "ada@example.com", "language": "en", "subject": "Our quote Q-000007: 8.50 GBP",
    "body": "Hello Ada Byron, …", "created_at": "2026-05-01T10:00:00Z", "sent_at": None,
}  # fmt: skip
COMPLETED: dict[str, Any] = {**orders.PLACED, "draft": "Q-000007"}
MADE: dict[str, Any] = {"number": "OS-010045", "line_id": 20077, "made": 1, "allocation_id": 1204}
BUNDLE: dict[str, Any] = {
    "sku": "TEASET", "sets_available": 12,
    "components": [{"sku": "MUG", "quantity": 2}, {"sku": "TRAY", "quantity": 1}],
}  # fmt: skip


class WishLine(orders.NewLine):
    """One product line; without a price the catalogue's is taken and fixed."""

    unit_price: Amount | None = None  # type: ignore[assignment]


class Wish(orders.OrderForm):
    """An order that is not placed yet."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"examples": [WISH]})

    channel: Code
    external_id: Code | None = Field(default=None, description="The draft's number when left out.")
    currency: Currency
    lines: list[WishLine] = Field(min_length=1, max_length=500)
    customer: orders.NewCustomer | None = None
    shipping_address: orders.NewAddress | None = None
    adjustments: list[orders.NewAdjustment] = Field(default=[], max_length=50)

    def document(self) -> dict[str, Any]:
        """Return the document as drafts keep it."""
        return self.model_dump(mode="python", exclude_none=True)


class NewDraft(Form):
    """A draft or a quote to keep."""

    model_config = examples(kind="quote", document=WISH, expires_at="2027-06-01T00:00:00Z")

    document: Wish
    kind: str = Field(default="draft", pattern="^(draft|quote)$")
    note: LongText = ""
    expires_at: Instant | None = None


class DraftEdit(Form):
    """What is to change of a draft; the rest stays."""

    model_config = examples(note="called again", expires_at="2027-07-01T00:00:00Z")

    document: Wish | None = None
    note: LongText | None = None
    expires_at: Instant | None = None


class InvoiceWish(Form):
    """Where the customer's pages are and which language is spoken."""

    model_config = examples(link_base="https://shop.example", language="en")

    link_base: Text = ""
    language: str = Field(default="", pattern="^(en|pl)?$")


class Completion(Form):
    """How it was paid; without a gateway the order is still to be paid."""

    model_config = examples(gateway="cash", amount="8.50")

    gateway: Code | None = None
    amount: Amount | None = Field(default=None, description="The total when left out; less is a deposit.")
    external_id: Code | None = None


class DraftRow(Record):
    """One draft of a list."""

    id: int
    number: str
    kind: str
    state: str
    email: str | None
    total: Money
    tax: Money
    currency: str
    expires_at: datetime | None
    created_at: datetime


class Draft(DraftRow):
    """A draft with its document."""

    note: str
    version: int
    order: str | None = Field(description="Number of the order it became.")
    payment_token: str
    document: dict[str, Any]


class Message(Record):
    """A message in the outbox; not sent yet while `sent_at` is empty."""

    draft: str
    to: str
    subject: str
    body: str
    sent_at: datetime | None


class Completed(orders.Placed):
    """The order a draft became."""

    draft: str


class NewMade(Form):
    """Units of a made-to-order line that were made."""

    model_config = examples(line_id=20077, quantity=1, location="LDS")

    line_id: int = Field(ge=1, le=2**53)
    quantity: Units
    location: Code


class Made(Record):
    """What was booked."""

    number: str
    line_id: int
    made: int
    allocation_id: int


class Component(Form):
    """Units of a component in one bundle."""

    sku: Code
    quantity: Units


class NewBundle(Form):
    """What a bundle holds."""

    model_config = examples(components=[{"sku": "MUG", "quantity": 2}, {"sku": "TRAY", "quantity": 1}])

    components: list[Component] = Field(min_length=1, max_length=100)


class Bundle(Record):
    """A bundle with its components and how many can be put together now."""

    sku: str
    sets_available: int
    components: list[dict[str, Any]]
