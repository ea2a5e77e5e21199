"""Purchase orders: our optimiser against HiGHS on the same lines, options and exact values.

HiGHS (as wrapped by SciPy) gets one binary for each quantity of each line, the budget, and each
supplier's minimum and fixed cost, and stops at a gap of 0.1 %.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix, hstack, identity

from app.bench.registry import pairs
from forecasting.optimise import Solution, solve
from forecasting.options import Lines, make_options
from forecasting.panel import Floats

SIZES, LARGE, PER_SUPPLIER = (100, 300), 10_000, 50
#: HiGHS stops at this gap, or after so many seconds.
GAP, SECONDS = 1e-3, 60.0


def instance(lines: int, seed: int = 1) -> tuple[Lines, Floats, Floats, float]:
    """Return lines, supplier minimums and fixed costs, and a budget of 40 % of what is missing."""
    draw = np.random.default_rng(seed)
    mean = np.exp(draw.normal(3.0, 1.0, lines))
    cost = np.exp(draw.normal(2.0, 0.8, lines)).round(2)
    position = np.floor(mean * draw.uniform(0, 1.2, lines))
    made = Lines(
        supplier=np.arange(lines) // PER_SUPPLIER, unit_cost=cost, margin=cost * draw.uniform(0.2, 1.0, lines),
        holding=cost * draw.uniform(0.02, 0.1, lines), volume=np.ones(lines),
        pack=draw.choice([1.0, 2.0, 5.0, 6.0, 10.0, 12.0], lines), moq=draw.choice([0.0, 10.0, 24.0], lines),
        position=position, mean=mean, sd=np.sqrt(mean + mean**2 * draw.uniform(0.1, 0.8, lines)), breaks={},
    )  # fmt: skip
    suppliers = int(made.supplier.max()) + 1
    budget = 0.4 * float((np.maximum(mean - position, 0.0) * cost).sum())
    share = budget / suppliers
    return made, share * draw.uniform(0.1, 1.0, suppliers), 0.01 * share * draw.uniform(0, 2, suppliers), budget


def ours(problem: tuple[Lines, Floats, Floats, float]) -> Solution:
    """Return our plan."""
    lines, least, fixed, budget = problem
    return solve(lines, least, fixed, budget=budget)


def highs(problem: tuple[Lines, Floats, Floats, float]) -> float:
    """Return the value of HiGHS' plan, net of fixed costs."""
    lines, least, fixed, budget = problem
    options = make_options(lines)
    many, count, suppliers = len(options.line), len(lines.mean), len(least)
    pick = csr_matrix((np.ones(many), (options.line, np.arange(many))), shape=(count, many))
    goods = csr_matrix((options.cost, (lines.supplier[options.line], np.arange(many))), shape=(suppliers, many))
    orders = identity(suppliers, format="csr")
    rows = [
        LinearConstraint(hstack([pick, csr_matrix((count, suppliers))]), -np.inf, 1.0),
        LinearConstraint(csr_matrix(np.concatenate([options.cost, fixed])[None, :]), -np.inf, budget),
        LinearConstraint(hstack([goods, -orders.multiply(least)]), 0.0, np.inf),
        LinearConstraint(hstack([goods, -orders * budget]), -np.inf, 0.0),
    ]
    with _quiet():
        found = milp(
            np.concatenate([-options.value, fixed]), constraints=rows, integrality=np.ones(many + suppliers),
            bounds=Bounds(0, 1), options={"mip_rel_gap": GAP, "time_limit": SECONDS},
        )  # fmt: skip
    return -float(found.fun) if found.x is not None else float("nan")


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what HiGHS prints by itself out of standard output, which holds the answer alone."""
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def run() -> list[dict[str, Any]]:
    """Measure seconds to a plan, and the plans' values, at sizes HiGHS can do."""
    rows = []
    for size in SIZES:
        problem = instance(size)
        rows.append(pairs(f"plan of {size} lines", partial(ours, problem), partial(highs, problem), warmup=0))
        values = [(ours(p).objective, highs(p)) for p in (instance(size, seed) for seed in range(1, 6))]
        mine, theirs = (float(np.median(side)) for side in zip(*values, strict=True))
        rows.append(
            {
                "name": f"value of the plan of {size} lines", "ours": round(mine, 2), "peer": round(theirs, 2),
                "ratio": round(float(np.median([a / b for a, b in values])), 5), "unit": "money", "n": len(values),
            }
        )  # fmt: skip
    large, small = instance(LARGE), instance(SIZES[-1])
    name = f"ours {LARGE} lines, HiGHS {SIZES[-1]}"
    return [*rows, pairs(name, partial(ours, large), partial(highs, small), warmup=0)]
