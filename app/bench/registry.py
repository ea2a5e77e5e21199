"""The benchmarks by name. Adding one is one module and one line here."""

from __future__ import annotations

import importlib
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Bench:
    """One benchmark: its module in `app.bench` has ``run() -> list of rows``.

    A row has ``name, ours, peer, ratio, unit, n``: medians of `n` pairs measured in turn in one run;
    `ratio` is how many times better ours is (above 1: ours wins).
    """

    name: str
    module: str
    compares: str


#: Order lines of ``--full``: the size the goals of docs/benchmarks.md are for.
FULL_LINES = 10_000_000

BENCHES: tuple[Bench, ...] = (
    Bench("import", "import_", "history import against the same rows through the ORM, rows a second"),
    Bench("clv", "clv", "BG/NBD and Gamma-Gamma: fit and forecast against lifetimes on the same customers"),
    Bench("segments", "segments", "counts over 1 M customers against DuckDB by hand, RFM of 10 M against NTILE"),
    Bench("forecast", "forecast", "the default forecaster against statsmodels' ETS on the same real SKUs"),
    Bench("purchasing", "purchasing", "the purchase optimiser against HiGHS on the same lines and values"),
    Bench("freshness", "freshness", "change-log ticks against full reloads: commit to visible number"),
    Bench("queries", "queries", "dashboard queries on the replica against PostgreSQL and against DuckDB by hand"),
    Bench("spark", "spark", "the same questions on DuckDB and on Spark on the cores of this machine"),
    Bench("dashboard", "dashboard", "every page of the dashboard, warm, against an empty Streamlit page"),
    Bench("allocation", "allocation", "orders promised in a shop of 1,000 locations against one of 10"),
    Bench("intake", "intake", "orders placed, routed and promised against pgbench TPC-B-like transactions"),
)


def run(name: str, *, lines: int | None = None) -> list[dict[str, Any]]:
    """Run one benchmark and return its rows.

    Parameters
    ----------
    lines : int, optional
        Size of the data, for those benchmarks whose module has a size: their ``run`` takes `lines`.
    """
    bench = next(b for b in BENCHES if b.name == name)
    module = importlib.import_module(f"app.bench.{bench.module}")
    is_sized = lines is not None and hasattr(module, "LINES")
    rows: list[dict[str, Any]] = module.run(lines=lines) if is_sized else module.run()
    return rows


def pairs(
    name: str, ours: Callable[[], object], peer: Callable[[], object], *, n: int = 5, warmup: int = 1
) -> dict[str, Any]:
    """Time both in turn `n` times and return one row with medians in seconds."""
    for _ in range(warmup):
        ours()
        peer()
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(n):
        for kept, function in zip(times, (ours, peer), strict=True):
            begun = time.perf_counter()
            function()
            kept.append(time.perf_counter() - begun)
    ratio = statistics.median(b / a for a, b in zip(*times, strict=True))
    a, b = (statistics.median(kept) for kept in times)
    return {"name": name, "ours": round(a, 6), "peer": round(b, 6), "ratio": round(ratio, 2), "unit": "s", "n": n}
