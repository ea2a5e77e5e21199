"""Work, parcels, returns and purchase orders."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import ConfigDict, Field

from app.api.forms import Amount, Code, Day, Form, Instant, Key, Money, Record, Text, Units
from app.api.models.stock import SkuLine
from oms_core.fulfilment.states import SHIPMENT

WORK: dict[str, Any] = {
    "id": 812, "number": "FO-000812", "order": "OS-010045", "location": "LDS", "state": "open", "version": 1,
    "created_at": "2026-05-01T10:00:00Z",
    "lines": [{"id": 1203, "order_line_id": 20077, "sku": "22114", "title": "Hot water bottle", "quantity": 2}],
}  # fmt: skip
PARCEL: dict[str, Any] = {
    "id": 640, "number": "SH-000640", "order": "OS-010045", "location": "LDS", "carrier": "dpd", "service": "next_day",
    "tracking_number": "15501234567890", "state": "in_transit", "shipped_at": "2026-05-01T14:00:00Z",
    "delivered_at": None, "cost": "4.10", "currency": "GBP", "version": 2,
}  # fmt: skip
BACK: dict[str, Any] = {
    "id": 51, "number": "RT-000051", "order_id": 10045, "state": "requested", "reason": "too small", "currency": "GBP",
    "requested_at": "2026-05-09T09:00:00Z", "goods": "4.25", "other": "0.00", "total": "4.25", "owed": "4.25",
    "version": 1, "wish": "refund", "send_to": "Returns, Mill Lane 4, LS1 4AA Leeds", "send_to_why": "country:GB",
    "send_to_because": "A rule sends returns from GB here.",
    "lines": [{"id": 77, "sku": "22114", "quantity": 1, "received_qty": 0, "amount": "4.25", "disposition": "pending"}],
    "adjustments": [], "refunds": [], "timeline": [],
}  # fmt: skip
PURCHASE: dict[str, Any] = {
    "id": 12, "number": "PO-1012", "state": "draft", "currency": "GBP", "total": "121.44", "note": "", "version": 1,
    "created_at": "2026-05-01T10:00:00Z", "expected_on": None, "supplier": {"code": "ACME", "name": "Acme Ltd"},
    "location": {"code": "LDS", "name": "Leeds"},
    "lines": [{"id": 31, "sku": "22114", "quantity": 48, "received_qty": 0, "unit_cost": "2.53", "to_come_qty": 48}],
    "receipts": [], "timeline": [],
}  # fmt: skip
SUPPLIER: dict[str, Any] = {
    "id": 1, "code": "ACME", "name": "Acme Ltd", "country": "GB", "currency": "GBP", "lead_time_days": 7.0,
    "min_order": "150.00", "payment_days": 30,
}  # fmt: skip


def examples(**example: Any) -> ConfigDict:
    """Return a form's configuration with its example."""
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [example]})


class Work(Record):
    """A fulfilment order: what one location is to ship for one order."""

    id: int
    number: str
    order: str
    location: str
    state: str
    version: int


class WorkLine(Form):
    """Units of a line of a fulfilment order."""

    line_id: Key
    quantity: Units


class Ship(Form):
    """A parcel; everything still open goes into it unless lines are named."""

    model_config = examples(carrier="dpd", service="next_day", tracking_number="15501234567890", cost="4.10")

    carrier: Code
    tracking_number: Code | None = None
    service: Text = Field(default="", max_length=120)
    cost: Amount | None = Field(default=None, description="What the carrier charges, in the order's currency.")
    promised_at: Instant | None = None
    lines: list[WorkLine] | None = Field(default=None, min_length=1, max_length=500)


class Reject(Form):
    """Why a location cannot ship this."""

    model_config = examples(reason="shelf is empty", not_found=True)

    reason: Code
    not_found: bool = Field(default=False, description="The goods are missing: stock is corrected too.")


class MoveTo(Form):
    """Another location is to ship it, or some units of it."""

    model_config = examples(location="BRS", reason="closer to the buyer")

    location: Code
    reason: Text = Field(default="", max_length=120)
    lines: list[WorkLine] | None = Field(default=None, min_length=1, max_length=500)


class Parcel(Record):
    """A shipment."""

    id: int
    number: str
    order: str
    carrier: str
    state: str
    shipped_at: datetime
    version: int


class Scan(Form):
    """What the carrier says of a parcel; the same event (`external_id`) twice is one."""

    model_config = examples(
        state="delivered", at="2026-05-02T09:12:00Z", message="left with neighbour", external_id="ev-1"
    )

    state: str = Field(pattern=f"^({'|'.join(SHIPMENT.states)})$")
    at: Instant | None = None
    message: Text = ""
    external_id: Code | None = None


class ReturnLine(Form):
    """Units of a line of the order that come back: named by its id, or by SKU where one line has it."""

    order_line_id: Key | None = None
    sku: Code | None = None
    quantity: Units
    reason: Text = Field(default="", max_length=120)


class NewReturn(Form):
    """A request to send goods back."""

    model_config = examples(
        order="OS-010045", reason="too small", lines=[{"sku": "22114", "quantity": 1}], approve=True
    )

    order: Code
    reason: Text = Field(default="", max_length=120)
    lines: list[ReturnLine] = Field(min_length=1, max_length=500)
    approve: bool = Field(default=False, description="Approve it at once.")
    wish: str = Field(
        default="", pattern="^(refund|store_credit)?$", description="How the customer would like it settled."
    )
    allow_late: bool = Field(
        default=False, description="A person allows it although the policy's days are over; the journal says so."
    )


class ReceivedLine(Form):
    """Units of a line that arrived and where they go."""

    line_id: Key
    quantity: Units
    disposition: str = Field(default="restock", pattern="^(restock|damaged|quality_control|scrap)$")


class Received(Form):
    """What arrived of a return; everything asked for when lines are left out."""

    model_config = examples(location="LDS", lines=[{"line_id": 77, "quantity": 1, "disposition": "restock"}])

    location: Code
    lines: list[ReceivedLine] | None = Field(default=None, min_length=1, max_length=500)


class Refund(Form):
    """Money given back for a return."""

    model_config = examples(gateway="card", amount="4.25")

    gateway: Code
    amount: Amount | None = Field(default=None, description="Everything still owed if left out.")
    external_id: Code | None = None


class Back(Record):
    """A return."""

    id: int
    number: str
    state: str
    reason: str
    currency: str
    total: Money
    version: int


class NewPurchaseLine(SkuLine):
    """Units to buy; the supplier's price unless a cost is given."""

    unit_cost: Amount | None = None


class NewPurchase(Form):
    """A purchase order to draft."""

    model_config = examples(
        supplier="ACME", location="LDS", lines=[{"sku": "22114", "quantity": 48, "unit_cost": "2.53"}]
    )

    supplier: Code
    location: Code | None = Field(default=None, description="The first in routing order if left out.")
    lines: list[NewPurchaseLine] = Field(min_length=1, max_length=500)
    expected_on: Day | None = None
    note: Text = ""


class PurchaseQuantity(Form):
    """Units of one line of a draft; zero takes it out."""

    model_config = examples(quantity=36)

    quantity: int = Field(ge=0, le=1_000_000)


class Confirm(Form):
    """The supplier's word."""

    model_config = examples(expected_on="2026-05-12")

    expected_on: Day | None = None


class DeliveryRemark(SkuLine):
    """Units of a delivery that differ: kept beyond the order, missing, or broken."""

    kind: Literal["over", "short", "damaged"]
    reason: Text = Field(min_length=1)


class PurchaseArrival(Form):
    """Goods that came; everything still to come when lines are left out."""

    model_config = examples(lines=[{"sku": "22114", "quantity": 48}])

    lines: list[SkuLine] | None = Field(default=None, min_length=1, max_length=500)
    remarks: list[DeliveryRemark] = Field(default_factory=list, max_length=500)


class Why(Form):
    """Why, for the journal."""

    model_config = examples(reason="supplier is out of it")

    reason: Text = Field(default="", max_length=120)


class Purchase(Record):
    """A purchase order."""

    id: int
    number: str
    state: str
    currency: str
    total: Money


class Supplier(Record):
    """Who we buy from."""

    id: int
    code: str
    name: str
    currency: str
