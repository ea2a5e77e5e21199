"""Regimes with a known truth in which a forecaster goes wrong if it only follows levels."""

from datetime import date, timedelta

import numpy as np
import polars as pl

from forecasting import losses
from forecasting.calendars import day_kinds, trading_sundays, with_calendar
from forecasting.engine import Ordersight
from forecasting.panel import Panel
from forecasting.periods import Calendar

DENSE = np.arange(0.025, 0.98, 0.025).round(6)


def panel_of(y: np.ndarray, last: date) -> Panel:
    """Return a panel of days that ends on `last`."""
    first = (last - date(1970, 1, 1)).days - y.shape[1] + 1
    return Panel(pl.Series(range(len(y))), Calendar("D"), first, y, np.ones(y.shape))


def gifts(series: int, days: int, last: date) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and demand of a shop in which half of the SKUs are Christmas gifts."""
    rng = np.random.default_rng(12)
    day = np.datetime64(last) - np.arange(days)[::-1]
    place = (day - day.astype("datetime64[Y]")).astype(int)
    peak = np.clip(1 - np.abs(place - 348) / 28, 0, 1)
    strength = np.where(np.arange(series) % 2 == 0, 2.0, 0.2)[:, None]
    week = np.array([0.8, 0.9, 1.0, 1.0, 1.2, 1.4, 0.7])[np.arange(days) % 7]
    walk = np.exp(np.cumsum(rng.normal(0, 0.01, (series, days)), axis=1))
    mean = np.exp(rng.normal(0.3, 0.9, (series, 1))) * walk * week * (1 + strength * peak)
    return mean, rng.poisson(mean * rng.gamma(2.0, 0.5, mean.shape)).astype(float)


def test_days_know_the_season_their_panel_has_seen_a_year_before() -> None:
    mean, y = gifts(160, 740, date(2024, 12, 22))
    known = panel_of(y, date(2024, 12, 22)).until(740 - 28)
    found = Ordersight().fit(known, horizon=28).predict()
    came = mean[:, -28:]
    for gift in (0, 1):
        of = np.arange(160) % 2 == gift
        assert abs(found.mean[of].sum() / came[of].sum() - 1) < 0.12, "a season was missed"
    young = panel_of(y[:, 400:], date(2024, 12, 22)).until(340 - 28)
    blind = Ordersight().fit(young, horizon=28).predict()
    gifts_only = np.arange(160) % 2 == 0
    assert blind.mean[gifts_only].sum() < 0.75 * came[gifts_only].sum()


def test_growth_by_the_year_is_no_season() -> None:
    rng = np.random.default_rng(5)
    mean = np.exp(rng.normal(0.5, 0.8, (150, 1))) * np.exp(np.log(2) * np.arange(500) / 365)
    y = rng.poisson(mean * rng.gamma(2.0, 0.5, mean.shape)).astype(float)
    found = Ordersight().fit(panel_of(y, date(2024, 6, 30)).until(472), horizon=28).predict()
    assert abs(found.mean.sum() / mean[:, 472:].sum() - 1) < 0.07


def test_sums_of_steady_sellers_and_of_bursty_ones_cover_what_they_say() -> None:
    rng = np.random.default_rng(3)
    walk = np.exp(np.cumsum(rng.normal(0, 0.01, (300, 364)), axis=1))
    for size, dispersion in ((6.0, 0.02), (0.3, 1.2)):
        mean = np.exp(rng.normal(size, 0.5, (300, 1))) * walk
        y = rng.poisson(mean * rng.gamma(1 / dispersion, dispersion, mean.shape)).astype(float)
        panel = panel_of(y, date(2023, 12, 30))
        inside: dict[int, list[np.ndarray]] = {14: [], 28: []}
        for origin in (280, 308, 336):
            prediction = Ordersight().fit(panel.until(origin), horizon=28).predict()
            for days, kept in inside.items():
                came = y[:, origin : origin + days].sum(axis=1)
                kept.append(losses.pit(came, prediction.sum_quantiles(days, DENSE), DENSE))
        for days, kept in inside.items():
            held = losses.coverage(np.concatenate(kept))
            assert abs(held["80"] - 0.80) < 0.05, (size, days, held)
            assert abs(held["95"] - 0.95) < 0.025, (size, days, held)


def test_one_amount_near_nothing_does_not_widen_the_intervals_of_all_others() -> None:
    rng = np.random.default_rng(9)
    y = rng.lognormal(6.0, 0.1, (60, 120))
    y[0] = np.where(rng.random(120) < 0.9, 1e-7, 500.0)
    found = Ordersight().fit(panel_of(y, date(2024, 3, 3)), horizon=8).predict().quantiles(np.array([0.025, 0.975]))
    assert (found[1:, :, 1] / found[1:, :, 0]).max() < 2.5


def test_polish_holidays_and_trading_sundays_are_known_in_advance() -> None:
    assert [day.strftime("%d.%m") for day in trading_sundays(2026)] == [
        "25.01", "29.03", "26.04", "28.06", "30.08", "06.12", "13.12", "20.12",
    ]  # fmt: skip
    assert len(trading_sundays(2024)) == 7
    christmas = (
        day_kinds(date(2024, 12, 24), 2, "PL")["holiday"].tolist()
        + day_kinds(date(2025, 12, 24), 1, "PL")["holiday"].tolist()
    )
    assert christmas == [0.0, 1.0, 1.0], "Christmas Eve is free from 2025 on"
    rng = np.random.default_rng(2)
    kinds = day_kinds(date(2025, 2, 1), 420, "PL")
    mean = np.exp(rng.normal(0.5, 0.6, (80, 1))) * (1 - 0.9 * kinds["holiday"]) * (1 + kinds["holiday_eve"])
    y = rng.poisson(mean * rng.gamma(2.0, 0.5, mean.shape)).astype(float)
    last = date(2025, 2, 1) + timedelta(days=419)
    panel = panel_of(y, last).until(325)
    found = Ordersight().fit(with_calendar(panel, "PL", 28), horizon=28).predict().mean.sum(axis=0)
    usual, here = np.median(found), kinds["holiday"][325:353] > 0
    assert here.any(), "a holiday lies ahead"
    assert (found[here] < 0.5 * usual).all()
