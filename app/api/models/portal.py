"""The customer's pages, links into them, and the rules of return addresses."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from app.api.forms import Code, Country, Form, Record, ShortText, Text
from app.api.models.flows import examples

PORTAL: dict[str, Any] = {"is_on": True, "address": "https://returns.example.com"}
LINK: dict[str, Any] = {
    "order": "OS-010045", "link": "https://returns.example.com/my/273d-5f0c9f7c9a7b6a0f6f5c9d1e2b3a4c5d6e7f8a9b",
}  # fmt: skip
ADDRESS: dict[str, Any] = {
    "id": 3, "market": "", "country": "PL", "postal_prefix": "5", "location": "WRO", "location_name": "Wrocław",
    "address": "Returns, gate 3\nFabryczna 12\n53-609 Wrocław", "is_active": True,
}  # fmt: skip
DECISION: dict[str, Any] = {
    "location": "WRO", "send_to": "Returns, gate 3, Fabryczna 12, 53-609 Wrocław", "why": "postal_code:PL 5…",
    "because": "A rule sends returns from postal codes PL 5… here.",
}  # fmt: skip


class Portal(Form):
    """Whether the pages are open, and where customers find this server."""

    model_config = examples(**PORTAL)

    is_on: bool
    address: Text = ""


class PortalRecord(Record):
    """The settings of the customer's pages."""

    is_on: bool
    address: str


class Link(Record):
    """A link that lets an order's customer in."""

    order: str
    link: str


class Address(Form):
    """A rule: returns of a market, a country, the postal codes that begin so, or (all empty) of everybody."""

    model_config = examples(country="PL", postal_prefix="5", location="WRO", address="Returns, gate 3\nFabryczna 12")

    location: Code = Field(description="Code of the location the goods go to.")
    market: ShortText = ""
    country: Country = ""
    postal_prefix: str = Field(default="", max_length=20, pattern=r"^[A-Za-z0-9 -]*$")
    address: str = Field(
        default="", max_length=400, pattern=r"^[^\x00-\x09\x0b-\x1f\x7f]*$", description="As it is printed, by lines."
    )


class AddressRecord(Record):
    """A rule as it is kept."""

    id: int
    location: str
    market: str
    country: str
    postal_prefix: str
    address: str
    is_active: bool


class Addresses(Record):
    """Every rule, the most specific first."""

    items: list[AddressRecord]


class Decision(Record):
    """Where returns go, and why."""

    location: str
    send_to: str
    why: str
    because: str
