"""Many orders at once, risk rules, suspected duplicates."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from app.api.forms import Code, Form, Instant, Record, ShortText, Text
from app.api.models.flows import examples

NUMBERS: list[str] = ["OS-010045", "OS-010046"]
DONE: dict[str, Any] = {"number": "OS-010045", "done": True, "code": "", "message": ""}
REFUSED: dict[str, Any] = {
    "number": "OS-010046", "done": False, "code": "order.shipped",
    "message": "Order OS-010046 cannot be cancelled: 1 × 22114 already shipped.",
}  # fmt: skip
SUSPICION: dict[str, Any] = {
    "id": 6, "order": "OS-010046", "other_order": "OS-010045", "kind": "same_lines", "state": "open",
    "sentence": "OS-010046 repeats OS-010045 of the same buyer after 3 min: the same 1 line(s), through web",
    "found_at": "2026-05-01T10:03:02Z", "decided_by": "", "decided_at": None,
}  # fmt: skip
RULE: dict[str, Any] = {
    "kind": "velocity_email",
    "points": 30,
    "params": {"orders": 4, "hours": 24},
    "is_active": True,
}
BOOK: dict[str, Any] = {"is_own": True, "medium": 40, "high": 70, "rules": [RULE]}


class Orders(Form):
    """Orders by number."""

    orders: list[Code] = Field(min_length=1, max_length=500)


class TagMany(Orders):
    """Tags to put on orders and to take off them."""

    model_config = examples(orders=NUMBERS, add=["vip"], remove=["call back"])

    add: list[ShortText] = Field(default=[], max_length=50)
    remove: list[ShortText] = Field(default=[], max_length=50)


class HoldMany(Orders):
    """Why orders may not be shipped for now."""

    model_config = examples(orders=NUMBERS, reason="address", note="street missing", owner="Ala")

    reason: Code
    note: Text = ""
    owner: ShortText = ""
    until_at: Instant | None = None
    guard_key: ShortText = ""


class ReleaseMany(Orders):
    """Orders whose holds end."""

    model_config = examples(orders=NUMBERS)


class CancelMany(Orders):
    """Orders to cancel, and why."""

    model_config = examples(orders=NUMBERS, reason="supplier is out of it")

    reason: Code


class Row(Record):
    """What became of one of them: done, or the code and sentence of the refusal."""

    number: str
    done: bool
    code: str
    message: str


class Rows(Record):
    """One row for each order, in the order asked."""

    items: list[Row]


class Suspicion(Record):
    """Two orders that may be one wish; ``order`` is the newer one."""

    id: int
    order: str
    other_order: str
    kind: str
    state: str
    sentence: str
    found_at: datetime


class Rule(Form):
    """What to look at, for how many points; numbers left out are the usual ones."""

    kind: Code
    points: int = Field(ge=0, le=100)
    params: dict[ShortText, int | list[ShortText]] = Field(default={}, max_length=20)
    is_active: bool = True


class Rules(Form):
    """The whole set of rules; an empty one brings the usual rules back."""

    model_config = examples(rules=[RULE])

    rules: list[Rule] = Field(max_length=50)


class RuleBook(Record):
    """The rules that hold, and from which score on an order is looked at (medium) or held (high)."""

    is_own: bool
    medium: int
    high: int
    rules: list[dict[str, Any]]
