"""Shelves that are low, and the points below which they are."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path
from pydantic import Field

from app.api.asking import Asking
from app.api.forms import SAID, Code, Form, Instant, Record, ShortText
from app.api.models.flows import examples
from app.api.operations import Operations
from oms_core.inventory import low_stock
from oms_core.inventory.queries import variant_of
from oms_core.purchasing.names import location_id

operations = Operations("stock", tag="low stock")
POINT: dict[str, Any] = {
    "sku": "22114", "location": "LDS", "units": 24, "source": "person", "set_by": "anna",
    "set_at": "2026-05-01T10:00:00Z",
}  # fmt: skip
NOTICE: dict[str, Any] = {
    "id": 4, "sku": "22114", "title": "Mug", "location": "LDS", "place": "Leeds", "units": 20, "available": 18,
    "point": 24, "crossed_at": "2026-05-01T10:00:00Z", "ended_at": None, "seen_at": None, "seen_by": "",
}  # fmt: skip
Sku = Annotated[str, Path(min_length=1, max_length=120, pattern=SAID, description="SKU.")]
Place = Annotated[Code, Path(description="Code of a location.")]


class Point(Record):
    """Units below which a shelf is low."""

    sku: str
    location: str
    units: int
    source: str


class NewPoint(Form):
    """Low below this many available units."""

    model_config = examples(units=24)

    units: int = Field(ge=0, le=10**9)


class Notice(Record):
    """A shelf that fell below its point."""

    id: int
    sku: str
    location: str
    units: int
    point: int
    crossed_at: Instant


class Gone(Record):
    """A point that was taken back."""

    sku: str
    location: str


class MailTo(Form):
    """Who gets the news of low shelves by mail; nobody when empty."""

    model_config = examples(to=["buyer@shop.example"])

    to: list[ShortText] = Field(max_length=50)


class MailedTo(Record):
    """Who gets the news of low shelves by mail."""

    to: list[str]


class Seen(Form):
    """Notices that were seen."""

    model_config = examples(ids=[4])

    ids: list[Annotated[int, Field(ge=1, le=2**53)]] = Field(min_length=1, max_length=500)


class Noted(Record):
    """How many nobody had seen before."""

    seen: int


@operations.read("/low-stock", answers=dict[str, list[Notice]], example={"items": [NOTICE]})
def notices(asking: Asking) -> dict[str, Any]:
    """List shelves that are low now, one notice a crossing."""
    return {"items": low_stock.notices(asking.session)}


@operations.read("/low-stock-points", answers=dict[str, list[Point]], example={"items": [POINT]})
def points(asking: Asking) -> dict[str, Any]:
    """List the points by SKU and place."""
    return {"items": low_stock.points(asking.session)}


@operations.write("/low-stock-points/{sku}/{location}", method="PUT", answers=Point, example=POINT)
def set_point(asking: Asking, sku: Sku, location: Place, body: NewPoint) -> dict[str, Any]:
    """Set the point of a SKU at a place; the forecast no longer moves it."""
    session = asking.session
    variant, place = variant_of(session, sku), location_id(session, location)
    low_stock.set_point(session, variant_id=variant.id, location_id=place, units=body.units, actor=asking.actor)
    return next(row for row in low_stock.points(session, sku=variant.sku) if row["location"] == location)


@operations.write(
    "/low-stock-points/{sku}/{location}", method="DELETE", answers=Gone, example={"sku": "22114", "location": "LDS"}
)
def drop_point(asking: Asking, sku: Sku, location: Place) -> dict[str, Any]:
    """Take a point back; its notice ends, and the forecast may set one again."""
    session = asking.session
    variant, place = variant_of(session, sku), location_id(session, location)
    low_stock.drop_point(session, variant_id=variant.id, location_id=place, actor=asking.actor)
    return {"sku": variant.sku, "location": location}


@operations.read("/low-stock-mail", answers=MailedTo, example={"to": ["buyer@shop.example"]})
def mailed_to(asking: Asking) -> dict[str, Any]:
    """Tell who gets the news of low shelves by mail."""
    from app.jobs.low_stock import recipients

    return {"to": recipients(asking.session)}


@operations.write("/low-stock-mail", method="PUT", answers=MailedTo, example={"to": ["buyer@shop.example"]})
def mail_to(asking: Asking, body: MailTo) -> dict[str, Any]:
    """Name who gets the news of low shelves by mail; nobody when empty."""
    from app.jobs.low_stock import set_recipients

    return {"to": set_recipients(asking.session, body.to, actor=asking.actor)}


@operations.write("/low-stock/seen", answers=Noted, example={"seen": 1})
def seen(asking: Asking, body: Seen) -> dict[str, Any]:
    """Say that notices were seen; the first who says so is kept."""
    return {"seen": low_stock.acknowledge(asking.session, body.ids, actor=asking.actor)}
