"""Stock: levels, corrections, transfers, counts, reservations, what channels may take."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field

from app.api.forms import Code, Form, Record, SignedUnits, SomeUnits, Text, Units
from oms_core.inventory.tables import ON_HAND_STATES

STATE = f"^({'|'.join(ON_HAND_STATES)})$"
PLACE: dict[str, Any] = {
    "location": "LDS", "location_name": "Leeds", "on_hand": 47, "available": 40, "committed": 5, "reserved": 2,
    "damaged": 0, "safety_stock": 0, "quality_control": 0,
}  # fmt: skip
STOCK: dict[str, Any] = {
    "sku": "22114", "title": "Hot water bottle", "on_hand": 47, "available": 40, "committed": 5, "reserved": 2,
    "damaged": 0, "safety_stock": 0, "quality_control": 0, "incoming": 24, "locations": [PLACE],
}  # fmt: skip
WHY: dict[str, Any] = {
    "sku": "22114", "location": "LDS", "on_hand": 47,
    "movements": [
        {
            "at": "2026-05-01T10:00:00Z", "sentence": "Received 48 from purchase order PO-1001", "change": 48,
            "on_hand": 48, "available": 48, "kind": "received", "quantity": 48,
        }
    ],
}  # fmt: skip
TRANSFER: dict[str, Any] = {
    "id": 7, "number": "TR-000007", "from": "LDS", "to": "BRS", "state": "in_transit",
    "lines": [{"sku": "22114", "quantity": 12, "received_qty": 0, "lost_qty": 0}],
}  # fmt: skip
COUNT: dict[str, Any] = {
    "id": 3, "number": "SC-000003", "state": "open", "blind": True, "note": "", "location": "LDS",
    "lines": [{"sku": "22114", "counted": 46, "expected": None, "difference": None, "posted": None}],
}  # fmt: skip
RESERVATION: dict[str, Any] = {
    "id": 9, "number": "RS-000009", "token": "cart-77", "state": "active", "created_at": "2026-05-01T10:00:00Z",
    "expires_at": "2026-05-01T10:15:00Z", "order_id": None,
    "lines": [{"sku": "22114", "location": "LDS", "quantity": 2}],
}  # fmt: skip
OFFER: dict[str, Any] = {"sku": "22114", "location": "LDS", "available": 40, "units": 35, "is_offered": True}


def _examples(**example: Any) -> ConfigDict:
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [example]})


class States(Record):
    """Units by state; `on_hand` is the sum of all but `incoming`."""

    on_hand: int
    available: int
    committed: int
    reserved: int
    damaged: int
    safety_stock: int
    quality_control: int


class Place(States):
    """Units of a variant at one location."""

    location: str
    location_name: str


class Stock(States):
    """Units of a variant, all together and at each location."""

    sku: str
    title: str
    incoming: int = Field(description="To come on purchase orders sent to suppliers.")
    locations: list[Place]


class Why(Record):
    """How on hand came to be what it is."""

    sku: str
    location: str | None
    on_hand: int
    movements: list[dict[str, Any]]


class Then(Record):
    """Levels right after the last movement at or before an instant."""

    at: datetime
    levels: list[dict[str, Any]]


class Adjustment(Form):
    """A counted difference."""

    model_config = _examples(sku="22114", location="LDS", units=-1, reason="broken on the shelf", state="available")

    sku: Code
    location: Code
    units: SignedUnits = Field(description="Found (positive) or missing (negative).")
    reason: Code
    state: str = Field(default="available", pattern=STATE)


class StateChange(Form):
    """Units moved from one state to another; on hand stays."""

    model_config = _examples(
        sku="22114", location="LDS", quantity=2, from_state="available", to_state="damaged", reason="dented"
    )

    sku: Code
    location: Code
    quantity: Units
    from_state: str = Field(pattern=STATE)
    to_state: str = Field(pattern=STATE)
    reason: Code
    lot: Text = Field(default="", max_length=120)


class SkuLine(Form):
    """Units of a SKU."""

    sku: Code
    quantity: Units


class NewTransfer(Form):
    """Units to go from one location to another."""

    model_config = _examples(
        from_location="LDS", to_location="BRS", lines=[{"sku": "22114", "quantity": 12}], ship=True
    )

    from_location: Code
    to_location: Code
    lines: list[SkuLine] = Field(min_length=1, max_length=500)
    ship: bool = Field(default=False, description="Send it off at once.")


class Arrived(Form):
    """What came of a transfer, what never will, what came too many; everything in transit when all are left out."""

    model_config = _examples(
        received=[{"sku": "22114", "quantity": 11}], lost=[{"sku": "22114", "quantity": 1}], reason="one box short"
    )

    received: list[SkuLine] | None = Field(default=None, max_length=500)
    lost: list[SkuLine] | None = Field(default=None, max_length=500)
    over: list[SkuLine] | None = Field(default=None, max_length=500)
    reason: Text = Field(default="", max_length=120)


class FoundAgain(Form):
    """Lost units that turned up."""

    model_config = _examples(found=[{"sku": "22114", "quantity": 1}], reason="behind the rack")

    found: list[SkuLine] = Field(min_length=1, max_length=500)
    reason: Code


class Transfer(Record):
    """Units on their way between two locations."""

    id: int
    number: str
    state: str
    lines: list[dict[str, Any]]


class NewCount(Form):
    """A session to count SKUs at a location."""

    model_config = _examples(location="LDS", skus=["22114"], blind=True, note="aisle 4")

    location: Code
    skus: list[Code] = Field(min_length=1, max_length=2000)
    blind: bool = Field(default=True, description="Who counts is not told what is expected.")
    note: Text = ""


class CountedLine(Form):
    """Units found on hand of a SKU; zero is a finding too."""

    sku: Code
    counted: SomeUnits


class Counted(Form):
    """What was counted."""

    model_config = _examples(lines=[{"sku": "22114", "counted": 46}])

    lines: list[CountedLine] = Field(min_length=1, max_length=2000)


class Recount(Form):
    """Lines to be counted once more."""

    model_config = _examples(skus=["22114"], reason="difference above 5 %")

    skus: list[Code] = Field(min_length=1, max_length=2000)
    reason: Code


class PostCount(Form):
    """Book the differences."""

    model_config = _examples(reason="yearly count", skip_uncounted=False)

    reason: Code
    skip_uncounted: bool = False


class Reason(Form):
    """Why."""

    model_config = _examples(reason="no longer needed")

    reason: Code


class Count(Record):
    """One count."""

    id: int
    number: str
    state: str
    location: str
    lines: list[dict[str, Any]]


class NewReservation(Form):
    """Units held for a buyer who is paying."""

    model_config = _examples(channel="web", lines=[{"sku": "22114", "quantity": 2}], minutes=15, location="LDS")

    channel: Code
    lines: list[SkuLine] = Field(min_length=1, max_length=500)
    minutes: int = Field(default=15, ge=1, le=10_080)
    location: Code | None = None
    token: Code | None = Field(
        default=None, description="Your own name for it: the same token is the same reservation."
    )


class Reservation(Record):
    """Units held, until it expires, is let go or becomes an order."""

    id: int
    number: str
    token: str
    state: str
    expires_at: datetime
    lines: list[dict[str, Any]]


class ChannelRule(Form):
    """What is held back from a channel, of one SKU or all, at one location or all."""

    model_config = _examples(sku="22114", location=None, buffer=2, protected=0, is_offered=True)

    sku: Code | None = None
    location: Code | None = None
    buffer: SomeUnits = Field(default=0, description="Units never shown to this channel.")
    protected: SomeUnits = Field(default=0, description="Units kept for this channel alone.")
    is_offered: bool = True


class Offers(Record):
    """What a channel may take."""

    channel: str
    items: list[dict[str, Any]]


LOT: dict[str, Any] = {
    "lot": "L-2026-04", "expires_on": "2027-04-30", "location": "LDS", "pool": "here", "quantity": 24,
}  # fmt: skip


class Lots(Record):
    """Where each lot of a SKU lies."""

    sku: str
    tracked: bool
    items: list[dict[str, Any]]


class TrackLots(Form):
    """The SKU whose lots are to be told apart."""

    model_config = _examples(sku="22114")

    sku: Code
