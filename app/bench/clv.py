"""Customer value: our fit and forecast against lifetimes, on the same simulated customers.

The customers are drawn from a BG/NBD with the published CDNOW parameters (in days), so that both sides look for
the same truth. Both are given the summary (x, t_x, T): reading and grouping are nobody's merit here.
"""

from __future__ import annotations

import importlib.util
import time
import warnings
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from app.bench.registry import pairs
from oms_core.kernel.errors import DataNotReady
from oms_core.kernel.threads import single_threaded
from segmentation.clv import spend
from segmentation.clv.counting import count, position
from segmentation.clv.models import fit_model

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

#: r, α (days), a, b of the simulation.
TRUTH = (0.2426, 30.895, 0.7929, 2.4258)
CUSTOMERS, DAYS, HORIZON_DAYS = 23_570, 1095, 273
LARGE, MILLION = 100_000, 1_000_000
#: Seconds aimed at for a million customers: to fit them, and to ask for each.
FIT_AIM, ASK_AIM = 0.8, 0.1


def simulate(customers: int, *, days: int = DAYS, seed: int = 1) -> pl.DataFrame:
    """Return the summary of simulated customers: ``customer_id, x, t_x, age, spent_n, spent``.

    Customers arrive evenly over `days`; times are rounded up to whole days.
    """
    draw = np.random.default_rng(seed)
    r, alpha, a, b = TRUTH
    age = days - draw.integers(0, days, customers)
    rate, leave = draw.gamma(r, 1 / alpha, customers), draw.beta(a, b, customers)
    clock, x, last = np.zeros(customers), np.zeros(customers, np.int64), np.zeros(customers)
    here = np.arange(customers)
    while len(here):
        clock[here] += draw.exponential(size=len(here)) / np.maximum(rate[here], 1e-300)
        here = here[clock[here] < age[here]]
        x[here] += 1
        last[here] = clock[here]
        here = here[draw.random(len(here)) >= leave[here]]
    spent = (x + 1) * draw.gamma(6.0, 1.0, customers) * 15.0 / draw.gamma(3.7, 1.0, customers)
    t_x = np.minimum(np.ceil(last).astype(np.int64), age)
    ids = np.arange(customers).astype(str)
    return pl.DataFrame({"customer_id": ids, "x": x, "t_x": t_x, "age": age, "spent_n": x + 1, "spent": spent})


@single_threaded
def ours(customers: pl.DataFrame) -> NDArray[np.float64]:
    """Fit BG/NBD and Gamma-Gamma and return each customer's expected value of the next days."""
    counts = count(customers)
    outlook = fit_model("bgnbd", counts).outlook(counts, HORIZON_DAYS).take(position(customers, counts))
    return outlook.mean * spend.spend_at(customers)


@single_threaded
def ours_fit(customers: pl.DataFrame) -> object:
    """Count the histories and fit the BG/NBD."""
    return fit_model("bgnbd", count(customers))


def theirs_fit(x: Any, t_x: Any, age: Any) -> Any:
    """Fit lifetimes' BG/NBD; times in weeks, as its documentation advises for convergence."""
    from lifetimes import BetaGeoFitter

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return BetaGeoFitter().fit(x, t_x, age)


def theirs(x: Any, t_x: Any, age: Any, n: Any, mean: Any) -> Any:
    """Fit and predict the same with lifetimes."""
    from lifetimes import GammaGammaFitter

    model = theirs_fit(x, t_x, age)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = model.conditional_expected_number_of_purchases_up_to_time(HORIZON_DAYS / 7, x, t_x, age)
        money = GammaGammaFitter().fit(n, mean)
        return expected * money.conditional_expected_average_profit(n, mean)


def run() -> list[dict[str, Any]]:
    """Measure the fit at two sizes, the fit with a forecast of value, and what a million customers cost.

    The last rows have no peer (lifetimes needs minutes there): `peer` is the time that was aimed at.
    """
    if importlib.util.find_spec("lifetimes") is None:
        raise DataNotReady("bench.no_peer", "lifetimes is not installed.", "Install: pip install 'ordersight[bench]'")
    frame, large = simulate(CUSTOMERS), simulate(LARGE)
    given, many = _weeks(frame), _weeks(large)
    spent = (frame["spent_n"].to_pandas(), (frame["spent"] / frame["spent_n"]).to_pandas())
    return [
        pairs(f"BG/NBD fit, {CUSTOMERS} customers", partial(ours_fit, frame), partial(theirs_fit, *given)),
        pairs(
            f"fit and forecast of value, {CUSTOMERS} customers", partial(ours, frame), partial(theirs, *given, *spent)
        ),
        pairs(f"BG/NBD fit, {LARGE} customers", partial(ours_fit, large), partial(theirs_fit, *many)),
        *_million(),
    ]


def _million() -> list[dict[str, Any]]:
    """Measure processor time of counting, fitting and asking `MILLION` customers, against what was aimed at."""
    customers = simulate(MILLION)
    counts = count(customers)
    model = fit_model("bgnbd", counts)
    tasks: dict[str, tuple[float, Callable[[], object]]] = {
        "BG/NBD count and fit": (FIT_AIM, partial(ours_fit, customers)),
        "BG/NBD forecast of each customer": (
            ASK_AIM, lambda: model.outlook(counts, HORIZON_DAYS).mean[position(customers, counts)],
        ),
    }  # fmt: skip
    rows = []
    for name, (aim, task) in tasks.items():
        seconds = min(_processor_time(task) for _ in range(3))
        rows.append(
            {"name": f"{name}, {MILLION} customers, processor time", "ours": round(seconds, 4), "peer": aim,
             "ratio": round(aim / seconds, 2), "unit": "s", "n": 3}
        )  # fmt: skip
    return rows


def _processor_time(task: Callable[[], object]) -> float:
    begun = time.process_time()
    task()
    return time.process_time() - begun


def _weeks(frame: pl.DataFrame) -> tuple[Any, Any, Any]:
    """Return x, t_x and T as the peer takes them."""
    return tuple((frame[name] / unit).to_pandas() for name, unit in (("x", 1), ("t_x", 7), ("age", 7)))  # type: ignore[return-value]
