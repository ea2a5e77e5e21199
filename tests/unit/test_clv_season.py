"""A season that came a year ago is foreseen; where there was none, next to nothing is moved."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from clv_populations import PLAIN, REGIMES, START, transactions

from segmentation.clv import tidy
from segmentation.clv.estimator import Fit, fit, predict
from segmentation.clv.history import purchase_days
from segmentation.clv.rolling import future
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
