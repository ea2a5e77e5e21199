"""Any report as it was known at an instant: the same definitions over the tables as they stood then.

Facts are append-only and carry their instants; a mutable row is taken back by the instants of what happened to it.
How each table is taken back is one file of ``sql/known``; the models of ``sql/staging`` and ``sql/marts`` are then
installed over those tables for one query, so no metric is defined twice.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol, Self, runtime_checkable
from zoneinfo import ZoneInfo

from analytics import duck, warehouse
from analytics.metrics import base, metric
from analytics.replica import Replica
from oms_core.kernel import clock
from oms_core.kernel.errors import InvalidInput, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    import duckdb
    import polars as pl

    from analytics.metrics import Dimension, Metric

_RAW = re.compile(r"\braw\.(\w+)")
#: Tables that stand as they are: names and prices of today, and lines that live and fall with their document.
STANDING = frozenset({
    "channels", "customers", "locations", "products", "variants", "suppliers", "supplier_items", "shop",
    "claim_lines", "payout_lines", "receipt_lines", "return_adjustments", "shipment_lines", "supplier_invoice_lines",
})  # fmt: skip
_STATUS = "an order's status is kept as it is now, without a history"
#: Metrics whose past was overwritten, and why.
FORGOTTEN: dict[str, str] = {
    **dict.fromkeys(
        ("orders_open", "orders_fulfilled", "orders_delivered", "orders_returned", "orders_failed", "orders_late"),
        _STATUS,
    ),
    "backorder_units": "how much of a waiting promise was already allocated is kept without a history",
}
#: Dimensions that only know today.
_TODAY = {
    **dict.fromkeys(("payment_status", "fulfillment_status", "delivery_status", "return_status"), _STATUS),
    "segment": "groups of customers are reckoned as of today",
}


class Reader(Protocol):
    """Whatever answers queries over the models: a replica, or a replica's past."""

    def frame(
        self,
        sql: str,
        params: Mapping[str, Any] | Sequence[Any] | None = None,
        *,
        tables: Mapping[str, pl.DataFrame] | None = None,
    ) -> pl.DataFrame:
        """Run a query with bound parameters."""


class Past:
    """A replica as it was known at an instant; a context that keeps one cursor for all queries of an answer."""

    def __init__(self, replica: Replica, at: datetime) -> None:
        self._cursor = replica.cursor()
        self._installed: set[str] = set()
        duck.run(self._cursor, "CREATE TEMP TABLE known (instant TIMESTAMP)")
        duck.run(self._cursor, "INSERT INTO known VALUES (?)", [at.astimezone(UTC).replace(tzinfo=None)])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._cursor.close()

    def frame(
        self,
        sql: str,
        params: Mapping[str, Any] | Sequence[Any] | None = None,
        *,
        tables: Mapping[str, pl.DataFrame] | None = None,
    ) -> pl.DataFrame:
        """Run a query over the models as they stood; names of models mean their past."""
        for name in _closure(warehouse.sources(sql)):
            self._install(name)
        for name, table in (tables or {}).items():
            self._cursor.register(name, table.to_arrow())
        found: pl.DataFrame = self._cursor.sql(sql, params=params).pl()
        return found

    def table(self, name: str) -> str:
        """Return what holds a replicated table as it stood, for a query on `cursor`."""
        if name not in rules():
            return f"raw.{name}"
        self._view(f"known_{name}", rules()[name])
        return f"known_{name}"

    @property
    def cursor(self) -> duckdb.DuckDBPyConnection:
        """The cursor on which names of models mean their past."""
        return self._cursor

    def _install(self, name: str) -> None:
        """Make a model over the tables as they stood, for this cursor alone."""
        for table in sorted(_tables(name)):
            self.table(table)
        self._view(name, _RAW.sub(lambda t: f"known_{t[1]}" if t[1] in rules() else t[0], _model(name)))

    def _view(self, name: str, sql: str) -> None:
        if name not in self._installed:
            duck.run(self._cursor, f"CREATE TEMP VIEW {name} AS {sql}")
            self._installed.add(name)


@runtime_checkable
class Remembering(Protocol):
    """Another engine's reader that can be handed the tables as they stood."""

    def known_at(self, at: datetime) -> AbstractContextManager[Reader]:
        """Return a reader of the tables as they were known at an instant."""


def of(reader: Reader, at: datetime) -> AbstractContextManager[Reader]:
    """Return a reader as it was known at an instant.

    Raises
    ------
    Refused
        ``metric.past_needs_replica``: an engine that cannot be handed an earlier instant's tables.
    """
    if isinstance(reader, Remembering):
        return reader.known_at(at)
    if isinstance(reader, Replica):
        return Past(reader, at)
    raise Refused(
        "metric.past_needs_replica",
        "This engine was handed today's tables and knows no earlier instant.",
        "Ask the replica, or leave as-of out.",
    )


def _closure(names: Sequence[str]) -> Iterator[str]:
    """Yield models with all they read from, dependencies first."""
    for name in names:
        yield from _closure(warehouse.sources(_model(name)))
        yield name


def _model(name: str) -> str:
    return warehouse.plain(warehouse.models()[name])


@cache
def _tables(name: str) -> frozenset[str]:
    return frozenset(_RAW.findall(_model(name)))


@cache
def rules() -> dict[str, str]:
    """Return how each table is taken back: its query, by the table's name."""
    files = sorted((warehouse.FOLDER / "known").glob("*.sql"))
    return {file.stem: warehouse.plain(file.read_text(encoding="utf-8")) for file in files}


def instant(text: str, zone: str) -> datetime:
    """Read an instant: with an offset as it is, without one in the shop's zone; a day alone means its end.

    Raises
    ------
    InvalidInput
        ``input.as_of`` when it is neither, or lies in the future.
    """
    try:
        if len(text) <= 10:
            after = datetime.combine(date.fromisoformat(text) + timedelta(days=1), time(), ZoneInfo(zone))
            found = after.astimezone(UTC) - timedelta(microseconds=1)
        else:
            read = datetime.fromisoformat(text)
            found = (read if read.tzinfo else read.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        hint = "Write it as 2024-01-31 (the day's end) or 2024-01-31T18:00."
        raise InvalidInput("as_of", text, "a day or an instant was expected", hint) from error
    now = clock.now()
    if len(text) <= 10 and clock.business_date(now, zone) == date.fromisoformat(text):
        return now
    if found > now:
        raise InvalidInput("as_of", text, "it must not lie in the future", "Leave it out to ask for what is known now.")
    return found


def whole(wanted: Metric) -> str:
    """Return why a metric cannot be asked as it was known, or an empty string when it can."""
    for part in base(wanted.slug):
        if part in FORGOTTEN:
            return FORGOTTEN[part]
        for measure in metric(part).measures[:1]:
            unknown = sorted(_read(measure.mart) - rules().keys() - STANDING)
            if unknown:
                return f"{unknown[0].replace('_', ' ')} keep no history"
    return ""


def _read(mart: str) -> set[str]:
    """Return the tables a mart reads in the end; states of stock come from its movements."""
    name = mart if mart in warehouse.models() else "fct_stock_changes"
    return {table for model in _closure([name]) for table in _tables(model)}


def check(metrics: Sequence[Metric], dimensions: Sequence[Dimension]) -> None:
    """Refuse what has no past.

    Raises
    ------
    Refused
        ``metric.no_past``: names the metric or dimension, and why.
    """
    for wanted in metrics:
        reason = whole(wanted)
        if reason:
            raise _no_past(wanted.slug, reason)
    for asked in dimensions:
        if asked.slug in _TODAY:
            raise _no_past(asked.slug, _TODAY[asked.slug])


def _no_past(slug: str, reason: str) -> Refused:
    return Refused(
        "metric.no_past",
        f"{slug} cannot be asked as it was known at an earlier instant: {reason}.",
        "Leave as-of out, or leave this one out.",
        slug=slug,
    )
