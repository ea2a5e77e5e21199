"""Probabilities that keep their word: quantiles asked for are moved to where past forecasts say they lie.

If past outcomes fell below the forecast's 90 % point in only 85 % of cases, the 90 % point asked for
is the one the model calls a little higher. The map is a chain of lines on the normal scale, so it
stays monotone and reaches the tails, which seldom err as the middle does (after Gneiting, Balabdaoui & Raftery 2007;
randomised probabilities for counts as in Czado, Gneiting & Held 2009).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri, stdtrit

from forecasting.panel import Floats, Ints

#: Outcomes that count as much as the belief that the model is right; shared shocks make them few.
DOUBT = 150.0
#: A common shift (a good month for all) mostly does not repeat: this share of it is kept.
SHIFT_KEPT = 0.5
#: Normal scores stay within these shares of what was asked for.
LIMITS = (0.7, 1.8)
#: Probabilities at which the map has its knots; beyond the outer ones it goes on in proportion.
KNOTS: Floats = np.array([0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.99])
AT: Floats = ndtri(KNOTS)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Map of probabilities: the normal scores asked for at :data:`AT` become `scores`."""

    scores: tuple[float, ...] = tuple(AT.tolist())

    def apply(self, probabilities: Floats) -> Floats:
        """Return the probabilities to ask the model for."""
        z = ndtri(probabilities)
        scores = np.array(self.scores)
        inside = np.interp(z, AT, scores)
        beyond = np.where(z < AT[0], (z - AT[0]) * scores[0] / AT[0], 0.0)
        beyond += np.where(z > AT[-1], (z - AT[-1]) * scores[-1] / AT[-1], 0.0)
        return np.asarray(np.clip(ndtr(inside + beyond), 1e-9, 1.0 - 1e-9))

    def between(self, other: Calibration, share: float) -> Calibration:
        """Return the map that lies `share` of the way to another."""
        pairs = zip(self.scores, other.scores, strict=True)
        return Calibration(tuple((1.0 - share) * mine + share * theirs for mine, theirs in pairs))

    def widened(self, factor: float) -> Calibration:
        """Return the map that asks for scores `factor` times as far from the middle."""
        middle = self.scores[len(KNOTS) // 2]
        return Calibration(tuple(middle + factor * (score - middle) for score in self.scores))


def calibrate(outcomes: Floats) -> Calibration:
    """Return the map learned from the probabilities that past outcomes had.

    Parameters
    ----------
    outcomes : ndarray
        P(demand <= actual) of past forecasts; uniform if they were right.
    """
    if len(outcomes) < 50:
        return Calibration()
    fell = ndtri(np.clip(np.quantile(outcomes, KNOTS), 1e-4, 1 - 1e-4))
    middle = float(np.clip(fell[len(KNOTS) // 2], -0.5, 0.5))
    apart = np.divide(fell - fell[len(KNOTS) // 2], AT, out=np.ones_like(AT), where=AT != 0)
    # a knot far out was met by few outcomes, so it is believed less than one in the middle
    met = len(outcomes) * 4.0 * KNOTS * (1.0 - KNOTS)
    slope = 1.0 + met / (met + DOUBT / 4.0) * (np.clip(apart, *LIMITS) - 1.0)
    shift = len(outcomes) / (len(outcomes) + DOUBT) * SHIFT_KEPT * middle
    return Calibration(tuple(np.maximum.accumulate(shift + slope * AT).tolist()))


def shared_surprise(outcomes: Floats, origins: Ints) -> float:
    """Return how much wider sums must be drawn because all series were surprised together, few times.

    Parameters
    ----------
    outcomes : ndarray, shape (m,)
        P(demand <= actual) of past forecasts.
    origins : ndarray of int, shape (m,)
        Origin of each.

    Notes
    -----
    Thousands of series at eight origins are eight draws of what moves the whole shop. Its share rho of
    the variance of normal scores is widened from the normal to Student's t with as many degrees of
    freedom as origins less one, and by the error of its own mean (1 + 1/k).
    """
    z = ndtri(np.clip(outcomes, 1e-4, 1 - 1e-4))
    met = np.bincount(origins)
    met = met[met > 0]
    if len(met) < 3 or met.min() < 2:
        return 1.0
    mean = np.bincount(origins, weights=z)[np.bincount(origins) > 0] / met
    variance = max(float(z.var()), 1e-9)
    rho = float(np.clip((mean.var(ddof=1) - variance * (1.0 / met).mean()) / variance, 0.0, 0.6))
    tail = (1.0 + 1.0 / len(met)) * (stdtrit(len(met) - 1, 0.975) / ndtri(0.975)) ** 2
    return float(np.sqrt(1.0 + rho * (tail - 1.0)))
