"""Order intake against `pgbench`: durable orders a second, on one PostgreSQL in one run.

Ours is the whole command of the API: customer found, order and lines written, routed with a stored
receipt, stock promised in the ledger, fulfilment order opened, journal and change log kept, one
durable transaction an order. The peer is pgbench's TPC-B-like transaction (three updates, one
select, one insert), the usual yardstick of a machine. Two lines an order, 5,000 SKUs, three locations.
A group commits a hundred orders in one transaction: each is still routed, promised and answered for
itself, and durable when its answer is given.
"""

from __future__ import annotations

import multiprocessing
import re
import statistics
import subprocess
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.bench.intake_shop import SHOP, new_order, prepare
from app.bench.postgres import Server, server
from oms_core.kernel.database import make_engine, transaction

if TYPE_CHECKING:
    from collections.abc import Iterator

    import sqlalchemy as sa

PAIRS = 5
SECONDS = 3.0
#: Name, writers and pgbench clients, orders a transaction.
CASES = (
    ("one order a transaction, 1 writer", 1, 1),
    ("one order a transaction, 4 writers", 4, 1),
    ("groups of 100 orders, 1 writer", 1, 100),
)
#: Clients of pgbench beside a writer that commits in groups: its best, not its worst.
BEST_CLIENTS = 16
PGBENCH_SCALE = 10


def run() -> list[dict[str, Any]]:
    """Return a row for each case on PostgreSQL, and for its single-writer cases on SQLite."""
    with server() as postgres:
        pgbench = postgres.tools / "pgbench" if postgres.tools else None
        if pgbench is None or not pgbench.exists():
            why = "the server is a given address without tools" if pgbench is None else "it has no pgbench"
            return [_row(f"not measured: {why}", [], [])]
        postgres.create("pgbench")
        ours = postgres.create("intake")
        prepare(ours)
        _pgbench(postgres, pgbench, "-i", "-q", "-s", str(PGBENCH_SCALE))
        rows = []
        for name, writers, group in CASES:
            rows.append(_measure(postgres, pgbench, ours, writers, group, name=f"PostgreSQL, {name}"))
        with _sqlite() as url:
            for name, writers, group in CASES:
                if writers == 1:
                    rows.append(_measure(postgres, pgbench, url, writers, group, name=f"SQLite, {name}"))
    return rows


def _measure(postgres: Server, pgbench: Path, url: str, writers: int, group: int, *, name: str) -> dict[str, Any]:
    """Measure ours and pgbench in turn: durable orders a second, durable transactions a second."""
    clients = str(writers if group == 1 else BEST_CLIENTS)
    ours, peer, latencies = list[float](), list[float](), list[float]()
    with ProcessPoolExecutor(writers, mp_context=multiprocessing.get_context("spawn")) as pool:
        write = partial(_write_orders, url, group)
        list(pool.map(write, range(writers), [0.5] * writers))
        for _ in range(PAIRS):
            turns = list(pool.map(write, range(writers), [SECONDS] * writers))
            ours.append(group * sum(len(turn) / sum(turn) for turn in turns))
            latencies += [seconds for turn in turns for seconds in turn]
            said = _pgbench(postgres, pgbench, "-c", clients, "-j", "2", "-T", str(int(SECONDS)), "-n")
            peer.append(float(re.search(r"tps = ([\d.]+)", said).group(1)))  # type: ignore[union-attr]
    row = _row(name, ours, peer)
    row["p99_ms"] = round(1000 * statistics.quantiles(latencies, n=100)[98], 1)
    return row


def _row(name: str, ours: list[float], peer: list[float]) -> dict[str, Any]:
    ratio = statistics.median(a / b for a, b in zip(ours, peer, strict=True)) if ours else None
    return {
        "name": name,
        "ours": round(statistics.median(ours), 1) if ours else None,
        "peer": round(statistics.median(peer), 1) if peer else None,
        "ratio": round(ratio, 3) if ratio is not None else None,
        "unit": "transactions/s",
        "n": len(ours),
        "p99_ms": None,
    }


def _pgbench(postgres: Server, pgbench: Path, *arguments: str) -> str:
    """Run pgbench on its own database and return what it said."""
    host, port = re.search(r"@([^:/]+):(\d+)/", postgres.url).groups()  # type: ignore[union-attr]
    command = [str(pgbench), "-h", host, "-p", port, "-U", "ordersight", *arguments, "pgbench"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own arguments
    return done.stdout


@contextmanager
def _sqlite() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'oms.db'}"
        prepare(url)
        yield url


@lru_cache(maxsize=1)
def _engine(url: str) -> sa.Engine:
    """Return the engine of a writer process; opened once."""
    return make_engine(url)


def _write_orders(url: str, group: int, writer: int, seconds: float) -> list[float]:
    """Place groups of orders one after the other for so long; return how long each took, seconds."""
    from oms_core.intake.commands import place, place_many

    engine, took = _engine(url), list[float]()
    end = time.perf_counter() + seconds
    while (begun := time.perf_counter()) < end:
        new = [new_order(writer) for _ in range(group)]
        with transaction(engine) as session:
            if group == 1:
                place(session, SHOP, new[0], actor="bench")
            else:
                place_many(session, SHOP, new, actor="bench")
        took.append(time.perf_counter() - begun)
    return took
