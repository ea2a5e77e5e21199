"""What a new shop is told: its settings, and the rows of its sheets."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from app.api.forms import Form, Record, ShortText, Text
from app.api.models.flows import examples

SETTINGS: dict[str, Any] = {
    "name": "Kubki i Spółka", "zone": "Europe/Warsaw", "currency": "PLN", "country": "PL", "language": "pl",
    "legal_name": "Kubki i Spółka sp. z o.o.", "tax_id": "5260250274", "address": "ul. Garncarska 3, 00-950 Warszawa",
    "bank_account": "", "invoice_due_days": 14, "included_tax_percent": "23",
    "invoice_when_shipped": "no", "mail_customers": "no",
}  # fmt: skip
LOCATION: dict[str, Any] = {
    "id": 1, "code": "WAW", "name": "Warszawa", "kind": "warehouse", "country": "PL", "postal_code": "00-950",
    "city": "", "position": "1", "is_active": "yes",
}  # fmt: skip
OUTCOME: dict[str, Any] = {
    "created": 1, "changed": 0, "unchanged": 3,
    "rejected": [{"row": 2, "code": "input.price", "why": "price 'x' is not valid …", "sku": "BAD", "price": "x"}],
}  # fmt: skip
#: Rows of one request; larger files go in parts.
MOST_ROWS = 5_000


class Settings(Record):
    """Settings of the shop that may be changed."""

    name: str
    zone: str
    currency: str


class SomeSettings(Form):
    """Settings to set, by name, as texts."""

    model_config = examples(settings={"name": "Kubki i Spółka", "invoice_due_days": "21"})
    settings: Annotated[dict[ShortText, Text], Field(min_length=1)]


class SheetColumns(Record):
    """The sheets with their columns, in the order a new shop fills them in."""

    items: list[dict[str, Any]]


class Rows(Form):
    """Rows of a sheet as texts by column. An empty cell leaves what is there; ``-`` empties it."""

    model_config = examples(rows=[{"code": "WAW", "name": "Warszawa", "country": "PL"}])
    rows: Annotated[list[dict[ShortText, Text]], Field(min_length=1, max_length=MOST_ROWS)]
    reason: ShortText = "handed in"


class SheetRow(Record):
    """A row of a sheet: texts by column, and its id."""

    id: int


class Outcome(Record):
    """Rows made, changed, left as they were, and not taken with the reason of each."""

    created: int
    changed: int
    unchanged: int
    rejected: list[dict[str, Any]]
