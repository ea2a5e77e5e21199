"""What every forecaster owes: one battery for all of them, and what the default one must do better."""

import sys
from datetime import date, timedelta
from importlib.util import find_spec

import numpy as np
import polars as pl
import pytest

from forecasting.backtest import backtest
from forecasting.models import EXTRAS, MODELS, USUAL
from forecasting.panel import Panel
from forecasting.periods import Calendar
from forecasting.prediction import interval_probabilities, period_frame, sum_frame
from oms_core.kernel.errors import DataNotReady

#: Every engine; one whose extra is not installed is skipped aloud here, and owes a refusal below.
HERE = [
    pytest.param(
        name,
        marks=pytest.mark.skipif(
            name in EXTRAS and find_spec(EXTRAS[name]) is None,
            reason=f"the extra of {name} is not installed: pip install 'ordersight[{EXTRAS.get(name, '')}]'",
        ),
    )
    for name in MODELS
]
RNG = np.random.default_rng(7)
PROBABILITIES = np.array([0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99])
CASES = {
    "one point": np.array([[4.0]]),
    "two points": np.array([[4.0, 6.0]]),
    "zeros": np.zeros((2, 60)),
    "constant": np.full((2, 60), 3.0),
    "gaps": np.where(RNG.random((3, 90)) < 0.3, np.nan, RNG.poisson(2.0, (3, 90)).astype(float)),
    "new series": np.vstack([RNG.poisson(5.0, (8, 120)), [*[np.nan] * 117, 3, 4, 2]]).astype(float),
    "ended series": np.vstack([RNG.poisson(5.0, 120), [*RNG.poisson(5.0, 40), *[0] * 80]]).astype(float),
    "amounts": RNG.lognormal(3.0, 0.4, (4, 100)),
    "returns": RNG.normal(0.5, 2.0, (4, 100)),
    "huge": RNG.poisson(3e5, (2, 80)).astype(float),
    "spike": np.vstack([np.where(np.arange(90) == 60, 1e6, RNG.poisson(2.0, 90)), RNG.poisson(2.0, (3, 90))]),
    "last spike": np.vstack([np.where(np.arange(90) == 89, 1e6, 0.0), np.where(np.arange(90) == 89, -1e6, 1.0)]),
    "mixed": np.vstack([RNG.poisson(2.0, 100), RNG.normal(100.0, 9.0, 100)]),
}


def panel_of(y: np.ndarray, freq: str = "D") -> Panel:
    return Panel(pl.Series(range(len(y))), Calendar(freq), 14_000, y, np.ones(y.shape))


@pytest.mark.parametrize("engine", HERE)
def test_every_forecaster_answers_every_panel(engine: str) -> None:
    for y in CASES.values():
        for freq in ("D", "W", "M") if engine in USUAL else ():
            _answers(engine, panel_of(y, freq))
    if engine not in USUAL:
        for case in ("one point", "zeros", "constant", "last spike"):
            _answers(engine, panel_of(CASES[case], "W"))


def _answers(engine: str, panel: Panel) -> None:
    prediction = MODELS[engine]().fit(panel, horizon=9).predict()
    quantiles = prediction.quantiles(PROBABILITIES)
    sums = prediction.sum_quantiles(9, PROBABILITIES)
    assert prediction.mean.shape == (len(panel.ids), 9)
    assert np.isfinite(prediction.mean).all()
    assert np.isfinite(quantiles).all()
    assert (np.diff(quantiles, axis=2) >= 0).all()
    assert (np.diff(sums, axis=1) >= 0).all()
    counts = panel.is_count()
    assert (quantiles[counts] >= 0).all()
    assert (prediction.mean[counts] >= 0).all()
    assert (quantiles[counts] % 1 == 0).all()
    assert (sums[counts] % 1 == 0).all()
    assert prediction.sum_mean(9) == pytest.approx(prediction.mean.sum(axis=1))
    if engine not in USUAL:
        return
    again = MODELS[engine]().fit(panel, horizon=9).predict()
    assert (again.mean == prediction.mean).all()
    assert (again.quantiles(PROBABILITIES) == quantiles).all()


@pytest.mark.parametrize("engine", MODELS)
def test_a_forecaster_refuses_to_predict_before_it_has_learned(engine: str) -> None:
    with pytest.raises(DataNotReady, match="learned no panel"):
        MODELS[engine]().predict()


@pytest.mark.parametrize("engine", HERE)
def test_constants_go_on_and_zeros_stay_zero(engine: str) -> None:
    assert MODELS[engine]().fit(panel_of(CASES["constant"]), horizon=5).predict().mean == pytest.approx(
        np.full((2, 5), 3.0), rel=0.06
    )
    assert not MODELS[engine]().fit(panel_of(CASES["zeros"]), horizon=5).predict().mean.any()


@pytest.mark.parametrize("engine", EXTRAS)
def test_an_engine_whose_extra_is_missing_is_refused_in_one_sentence(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, EXTRAS[engine], None)
    with pytest.raises(DataNotReady, match=f"engine {engine} needs .* this installation does not have") as refused:
        backtest(panel_of(CASES["constant"]), horizon=5, cutoffs=1, engines=[engine])
    assert f"ordersight[{EXTRAS[engine]}]" in refused.value.hint


def test_the_sum_of_one_day_is_that_day() -> None:
    prediction = MODELS["ordersight"]().fit(panel_of(CASES["new series"]), horizon=6).predict()
    assert (prediction.sum_quantiles(1, PROBABILITIES) == prediction.quantiles(PROBABILITIES)[:, 0]).all()


def test_frames_name_series_days_and_any_levels() -> None:
    panel = panel_of(CASES["gaps"])
    prediction = MODELS["ordersight"]().fit(panel, horizon=4).predict()
    frame = period_frame(panel, prediction, [33.3, 50, 99.9])
    assert frame.columns == ["series_id", "day", "mean", "lo_33.3", "hi_33.3", "lo_50", "hi_50", "lo_99.9", "hi_99.9"]
    assert frame["day"][0] == date(1970, 1, 1) + timedelta(days=14_000 + 90)
    assert frame.height == 12
    totals = sum_frame(panel, prediction, [80], [2, 4])
    assert totals.columns == ["series_id", "days", "mean", "lo_80", "hi_80"]
    first = frame.filter(pl.col("series_id") == 0)["mean"]
    assert totals.filter(pl.col("series_id") == 0)["mean"].to_list() == pytest.approx([first[:2].sum(), first.sum()])
    assert interval_probabilities([80]).tolist() == pytest.approx([0.1, 0.9])


def shop(series: int = 300, days: int = 300, seed: int = 11) -> np.ndarray:
    """Return daily demand whose truth is known: slow levels, a week, bursts."""
    rng = np.random.default_rng(seed)
    week = np.array([0.7, 0.8, 0.9, 1.0, 1.3, 1.5, 0.8])
    walk = np.exp(np.cumsum(rng.normal(0, 0.02, (series, days)), axis=1))
    mean = np.exp(rng.normal(0.3, 1.0, (series, 1))) * walk * week[np.arange(days) % 7]
    return rng.poisson(mean * rng.gamma(1 / 0.8, 0.8, (series, days))).astype(float)


def test_the_default_beats_naive_and_seasonal_naive_and_covers_what_it_says() -> None:
    scores = backtest(panel_of(shop()), horizon=28, cutoffs=2)
    ours = scores["ordersight"]
    for rival in ("naive", "seasonal_naive"):
        for loss in ("rmsse", "wrmsse", "mase", "wape_sum", "spl", "wspl"):
            assert ours[loss] < 0.9 * scores[rival][loss], (rival, loss)
    assert ours["spl"] == min(s["spl"] for s in scores.values())
    assert abs(ours["bias"]) < 0.05
    for level in ("50", "80", "95"):
        assert ours["coverage"][level] == pytest.approx(int(level) / 100, abs=0.03)


def test_sums_cover_what_they_say() -> None:
    y = shop(400, 320, 5)
    prediction = MODELS["ordersight"]().fit(panel_of(y[:, :292]), horizon=28).predict()
    bounds = prediction.sum_quantiles(28, np.array([0.1, 0.9]))
    came = y[:, 292:].sum(axis=1)
    inside = (came >= bounds[:, 0]) & (came <= bounds[:, 1])
    assert inside.mean() == pytest.approx(0.8, abs=0.07)


def test_the_week_of_one_shop_is_learned_from_all_series() -> None:
    sparse = shop(300, 120, 3)
    mean = MODELS["ordersight"]().fit(panel_of(sparse), horizon=7).predict().mean.sum(axis=0)
    expected = np.array([0.7, 0.8, 0.9, 1.0, 1.3, 1.5, 0.8])[(np.arange(7) + 120) % 7]
    assert mean / mean.mean() == pytest.approx(expected / expected.mean(), abs=0.12)


def test_sold_out_days_do_not_lower_demand() -> None:
    y = shop(300, 300, 9)
    rng = np.random.default_rng(1)
    out = np.repeat(rng.random((300, 50)) < 0.2, 6, axis=1)
    sold = np.where(out[:, :272], 0.0, y[:, :272])
    blind = panel_of(sold)
    seeing = Panel(blind.ids, blind.calendar, blind.first, sold, (~out[:, :272]).astype(float))
    came = y[:, 272:].sum()
    bias = {
        name: MODELS["ordersight"]().fit(panel, horizon=28).predict().mean.sum() / came - 1
        for name, panel in (("blind", blind), ("seeing", seeing), ("whole", panel_of(y[:, :272])))
    }
    assert bias["blind"] < -0.12
    assert abs(bias["seeing"] - bias["whole"]) < 0.02


def test_stock_that_runs_out_because_of_demand_does_not_hide_it() -> None:
    y = shop(300, 272, 21)
    stock, sold, share = np.full(300, 1.0), np.zeros_like(y), np.ones_like(y)
    for day in range(272):
        if day % 14 == 0:
            stock = np.ceil(y.mean(axis=1) * 12)
        demand = y[:, day]
        sold[:, day] = np.minimum(stock, demand)
        share[:, day] = np.where(demand > stock, np.divide(stock, demand + 1e-9), 1.0) * (stock > 0)
        stock = stock - sold[:, day]
    blind = panel_of(sold)
    seeing = Panel(blind.ids, blind.calendar, blind.first, sold, share)
    whole = MODELS["ordersight"]().fit(panel_of(y), horizon=28).predict().mean.sum()
    assert MODELS["ordersight"]().fit(blind, horizon=28).predict().mean.sum() < 0.88 * whole
    assert MODELS["ordersight"]().fit(seeing, horizon=28).predict().mean.sum() == pytest.approx(whole, rel=0.03)


def test_known_promotions_and_prices_move_the_forecast_by_what_they_did() -> None:
    rng = np.random.default_rng(4)
    days, ahead = 240, 28
    promo = (rng.random((200, days + ahead)) < 0.15).astype(float)
    price = 10.0 * np.where(rng.random((200, days + ahead)) < 0.2, 0.8, 1.0)
    mean = np.exp(rng.normal(0.5, 0.8, (200, 1))) * np.exp(0.7 * promo) * (price / 10.0) ** -2.0
    y = rng.poisson(mean).astype(float)
    base = panel_of(y[:, :days])
    panel = Panel(base.ids, base.calendar, base.first, base.y, base.stock, {"promo": promo, "price": price})
    found = MODELS["ordersight"]().fit(panel, horizon=ahead).predict().mean
    flag, low = promo[:, days:] > 0, price[:, days:] < 10
    plain = (found * (~flag & ~low)).sum() / (mean[:, days:] * (~flag & ~low)).sum()
    assert plain == pytest.approx(1.0, abs=0.05)
    assert (found * flag).sum() / (mean[:, days:] * flag).sum() == pytest.approx(1.0, abs=0.08)
    assert (found * low).sum() / (mean[:, days:] * low).sum() == pytest.approx(1.0, abs=0.08)


def test_a_yearly_season_of_weeks_is_found_and_beats_last_year() -> None:
    rng = np.random.default_rng(8)
    weeks = np.arange(150)
    season = 1 + 0.5 * np.sin(2 * np.pi * weeks / 52) + 1.5 * ((weeks % 52) == 47)
    level = np.exp(rng.normal(8, 1, (120, 1))) * (1 + 0.002 * weeks)
    y = level * season * rng.lognormal(0, 0.12, (120, 150))
    scores = backtest(panel_of(y, "W"), horizon=8, cutoffs=3)
    assert scores["ordersight"]["wape_sum"] < 0.75 * scores["seasonal_naive"]["wape_sum"]
    assert scores["ordersight"]["coverage"]["80"] == pytest.approx(0.8, abs=0.07)


def test_parts_that_die_out_are_not_forecast_at_their_past_level() -> None:
    rng = np.random.default_rng(6)
    mean = np.exp(rng.normal(0.0, 0.8, (600, 1))) * np.exp(-0.04 * np.arange(51))
    y = rng.poisson(mean * rng.gamma(1.0, 1.0, (600, 51))).astype(float)
    scores = backtest(panel_of(y, "M"), horizon=6, cutoffs=1)
    assert abs(scores["ordersight"]["bias"]) < 0.5 * abs(scores["window_average"]["bias"]) + 0.02
    assert scores["ordersight"]["rmsse"] < scores["sba"]["rmsse"]
