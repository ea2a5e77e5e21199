"""Numbers, instants and places as sources write them, read once for each different spelling.

Amounts are integers of millionths of the currency unit (``micro``): exact for every price with up to six
decimals, and a product of two of them fits 64 bits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any

import polars as pl

MICRO = 1_000_000
#: Larger amounts are taken for a mistake: 10^11 units.
LARGEST = 10**17
#: Instants every mapping understands, tried after its own.
ISO_FORMATS = (
    "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d",
)  # fmt: skip
OFFSET_FORMATS = ("%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S %#z")
_CURRENCY_DRESS = re.compile(r"^(?:[A-Z]{3}|zł|€|£|\$|kč)?\s*|\s*(?:[A-Z]{3}|zł|€|£|\$|kč)?$", re.IGNORECASE)


#: A unit after a quantity: "2 szt.", "3 pcs".
_UNITS = re.compile(r"(?<=\d)\s*[^\W\d_]+\.?$")


class Unreadable(ValueError):
    """A cell that has no value of the wanted kind; its text is the reason."""


def amount(text: str, *, decimal: str, thousands: str) -> int:
    """Return an amount in micro units: ``"1 234,50 zł"``, ``"-3.5"``, ``"12,00-"``, ``"(4.20)"``."""
    plain = _CURRENCY_DRESS.sub("", text.strip())
    negative = plain.startswith("(") and plain.endswith(")")
    plain = plain.strip("()")
    if plain.endswith("-"):
        plain, negative = plain[:-1], not negative
    plain = re.sub(r"[\s\u00a0\u202f']", "", plain).replace("−", "-")
    if thousands:
        plain = plain.replace(thousands, "")
    if decimal == ",":
        plain = plain.replace(",", ".")
    return _micro(plain, text, negative=negative)


def _micro(plain: str, text: str, *, negative: bool) -> int:
    try:
        value = Decimal(plain)
        scaled = int((value * MICRO).to_integral_value(ROUND_HALF_EVEN))
    except (InvalidOperation, ValueError, OverflowError) as error:
        raise Unreadable(f"{text!r} is not a number") from error
    if abs(scaled) > LARGEST:
        raise Unreadable(f"{text!r} is too large to be an amount")
    return -scaled if negative else scaled


def whole(text: str, *, decimal: str, thousands: str) -> int:
    """Return a quantity (its unit may follow it); refuse fractions."""
    micro = amount(_UNITS.sub("", text), decimal=decimal, thousands=thousands)
    quantity, rest = divmod(micro, MICRO)
    if rest:
        raise Unreadable(f"{text!r} is not a whole number of units")
    return quantity


def each(column: pl.Series, parse: Callable[[str], Any], dtype: Any) -> tuple[pl.Series, pl.Series]:
    """Parse every different text of a column once.

    Returns
    -------
    (Series, Series)
        Values (null where absent or unreadable) and reasons (null where readable).
    """
    unique = column.drop_nulls().unique()
    values: list[Any] = []
    reasons: list[str | None] = []
    for text in unique:
        try:
            values.append(parse(text))
            reasons.append(None)
        except Unreadable as error:
            values.append(None)
            reasons.append(str(error))
    found = pl.Series("value", values, dtype=dtype)
    if not len(unique):
        return pl.Series(column.name, [None] * len(column), dtype=dtype), pl.Series(
            [None] * len(column), dtype=pl.String
        )
    why = pl.Series("reason", reasons, dtype=pl.String)
    bad = (
        column.replace_strict(unique, why, default=None, return_dtype=pl.String)
        if why.null_count() < len(why)
        else pl.Series([None] * len(column), dtype=pl.String)
    )
    return column.replace_strict(unique, found, default=None, return_dtype=dtype), bad


def instants(column: pl.Series, formats: Sequence[str], zone: str) -> tuple[pl.Series, pl.Series]:
    """Return instants in UTC and, where a text is none, the reason.

    The format that reads the most of the column goes first (ties: the one whose times lie closest together,
    so that 1 to 12 December is not taken for twelve months; then the mapping's order), then the others fill
    what it left. Local times are of `zone`; a time the clocks skipped in spring moves one hour on, of a time
    that happened twice in autumn the first is taken. Texts with an offset say themselves when they were.
    """
    unique = pl.DataFrame({"text": column.drop_nulls().unique()})
    text = pl.col("text")
    offset = text.str.contains(r"\d(?:Z| ?[+-]\d\d:?\d\d)$")
    local = unique.filter(~offset)
    stated = unique.filter(offset)
    parsed = pl.concat(
        [_local(local, formats or (), zone), stated.with_columns(at=_first(OFFSET_FORMATS, zoned=True))], how="vertical"
    )
    at = (
        column.replace_strict(parsed["text"], parsed["at"], default=None, return_dtype=pl.Datetime("us", "UTC"))
        if parsed.height
        else pl.Series([None] * len(column), dtype=pl.Datetime("us", "UTC"))
    )
    shown = " or ".join(repr(f) for f in formats) or "ISO (2026-01-31 14:05)"
    bad = pl.select(
        pl.when(column.is_not_null() & at.is_null()).then(
            pl.format("'{}' is not a time written as {}", column, pl.lit(shown))
        )
    ).to_series()
    return at, bad


def _first(formats: Sequence[str], *, zoned: bool = False) -> pl.Expr:
    text = pl.col("text").str.replace("Z$", "+00:00") if zoned else pl.col("text")
    tries = [_try(text, f, zoned=zoned) for f in formats]
    return pl.coalesce(tries)


def _try(text: pl.Expr, form: str, *, zoned: bool = False) -> pl.Expr:
    """Read one format; a date without time is midnight."""
    if not any(mark in form for mark in ("%H", "%I", "%T", "%R", "%X")):
        return text.str.to_date(form, strict=False).cast(pl.Datetime("us"))
    kind = pl.Datetime("us", "UTC") if zoned else pl.Datetime("us")
    return text.str.to_datetime(form, strict=False, exact=True, time_unit="us").cast(kind)


def _span(at: pl.Series) -> float:
    """Return the seconds between the earliest and the latest time."""
    seconds = at.dt.epoch("s").drop_nulls().to_list()
    return float(max(seconds) - min(seconds)) if seconds else 0.0


def _local(texts: pl.DataFrame, formats: Sequence[str], zone: str) -> pl.DataFrame:
    """Read local times with the best format first, then place them in their zone."""
    if texts.is_empty():
        return texts.with_columns(at=pl.lit(None, pl.Datetime("us", "UTC")))
    tries = texts.select(_try(pl.col("text"), f).alias(str(i)) for i, f in enumerate((*formats, *ISO_FORMATS)))
    best = sorted(tries.columns, key=lambda c: (tries[c].null_count(), _span(tries[c]), int(c)))
    naive = tries.select(pl.coalesce(best).alias("at"))["at"]
    frame = texts.with_columns(naive.alias("at"))
    here = pl.col("at").dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    moved = (pl.col("at") + pl.duration(hours=1)).dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return frame.with_columns(at=pl.coalesce(here, moved).dt.convert_time_zone("UTC"))
