"""What is asked when work is split, merged or shipped together, and when an order's story is told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from app.api.forms import Amount, Code, Form, Record
from app.api.models.flows import WorkLine, examples

EVENT: dict[str, Any] = {
    "at": "2026-05-01T10:00:00Z", "actor": "api:desk", "event": "order.held", "sentence": "Put on hold: address",
    "before": {"FO-000812": "open"}, "after": {"FO-000812": "on_hold"}, "facts": {"reason": "address"},
}  # fmt: skip


class Split(Form):
    """The units that go on their own."""

    model_config = examples(lines=[{"line_id": 1203, "quantity": 1}])

    lines: list[WorkLine] = Field(min_length=1, max_length=500)


class Merge(Form):
    """Fulfilment orders of the same order and location that join it."""

    model_config = examples(others=["FO-000813"])

    others: list[Code] = Field(min_length=1, max_length=100)


class Together(Form):
    """Work of several orders of one buyer that leaves in one parcel; the first has the label and the cost."""

    model_config = examples(
        fulfillment_orders=["FO-000812", "FO-000815"], carrier="dpd", tracking_number="15501234567890", cost="4.10"
    )

    fulfillment_orders: list[Code] = Field(min_length=2, max_length=100)
    carrier: Code
    tracking_number: Code | None = None
    cost: Amount | None = Field(default=None, description="What the carrier charges, in the first order's currency.")


class Released(Record):
    """Where an order's work is, its service window over."""

    number: str
    fulfillment_status: str
    release_at: datetime | None
    version: int


class Event(Record):
    """One thing that happened to an order, as a sentence, with what was before and after."""

    at: datetime
    actor: str
    event: str
    sentence: str
    before: Any
    after: Any
    facts: dict[str, Any]


class Timeline(Record):
    """Everything that happened to an order, oldest first."""

    items: list[Event]
