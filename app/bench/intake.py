"""Order intake against `pgbench`: durable orders a second, on one PostgreSQL in one run.

Ours is the whole command of the API: idempotency key claimed, customer found, order and lines written,
routed with a stored receipt, stock promised in the ledger, fulfilment order opened, journal and change
log kept, durable before it is answered. The peer is pgbench's TPC-B-like transaction (three updates, one
select, one insert) at 16 clients, the usual yardstick of a machine. Two lines an order, 5,000 SKUs,
three locations. Three ways in: single commands (an order a transaction), groups of a hundred, and group
commit (64 writers of one process, each waiting for its own answer; p99 is theirs). The hot case has all
64 writers want one SKU; its peer is the same without the heat.
"""

from __future__ import annotations

import multiprocessing
import re
import statistics
import subprocess
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.bench.intake_shop import SHOP, new_order, prepare
from app.bench.postgres import Server, server
from oms_core.kernel.database import make_engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import sqlalchemy as sa

PAIRS = 5
SECONDS = 3.0
CLIENTS = 16
WRITERS = 64
PGBENCH_SCALE = 10


@dataclass(frozen=True, slots=True)
class Case:
    """One way in: its processes, orders a transaction (0: group commit of so many waiting threads), one SKU or many."""

    name: str
    processes: int
    group: int
    hot: bool = False


_SINGLE = Case("single commands, {n} writer(s)", 4, 1)
_GROUPS = Case("groups of 100 orders, {n} writer(s)", 2, 100)
_COMMIT = Case(f"group commit, {WRITERS} writers", 1, 0)
_HOT = Case(f"group commit, {WRITERS} writers, one hot SKU (peer: many SKUs)", 1, 0, hot=True)


def run() -> list[dict[str, Any]]:
    """Return a row for each way in on PostgreSQL, and for those of one writer on SQLite."""
    with server() as postgres:
        pgbench = postgres.tools / "pgbench" if postgres.tools else None
        if pgbench is None or not pgbench.exists():
            why = "the server is a given address without tools" if pgbench is None else "it has no pgbench"
            return [_row(f"not measured: {why}", [], [])]
        postgres.create("pgbench")
        _pgbench(postgres, pgbench, "-i", "-q", "-s", str(PGBENCH_SCALE))
        ours = postgres.create("intake")
        prepare(ours)
        tpcb = partial(_tpcb, postgres, pgbench)
        rows = [_measure(ours, case, tpcb, "PostgreSQL") for case in (_SINGLE, _GROUPS, _COMMIT)]
        rows.append(_measure(ours, _HOT, partial(_cold, ours), "PostgreSQL"))
        with _sqlite() as url:
            alone = (replace(case, processes=1) for case in (_SINGLE, _GROUPS, _COMMIT))
            rows += [_measure(url, case, tpcb, "SQLite") for case in alone]
    return rows


def _measure(url: str, case: Case, other: Callable[[], float], where: str) -> dict[str, Any]:
    """Measure ours and the peer in turn: durable orders a second, the peer's transactions a second."""
    ours, peer, latencies = list[float](), list[float](), list[float]()
    with _writers(url, case) as write:
        write(0.5)
        for _ in range(PAIRS):
            rate, took = write(SECONDS)
            ours.append(rate)
            latencies += took
            peer.append(other())
    row = _row(f"{where}, {case.name.format(n=case.processes)}", ours, peer)
    row["p99_ms"] = round(1000 * statistics.quantiles(latencies, n=100)[98], 1)
    return row


@contextmanager
def _writers(url: str, case: Case) -> Iterator[Callable[[float], tuple[float, list[float]]]]:
    """Yield what writes for so many seconds and returns orders a second and each answer's wait, seconds."""
    with ProcessPoolExecutor(case.processes, mp_context=multiprocessing.get_context("spawn")) as pool:

        def write(seconds: float) -> tuple[float, list[float]]:
            work = _crowd if case.group == 0 else partial(_write_orders, group=case.group)
            many = range(case.processes)
            turns = list(pool.map(partial(work, url, seconds, hot=case.hot), many))
            return sum(rate for rate, _ in turns), [wait for _, waits in turns for wait in waits]

        yield write


def _tpcb(postgres: Server, pgbench: Path) -> float:
    said = _pgbench(postgres, pgbench, "-c", str(CLIENTS), "-j", "2", "-T", str(int(SECONDS)), "-n")
    found = re.search(r"tps = ([\d.]+)", said)
    return float(found.group(1)) if found else 0.0


def _cold(url: str) -> float:
    with _writers(url, _COMMIT) as write:
        write(0.5)
        return write(SECONDS)[0]


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


def _write_orders(url: str, seconds: float, writer: int, *, group: int, hot: bool) -> tuple[float, list[float]]:
    """Place groups of orders one after the other for so long; return orders a second and how long each took."""
    from oms_core.intake.commands import place_alone, place_many_alone

    engine, took = _engine(url), list[float]()
    begun = time.perf_counter()
    while (at := time.perf_counter()) < begun + seconds:
        new = [new_order(writer, hot=hot) for _ in range(group)]
        keys = [order.external_id for order in new]
        if group == 1:
            place_alone(engine, SHOP, new[0], idempotency_key=keys[0], actor="bench")
        else:
            place_many_alone(engine, SHOP, new, idempotency_keys=keys, actor="bench")
        took.append(time.perf_counter() - at)
    return group * len(took) / sum(took), took


def _crowd(url: str, seconds: float, writer: int, *, hot: bool) -> tuple[float, list[float]]:
    """Let 64 threads place orders through one group commit; return orders a second and each answer's wait."""
    from oms_core.intake.group_commit import GroupCommit

    took, begun = list[float](), time.perf_counter()

    def one(name: int) -> None:
        while (at := time.perf_counter()) < begun + seconds:
            new = new_order(1000 * writer + name, hot=hot)
            intake.place(new, key=new.external_id, actor="bench")
            took.append(time.perf_counter() - at)

    with GroupCommit(_engine(url), SHOP) as intake, ThreadPoolExecutor(WRITERS) as threads:
        list(threads.map(one, range(WRITERS)))
    return len(took) / (time.perf_counter() - begun), took
