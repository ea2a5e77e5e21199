"""Losses by hand on three short series."""

import numpy as np
import pytest

from forecasting import losses

PAST = np.array(
    [
        [0.0, 2.0, 4.0, 2.0],  # from the first 2 on: steps 2, -2 -> rms 2, mean 2
        [1.0, 1.0, 4.0, 4.0],  # steps 0, 3, 0 -> rms sqrt(3), mean 1
        [5.0, np.nan, 5.0, 8.0],  # the unknown breaks two steps; left 3 -> rms 3, mean 3
    ]
)
ACTUAL = np.array([[3.0, 5.0], [4.0, 1.0], [8.0, np.nan]])
MEAN = np.array([[3.0, 3.0], [1.0, 1.0], [5.0, 5.0]])


def test_scales_count_from_the_first_demand_and_skip_unknown_steps() -> None:
    root, mean = losses.scales(PAST)
    assert root == pytest.approx([2.0, np.sqrt(3.0), 3.0])
    assert mean == pytest.approx([2.0, 1.0, 3.0])


def test_rmsse_and_mase_by_hand() -> None:
    root, mean = losses.scales(PAST)
    # errors: (0, 2), (3, 0), (3)
    assert losses.rmsse(ACTUAL, MEAN, root) == pytest.approx([np.sqrt(2.0) / 2, np.sqrt(4.5 / 3), 1.0])
    assert losses.mase(ACTUAL, MEAN, mean) == pytest.approx([0.5, 1.5, 1.0])


def test_sum_wape_and_bias_by_hand() -> None:
    # sums 8, 5, 8 against 6, 2, 5: |2| + |3| + |3| over 21
    assert losses.wape_of_sums(ACTUAL, MEAN) == pytest.approx(8 / 21)
    assert losses.bias(ACTUAL, MEAN) == pytest.approx(13 / 21 - 1)


def test_scaled_pinball_by_hand() -> None:
    quantiles = np.array([[[1.0, 5.0]], [[2.0, 2.0]], [[0.0, 9.0]]])
    actual = np.array([[3.0], [4.0], [8.0]])
    found = losses.spl(actual, quantiles, np.array([0.25, 0.75]), np.array([1.0, 2.0, 4.0]))
    # 1: .25*2 and .25*2; 2: .25*2 and .75*2, halved; 3: .25*8 and .25*1, quartered; means of two
    assert found == pytest.approx([0.5, 0.5, 0.28125])


def test_weighted_loss_follows_the_weights() -> None:
    assert losses.weighted(np.array([1.0, 3.0]), np.array([3.0, 1.0])) == pytest.approx(1.5)
    assert np.isnan(losses.weighted(np.array([1.0]), np.array([0.0])))


def test_randomised_pit_of_a_right_count_forecast_is_uniform_where_plain_coverage_overstates() -> None:
    rng = np.random.default_rng(3)
    demand = rng.poisson(0.7, 40_000).astype(float)
    probabilities = np.arange(0.01, 1.0, 0.01)
    sample = np.quantile(rng.poisson(0.7, 400_000), probabilities, method="inverted_cdf")
    outcomes = losses.pit(demand, np.broadcast_to(sample, (len(demand), 99)), probabilities)
    covered = losses.coverage(outcomes)
    assert covered["50"] == pytest.approx(0.5, abs=0.02)
    assert covered["80"] == pytest.approx(0.8, abs=0.02)
    assert covered["95"] == pytest.approx(0.95, abs=0.02)
    closed = ((demand >= sample[24]) & (demand <= sample[74])).mean()
    assert closed > 0.8
