"""Amounts of several currencies in one: every row at the rate of its order's day, never mixed without a rate.

A row is converted where it stands, rounded half even to the minor unit, before anything is added up: so every total is
the sum of its parts in the other currency too. What belongs to an order (returns, cancellations, edits, parcels,
payments) takes the rate of the order's day: an order that comes back whole comes to nothing in any currency. What
belongs to none takes the rate of its own day. A rate is that of the day or the last one published before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from oms_core.kernel.errors import DataNotReady, Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from analytics.past import Reader
    from analytics.periods import Period

#: Frame ``currency, day, factor`` that whoever asks in another currency hands in; see `oms_core.payments.daily_rates`.
RATES = "report_rates"
#: What a factor is multiplied by.
SCALE = 10**12


@dataclass(frozen=True, slots=True)
class Target:
    """The currency to report in, and the factor of every currency and day into it."""

    currency: str
    rates: pl.DataFrame


def source(reader: Reader, mart: str) -> str:
    """Return a mart whose amounts are in the target's currency (bound as ``$report_currency``), to select from.

    ``lacks_rate`` says of a row that it holds an amount nothing is known to convert with.
    """
    columns = _columns(reader, mart)
    amounts = [name for name in columns if name.endswith("_minor")]
    replaced = ", ".join(f"{_converted(name)} AS {name}" for name in amounts)
    worth = " OR ".join(f"m.{name} <> 0" for name in amounts) or "FALSE"
    return (
        f"(SELECT m.*{f' REPLACE ({replaced})' if amounts else ''},"
        f" m.currency <> $report_currency AND r.factor IS NULL AND COALESCE({worth}, FALSE) AS lacks_rate"
        f" FROM {mart} AS m LEFT JOIN {RATES} AS r ON r.currency = m.currency AND r.day = {_day(columns)})"
    )


def _columns(reader: Reader, mart: str) -> list[str]:
    return reader.frame(f"SELECT * FROM {mart} LIMIT 0").columns


def _day(columns: Sequence[str]) -> str:
    return "COALESCE(m.order_date, m.event_date)" if "order_date" in columns else "m.event_date"


def _converted(name: str) -> str:
    """Return a column at its row's rate, half even: on whole numbers, so that no binary fraction decides a tie."""
    top = f"ABS(CAST(m.{name} AS HUGEINT)) * r.factor"
    whole, rest = f"({top}) // {SCALE}", f"2 * (({top}) % {SCALE})"
    rounded = f"{whole} + CASE WHEN {rest} > {SCALE} OR ({rest} = {SCALE} AND {whole} % 2 = 1) THEN 1 ELSE 0 END"
    return (
        f"CASE WHEN m.currency = $report_currency THEN m.{name} ELSE CAST(SIGN(m.{name}) * ({rounded}) AS BIGINT) END"
    )


def missing(reader: Reader, mart: str, date: str, target: Target, period: Period) -> DataNotReady:
    """Return the refusal that names the days of a period without a rate."""
    columns = _columns(reader, mart)
    found = reader.frame(
        f"SELECT f.currency, {_day(columns).replace('m.', 'f.')} AS day FROM {source(reader, mart)} AS f"
        f" WHERE f.lacks_rate AND f.{date} >= CAST($since AS DATE) AND f.{date} < CAST($until AS DATE)"
        " GROUP BY 1, 2 ORDER BY 1, 2",
        {"since": period.since, "until": period.until, "report_currency": target.currency},
        tables={RATES: target.rates},
    )
    named = ", ".join(f"{row[0]} {row[1].isoformat()}" for row in found.head(5).iter_rows())
    more = f" and {found.height - 5} more" if found.height > 5 else ""
    return DataNotReady(
        "rates.missing",
        f"No rate into {target.currency} was published on or before these days: {named}{more}.",
        "Bring the published rates in: ordersight rates import FILE.",
        currency=target.currency,
        days=found.height,
    )


def not_convertible(slug: str) -> Refused:
    """Return the refusal of a state in another currency."""
    return Refused(
        "metric.not_convertible",
        f"{slug} is a state at a moment and belongs to no order's day, so no order-day rate applies to it.",
        "Ask it by currency: --by currency.",
        metric=slug,
    )
