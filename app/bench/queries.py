"""Dashboard queries on the replica against the same SQL on PostgreSQL itself.

Both hold the packaged Online Retail year, imported alike. The peer runs the same model files and the
same questions, translated by SQLGlot, over views of the operational tables (analysed, with the
operational indexes). Both hand out Arrow tables. Answers must be equal, or the row is not measured.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlglot

from analytics import layout, plan, warehouse
from analytics.metrics import base, dimension, metric
from analytics.periods import Period
from analytics.replica import Replica
from app.bench.online_retail import SHOP, filled
from app.bench.postgres import server
from app.bench.registry import pairs
from oms_core.kernel import clock
from oms_core.schema import TRACKED

if TYPE_CHECKING:
    import pyarrow as pa
    import sqlalchemy as sa

YEAR = Period(date(2009, 12, 1), date(2010, 12, 10))
QUARTER = Period(date(2010, 9, 11), date(2010, 12, 10))

#: What is asked: name, metrics, dimensions, period.
QUESTIONS: tuple[tuple[str, tuple[str, ...], tuple[str, ...], Period], ...] = (
    ("status board", ("orders_placed", "orders_open", "orders_fulfilled", "orders_returned", "orders_late"), (), YEAR),
    ("gross to net by day, year", ("gross_sales", "discounts", "returns"), ("day",), YEAR),
    ("SKU x region x channel, 90 days", ("gross_sales", "returns", "orders"), ("sku", "region", "channel"), QUARTER),
    ("SKU x region x channel, year", ("gross_sales", "returns", "orders"), ("sku", "region", "channel"), YEAR),
    ("average order by day and channel", ("gross_sales", "discounts", "orders"), ("day", "channel"), YEAR),
    ("new and returning by month", ("customers", "new_customers", "returning_customers"), ("month",), YEAR),
    ("units by country and month", ("units", "units_returned"), ("country", "month"), YEAR),
    ("customers' sales, year", ("gross_sales", "returns"), ("customer",), YEAR),
)


def run() -> list[dict[str, Any]]:
    """Measure every question on both engines, in turn."""
    with server() as running, tempfile.TemporaryDirectory() as folder:
        url = running.create("bench_queries")
        engine = filled(url)
        replica = Replica.open(Path(folder) / "replica.duckdb", url)
        replica.refresh()
        _models(engine)
        from adbc_driver_postgresql import dbapi

        with dbapi.connect(url.replace("+psycopg", "")) as peer:
            rows = [_measured(replica, peer, *question) for question in QUESTIONS]
        replica.close()
        engine.dispose()
    return rows


def _measured(
    replica: Replica, peer: Any, name: str, slugs: Sequence[str], by: Sequence[str], period: Period
) -> dict[str, Any]:
    statements = _statements(slugs, by, period)
    translated = [_translated(sql) for sql in statements]
    cursor = replica.cursor()

    def ours() -> list[pa.Table]:
        return [cursor.sql(sql).to_arrow_table() for sql in statements]

    def theirs() -> list[pa.Table]:
        return [_fetched(peer, sql) for sql in translated]

    _require_equal(name, ours, theirs)
    return pairs(name, ours, theirs)


def _statements(slugs: Sequence[str], by: Sequence[str], period: Period) -> list[str]:
    """Return the queries `ask` would run, with their values written out."""
    question = plan.Question(tuple(dimension(d) for d in by), period, None)
    groups: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for slug in dict.fromkeys(part for s in slugs for part in base(s)):
        measure = plan.measure_for(metric(slug), question)
        groups.setdefault((measure.mart, measure.date), []).append((slug, measure.expression))
    return [_written(*plan.select(mart, day, found, question)) for (mart, day), found in groups.items()]


def _written(sql: str, params: dict[str, object]) -> str:
    values = params | {"now": clock.now()}

    def literal(found: re.Match[str]) -> str:
        value = values[found[1]]
        if isinstance(value, datetime):
            return f"CAST('{value:%Y-%m-%d %H:%M:%S}' AS TIMESTAMP)"
        return f"'{value}'"

    return re.sub(r"\$(\w+)", literal, sql)


def _translated(sql: str) -> str:
    return sqlglot.transpile(sql, read="duckdb", write="postgres")[0]


def _fetched(peer: Any, sql: str) -> pa.Table:
    with peer.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetch_arrow_table()


def _models(engine: sa.Engine) -> None:
    """Create the peer's views: the replica's tables over the operational ones, then every model file."""
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE SCHEMA raw")
        for table in TRACKED:
            columns = ", ".join(
                f"t.{c.name} AT TIME ZONE 'UTC' AS {c.name}" if c.type == "TIMESTAMP" else f"t.{c.name}"
                for c in layout.columns(table)
            )
            connection.exec_driver_sql(f"CREATE VIEW raw.{table} AS SELECT {columns} FROM public.{table} AS t")
        connection.exec_driver_sql(
            f"CREATE TABLE raw.shop AS SELECT '{SHOP.zone}'::text AS zone, '{SHOP.currency}'::text AS currency"
        )
        for name, sql in warehouse.models().items():
            connection.exec_driver_sql(f"CREATE VIEW {name} AS {_translated(sql)}")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")


def _require_equal(name: str, ours: Callable[[], list[pa.Table]], theirs: Callable[[], list[pa.Table]]) -> None:
    """Stop the benchmark when the two engines do not answer alike."""
    for left, right in zip(ours(), theirs(), strict=True):
        if _rows(left) != _rows(right):
            message = f"{name}: the two engines differ; a measurement would mean nothing"
            raise AssertionError(message)


def _rows(table: pa.Table) -> list[tuple[str, ...]]:
    return sorted(tuple(str(v) for v in row.values()) for row in table.to_pylist())
