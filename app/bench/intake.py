"""Order intake against `pgbench`: durable orders a second, on one PostgreSQL in one run.

Ours is the whole command of the API: idempotency key claimed, customer found, order and lines written,
routed with a stored receipt, stock promised in the ledger, fulfilment order opened, journal and change
log kept, durable before it is answered. The peer is pgbench's TPC-B-like transaction (three updates, one
select, one insert) at 16 clients, the usual yardstick of a machine. Two lines an order, 5,000 SKUs,
three locations. Three ways in: single commands (an order a transaction), groups of a hundred, and group
commit (64 writers of one process, each waiting for its own answer; p99 is theirs). The hot case has all
64 writers want one SKU; its peer is the same without the heat.

Beside the rates stands what a transaction costs in processor time, clients and server together, in
milliseconds: on a machine that does other work too a rate says who got how much of it.
"""

from __future__ import annotations

import multiprocessing
import re
import resource
import statistics
import subprocess
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.bench.intake_shop import SHOP, new_order, prepare
from app.bench.postgres import Server, server
from app.bench.processor import server_seconds
from oms_core.kernel.database import make_engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

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


@dataclass(frozen=True, slots=True)
class Turn:
    """What one writer process did: transactions, transactions a second, its processor time, each answer's wait."""

    count: int
    rate: float
    seconds: float
    waits: list[float]


@dataclass(frozen=True, slots=True)
class Sample:
    """One measurement: transactions a second, how many, processor time of clients and server, waits (seconds)."""

    rate: float
    count: int
    seconds: float | None
    waits: list[float] = field(default_factory=list)

    @property
    def cost_ms(self) -> float | None:
        """Processor time of one transaction, milliseconds."""
        return 1000 * self.seconds / self.count if self.seconds and self.count else None


_SINGLE = Case("single commands, {n} writer(s)", CLIENTS, 1)
_GROUPS = Case("groups of 100 orders, {n} writer(s)", 4, 100)
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
        measure = partial(_measure, ours, where="PostgreSQL", postgres=postgres)
        rows = [measure(case, tpcb) for case in (_SINGLE, _GROUPS, _COMMIT)]
        rows.append(measure(_HOT, partial(_cold, ours, postgres)))
        with _sqlite() as url:
            alone = (replace(case, processes=1) for case in (_SINGLE, _GROUPS, _COMMIT))
            rows += [_measure(url, case, tpcb, where="SQLite") for case in alone]
    return rows


def _measure(
    url: str, case: Case, other: Callable[[], Sample], *, where: str, postgres: Server | None = None
) -> dict[str, Any]:
    """Measure ours and the peer in turn: durable orders a second, the peer's transactions a second."""
    ours, peer = list[Sample](), list[Sample]()
    with _writers(url, case, postgres) as write:
        write(0.5)
        for _ in range(PAIRS):
            ours.append(write(SECONDS))
            peer.append(other())
    row = _row(f"{where}, {case.name.format(n=case.processes)}", ours, peer)
    waits = [wait for sample in ours for wait in sample.waits]
    row["p99_ms"] = round(1000 * statistics.quantiles(waits, n=100)[98], 1)
    return row


@contextmanager
def _writers(url: str, case: Case, postgres: Server | None) -> Iterator[Callable[[float], Sample]]:
    """Yield what writes for so many seconds."""
    with ProcessPoolExecutor(case.processes, mp_context=multiprocessing.get_context("spawn")) as pool:

        def write(seconds: float) -> Sample:
            work = _crowd if case.group == 0 else partial(_write_orders, group=case.group)
            before = server_seconds(postgres) if postgres else 0.0
            turns = list(pool.map(partial(work, url, seconds, hot=case.hot), range(case.processes)))
            after = server_seconds(postgres) if postgres else 0.0
            waits = [wait for turn in turns for wait in turn.waits]
            count = sum(turn.count for turn in turns)
            client = sum(turn.seconds for turn in turns)
            busy = None if before is None or after is None else client + after - before
            return Sample(sum(turn.rate for turn in turns), count, busy, waits)

        yield write


def _tpcb(postgres: Server, pgbench: Path) -> Sample:
    before, client = server_seconds(postgres), _children_seconds()
    said = _pgbench(postgres, pgbench, "-c", str(CLIENTS), "-j", "2", "-T", str(int(SECONDS)), "-n")
    after = server_seconds(postgres)
    rate, count = (re.search(words, said) for words in (r"tps = ([\d.]+)", r"actually processed: (\d+)"))
    busy = None if before is None or after is None else after - before + _children_seconds() - client
    return Sample(float(rate[1]) if rate else 0.0, int(count[1]) if count else 0, busy)


def _children_seconds() -> float:
    """Return the processor time of ended children of this process, seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _cold(url: str, postgres: Server) -> Sample:
    with _writers(url, _COMMIT, postgres) as write:
        write(0.5)
        return write(SECONDS)


def _row(name: str, ours: list[Sample], peer: list[Sample]) -> dict[str, Any]:
    def median(values: Iterable[float | None], digits: int) -> float | None:
        known = [value for value in values if value is not None]
        return round(statistics.median(known), digits) if known else None

    pairs = list(zip(ours, peer, strict=True))
    costs = [b.cost_ms / a.cost_ms if a.cost_ms and b.cost_ms else None for a, b in pairs]
    return {
        "name": name,
        "ours": median((sample.rate for sample in ours), 1),
        "peer": median((sample.rate for sample in peer), 1),
        "ratio": median((a.rate / b.rate if b.rate else None for a, b in pairs), 3),
        "unit": "transactions/s",
        "n": len(ours),
        "p99_ms": None,
        "ours_cpu_ms": median((sample.cost_ms for sample in ours), 3),
        "peer_cpu_ms": median((sample.cost_ms for sample in peer), 3),
        "cpu_ratio": median(costs, 3),
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


def _write_orders(url: str, seconds: float, writer: int, *, group: int, hot: bool) -> Turn:
    """Place groups of orders one after the other for so long."""
    from oms_core.intake.commands import place_alone, place_many_alone

    engine, took = _engine(url), list[float]()
    begun, busy = time.perf_counter(), time.process_time()
    while (at := time.perf_counter()) < begun + seconds:
        new = [new_order(writer, hot=hot) for _ in range(group)]
        keys = [order.external_id for order in new]
        if group == 1:
            place_alone(engine, SHOP, new[0], idempotency_key=keys[0], actor="bench")
        else:
            place_many_alone(engine, SHOP, new, idempotency_keys=keys, actor="bench")
        took.append(time.perf_counter() - at)
    count = group * len(took)
    return Turn(count, count / sum(took) if took else 0.0, time.process_time() - busy, took)


def _crowd(url: str, seconds: float, writer: int, *, hot: bool) -> Turn:
    """Let 64 threads place orders through one group commit."""
    from oms_core.intake.group_commit import GroupCommit

    took, begun, busy = list[float](), time.perf_counter(), time.process_time()

    def one(name: int) -> None:
        while (at := time.perf_counter()) < begun + seconds:
            new = new_order(1000 * writer + name, hot=hot)
            intake.place(new, key=new.external_id, actor="bench")
            took.append(time.perf_counter() - at)

    with GroupCommit(_engine(url), SHOP) as intake, ThreadPoolExecutor(WRITERS) as threads:
        list(threads.map(one, range(WRITERS)))
    return Turn(len(took), len(took) / (time.perf_counter() - begun), time.process_time() - busy, took)
