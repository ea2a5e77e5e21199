"""Skill on real demand: the packaged year of orders, and weekly departments where the sample is there."""

from pathlib import Path

import polars as pl
import pytest

from app.bench.forecast import real_panel
from forecasting.backtest import backtest
from forecasting.reading import make_panel
from forecasting.simulate import simulate


@pytest.fixture(scope="module")
def orders():
    return real_panel(300)


def test_real_skus_are_forecast_better_than_by_any_rival(orders) -> None:
    scores = backtest(orders, horizon=28, cutoffs=3)
    ours = scores.pop("ordersight")
    for name, rival in scores.items():
        assert ours["rmsse"] < rival["rmsse"], name
        assert ours["spl"] < 0.9 * rival["spl"], name
        assert ours["wape_sum"] < rival["wape_sum"], name
    for name in ("naive", "seasonal_naive"):
        assert ours["rmsse"] < 0.85 * scores[name]["rmsse"]
        assert ours["wape_sum"] < 0.75 * scores[name]["wape_sum"]
    for level in ("50", "80", "95"):
        assert ours["coverage"][level] == pytest.approx(int(level) / 100, abs=0.03)


def test_real_bulk_orders_cost_no_more_stock_than_tuned_cover(orders) -> None:
    some = orders.take(orders.y.sum(axis=1) > 0)
    stock = {p: simulate(some, policy=p, target_fill=0.95)["avg_on_hand"] for p in ("ordersight", "cover", "minmax")}
    assert stock["ordersight"] <= 1.01 * stock["cover"]
    assert stock["ordersight"] < 0.85 * stock["minmax"]


def test_weekly_departments_beat_the_same_week_of_last_year(shared: Path) -> None:
    rows = pl.read_parquet(shared / "data" / "walmart-weekly-stores-01-15" / "train.parquet")
    frame = rows.select(
        series_id=pl.col("Store") + "-" + pl.col("Dept"), day="Date", y=pl.col("Weekly_Sales").cast(pl.Float64)
    )
    panel = make_panel(frame)
    assert panel.calendar.freq == "W"
    whole = panel.take((panel.y == panel.y).all(axis=1))
    assert len(whole.ids) == 958
    scores = backtest(whole, horizon=8, cutoffs=3, engines=("ordersight", "seasonal_naive"))
    assert scores["ordersight"]["rmsse"] < 0.8 * scores["seasonal_naive"]["rmsse"]
    assert scores["ordersight"]["wspl"] < 0.8 * scores["seasonal_naive"]["wspl"]
    assert scores["ordersight"]["coverage"]["80"] == pytest.approx(0.8, abs=0.05)
