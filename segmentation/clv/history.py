"""Transaction lines to purchase days, and purchase days to what the models need.

Rules, the same everywhere:

* one order = one customer on one day; lines of a day are merged and their amounts netted;
* a day with negative amounts only is a return, not a purchase; a day of amount 0 is a purchase;
* a day whose net amount is not above zero says nothing about spend;
* the first purchase day starts the clock; `x` counts the purchase days after it.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from oms_core.kernel.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

EXACT = 10_000
COLUMNS = ("customer_id", "date", "amount")
#: Other names the three columns go by, tried in this order.
ALIASES = {
    "customer_id": ("customer_id", "masterid", "id", "customer", "cust_id", "custid"),
    "date": ("date", "business_date", "day", "order_date", "ordered_at", "invoicedate"),
    "amount": ("amount", "sales", "value", "revenue", "spend"),
}


def tidy(lines: pl.DataFrame) -> pl.DataFrame:
    """Return transaction lines with the three columns in their types.

    Parameters
    ----------
    lines : polars.DataFrame
        `customer_id` of any type (kept as text, leading zeros too), `date` as date, datetime, ISO text,
        YYYYMMDD number or DD.MM.YYYY, `amount` as number (missing: 0). Any order, duplicates allowed.

    Returns
    -------
    polars.DataFrame
        ``customer_id: Utf8, day: Date, amount: Float64``; lines without customer or date are left away.

    Raises
    ------
    InvalidInput
        ``clv.columns`` when a column is missing, ``clv.dates`` or ``clv.amounts`` when values cannot be read.
    """
    found = {name: _column(lines.columns, name) for name in COLUMNS}
    picked = lines.select(
        _ids(lines.get_column(found["customer_id"])).alias("customer_id"),
        _days(lines.get_column(found["date"])).alias("day"),
        _amounts(lines.get_column(found["amount"])).alias("amount"),
    )
    return picked.filter(
        pl.col("customer_id").is_not_null() & (pl.col("customer_id") != "") & pl.col("day").is_not_null()
    )


def _column(columns: Sequence[str], name: str) -> str:
    by_lower = {c.strip().lower(): c for c in columns}
    for alias in ALIASES[name]:
        if alias in by_lower:
            return by_lower[alias]
    raise InvalidInput(
        "transactions",
        ", ".join(columns),
        f"the column {name} is missing",
        "The file needs the columns customer_id, date and amount.",
        code="clv.columns",
    )


def _ids(column: pl.Series) -> pl.Series:
    """Return ids as text; whole numbers that came as floats lose their ``.0``."""
    return (column.cast(pl.Int64, strict=False) if column.dtype.is_float() else column).cast(pl.Utf8)


def _amounts(column: pl.Series) -> pl.Series:
    """Return amounts as numbers, missing ones as 0; refuse what is no number."""
    text = column.str.strip_chars().replace("", None) if column.dtype == pl.Utf8 else column
    amounts = text.cast(pl.Float64, strict=False)
    unread = column.filter(amounts.is_null() & text.is_not_null())
    if unread.len():
        raise InvalidInput(
            "amount",
            unread[0],
            f"{unread.len()} amounts are not numbers",
            "Write amounts as 29.33.",
            code="clv.amounts",
        )
    return amounts.fill_nan(None).fill_null(0.0)


def _days(column: pl.Series) -> pl.Series:
    """Return a column of dates read from dates, instants, ISO text or YYYYMMDD."""
    if column.dtype == pl.Date:
        return column
    if column.dtype == pl.Datetime:
        return column.dt.date()
    if column.dtype.is_numeric():
        column = column.cast(pl.Int64, strict=False).cast(pl.Utf8)
    text = column.cast(pl.Utf8).str.strip_chars()
    days = text.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    days = days.fill_null(text.str.slice(0, 8).str.to_date("%Y%m%d", strict=False))
    # 31.01.2024 can mean one day only; with slashes the file would have to say which part is the month
    days = days.fill_null(text.str.extract(r"^(\d{1,2}\.\d{1,2}\.\d{4})").str.to_date("%d.%m.%Y", strict=False))
    unread = text.filter(days.is_null() & text.is_not_null() & (text != ""))
    if unread.len():
        raise InvalidInput(
            "date",
            unread[0],
            f"{unread.len()} dates cannot be read",
            "Write dates as YYYY-MM-DD, YYYYMMDD or DD.MM.YYYY.",
            code="clv.dates",
        )
    return days


def purchase_days(lines: pl.DataFrame, until: date | None = None) -> pl.DataFrame:
    """Merge tidy lines to one row a customer and purchase day, up to and including `until`.

    Returns
    -------
    polars.DataFrame
        ``customer_id, day, amount`` (net of the day), purchase days only.
    """
    known = lines if until is None else lines.filter(pl.col("day") <= until)
    # Summed as whole ten-thousandths: the order of the lines must not show in the last digits.
    exact = (pl.col("amount") * EXACT).round().cast(pl.Int64)
    merged = known.group_by("customer_id", "day").agg(
        exact.sum().alias("exact"), (pl.col("amount") >= 0).any().alias("bought")
    )
    return merged.filter(pl.col("bought")).select("customer_id", "day", (pl.col("exact") / EXACT).alias("amount"))


def summarise(days: pl.DataFrame, until: date) -> pl.DataFrame:
    """Return one row a customer seen by `until`, sorted by customer.

    Parameters
    ----------
    days : polars.DataFrame
        From :func:`purchase_days`.
    until : date
        Last day of the observation, included.

    Returns
    -------
    polars.DataFrame
        ``customer_id``, ``x`` (purchase days after the first), ``t_x`` and ``age`` (days from the first
        purchase to the last one and to `until`), ``spent_n`` and ``spent`` (days with net amount above
        zero, and their sum).
    """
    positive = pl.col("amount") > 0
    rows = (
        days.filter(pl.col("day") <= until)
        .group_by("customer_id")
        .agg(
            (pl.len() - 1).cast(pl.Int64).alias("x"),
            (pl.col("day").max() - pl.col("day").min()).dt.total_days().alias("t_x"),
            (pl.lit(until) - pl.col("day").min()).dt.total_days().alias("age"),
            positive.sum().cast(pl.Int64).alias("spent_n"),
            ((pl.col("amount").filter(positive) * EXACT).round().cast(pl.Int64).sum() / EXACT).alias("spent"),
        )
    )
    return rows.sort("customer_id")
