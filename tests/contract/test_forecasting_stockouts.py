"""Demand that stock-outs hid, on panels whose whole demand is known: bursts are what empties shelves."""

from typing import NamedTuple

import numpy as np
import polars as pl
import pytest

from forecasting import losses
from forecasting.backtest import DENSE
from forecasting.comparison import demanded
from forecasting.engine import Ordersight
from forecasting.panel import Panel
from forecasting.periods import Calendar

WEEK = np.array([0.7, 0.8, 0.9, 1.0, 1.3, 1.5, 0.8])
SERIES, DAYS, ORIGIN = 240, 302, 274


def bursts(length: float, seed: int = 0) -> np.ndarray:
    """Return demand that runs at eight times its usual rate for some days, now and then."""
    rng = np.random.default_rng(seed)
    on, rate = np.zeros(SERIES, dtype=bool), np.empty((SERIES, DAYS))
    for day in range(DAYS):
        chance = rng.random(SERIES)
        on = np.where(on, chance > 1 / length, chance < 0.15 / length)
        rate[:, day] = np.where(on, 5.0, 0.6)
    mean = np.exp(rng.normal(0.5, 0.8, (SERIES, 1))) * rate * WEEK[np.arange(DAYS) % 7]
    return np.asarray(rng.poisson(mean * rng.gamma(1 / 0.3, 0.3, mean.shape)), dtype=float)


def run_down(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return sales and the share of days in stock of shelves filled every other week, days cut short included."""
    usual, sold, share = y.mean(axis=1), np.zeros_like(y), np.ones_like(y)
    stock = np.ceil(usual * 16)
    for day in range(DAYS):
        if day % 14 == 0:
            stock = np.maximum(stock, np.ceil(usual * 16))
        sold[:, day] = np.minimum(stock, y[:, day])
        share[:, day] = np.where(y[:, day] > sold[:, day], sold[:, day] / np.maximum(y[:, day], 1.0), stock > 0)
        stock = stock - sold[:, day]
    return sold, share


def after_peaks(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return sales and the share of days in stock of shelves that stay empty for six days after a high one."""
    rng = np.random.default_rng(2)
    left, usual, share = np.zeros(SERIES), y.mean(axis=1), np.ones_like(y)
    for day in range(DAYS):
        share[:, day] = left <= 0
        emptied = (left <= 0) & (y[:, day] > 2 * usual) & (rng.random(SERIES) < 0.35)
        left = np.where(emptied, 6, left - 1)
    return y * share, share


def panel_of(y: np.ndarray, stock: np.ndarray | None = None) -> Panel:
    return Panel(pl.Series(range(len(y))), Calendar("D"), 14_000, y, np.ones(y.shape) if stock is None else stock)


def mean_of(panel: Panel) -> float:
    return float(Ordersight().fit(panel.until(ORIGIN), horizon=28).predict().mean.sum())


class Case(NamedTuple):
    y: np.ndarray
    seen: Panel


@pytest.fixture(scope="module", params=[(7, run_down), (7, after_peaks)], ids=["run_down", "after_peaks"])
def case(request: pytest.FixtureRequest) -> Case:
    length, hide = request.param
    y = bursts(length)
    return Case(y, panel_of(*hide(y)))


def test_nine_tenths_of_the_demand_lost_to_stock_outs_is_recovered(case: Case) -> None:
    whole, blind, seeing = mean_of(panel_of(case.y)), mean_of(panel_of(case.seen.y)), mean_of(case.seen)
    assert blind < 0.85 * whole
    assert 0.9 < (seeing - blind) / (whole - blind) < 1.1
    hidden = case.y.sum() - case.seen.y.sum()
    assert 0.84 < (demanded(case.seen).sum() - case.seen.y.sum()) / hidden < 1.15


def test_true_demand_lies_in_the_intervals_as_often_as_they_say(case: Case) -> None:
    prediction = Ordersight().fit(case.seen.until(ORIGIN), horizon=28).predict()
    days = losses.coverage(losses.pit(case.y[:, ORIGIN:], prediction.quantiles(DENSE), DENSE))
    sums = losses.coverage(losses.pit(case.y[:, ORIGIN:].sum(axis=1), prediction.sum_quantiles(28, DENSE), DENSE))
    assert days["80"] == pytest.approx(0.80, abs=0.03)
    assert days["95"] == pytest.approx(0.95, abs=0.02)
    assert sums["80"] == pytest.approx(0.80, abs=0.07)
    assert sums["95"] == pytest.approx(0.95, abs=0.04)


def test_days_told_as_sold_out_that_sold_something_count_as_at_least_that() -> None:
    y = bursts(3.0, seed=1)
    sold, share = run_down(y)
    told = panel_of(sold, (share >= 1.0).astype(float))
    assert (sold[told.stock <= 0] > 0).any()
    whole = demanded(told)
    assert (whole >= sold).all()
    assert 0.8 < (whole.sum() - sold.sum()) / (y.sum() - sold.sum()) < 1.3
    again = demanded(told)
    assert (again == whole).all(), "the same data, another answer"
