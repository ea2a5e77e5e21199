"""Dashboard queries on the replica against the same SQL on PostgreSQL, and against DuckDB SQL written by hand.

All hold the same simulated shop (`app.bench.sized`). PostgreSQL runs the same model files and the same questions,
translated by SQLGlot, over views of the operational tables (analysed, with the operational indexes); the hand-written
queries (`app.bench.handwritten`) read the replica's tables directly. Everybody hands out Arrow tables. Answers must
be equal, or the row is not measured. The last row is the peak memory of a process that asks every question once.
"""

from __future__ import annotations

import re
import resource
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analytics import plan
from analytics.metrics import base, dimension, metric
from analytics.periods import Period
from analytics.replica import Replica
from app.bench import sized, sized_postgres
from app.bench.handwritten import SQL
from app.bench.postgres import server
from app.bench.registry import pairs
from oms_core.kernel import clock

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

#: Order lines of the usual run.
LINES = 200_000
#: Above this size PostgreSQL takes so long that each question is timed once (after the run that compares answers).
LARGE = 1_000_000
#: Peak memory allowed [MB].
MEMORY = 1000

END = date(2026, 10, 30)
YEAR, QUARTER = Period(END - timedelta(365), END), Period(END - timedelta(90), END)
EVER = Period(date(2024, 10, 28), END)

#: Name, metrics, dimensions, period.
Question = tuple[str, tuple[str, ...], tuple[str, ...], Period]
#: What is asked: name, metrics, dimensions, period.
QUESTIONS: tuple[Question, ...] = (
    ("status board", ("orders_placed", "orders_open", "orders_fulfilled", "orders_returned"), ("currency",), YEAR),
    ("gross to net by day, year", ("gross_sales", "discounts", "returns"), ("day", "currency"), YEAR),
    (
        "SKU x region x channel, 90 days",
        ("gross_sales", "returns"), ("sku", "region", "channel", "currency"), QUARTER,
    ),
    (
        "SKU x region x channel, all history",
        ("gross_sales", "returns"), ("sku", "region", "channel", "currency"), EVER,
    ),
    ("average order by day and channel", ("gross_sales", "discounts", "orders"), ("day", "channel", "currency"), YEAR),
    ("new and returning by month", ("customers", "new_customers", "returning_customers"), ("month",), YEAR),
    ("units by country and month", ("units", "units_returned"), ("country", "month"), YEAR),
    ("customers' sales, year", ("gross_sales", "returns"), ("customer", "currency"), YEAR),
)  # fmt: skip


def run(*, lines: int | None = None) -> list[dict[str, Any]]:
    """Measure every question on the engines, in turn.

    Parameters
    ----------
    lines : int, optional
        Order lines of the shop; `LINES` when left out.
    """
    size = lines or LINES
    with server(durable=False) as running, tempfile.TemporaryDirectory() as folder:
        files = sized.shop_files(Path(folder), size)
        replica = sized.replica_of(files, Path(folder) / "replica.duckdb")
        url = running.create("bench_queries")
        sized_postgres.filled(url, files)
        from adbc_driver_postgresql import dbapi

        with dbapi.connect(url.replace("+psycopg", "")) as peer, replica.cursor() as cursor:
            rows = [row for question in QUESTIONS for row in _measured(cursor, peer, size, question)]
        replica.close()
        return [*rows, _memory(replica.path)]


def _memory(path: Path) -> dict[str, Any]:
    """Ask every question in a process of its own, which holds nothing else, and report its peak."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        peak = pool.submit(_asked, path).result()
    return {
        "name": "peak memory of a process that asks every question", "ours": round(peak, 1), "peer": MEMORY,
        "ratio": round(MEMORY / peak, 2), "unit": "MB", "n": 1,
    }  # fmt: skip


def _asked(path: Path) -> float:
    """Answer every question of a replica file and return this process's peak memory [MB]."""
    replica = Replica.open(path, "sqlite:///none")
    with replica.cursor() as cursor:
        for _name, slugs, by, period in QUESTIONS:
            for sql in _statements(slugs, by, period):
                cursor.sql(sql).to_arrow_table()
    replica.close()
    status = Path("/proc/self/status")
    if not status.exists():  # a start from a larger process may count as this one's peak there
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    return int(re.search(r"VmHWM:\s+(\d+)", status.read_text())[1]) / 1000  # type: ignore[index]


def _measured(cursor: duckdb.DuckDBPyConnection, peer: Any, size: int, question: Question) -> list[dict[str, Any]]:
    name, slugs, by, period = question
    statements = _statements(slugs, by, period)
    translated = [sized_postgres.translated(sql) for sql in statements]

    def ours() -> list[pa.Table]:
        return [cursor.sql(sql).to_arrow_table() for sql in statements]

    def theirs() -> list[pa.Table]:
        return [_fetched(peer, sql) for sql in translated]

    _require_equal(name, ours, theirs)
    often = {"n": 3} if size <= LARGE else {"n": 1, "warmup": 0}
    rows = [pairs(f"{name}: PostgreSQL", ours, theirs, **often)]
    if name in SQL:
        written = SQL[name].format(since=period.since, until=period.until)

        def by_hand() -> list[pa.Table]:
            return [cursor.sql(written).to_arrow_table()]

        _require_equal(name, ours, by_hand)
        rows.append(pairs(f"{name}: hand-written DuckDB", ours, by_hand, n=7))
    return rows


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


def _fetched(peer: Any, sql: str) -> pa.Table:
    with peer.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetch_arrow_table()


def _require_equal(name: str, ours: Callable[[], list[pa.Table]], theirs: Callable[[], list[pa.Table]]) -> None:
    """Stop the benchmark when the two engines do not answer alike."""
    for left, right in zip(ours(), theirs(), strict=True):
        if _rows(left) != _rows(right):
            message = f"{name}: the two engines differ; a measurement would mean nothing"
            raise AssertionError(message)


def _rows(table: pa.Table) -> list[tuple[str, ...]]:
    """Return rows that say something, sorted: a group in which nothing was sold is left out by hand-written SQL."""
    found = [tuple(row.values()) for row in table.to_pylist()]
    return sorted(tuple(str(v) for v in row) for row in found if any(v for v in row if isinstance(v, int)))
