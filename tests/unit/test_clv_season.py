"""A season that came a year ago is foreseen; where there was none, next to nothing is moved."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from clv_populations import PLAIN, REGIMES, START, transactions

from segmentation.clv import tidy
from segmentation.clv.estimator import Fit, fit, predict
from segmentation.clv.history import purchase_days
from segmentation.clv.rolling import future
from segmentation.clv.totals import drifts, total
from segmentation.clv.yearly import year_ago

UNTIL, HORIZON = START + timedelta(days=810), 90  # late March: the wave of November is over


@pytest.fixture(scope="module")
def seasonal() -> Fit:
    return fit(tidy(transactions(REGIMES["seasonal"], seed=1)), until=UNTIL, horizon_days=HORIZON)


def _off(found: Fit, lines_seed: int) -> float:
    days = purchase_days(tidy(transactions(REGIMES["seasonal"], seed=lines_seed)), UNTIL + timedelta(days=HORIZON))
    known = found.customers.select("customer_id")
    came = future(days, UNTIL, HORIZON).join(known, on="customer_id", how="semi")
    return float(np.log(predict(found, HORIZON).orders.mean / float(came["orders"].sum())))


def test_the_quiet_months_after_the_wave_are_foreseen(seasonal: Fit) -> None:
    assert seasonal.past is not None
    deaf = replace(seasonal, past=replace(seasonal.past, season=0.0))
    assert _off(deaf, 1) > 0.3
    assert abs(_off(seasonal, 1)) < _off(deaf, 1) / 2


def test_a_shop_without_seasons_keeps_its_forecast() -> None:
    found = fit(tidy(transactions(replace(PLAIN, days=810), seed=3)), until=UNTIL, horizon_days=HORIZON)
    assert found.past is not None
    assert abs(found.past.season) < 0.05


@pytest.mark.parametrize(
    ("until", "horizon"),
    [(START + timedelta(days=420), HORIZON), (UNTIL, 400)],
    ids=["no whole year with enough before it", "longer than a year"],
)
def test_without_the_same_days_a_year_ago_nothing_is_said_of_a_season(until: date, horizon: int) -> None:
    days = purchase_days(tidy(transactions(PLAIN, seed=1)), until)
    assert year_ago(days, until, horizon) is None


def test_a_hole_in_the_file_is_no_season_but_a_winter_closed_every_year_is() -> None:
    """A year without rows would have multiplied the totals of the year after it by thirty."""
    days = purchase_days(tidy(transactions(replace(PLAIN, days=810), seed=1)), UNTIL)
    since = pl.lit(START) + pl.duration(days=200)
    torn = days.filter((pl.col("day") < since) | (pl.col("day") > since + pl.duration(days=150)))
    assert year_ago(days, UNTIL, HORIZON) is not None
    assert year_ago(torn, UNTIL, HORIZON) is None
    ahead = (pl.col("day") - pl.lit(START)).dt.total_days()
    closed = days.filter(~(ahead % 364).is_between(60, 110))
    assert year_ago(closed, UNTIL, HORIZON) is not None


def test_the_interval_of_next_to_nothing_is_next_to_nothing() -> None:
    """The logarithm of a total of 1e-19 has no spread anybody can write down."""
    few = total(np.full(100, 1e-21), np.full(100, 1e-21), parameters=0.0, drift=0.15)
    assert 0 <= few.lo_90 <= few.mean <= few.hi_90 < 0.01
    usual = total(np.full(100, 0.5), np.full(100, 0.7), parameters=0.05, drift=0.15)
    assert usual.hi_90 == pytest.approx(50 * np.exp(1.6448536 * np.sqrt(0.05**2 + 0.15**2 + 70 / 50**2)))


def test_calm_months_say_nothing_of_a_season_never_seen(seasonal: Fit) -> None:
    past = seasonal.past
    assert past is not None
    calm = replace(past, trials=[replace(t, outlook=t.outlook.scaled(np.exp(t.log_ratio))) for t in past.trials])
    young, old = (drifts(calm, days)[0] for days in (200, 400))
    assert old < 0.15
    assert young == pytest.approx(np.hypot(old, 0.13))
