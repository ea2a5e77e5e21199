"""What the API says of message templates and of offers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import StringConstraints

from app.api.forms import Form, Record
from app.api.models.flows import examples

TEMPLATE: dict[str, Any] = {
    "name": "spring_letter", "version": 2, "medium": "email", "language": "en",
    "subject": "{{ first_name | default('Hello') }}, new this spring", "body": "Hello {{ first_name | default('') }}!",
    "html": "", "sha256": "9f2c" * 16, "author": "ola", "created_at": "2026-05-01T10:00:00Z",
}  # fmt: skip
FIELDS: dict[str, Any] = {"items": [{"field": "called", "meaning": "First name as one is called by it."}]}
PREVIEW: dict[str, Any] = {
    "members": 812, "writable": 640, "written": 633, "not_known": {"first_name": 7}, "sms_parts": {}, "advice": [],
    "messages": [{
        "number": "C-004711", "why": "longest", "lacking": "", "sms_parts": 1, "subject": "Ada, new this spring",
        "text": "Hello Ada!", "html": "",
    }],
}  # fmt: skip
OFFERS: dict[str, Any] = {"items": [{
    "number": "C-004711", "rank": 1, "sku": "MUG-01", "title": "Mug", "price": "19.99", "currency": "PLN",
    "why": "again", "in_band": True,
}]}  # fmt: skip
#: Text of several lines without other control characters.
Source = Annotated[str, StringConstraints(max_length=20_000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")]


class Words(Form):
    """What a template says."""

    model_config = examples(
        medium="email", language="en", subject="New this spring", body="Hello {{ first_name | default('you') }}!"
    )
    medium: Literal["email", "sms"] = "email"
    language: Literal["en", "pl"] = "en"
    subject: Source = ""
    body: Annotated[Source, StringConstraints(min_length=1)]
    html: Source = ""


class Template(Record):
    """One version of a message template."""

    name: str
    version: int
    medium: str
    language: str
    subject: str
    body: str
    html: str
    sha256: str
    author: str
    created_at: datetime


class Templates(Record):
    """Templates by name, or versions newest first."""

    items: list[Template]


class Field(Record):
    """What a template may speak of."""

    field: str
    meaning: str


class Fields(Record):
    """Every field."""

    items: list[Field]


class Written(Record):
    """The message to one member; `why` is member, longest or emptiest."""

    number: str
    why: str
    lacking: str
    sms_parts: int
    subject: str
    text: str
    html: str


class Preview(Record):
    """What a template becomes for the members of a segment."""

    members: int
    writable: int
    written: int
    not_known: dict[str, int]
    sms_parts: dict[str, int]
    messages: list[Written]
    advice: list[dict[str, str]]


class Offer(Record):
    """A product offered to a member; `why` is again, together, popular or segment."""

    number: str
    rank: int
    sku: str
    title: str
    price: str | None
    currency: str
    why: str
    in_band: bool | None


class Offers(Record):
    """Offers, by customer, best first."""

    items: list[Offer]
