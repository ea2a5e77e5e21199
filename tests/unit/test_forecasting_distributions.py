"""The negative binomial against SciPy, the prior that pools, probabilities that keep their word."""

import numpy as np
import pytest
from scipy.special import ndtr
from scipy.stats import nbinom

from forecasting import negative_binomial as nb
from forecasting.calibration import calibrate
from forecasting.censoring import truncated_mean


@pytest.mark.parametrize("mean", [0.01, 0.4, 3.0, 40.0, 250.0])
@pytest.mark.parametrize("dispersion", [0.02, 0.5, 4.0, 30.0])
def test_quantiles_and_probabilities_are_the_negative_binomials(mean: float, dispersion: float) -> None:
    r = 1 / dispersion
    p = np.array([0.005, 0.025, 0.25, 0.5, 0.75, 0.975, 0.995])
    expected = nbinom.ppf(p, r, r / (r + mean))
    found = nb.quantiles(np.array([mean]), np.array([dispersion]), p[None, :])[0]
    # one unit where SciPy's probability ties with p to the last digits; one in a hundred on the long tail
    assert np.abs(found - expected).max() <= max(1, 0.01 * expected.max())
    units = np.array([0.0, 1.0, 7.0, 300.0])
    ones = np.ones(4)
    assert nb.cdf(units, mean * ones, dispersion * ones) == pytest.approx(nbinom.cdf(units, r, r / (r + mean)))
    assert nb.cdf(np.array([-1.0]), np.array([mean]), np.array([dispersion]))[0] == 0.0


def test_no_demand_expected_is_no_demand_at_any_probability() -> None:
    assert not nb.quantiles(np.zeros(2), np.ones(2), np.full((2, 3), 0.99)).any()


def test_dispersion_of_one_poor_series_is_drawn_to_what_the_others_show() -> None:
    rng = np.random.default_rng(0)
    units = rng.poisson(4.0 * rng.gamma(2.0, 0.5, (400, 60)))
    rows = np.repeat(np.arange(400), 60)
    likelihood = nb.evidence(units.ravel().astype(float), np.full(24_000, 4.0), rows, 401)
    found = nb.posterior_dispersion(likelihood)
    assert np.median(found[:400]) == pytest.approx(0.5, rel=0.1)
    assert found[400] == pytest.approx(0.5, rel=0.2)
    alone = nb.posterior_dispersion(likelihood[400:])
    assert alone[0] == pytest.approx(nb.FIRST_GUESS, rel=0.3)


def test_calibration_undoes_a_spread_that_was_too_narrow() -> None:
    rng = np.random.default_rng(1)
    outcomes = ndtr(1.4 * rng.standard_normal(20_000))
    moved = calibrate(outcomes).apply(np.array([0.1, 0.5, 0.9]))
    assert (outcomes < moved[2]).mean() == pytest.approx(0.9, abs=0.01)
    assert (outcomes < moved[0]).mean() == pytest.approx(0.1, abs=0.01)
    assert moved[1] == pytest.approx(0.5, abs=0.02)


def test_few_outcomes_change_no_probability() -> None:
    assert calibrate(np.full(20, 0.99)).apply(np.array([0.3]))[0] == pytest.approx(0.3)


def test_demand_seen_in_part_is_expected_above_what_was_seen() -> None:
    rng = np.random.default_rng(2)
    demand = rng.poisson(5.0 * rng.gamma(2.0, 0.5, 400_000))
    for least in (0, 1, 4, 12):
        found = truncated_mean(np.array([float(least)]), np.array([5.0]), np.array([0.5]))[0]
        assert found == pytest.approx(demand[demand >= least].mean(), rel=0.02)
