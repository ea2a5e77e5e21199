"""Instants as sources write them: local or with an offset, ISO or by the mapping's formats, serial numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

import polars as pl

#: Instants every mapping understands, tried after its own.
ISO_FORMATS = (
    "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d",
)  # fmt: skip
OFFSET_FORMATS = ("%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%d %H:%M%#z", "%Y%m%d %H%M%S%#z")
#: Words a mapping may give instead of a format: days since 1899-12-30, seconds or milliseconds since 1970.
EXCEL, UNIX = "excel", "unix"
#: Dates outside are placeholders and slips of the hand (0001-01-01, 1900-01-01, 9999-12-31), no day of trade;
#: one of them would stretch every calendar of the shop over centuries.
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_UTC = pl.Datetime("us", "UTC")
_SERIAL = r"^\d{4,5}(?:[.,]\d+)?$"
#: A time of day, then what tells its distance from Greenwich. "31-12-2024" has none.
_OFFSET = r"(?::\d\d|T\d{4}(?:\d\d)?)(?:[.,]\d+)?(?:\s?[AaPp][Mm])?\s?(?:Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)$"
_ZONED = re.compile(r"%[#:]*z")


def is_format(form: str) -> bool:
    """Return whether a mapping may give this format: a word, or directives that can be read."""
    if form in {EXCEL, UNIX}:
        return True
    try:
        pl.select(_try(pl.lit("2024"), form))
    except pl.exceptions.PolarsError:
        return False
    return "%" in form


def instants(column: pl.Series, formats: Sequence[str], zone: str) -> tuple[pl.Series, pl.Series]:
    """Return instants in UTC and, where a text is none, the reason.

    The format that reads the most of the column goes first (ties: the one whose times lie closest together,
    so that 1 to 12 December is not taken for twelve months; then the mapping's order), then the others fill
    what it left. Local times are of `zone`; a time the clocks skipped in spring moves one hour on, of a time
    that happened twice in autumn the first is taken. Texts with an offset say themselves when they were.
    """
    unique = pl.DataFrame({"text": column.drop_nulls().unique()}, schema={"text": pl.String})
    stated = unique.with_columns(at=_stated(formats))
    has_offset = pl.col("text").str.contains(_OFFSET)
    local = stated.filter(pl.col("at").is_null() & ~has_offset).select("text")
    plain = [f for f in formats if f != UNIX and not _ZONED.search(f)]
    parsed = pl.concat([stated.filter(pl.col("at").is_not_null()), _local(local, plain, zone)], how="vertical")
    at = (
        column.replace_strict(parsed["text"], parsed["at"], default=None, return_dtype=_UTC)
        if parsed.height
        else pl.Series([None] * len(column), dtype=_UTC)
    )
    return at, _reasons(column, at, formats)


def _reasons(column: pl.Series, at: pl.Series, formats: Sequence[str]) -> pl.Series:
    shown = " or ".join(repr(f) for f in formats) or "ISO (2026-01-31 14:05)"
    return pl.select(
        pl.when(column.is_not_null() & at.is_null()).then(
            pl.format("'{}' is not a time written as {}", column, pl.lit(shown))
        )
    ).to_series()


def _stated(formats: Sequence[str]) -> pl.Expr:
    """Return the instants of texts that name their offset themselves."""
    text = pl.col("text")
    tidy = text.str.replace(r"\s?(?:Z|UTC|GMT)$", "+00:00").str.replace(r"\s+([+-]\d\d(?::?\d\d)?)$", "$1")
    tidy = tidy.str.replace(r"^(\d{4}-?\d\d-?\d\d)T", "$1 ").str.replace(r"(:\d\d),(\d+)", "$1.$2")
    iso = pl.when(text.str.contains(_OFFSET)).then(tidy)
    tries = [_try(text, f, zoned=True) for f in formats if _ZONED.search(f)]
    tries += [_try(iso, f, zoned=True) for f in OFFSET_FORMATS]
    return pl.coalesce(*tries, *([_unix(text)] if UNIX in formats else []))


def _unix(text: pl.Expr) -> pl.Expr:
    """Read seconds, or milliseconds where there are more than ten digits."""
    number = pl.when(text.str.contains(r"^\d{9,13}$")).then(text).cast(pl.Int64)
    millis = pl.when(text.str.len_chars() > 10).then(number).otherwise(number * 1000)
    return (millis * 1000).cast(_UTC)


def _try(text: pl.Expr, form: str, *, zoned: bool = False) -> pl.Expr:
    """Read one format; a date without time is midnight."""
    if form == EXCEL:
        return serial_days(text)
    if not any(mark in form for mark in ("%H", "%I", "%T", "%R", "%X")):
        return text.str.to_date(form, strict=False).cast(pl.Datetime("us"))
    kind = _UTC if zoned else pl.Datetime("us")
    return text.str.to_datetime(form, strict=False, exact=True, time_unit="us").cast(kind)


def serial_days(text: pl.Expr) -> pl.Expr:
    """Return the local time a spreadsheet's serial number stands for, to the second."""
    days = pl.when(text.str.contains(_SERIAL)).then(text.str.replace(",", ".")).cast(pl.Float64)
    return pl.datetime(1899, 12, 30) + pl.duration(seconds=(days * 86_400).round().cast(pl.Int64))


def _span(at: pl.Series) -> float:
    """Return the seconds between the earliest and the latest time."""
    seconds = at.dt.epoch("s").drop_nulls().to_numpy()
    return float(seconds.max() - seconds.min()) if len(seconds) else 0.0


def _local(texts: pl.DataFrame, formats: Sequence[str], zone: str) -> pl.DataFrame:
    """Read local times with the best format first, then place them in their zone."""
    if texts.is_empty():
        return texts.with_columns(at=pl.lit(None, _UTC))
    iso = pl.col("text").str.replace(r"^(\d{4})(\d\d)(\d\d)$", "$1-$2-$3")
    wanted = [*((pl.col("text"), f) for f in formats), *((iso, f) for f in ISO_FORMATS)]
    tries = texts.select(_try(text, f).alias(str(i)) for i, (text, f) in enumerate(wanted))
    best = sorted(tries.columns, key=lambda c: (tries[c].null_count(), _span(tries[c]), int(c)))
    naive = tries.select(pl.coalesce(best).alias("at"))["at"]
    frame = texts.with_columns(naive.alias("at"))
    here = pl.col("at").dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    moved = (pl.col("at") + pl.duration(hours=1)).dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return frame.with_columns(at=pl.coalesce(here, moved).dt.convert_time_zone("UTC"))
