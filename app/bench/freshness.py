"""From a writer's commit to the number on the dashboard: change-log ticks against full reloads.

On the packaged Online Retail year, on SQLite and on PostgreSQL. A background writer places orders of
three lines at a fixed rate. Once a round an order is committed and timed until the replica shows it: by
a tick (ours) and by reading all tables anew (peer), in turn.
"""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from analytics.replica import Replica
from app.bench.online_retail import filled
from app.bench.postgres import server
from oms_core.kernel import clock
from oms_core.schema import METADATA

if TYPE_CHECKING:
    from collections.abc import Callable

#: Orders a second the background writer places.
RATE = 50
ROUNDS = 5
#: Orders timed through ticks for the percentiles.
SAMPLES = 100
_FIRST = 50_000_000


class Writer(threading.Thread):
    """Places orders at `RATE` a second until stopped."""

    def __init__(self, engine: sa.Engine) -> None:
        super().__init__(daemon=True)
        self.engine, self.stop, self.number = engine, threading.Event(), _FIRST
        self._lock = threading.Lock()

    def run(self) -> None:
        """Place orders until stopped."""
        while not self.stop.wait(1 / RATE):
            self.place()

    def place(self) -> int:
        """Commit one order with three lines and return its key."""
        with self._lock:
            self.number += 1
            number = self.number
        orders, lines = METADATA.tables["orders"], METADATA.tables["order_lines"]
        now = clock.now()
        with self.engine.begin() as connection:
            connection.execute(
                sa.insert(orders).values(
                    id=number, number=f"F-{number}", channel_id=1, external_id=f"f{number}", currency="GBP",
                    placed_at=now, business_date=now.date(), gross_minor=3000, total_minor=3000,
                )
            )  # fmt: skip
            connection.execute(
                sa.insert(lines),
                [
                    {"id": number * 4 + n, "order_id": number, "position": n, "variant_id": 1, "sku": "x",
                     "quantity": 1, "unit_price_minor": 1000, "gross_minor": 1000}
                    for n in range(3)
                ],
            )  # fmt: skip
        return number


def run() -> list[dict[str, Any]]:
    """Measure both databases."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        rows += _measured("SQLite", f"sqlite:///{Path(folder) / 'oms.db'}", Path(folder))
    with server() as running, tempfile.TemporaryDirectory() as folder:
        rows += _measured("PostgreSQL", running.create("bench_freshness"), Path(folder))
    return rows


def _measured(database: str, url: str, folder: Path) -> list[dict[str, Any]]:
    engine = filled(url)
    writer = Writer(engine)
    ticking = Replica.open(folder / "ticking.duckdb", url)
    ticking.refresh()
    writer.start()
    try:
        _until_seen(writer, ticking)
        rounds = [(_until_seen(writer, ticking), _reloaded(writer, folder, url)) for _ in range(ROUNDS)]
        times = sorted(_until_seen(writer, ticking) for _ in range(SAMPLES))
    finally:
        writer.stop.set()
        writer.join()
        ticking.close()
        engine.dispose()
    ours, peer = zip(*rounds, strict=True)
    ratio = statistics.median(b / a for a, b in rounds)
    named = f"commit to dashboard at {RATE} orders/s, {database}"
    return [
        _row(f"{named}, median", statistics.median(ours), statistics.median(peer), ratio, ROUNDS),
        _row(f"{named}, 99th percentile", times[int(SAMPLES * 0.99) - 1], max(peer), None, SAMPLES),
    ]


def _row(name: str, ours: float, peer: float, ratio: float | None, n: int) -> dict[str, Any]:
    found = ratio if ratio is not None else peer / ours
    return {"name": name, "ours": round(ours, 4), "peer": round(peer, 4), "ratio": round(found, 2), "unit": "s", "n": n}


def _until_seen(writer: Writer, replica: Replica) -> float:
    """Commit an order; return seconds until an aggregate over all orders contains it."""
    return _timed(writer, lambda number: _shows(replica, number))


def _reloaded(writer: Writer, folder: Path, url: str) -> float:
    """Commit an order; return seconds until a replica read anew contains it."""

    def shows(number: int) -> bool:
        path = folder / f"reload-{time.monotonic_ns()}.duckdb"
        replica = Replica.open(path, url)
        found = _shows(replica, number)
        replica.close()
        path.unlink()
        return found

    return _timed(writer, shows)


def _timed(writer: Writer, shows: Callable[[int], bool]) -> float:
    number = writer.place()
    begun = time.perf_counter()
    while not shows(number):
        pass
    return time.perf_counter() - begun


def _shows(replica: Replica, number: int) -> bool:
    replica.refresh()
    sql = "SELECT CAST(SUM(gross_minor) AS BIGINT), MAX(CASE WHEN order_id = ? THEN 1 END) FROM fct_orders"
    return replica.frame(sql, [number]).row(0)[1] is not None
