"""Cohorts: customers by the month of their first order, and what became of them month by month."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from analytics import periods
from analytics.frames import query
from oms_core.kernel.errors import InvalidInput, Refused

if TYPE_CHECKING:
    from datetime import date

    import polars as pl

    from analytics.past import Reader

Measure = Literal["retention", "customers", "orders", "revenue", "margin", "revenue_per_customer"]
MEASURES: tuple[Measure, ...] = ("retention", "customers", "orders", "revenue", "margin", "revenue_per_customer")


def cohorts(
    replica: Reader, *, today: date, since: date | None = None, until: date | None = None, currency: str | None = None
) -> pl.DataFrame:
    """Return every cohort's life, a row a cohort and month since its first one.

    Parameters
    ----------
    today : date
        Business date in the shop's zone: the last month shown is the one it lies in.
    since, until : date, optional
        Cohorts whose first month begins in this half-open period; all of them when left out.
    currency : str, optional
        Only amounts of this currency; needed where customers bought in several, which are never summed.

    Returns
    -------
    polars.DataFrame
        ``cohort`` (first day of the month), ``size`` (customers), ``month`` (since the first one, from 0),
        ``customers, retention`` (customers ÷ size), ``orders, currency, net_minor, margin_minor, net_so_far_minor``
        (added up since month 0), ``is_partial`` (the month is not over). Empty without customers.

    Raises
    ------
    Refused
        ``cohorts.mixed_currencies`` when amounts of several currencies would stand in one table.
    """
    import polars as pl

    first = since or today.replace(year=1)
    month = today.replace(day=1)
    found = replica.frame(
        query("frames/cohorts"),
        {"since": first, "until": until or periods.add_months(month, 1), "through": month},
    )
    known = sorted(found["currency"].unique().to_list())
    if currency is not None and found.height:
        if currency not in known:
            raise InvalidInput("currency", currency, f"customers paid in {', '.join(known)}")
        found = found.filter(pl.col("currency") == currency)
    elif len(known) > 1:
        raise Refused(
            "cohorts.mixed_currencies",
            f"Customers paid in {', '.join(known)}, and amounts of several currencies are never summed.",
            f"Choose one: --currency {known[0]}.",
        )
    ages = pl.col("cohort").dt.offset_by(pl.col("month").cast(pl.String) + "mo")
    return found.sort("cohort", "month").with_columns(
        (pl.col("customers") / pl.col("size")).alias("retention"),
        pl.col("net_minor").cum_sum().over("cohort").alias("net_so_far_minor"),
        (ages >= pl.lit(month)).alias("is_partial"),
    )


def table(found: pl.DataFrame, measure: Measure) -> pl.DataFrame:
    """Return one measure as a table: a row a cohort, ``cohort, size``, then a column a month (``0``, ``1`` …).

    Money stays in minor units; ``revenue_per_customer`` is revenue since month 0 ÷ size, rounded half even.
    """
    import polars as pl

    if measure not in MEASURES:
        raise InvalidInput("measure", measure, f"one of {', '.join(MEASURES)} was expected")
    column = {"revenue": "net_minor", "margin": "margin_minor"}.get(measure, measure)
    values = found
    if measure == "revenue_per_customer":
        each = (pl.col("net_so_far_minor") / pl.col("size")).round(mode="half_to_even").cast(pl.Int64)
        values = found.with_columns(each.alias(measure))
    wide = values.select("cohort", "size", "month", column).pivot(
        on="month", index=["cohort", "size"], values=column, aggregate_function="first"
    )
    months = sorted((name for name in wide.columns if name not in ("cohort", "size")), key=int)
    return wide.select("cohort", "size", *months).sort("cohort")
