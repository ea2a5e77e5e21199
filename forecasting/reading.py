"""Frames and files into panels; what cannot be used is refused by name, the rest goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from forecasting.panel import Floats, Ints, Panel
from forecasting.periods import Calendar, calendar_of
from forecasting.succession import COLUMN, with_history
from oms_core.channels.columns_file import read_columns
from oms_core.kernel.errors import InvalidInput, NotFound

REQUIRED = ("series_id", "day", "y")
#: Known-future columns used wherever they are given; others only if they have values for the future.
USUAL = ("price", "promo")
#: What a series is, one value each: what its look-alikes are found by.
TRAITS = ("category", "list_price")
REASONS = {
    "series.no_id": "a row has no series_id",
    "series.bad_day": "a day is missing or not a date (expected YYYY-MM-DD or DD.MM.YYYY)",
    "series.not_numeric": "y holds text that is not a number",
    "series.not_finite": "y holds an infinite value",
    "series.duplicate_days": "two rows fall into the same period; add up what is finer than its days, weeks or months",
    "series.bad_in_stock": "in_stock is not between 0 and 1",
    "series.all_missing": "every y is missing",
}


def read_file(path: Path) -> pl.DataFrame:
    """Return a CSV or Parquet file as a frame; CSV values stay text until the panel is made.

    Raises
    ------
    NotFound
        If there is no such file.
    InvalidInput
        If it cannot be read as CSV or Parquet.
    """
    if not path.is_file():
        raise NotFound("file", path, [str(p) for p in path.parent.glob("*")] if path.parent.is_dir() else [])
    try:
        if path.suffix.lower() in {".parquet", ".pq"}:
            return pl.read_parquet(path)
        return read_columns(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise InvalidInput("panel", path.name, f"it cannot be read as CSV or Parquet ({reason})") from error


def make_panel(frame: pl.DataFrame, *, freq: str | None = None, horizon: int = 0) -> Panel:
    """Return the panel of a frame with `series_id, day, y` and optionally stock and known columns.

    Parameters
    ----------
    frame : polars.DataFrame
        One row a series and period, any order; days as dates, date-times or ISO text.
    freq : {"D", "W", "M"}, optional
        Period; read off the dates when left away.
    horizon : int
        Periods after the last demand for which known columns are kept.

    Raises
    ------
    InvalidInput
        If a required column is missing or there is no row.
    """
    frame = _typed(frame)
    frame, refused = _refuse(frame, _row_faults(frame))
    calendar = calendar_of(_days(frame["_day"].unique().sort()), freq)
    frame = frame.with_columns(_period=pl.Series(calendar.number(_days(frame["_day"])), dtype=pl.Int64))
    frame, more = _refuse(frame, _series_faults(frame))
    frame = with_history(frame) if COLUMN in frame.columns else frame
    return _matrices(frame, calendar, horizon, refused + more)


def _typed(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with parsed `_day`, `_y`, `_stock` beside what was given."""
    missing = [name for name in REQUIRED if name not in frame.columns]
    if missing or frame.is_empty():
        what = f"column {missing[0]!r} is missing" if missing else "it has no row"
        raise InvalidInput(
            "panel", "columns " + ", ".join(frame.columns), what, "Give columns series_id, day, y; one row a day."
        )
    ids = _native_ids(frame["series_id"])
    columns = {"series_id": ids, "_day": _dates(frame["day"]), "_y": _numbers(frame["y"]).rename("_y")}
    if "in_stock" in frame.columns:
        columns["_stock"] = _numbers(frame["in_stock"])
    if COLUMN in frame.columns:
        named = frame[COLUMN].cast(pl.String).str.strip_chars().replace("", None)
        columns[COLUMN] = named.cast(ids.dtype, strict=False)
    return frame.with_columns(**columns).with_columns(_text=_is_text(frame["y"]))


def _native_ids(ids: pl.Series) -> pl.Series:
    """Return text ids as integers if all of them are written like integers (CSV has no types)."""
    if ids.dtype != pl.String:
        return ids
    whole = ids.str.contains(r"^(0|-?[1-9][0-9]{0,17})$")
    return ids.cast(pl.Int64) if bool(whole.all()) and ids.null_count() == 0 else ids


def _numbers(values: pl.Series) -> pl.Series:
    if values.dtype == pl.String:
        values = values.str.strip_chars()
    return values.cast(pl.Float64, strict=False)


def _is_text(values: pl.Series) -> pl.Series:
    """Return which values are text that is neither empty nor a number (nor a spelled missing value)."""
    if values.dtype != pl.String:
        return pl.repeat(values.dtype in (pl.Boolean, pl.List, pl.Struct), len(values), eager=True)
    bare = values.str.strip_chars()
    spelled = bare.str.to_lowercase().is_in(["", "na", "nan", "null", "none"])
    return bare.is_not_null() & ~spelled & bare.cast(pl.Float64, strict=False).is_null()


def _dates(values: pl.Series) -> pl.Series:
    if values.dtype != pl.String:
        return (
            values.cast(pl.Date, strict=False)
            if values.dtype.is_temporal()
            else pl.repeat(None, len(values), dtype=pl.Date, eager=True)
        )
    text = values.str.strip_chars()
    days = text.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    # 31.01.2024 can mean one day only; with slashes the file would have to say which part is the month
    return days.fill_null(text.str.extract(r"^(\d{1,2}\.\d{1,2}\.\d{4})").str.to_date("%d.%m.%Y", strict=False))


def _days(dates: pl.Series) -> Ints:
    return np.asarray(dates.cast(pl.Int32).to_numpy(), dtype=np.int64)


def _row_faults(frame: pl.DataFrame) -> pl.DataFrame:
    """Return one row a series that has an unusable value: `series_id, code`, the gravest first."""
    stock = pl.col("_stock").is_between(0, 1) if "_stock" in frame.columns else pl.lit(value=True)
    code = (
        pl.when(pl.col("series_id").is_null()).then(pl.lit("series.no_id"))
        .when(pl.col("_day").is_null()).then(pl.lit("series.bad_day"))
        .when(pl.col("_text")).then(pl.lit("series.not_numeric"))
        .when(pl.col("_y").is_infinite()).then(pl.lit("series.not_finite"))
        .when(~stock).then(pl.lit("series.bad_in_stock"))
    )  # fmt: skip
    return frame.select("series_id", code=code).filter(pl.col("code").is_not_null())


def _series_faults(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the series with doubled periods or without one value."""
    known = pl.col("_y").is_not_null() & pl.col("_y").is_not_nan()
    code = (
        pl.when(pl.col("_period").n_unique() < pl.len()).then(pl.lit("series.duplicate_days"))
        .when(~known.any()).then(pl.lit("series.all_missing"))
    )  # fmt: skip
    return frame.group_by("series_id").agg(code=code.first()).filter(pl.col("code").is_not_null())


def _refuse(frame: pl.DataFrame, faults: pl.DataFrame) -> tuple[pl.DataFrame, list[dict[str, Any]]]:
    """Return the frame without the faulty series, and the refusals by name."""
    if faults.is_empty():
        return frame, []
    first = faults.unique("series_id", keep="first", maintain_order=True).sort("series_id")
    refused = [{**row, "reason": f"{REASONS[row['code']]}."} for row in first.iter_rows(named=True)]
    kept = frame.join(first.select("series_id"), on="series_id", how="anti", nulls_equal=True)
    return kept, refused


def _matrices(frame: pl.DataFrame, calendar: Calendar, horizon: int, refused: list[dict[str, Any]]) -> Panel:
    ids = frame["series_id"].unique().sort()
    if not len(ids):
        return Panel(ids, calendar, 0, np.zeros((0, 1)), np.ones((0, 1)), {}, refused)
    row = frame["series_id"].rank("dense").cast(pl.Int64).to_numpy() - 1
    period = frame["_period"].to_numpy()
    y = frame["_y"].to_numpy()
    has = ~np.isnan(y)
    first, last = int(period[has].min()), int(period[has].max())
    length = last - first + 1
    column = period - first
    inside = (column >= 0) & (column < length)
    cells = (row[inside], column[inside])
    demand = _absent(row, column, inside, shape=(len(ids), length), freq=calendar.freq, y=y[has])
    demand[cells] = y[inside]
    stock = np.ones(demand.shape)
    if "_stock" in frame.columns:
        stock[cells] = frame["_stock"].fill_null(1.0).to_numpy()[inside]
    known = {
        name: _known(frame[name], row, column, (len(ids), length + horizon))
        for name in _known_names(frame, column, length)
    }
    traits = _traits(frame, known.get("price"))
    return Panel(ids, calendar, first, demand, stock, known, refused, *traits)


def _traits(frame: pl.DataFrame, price: Floats | None) -> tuple[Ints | None, Floats | None]:
    """Return the category of each series as a number, and its usual price: given, or the middle of its prices."""
    named = [name for name in TRAITS if name in frame.columns]
    of = frame.group_by("series_id").agg(pl.col(name).drop_nulls().first() for name in named).sort("series_id")
    category, usual = None, None
    if "category" in named:
        category = of["category"].cast(pl.String).fill_null("").rank("dense").cast(pl.Int64).to_numpy()
    if "list_price" in named:
        usual = _numbers(of["list_price"]).fill_null(float("nan")).to_numpy()
    elif price is not None:
        usual = np.array([np.median(row[row > 0]) if (row > 0).any() else np.nan for row in price])
    return category, usual


def _absent(row: Ints, column: Ints, inside: Any, *, shape: tuple[int, int], freq: str, y: Floats) -> Floats:
    """Return the matrix of what periods without a row mean: zero after the first row, or NaN."""
    demand = np.full(shape, np.nan)
    listed = bool((y > 0).all() and (y % 1 == 0).all())
    if freq == "D" or listed:
        begun = np.full(shape[0], shape[1])
        np.minimum.at(begun, row[inside], column[inside])
        demand[np.arange(shape[1])[None, :] >= begun[:, None]] = 0.0
    return demand


def _known_names(frame: pl.DataFrame, column: Ints, length: int) -> list[str]:
    """Return the columns that may drive the forecast: the usual ones, and numbers given for the future."""
    future = frame.filter(pl.Series(column >= length))
    names = [n for n in frame.columns if n not in {*REQUIRED, *TRAITS, "in_stock", COLUMN} and not n.startswith("_")]
    return sorted(n for n in names if n in USUAL or (len(future) and _numbers_in(future[n])))


def _numbers_in(values: pl.Series) -> bool:
    if values.dtype == pl.Boolean or values.dtype.is_numeric():
        return values.null_count() < len(values)
    return values.dtype == pl.String and _numbers(values).null_count() < len(values)


def _known(values: pl.Series, row: Ints, column: Ints, shape: tuple[int, int]) -> Floats:
    known = np.full(shape, np.nan)
    inside = (column >= 0) & (column < shape[1])
    if values.dtype == pl.String:
        flags = {"true": "1", "false": "0"}
        values = values.str.to_lowercase().replace(flags)
    known[row[inside], column[inside]] = _numbers(values).to_numpy()[inside]
    return known
