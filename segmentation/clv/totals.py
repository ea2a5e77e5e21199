"""Honest intervals of totals: parameters, chance, and drift.

The interval of the parameters alone is far too narrow (on the CDNOW sample the truth lies outside its 95 %). Three
parts are added on the log scale:

* parameters: delta method with the covariance of the fit, widened by 1.2 (bootstrap against Laplace);
* chance: the customers' variances, independent of each other;
* drift: how far totals were off at rolling origins inside the data, with a prior of 15 % counted as three
  origins. What was seen over a window grows with the square root of the horizon, as the level of a shop wanders.
  While the data are shorter than a year the season ahead was never seen, and origins of calm months say nothing of
  it: 13 % are added whatever they saw, over whatever horizon, for the level itself was learned in one season. With
  the prior that is 20 %; sales of 15 stores and their departments were off by 18 % from their first months.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from segmentation.clv.counting import Counts, Floats
    from segmentation.clv.models import Fitted
    from segmentation.clv.selection import Past

Z_90 = 1.6448536269514722
PRIOR_DRIFT, PRIOR_WEIGHT, UNSEEN_SEASON = 0.15, 3.0, 0.13
YEAR_DAYS = 365
WIDER = 1.2
#: Standard deviations that hold 95 % from above whatever a small total's shape; a logarithm past all numbers.
LONG_TAIL, LARGEST_LOG = 3.0, 500.0
#: Histories the parameters' part is computed on at most.
SAMPLE = 5_000


@dataclass(frozen=True)
class Total:
    """A total with its central 90 % interval, and the standard deviations of its logarithm."""

    mean: float
    lo_90: float
    hi_90: float
    parameters: float
    chance: float
    drift: float


def drifts(past: Past, oldest_days: int) -> tuple[float, float]:
    """Return the standard deviations of the drift of total orders and of total value.

    Parameters
    ----------
    oldest_days : int
        How long the oldest customer is known: the span of the data.
    """
    longer = float(np.sqrt(past.horizon_days / past.window_days))
    season = UNSEEN_SEASON if oldest_days < YEAR_DAYS else 0.0
    seen = drift_of([t.log_ratio for t in past.trials]), drift_of([t.log_value_ratio for t in past.trials])
    orders, value = (float(np.hypot(longer * drift, season)) for drift in seen)
    return orders, value


def drift_of(log_ratios: Sequence[float]) -> float:
    """Return the standard deviation of the drift from log(actual / expected) at the origins."""
    squares = PRIOR_WEIGHT * PRIOR_DRIFT**2 + sum(r * r for r in log_ratios)
    return float(np.sqrt(squares / (PRIOR_WEIGHT + len(log_ratios))))


def parameter_share(fitted: Fitted, counts: Counts, horizon_days: float) -> float:
    """Return the standard deviation of the log of the total orders that the parameters leave."""
    few = counts.thinned(SAMPLE)

    def log_total(shift: Floats) -> float:
        outlook = fitted.outlook(few, horizon_days, fitted.params * np.exp(shift))
        return float(np.log(max(float(outlook.mean @ few.weight), 1e-12)))

    width = 0.02
    slope = np.array([(log_total(u) - log_total(-u)) / (2 * width) for u in np.eye(len(fitted.params)) * width])
    variance = float(slope @ fitted.covariance @ slope)
    return WIDER * float(np.sqrt(max(variance, 0.0)))


def total(means: Floats, variances: Floats, *, parameters: float, drift: float) -> Total:
    """Return a total of independent customers with its interval."""
    mean, deviation = float(means.sum()), float(np.sqrt(variances.sum()))
    chance = deviation / mean if mean > 0 else 0.0
    wander = float(np.hypot(parameters, drift))
    spread = float(np.hypot(wander, chance))
    # The chance of a total of about one or less is not lognormal: its logarithm would reach beyond everything.
    most = mean * np.exp(Z_90 * wander) + LONG_TAIL * deviation
    high = min(mean * np.exp(min(Z_90 * spread, LARGEST_LOG)), most)
    return Total(mean, mean * np.exp(-Z_90 * spread), float(high), parameters, chance, drift)
