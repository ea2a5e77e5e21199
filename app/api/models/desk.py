"""What a person at the order desk does: tags, notes, holds, review, changes of orders."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field

from app.api.forms import Amount, Code, Country, Form, Instant, Key, LongText, Record, ShortText, SignedAmount, Text
from app.api.models.flows import examples

HOLD: dict[str, Any] = {
    "id": 4, "order_id": 10045, "reason": "address", "note": "street missing", "owner": "Ala", "until_at": None,
    "guard_key": "", "held_by": "api:desk", "held_at": "2026-05-01T10:00:00Z", "released_by": "", "released_at": None,
}  # fmt: skip
NOTE: dict[str, Any] = {
    "id": 3,
    "at": "2026-05-01T10:00:00Z",
    "author": "api:desk",
    "body": "Called: deliver after 16:00",
}
RISK: dict[str, Any] = {
    "order_id": 10045, "score": 70, "level": "high", "state": "approved", "reasons": [{"kind": "value", "points": 40}],
    "reviewer": "api:desk",
}  # fmt: skip
CHANGE: dict[str, Any] = {
    "id": 2, "number": "CH-000002", "order": "OS-010045", "order_id": 10045, "state": "pending", "base_version": 3,
    "order_version": 3, "is_stale": False, "reason": "customer called", "proposed_by": "api:desk",
    "actions": [{"kind": "set_quantity", "line_id": 20077, "quantity": 3}],
    "preview": {"before": {"total": "8.50"}, "after": {"total": "12.75"}, "difference": "4.25"},
}  # fmt: skip
PREVIEW: dict[str, Any] = {
    "before": {"total": "8.50"}, "after": {"total": "12.75"}, "difference": "4.25", "currency": "GBP", "lines": [],
    "warnings": [],
}  # fmt: skip


class Tags(Form):
    """Tags to put on and take off."""

    model_config = examples(add=["vip"], remove=["call back"])

    add: list[ShortText] = Field(default=[], max_length=50)
    remove: list[ShortText] = Field(default=[], max_length=50)


class Tagged(Record):
    """The tags of an order."""

    number: str
    tags: list[str]


class NewNote(Form):
    """A note for colleagues."""

    model_config = examples(body="Called: deliver after 16:00")

    body: LongText = Field(min_length=1)


class Note(Record):
    """A note on an order."""

    id: int
    at: datetime
    author: str
    body: str


class Notes(Record):
    """The notes of an order, oldest first."""

    items: list[Note]


class NewHold(Form):
    """Why an order may not be shipped for now."""

    model_config = examples(reason="address", note="street missing", owner="Ala", until_at="2027-05-02T08:00:00Z")

    reason: Code
    note: Text = ""
    owner: ShortText = ""
    until_at: Instant | None = None
    guard_key: ShortText = Field(
        default="", description="Once a person released it, it is not held again under this key."
    )


class Hold(Record):
    """A hold; active until released."""

    id: int
    order_id: int
    reason: str
    held_by: str
    held_at: datetime
    released_at: datetime | None


class Holds(Record):
    """The holds of an order, oldest first."""

    items: list[Hold]


class Risk(Record):
    """What the rules and a person say of an order's risk."""

    order_id: int
    score: int
    level: str
    state: str


class Decided(Record):
    """A suspicion that somebody decided on."""

    id: int
    state: str


class DuplicateDecision(Form):
    """Two orders are one wish."""

    model_config = examples(cancel_newer=True)

    cancel_newer: bool = False


class Queues(Record):
    """How many things wait in each work queue."""

    items: list[dict[str, Any]]


class Things(Record):
    """Things of one queue, those that wait longest first."""

    items: list[dict[str, Any]]
    next_cursor: str | None


class NewAddress(Form):
    """Where the rest goes; fields left out stay."""

    name: Text | None = None
    line1: Text | None = None
    city: ShortText | None = None
    region: ShortText | None = None
    postal_code: ShortText | None = Field(default=None, max_length=20)
    country: Country | None = None


class Action(Form):
    """One thing to change; each kind uses the fields it needs."""

    kind: str = Field(
        pattern="^(add_line|remove_line|set_quantity|set_price|set_discount|set_address|set_shipping|add_adjustment)$"
    )
    sku: Code | None = None
    quantity: int | None = Field(default=None, ge=0, le=1_000_000)
    unit_price: Amount | None = None
    discount: Amount | None = None
    tax: Amount | None = None
    amount: SignedAmount | None = None
    title: Text | None = None
    attributes: dict[str, Text] | None = None
    line_id: Key | None = None
    line: int | None = Field(default=None, ge=1, le=10_000, description="Position of the line.")
    line_sku: Code | None = None
    address: NewAddress | None = None
    adjustment: ShortText | None = None

    def document(self) -> dict[str, Any]:
        """Return the action with the fields it was sent with."""
        return self.model_dump(exclude_none=True)


class Actions(Form):
    """What to change on an order."""

    model_config = examples(
        actions=[{"kind": "set_quantity", "line_sku": "22114", "quantity": 3}], reason="customer called"
    )

    actions: list[Action] = Field(min_length=1, max_length=200)
    reason: Text = Field(default="", max_length=120)


class NewChange(Actions):
    """A change to propose, and to confirm at once if asked to."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"actions": [{"kind": "add_line", "sku": "22114", "quantity": 1}], "confirm": True}]
        },
    )

    confirm: bool = False


class Preview(Record):
    """What the actions would do to money and stock."""

    currency: str


class Change(Record):
    """A proposed change of an order and what became of it."""

    id: int
    number: str
    order: str
    state: str
    base_version: int
    order_version: int
    is_stale: bool
    actions: list[dict[str, Any]]
    preview: dict[str, Any]


class ChangeRow(Record):
    """One change of a list."""

    id: int
    number: str
    order: str
    state: str


class OversellPolicy(Form):
    """What happens when it is sold out."""

    model_config = examples(policy="backorder")

    policy: str = Field(pattern="^(deny|backorder|preorder)$")
