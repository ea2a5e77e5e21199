"""Bins: where units lie within a location, what pick bins should hold, workers' lists."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from app.api.forms import Code, Form, Key, Record, SomeUnits, Text, Units

BIN: dict[str, Any] = {"code": "A-01", "kind": "pick", "position": 1, "units": 12, "variants": 2}
HELD: dict[str, Any] = {
    "location": "LDS", "bin": "A-01", "kind": "pick", "sku": "22114", "title": "Hot water bottle", "lot": None,
    "expires_on": None, "units": 2, "minimum": 4, "maximum": 16, "increment": 6,
}  # fmt: skip
LINE: dict[str, Any] = {
    "id": 11, "sku": "22114", "lot": None, "from": "OV-1", "to": "A-01", "quantity": 12, "moved": 0, "missing": 0,
    "left": 0, "to_do": 12, "reason": "",
    "receipt": {
        "in_bin": 2, "coming": 0, "minimum": 4, "maximum": 16, "increment": 6, "wanted": 12, "overstock": 40,
        "why": "filled_up", "expires_on": None,
    },
    "why": "A-01 has 2, below 4; 12 fit up to 16 in steps of 6; overstock has 40. Filled up to what fits in whole"
    " increments.",
}  # fmt: skip
LIST: dict[str, Any] = {
    "id": 3, "number": "BR-000003", "state": "open", "version": 1, "location": "LDS",
    "created_at": "2026-05-01T10:00:00Z", "created_by": "api", "closed_at": None, "lines": [LINE],
    "unmet": [{"bin": "A-02", "sku": "22115", "in_bin": 0, "minimum": 2, "missing": 6, "why": "overstock_short",
               "not_put_away": 0}],
}  # fmt: skip
PROPOSED: dict[str, Any] = {
    "sku": "22114", "from": "OV-1", "to": "A-01", "quantity": 12, "missing": 0, "why": "filled_up", "not_put_away": 0,
}  # fmt: skip


def _examples(**example: Any) -> ConfigDict:
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [example]})


class Bin(Record):
    """One bin and how much lies in it."""

    code: str
    kind: str
    position: int
    units: int
    variants: int


class Bins(Record):
    """The bins of a location."""

    location: str
    items: list[Bin]


class Held(Record):
    """Units of a SKU (and lot) in a bin; minimum, maximum and increment where a rule fills it up."""

    location: str
    bin: str
    kind: str
    sku: str
    lot: str | None
    expires_on: date | None
    units: int
    minimum: int | None
    maximum: int | None
    increment: int | None


class Contents(Record):
    """What lies in bins."""

    items: list[Held]


class NewBin(Form):
    """A bin to be named, or one whose kind or rank changes."""

    model_config = _examples(location="LDS", code="A-01", kind="pick", position=1)

    location: Code
    code: Code
    kind: Literal["pick", "overstock"] = "pick"
    position: Annotated[int, Field(ge=1, le=1_000_000, description="Rank on the way through the warehouse.")] = 1


class OneBin(Form):
    """A bin of a location."""

    model_config = _examples(location="LDS", bin="A-01")

    location: Code
    bin: Code


class InBin(Form):
    """A SKU in a bin."""

    model_config = _examples(location="LDS", bin="A-01", sku="22114")

    location: Code
    bin: Code
    sku: Code


class Rule(InBin):
    """How many units of a SKU a pick bin should hold."""

    model_config = _examples(location="LDS", bin="A-01", sku="22114", minimum=4, maximum=16, increment=6)

    minimum: Units = Field(description="Below this it is filled up.")
    maximum: Units = Field(description="Never filled beyond this.")
    increment: Units = Field(default=1, description="Whole multiples of this are carried (a case).")


class BinMove(Form):
    """Units carried from one bin to another; out of the default bin (put away) when `from` is left out."""

    model_config = _examples(**{"location": "LDS", "sku": "22114", "quantity": 12, "from": "DEFAULT", "to": "OV-1"})

    location: Code
    sku: Code
    quantity: Units
    origin: Code = Field(default="DEFAULT", alias="from")
    to: Code
    lot: Text = Field(default="", max_length=120)
    reason: Text = Field(default="", max_length=120)


class BinCount(InBin):
    """What was counted in a bin."""

    model_config = _examples(location="LDS", bin="A-01", sku="22114", counted=11, reason="one is broken", lot="")

    counted: SomeUnits
    reason: Code
    lot: Text = Field(default="", max_length=120)


class NewList(Form):
    """A worker's list for a location."""

    model_config = _examples(location="LDS")

    location: Code


class Done(Form):
    """What a worker did of one line; what is not named is still to do."""

    model_config = _examples(line_id=11, moved=10, missing=2, left=0, reason="box was open")

    line_id: Key
    moved: SomeUnits = 0
    missing: SomeUnits = Field(default=0, description="Not in the overstock bin: without a place from now on.")
    left: SomeUnits = Field(default=0, description="Need not be carried any more.")
    reason: Text = Field(default="", max_length=120)


class WorkList(Record):
    """A worker's list of moves to pick bins."""

    id: int
    number: str
    state: str
    location: str
    lines: list[dict[str, Any]]
    unmet: list[dict[str, Any]]


class Proposed(Record):
    """What would be carried, and the pick bins that would stay short."""

    location: str
    items: list[dict[str, Any]]
