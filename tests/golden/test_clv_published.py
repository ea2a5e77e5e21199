"""Published numbers of the purchase models: CDNOW fits, and expectations at published parameters."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from segmentation import clv
from segmentation.clv import spend
from segmentation.clv.counting import count
from segmentation.clv.dropout import outlook as bg_outlook
from segmentation.clv.models import fit_model
from segmentation.clv.pareto import outlook as pareto_outlook

BG = np.array([0.2425982, 4.4136842, 0.7929899, 2.4261667])
PARETO = np.array([0.553, 10.580, 0.606, 11.656])


def weeks(module, params, x, t_x, age, horizon, **extra):
    one = module(params, np.array([x]), np.array([t_x]), np.array([age]), horizon=horizon, **extra)
    return one.mean[0], one.alive[0]


@pytest.mark.parametrize(
    ("x", "t_x", "age", "horizon", "expected", "alive"),
    [
        (0, 0.0, 0.0, 52.0, 1.444004, 1.0),
        (26, 30.85714, 31.0, 52.0, 25.75659, 0.9688523),
        (10, 20.0, 39.0, 52.0, 0.3474606, None),
        (15, 20.0, 39.0, 52.0, 0.04283391, None),
        (20, 20.0, 39.0, 52.0, 0.004158973, None),
        (25, 20.0, 39.0, 52.0, 0.0003583685, None),
        (2, 30.43, 38.86, 39.0, 1.2259, 0.7266),
    ],
)
def test_bg_nbd_conditional_expectations(x, t_x, age, horizon, expected, alive):
    mean, here = weeks(bg_outlook, BG, x, t_x, age, horizon, shift=0)
    assert mean == pytest.approx(expected, rel=1e-4)
    if alive is not None:
        assert here == pytest.approx(alive, abs=5e-5)


@pytest.mark.parametrize(
    ("x", "t_x", "age", "expected"),
    [
        (10, 20.0, 39.0, 0.70613),
        (15, 20.0, 39.0, 0.14422),
        (20, 20.0, 39.0, 0.022505),
        (25, 20.0, 39.0, 0.0030926),
        (26, 30.85714, 31.0, 25.45647),
        (0, 0.0, 0.0, 1.473434),
    ],
)
def test_pareto_nbd_conditional_expectations(x, t_x, age, expected):
    # The first four are computed with the rounded parameters; the published two with all digits.
    rel = 1e-3 if x in {0, 26} else 3e-5
    assert weeks(pareto_outlook, PARETO, x, t_x, age, 52.0)[0] == pytest.approx(expected, rel=rel)


def test_pareto_nbd_chance_of_being_alive():
    assert weeks(pareto_outlook, PARETO, 26, 30.85714, 31.0, 52.0)[1] == pytest.approx(0.997874, abs=1e-5)


@pytest.mark.parametrize("x", [0, 1, 30, 300, 1000])
def test_expectations_stay_finite_for_any_number_of_orders(x):
    for module, params, extra in ((bg_outlook, BG, {"shift": 0}), (pareto_outlook, PARETO, {})):
        one = module(params, np.array([x]), np.array([99.0 * (x > 0)]), np.array([100.0]), horizon=520.0, **extra)
        assert 0 <= one.mean[0] <= 520 * (x + 1)
        assert 0 <= one.active[0] <= 1


@pytest.fixture(scope="module")
def cdnow(shared) -> pl.DataFrame:
    log = pl.read_csv(shared / "data" / "cdnow-sample" / "cdnowElog.csv", infer_schema=False)
    return clv.tidy(log.select(pl.col("sampleid").alias("customer_id"), "date", pl.col("sales").alias("amount")))


@pytest.mark.parametrize(
    ("model", "params", "value"),
    [
        ("bgnbd", {"r": 0.2426, "alpha": 4.4135, "a": 0.7929, "b": 2.4258}, -9582.43),
        ("mbgnbd", {"r": 0.5248, "alpha": 6.183, "a": 0.8914, "b": 1.614}, -9582.13),
        ("paretonbd", {"r": 0.5533, "alpha": 10.578, "s": 0.6062, "beta": 11.668}, -9594.976),
    ],
)
def test_cdnow_parameters(cdnow, model, params, value):
    found = clv.fit(cdnow, until=date(1997, 9, 30), model=model)
    shown, likelihood = found.fitted.in_unit(7.0)
    assert found.fitted.customers == 2357
    assert shown == pytest.approx(params, abs=1e-3)
    assert likelihood == pytest.approx(value, abs=0.01)


def test_cdnow_expected_total(cdnow):
    found = clv.fit(cdnow, until=date(1997, 9, 30), model="bgnbd")
    total = clv.predict(found, 273).orders
    assert total.mean == pytest.approx(1653.4, abs=1.0)
    assert total.lo_90 < 1882 < total.hi_90


def test_gamma_gamma_parameters(shared):
    file = shared / "data" / "cdnow-sample" / "cdnow_customers_summary_with_transactions.csv"
    repeaters = pl.read_csv(file).filter(pl.col("x") > 0)
    n = repeaters.get_column("x").to_numpy()
    found = spend.fit(n, n * repeaters.get_column("zbar").to_numpy())
    assert (found.p, found.q, found.v) == pytest.approx((6.2488, 3.7446, 15.4476), abs=1e-3)
    assert found.value == pytest.approx(-4055.923, abs=0.01)
    spent = np.array([2 * 22.35, 11.77, 0.0])
    assert found.mean(np.array([2, 1, 0]), spent) == pytest.approx([24.659, 18.911, 35.171], abs=1e-3)


def test_the_same_history_in_weeks_or_days_is_the_same_fit(cdnow):
    counts = count(clv.summarise(clv.purchase_days(cdnow), date(1997, 9, 30)))
    fitted = fit_model("bgnbd", counts)
    by_day, by_week = fitted.in_unit(1.0), fitted.in_unit(7.0)
    assert by_day[0]["alpha"] == pytest.approx(7 * by_week[0]["alpha"])
    assert by_day[1] == pytest.approx(by_week[1] - fitted.repeats * np.log(7))
