"""Probabilities that keep their word: quantiles asked for are moved to where past forecasts say they lie.

If past outcomes fell below the forecast's 90 % point in only 85 % of cases, the 90 % point asked for
is the one the model calls a little higher. The map is a line on the normal scale with its own slope
on each side, so it stays monotone and reaches the tails (after Gneiting, Balabdaoui & Raftery 2007;
randomised probabilities for counts as in Czado, Gneiting & Held 2009).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from forecasting.panel import Floats

#: Outcomes that count as much as the belief that the model is right; shared shocks make them few.
DOUBT = 400.0
#: A common shift (a good month for all) mostly does not repeat: this share of it is kept.
SHIFT_KEPT = 0.5
#: Slopes stay within these limits.
LIMITS = (0.7, 1.8)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Map of probabilities: z' = shift + slope z, slope by side; z on the normal scale."""

    shift: float = 0.0
    low: float = 1.0
    high: float = 1.0

    def apply(self, probabilities: Floats) -> Floats:
        """Return the probabilities to ask the model for."""
        z = ndtri(probabilities)
        return np.asarray(np.clip(ndtr(self.shift + np.where(z < 0, self.low, self.high) * z), 1e-9, 1.0 - 1e-9))


def calibrate(outcomes: Floats) -> Calibration:
    """Return the map learned from the probabilities that past outcomes had.

    Parameters
    ----------
    outcomes : ndarray
        P(demand <= actual) of past forecasts; uniform if they were right.
    """
    if len(outcomes) < 50:
        return Calibration()
    trust = len(outcomes) / (len(outcomes) + DOUBT)
    points = np.array([0.03, 0.06, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4])
    where = ndtri(np.clip(np.quantile(outcomes, np.concatenate([points, [0.5], 1.0 - points])), 1e-4, 1 - 1e-4))
    middle = float(where[len(points)])
    z = ndtri(points)
    low = float(((where[: len(points)] - middle) @ z) / (z @ z))
    high = float(((where[len(points) + 1 :] - middle) @ -z) / (z @ z))
    slopes = [1.0 + trust * (float(np.clip(slope, *LIMITS)) - 1.0) for slope in (low, high)]
    return Calibration(trust * SHIFT_KEPT * float(np.clip(middle, -0.5, 0.5)), *slopes)
