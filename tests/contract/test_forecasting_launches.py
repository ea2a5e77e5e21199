"""New series: drawn to look-alikes, along the curve on which those before them settled, and saying so."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from forecasting.engine import Ordersight
from forecasting.panel import Panel
from forecasting.periods import Calendar
from forecasting.reading import make_panel
from forecasting.reasons import reason

DAYS, SERIES = 300, 240
PUSH = 1 + 1.5 * np.exp(-np.arange(DAYS) / 14.0)


@pytest.fixture(scope="module")
def shop() -> tuple[Panel, np.ndarray]:
    """Return a shop of three categories whose levels lie far apart, and the mean behind it; half of it is launched."""
    rng = np.random.default_rng(4)
    category = np.arange(SERIES) % 3
    price = np.exp(rng.normal(2.0, 0.6, SERIES))
    level = np.array([0.5, 3.0, 18.0])[category] * (price / 7.4) ** -0.5 * np.exp(rng.normal(0.0, 0.3, SERIES))
    turn = np.arange(SERIES)
    start = np.where(turn % 5 == 0, DAYS - 3 - turn % 11, 30 + turn * 7919 % 200)
    start = np.where(turn < 120, 0, start)
    age = np.arange(DAYS + 28) - start[:, None]
    push = np.interp(age, np.arange(DAYS), PUSH)
    mean = np.where(age >= 0, level[:, None] * np.where(start[:, None] > 0, push, 1.0), 0.0)
    y = rng.poisson(mean * rng.gamma(2.0, 0.5, mean.shape)).astype(float)
    panel = Panel(pl.Series(range(SERIES)), Calendar("D"), 14_000, y[:, :DAYS], np.ones((SERIES, DAYS)))
    return replace(panel, category=category, list_price=price), mean[:, DAYS:].sum(axis=1)


def young_of(panel: Panel) -> np.ndarray:
    sold = panel.y > 0
    start = np.where(sold.any(axis=1), sold.argmax(axis=1), DAYS)
    return np.flatnonzero((start >= 30) & (DAYS - start <= 14) & (start < DAYS))


def test_new_series_are_foretold_by_look_alikes_better_than_by_the_mean_of_their_category(
    shop: tuple[Panel, np.ndarray],
) -> None:
    panel, came = shop
    young = young_of(panel)
    found = Ordersight().fit(panel, horizon=28).predict()
    total = found.sum_mean(28)
    grown = np.flatnonzero(panel.y[:, :180].sum(axis=1) > 0)
    of = np.asarray(panel.category)
    mean = np.array([28 * panel.y[grown[of[grown] == of[row]], -90:].mean() for row in young])
    miss = np.abs(total[young] - came[young]).sum()
    assert len(young) >= 8
    assert miss < 0.7 * np.abs(mean - came[young]).sum()
    without = Ordersight().fit(replace(panel, category=None, list_price=None), horizon=28).predict().sum_mean(28)
    assert miss < 0.95 * np.abs(without[young] - came[young]).sum()
    assert abs(total[young].sum() / came[young].sum() - 1) < 0.2


def test_a_forecast_names_the_look_alikes_it_leans_on(shop: tuple[Panel, np.ndarray]) -> None:
    panel, _ = shop
    told = Ordersight().fit(panel, horizon=28).predict().launches
    row = int(young_of(panel)[0])
    one = told[str(row)]
    assert 0 < one["weight"] < 1
    assert 1 <= one["own_days"] <= 14
    assert len(one["look_alikes"]) == 12
    assert {int(name) % 3 for name in one["look_alikes"]} == {row % 3}, "look-alikes of another category"
    assert "0" not in told, "a grown series needs none"
    line = {
        "rate": 2.0, "available": 3, "incoming": 0, "drafted": 0, "urgency": "soon", "sells_out_on": None,
        "raw_qty": 0, "rounding_qty": 0, "order_qty": 0, "next_due_on": None, "arrives_on": None, "pack_qty": 1,
        "own_days": 9, "like_weight": 0.6, "look_alikes": ["A", "B", "C", "D"],
    }  # fmt: skip
    assert "New, 9 days on sale: 60 % of this is what look-alikes sell (A, B, C + 1)." in reason(line)["en"]
    assert "w sprzedaży 9 dni: 60 %" in reason(line)["pl"]
    assert "New" not in reason(line | {"look_alikes": None})["en"]


def test_categories_and_prices_are_read_from_a_panel() -> None:
    days = pl.date_range(pl.date(2026, 1, 1), pl.date(2026, 1, 3), eager=True)
    rows = [(sku, day, 1, kind, None) for sku, kind in (("b", "mugs"), ("a", "cards"), ("c", "mugs")) for day in days]
    frame = pl.DataFrame(rows, schema=["series_id", "day", "y", "category", "list_price"], orient="row")
    panel = make_panel(frame.with_columns(list_price=pl.when(pl.col("series_id") == "a").then(pl.lit("2.5"))))
    assert panel.category is not None
    assert panel.list_price is not None
    assert panel.category[1] == panel.category[2] != panel.category[0]
    assert panel.list_price[0] == 2.5
    assert np.isnan(panel.list_price[1:]).all()
    assert panel.known == {}
    assert panel.take(np.array([2])).category == panel.category[2]
