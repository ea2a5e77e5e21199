"""Forms that requests share: texts, money, quantities, and what an answer always has."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Path
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)

When = TypeVar("When", bound=date)

#: No control characters: databases refuse some of them, people cannot see any.
PRINTED = r"^[^\x00-\x1f\x7f]*$"
#: At least one character that is not a space.
SAID = r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f\s][^\x00-\x1f\x7f]*$"


def _iso_day(value: object) -> object:
    """Refuse numbers, which would be read as seconds since 1970."""
    if isinstance(value, str) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        msg = "a date was expected, such as 2026-05-31"
        raise ValueError(msg)
    return _iso_instant(value)


def _iso_instant(value: object) -> object:
    if isinstance(value, int | float) or (isinstance(value, str) and "-" not in value):
        msg = "text in ISO 8601 was expected, such as 2026-05-31T12:00:00Z"
        raise ValueError(msg)
    return value


def _near_us(value: When) -> When:
    """Refuse years in which nobody orders; the ends of the calendar cannot even change zones."""
    if not 1900 <= value.year <= 2200:
        msg = "a year from 1900 to 2200 was expected"
        raise ValueError(msg)
    return value


Text = Annotated[str, StringConstraints(max_length=200, pattern=PRINTED)]
LongText = Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")]
Code = Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=SAID)]
ShortText = Annotated[str, StringConstraints(max_length=120, pattern=PRINTED)]
KeyText = Annotated[str, StringConstraints(min_length=1, max_length=150, pattern=r"^[!-~]+$")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Country = Annotated[str, StringConstraints(pattern=r"^([A-Za-z]{2})?$")]
Instant = Annotated[AwareDatetime, BeforeValidator(_iso_instant), AfterValidator(_near_us)]
Day = Annotated[date, BeforeValidator(_iso_day), AfterValidator(_near_us)]
Units = Annotated[int, Field(ge=1, le=1_000_000)]
SignedUnits = Annotated[int, Field(ge=-1_000_000, le=1_000_000)]
SomeUnits = Annotated[int, Field(ge=0, le=1_000_000)]
Key = Annotated[int, Field(ge=1, le=2**53)]

_AMOUNT: dict[str, Any] = {
    "anyOf": [
        {"type": "string", "pattern": r"^(0|[1-9][0-9]{0,8})(\.[0-9]{1,4})?$"},
        {"type": "number", "minimum": 0, "maximum": 999_999_999},
    ],
    "description": "A decimal amount; text keeps every digit.",
}
Amount = Annotated[Decimal, Field(ge=0, lt=Decimal(10**9)), WithJsonSchema(_AMOUNT)]
_SIGNED: dict[str, Any] = {
    "anyOf": [
        {"type": "string", "pattern": r"^-?(0|[1-9][0-9]{0,8})(\.[0-9]{1,4})?$"},
        {"type": "number", "minimum": -999_999_999, "maximum": 999_999_999},
    ],
    "description": "A decimal amount that may be below zero.",
}
SignedAmount = Annotated[Decimal, Field(gt=-Decimal(10**9), lt=Decimal(10**9)), WithJsonSchema(_SIGNED)]
#: Money in an answer.
Money = Annotated[str, Field(pattern=r"^-?[0-9]+(\.[0-9]+)?$", examples=["49.90"])]

Number = Annotated[str, Path(min_length=1, max_length=120, pattern=SAID, description="Its number, or its id.")]


class Form(BaseModel):
    """A request body; fields it does not know are refused, so that a misspelt one is not lost."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False)


class Record(BaseModel):
    """An answer; a later version may add fields."""

    model_config = ConfigDict(extra="allow")


class Problem(Record):
    """A refusal (RFC 9457). Further fields are its facts, such as ``shortages``, ``near`` and ``allowed``."""

    type: str = Field(examples=["urn:ordersight:problem:stock.insufficient"])
    title: str = Field(examples=["Conflict"])
    status: int = Field(examples=[409])
    detail: str = Field(description="One sentence: what happened, with which facts.")
    code: str = Field(description="Stable and dotted; switch on this.", examples=["stock.insufficient"])
    hint: str = Field(description="What to do next; may be empty.")
    instance: str = Field(description="Path of the request.")


Item = TypeVar("Item")


class PageOf(Record, Generic[Item]):
    """One page of a list."""

    items: list[Item]
    next_cursor: str | None = Field(description="Pass it as `cursor` for the next page; null at the end.")
