"""Orders: what is sent to place one, what is told of one."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import ConfigDict, Field

from app.api.forms import (
    Amount,
    Code,
    Country,
    Currency,
    Form,
    Instant,
    Money,
    Record,
    ShortText,
    SignedAmount,
    Text,
    Units,
)

NEW_ORDER: dict[str, Any] = {
    "channel": "web",
    "external_id": "W-10045",
    "currency": "GBP",
    "customer": {"email": "ada@example.com", "name": "Ada Byron"},
    "shipping_address": {"country": "GB", "postal_code": "LS1 4AP", "city": "Leeds", "line1": "1 Park Row"},
    "lines": [{"sku": "22114", "quantity": 2, "unit_price": "4.25"}],
    "payments": [{"gateway": "card", "amount": "8.50", "external_id": "ch_8842"}],
}
PLACED: dict[str, Any] = {
    "id": 10045,
    "number": "OS-010045",
    "state": "placed",
    "payment_status": "paid",
    "fulfillment_status": "unfulfilled",
    "delivery_status": "pending",
    "return_status": "none",
    "total": "8.50",
    "currency": "GBP",
    "allocations": [{"sku": "22114", "quantity": 2, "location": "LDS", "location_name": "Leeds"}],
}
ORDER: dict[str, Any] = {
    **PLACED,
    "channel": "web",
    "external_id": "W-10045",
    "placed_at": "2026-05-01T10:00:00Z",
    "business_date": "2026-05-01",
    "gross": "8.50", "discount": "0.00", "shipping": "0.00", "tax": "0.00", "other": "0.00",
    "email": "ada@example.com",
    "version": 1,
    "lines": [
        {
            "id": 20077, "sku": "22114", "title": "Hot water bottle tea and sympathy", "quantity": 2,
            "unit_price": "4.25", "gross": "8.50", "discount": "0.00", "cancelled_qty": 0, "shipped_qty": 0,
            "returned_qty": 0,
        }
    ],
    "adjustments": [], "payments": [], "fulfillment_orders": [], "shipments": [], "routing": [],
    "timeline": [{"at": "2026-05-01T10:00:00Z", "actor": "api:web shop", "event": "order.placed", "data": {}}],
}  # fmt: skip
ROW: dict[str, Any] = {
    **{key: value for key, value in PLACED.items() if key != "allocations"},
    "external_id": "W-10045", "placed_at": "2026-05-01T10:00:00Z", "business_date": "2026-05-01", "channel": "web",
    "email": "ada@example.com", "ship_name": "Ada Byron", "ship_country": "GB", "ship_city": "Leeds", "version": 1,
}  # fmt: skip


class OrderForm(Form):
    """Base of an order's parts; fields not named here are left alone, so that a shop may send its whole order."""

    model_config = ConfigDict(extra="allow")


class NewLine(OrderForm):
    """One product line; a price finer than the minor unit is kept exactly."""

    sku: Code
    quantity: Units
    unit_price: Amount
    discount: Amount | None = Field(default=None, description="Of the whole line.")
    tax: Amount | None = None
    title: Text = ""


class NewCustomer(OrderForm):
    """Who buys; an e-mail, a phone or the channel's own id makes them known again."""

    email: ShortText | None = None
    name: Text = ""
    phone: ShortText | None = None
    external_id: ShortText | None = None


class NewAddress(OrderForm):
    """Where it goes."""

    country: Country = ""
    postal_code: Text = Field(default="", max_length=20)
    city: ShortText = ""
    region: ShortText = ""
    line1: Text = ""
    name: Text = ""


class NewPayment(OrderForm):
    """Money that came with the order."""

    gateway: Code
    amount: Amount
    kind: str = Field(default="capture", pattern="^(authorize|capture)$")
    external_id: ShortText | None = None


class NewAdjustment(OrderForm):
    """Carriage, discount, tax or fee of the whole order; a discount is negative."""

    kind: Code
    amount: SignedAmount
    code: ShortText = ""
    title: Text = ""


class NewOrder(OrderForm):
    """An order as its channel has it."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"examples": [NEW_ORDER]})

    channel: Code = Field(description="Code of the channel.")
    external_id: Code = Field(description="The channel's own number; it is placed once.")
    currency: Currency
    lines: list[NewLine] = Field(min_length=1, max_length=500)
    customer: NewCustomer | None = None
    shipping_address: NewAddress | None = None
    adjustments: list[NewAdjustment] = Field(default=[], max_length=50)
    payments: list[NewPayment] = Field(default=[], max_length=20)
    total: Amount | None = Field(default=None, description="Checked against the sum when given.")
    placed_at: Instant | None = None
    ship_by_at: Instant | None = None

    def document(self) -> dict[str, Any]:
        """Return the order as the intake reads it."""
        return self.model_dump(mode="python", exclude_none=True)


class Axes(Record):
    """The state and the four axes that are derived from facts."""

    state: str
    payment_status: str
    fulfillment_status: str
    delivery_status: str
    return_status: str


class Promised(Record):
    """Units promised from a location."""

    sku: str
    quantity: int
    location: str
    location_name: str


class Placed(Axes):
    """The answer to an order that was taken."""

    id: int
    number: str
    total: Money
    currency: str
    allocations: list[Promised]


class OrderRow(Axes):
    """One order of a list."""

    id: int
    number: str
    external_id: str
    channel: str
    placed_at: datetime
    business_date: date
    email: str | None
    total: Money
    currency: str
    version: int


class Line(Record):
    """One line of an order and what became of its units."""

    id: int
    sku: str
    title: str
    quantity: int
    unit_price: Money
    gross: Money
    discount: Money
    cancelled_qty: int
    shipped_qty: int
    returned_qty: int


class Order(Placed):
    """One order with everything on it."""

    external_id: str
    channel: str
    placed_at: datetime
    business_date: date
    gross: Money
    discount: Money
    shipping: Money
    tax: Money
    other: Money
    version: int
    lines: list[Line]
    adjustments: list[dict[str, Any]]
    payments: list[dict[str, Any]]
    fulfillment_orders: list[dict[str, Any]]
    shipments: list[dict[str, Any]]
    routing: list[dict[str, Any]]
    timeline: list[dict[str, Any]]


class Cancel(Form):
    """Why an order is called off."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"reason": "customer changed their mind"}]}
    )

    reason: Code


class Pay(Form):
    """One movement of money."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"kind": "capture", "amount": "8.50", "gateway": "card", "external_id": "ch_8843"}]
        },
    )

    kind: str = Field(default="capture", pattern="^(authorize|capture|void|refund)$")
    amount: Amount | None = Field(default=None, description="Everything still owed if left out.")
    gateway: Code = "manual"
    external_id: Code | None = Field(default=None, description="The gateway's id: booked once.")


class Bulk(Form):
    """Many orders in one request; each stands for itself."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"orders": [NEW_ORDER]}]})

    orders: list[NewOrder] = Field(min_length=1, max_length=500)


class BulkOutcome(Record):
    """What became of one order of a bulk: its answer, or the problem."""

    status: int
    external_id: str
    order: Placed | None = None
    problem: dict[str, Any] | None = None


class BulkAnswer(Record):
    """What became of every order, in the order sent."""

    placed: int
    refused: int
    outcomes: list[BulkOutcome]
