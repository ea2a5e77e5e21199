"""Spread of whole-unit demand: negative binomial, dispersion by span, probabilities calibrated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting import negative_binomial as nb
from forecasting.calibration import Calibration, calibrate
from forecasting.panel import Floats
from forecasting.trials import Trials

#: Most single-period misses looked at for the calibration.
MOST_POINTS = 20_000


@dataclass(frozen=True)
class CountSpread:
    """Dispersion of n series for sums over 1, … periods.

    Parameters
    ----------
    spans : tuple of int
        Numbers of periods at which the dispersion was estimated, ascending, first 1.
    dispersion : ndarray, shape (len(spans), n)
        Of sums over those spans, around forecasts made before the fact.
    single, total : Calibration
        Maps of probabilities for one period and for sums.
    """

    spans: tuple[int, ...]
    dispersion: Floats
    single: Calibration
    total: Calibration

    def quantiles(self, mean: Floats, probabilities: Floats) -> Floats:
        """Return quantiles of each period, shape (n, h, q), whole units."""
        asked = self.single.apply(probabilities)
        series, periods = mean.shape
        flat = np.stack([mean.ravel(), np.repeat(self.dispersion[0], periods)], axis=1)
        distinct, back = np.unique(flat.round(9), axis=0, return_inverse=True)
        rows = np.broadcast_to(asked, (len(distinct), len(asked)))
        found = nb.quantiles(distinct[:, 0], distinct[:, 1], rows)
        return found[back.ravel()].reshape(series, periods, len(asked))

    def sum_quantiles(self, mean: Floats, days: int, probabilities: Floats) -> Floats:
        """Return quantiles of the sum over the first `days` periods, shape (n, q), whole units."""
        if days == 1:
            return self.quantiles(mean[:, None], probabilities)[:, 0]
        asked = self.total.apply(probabilities)
        return nb.quantiles(mean, self.dispersion_of(days), np.broadcast_to(asked, (len(mean), len(asked))))

    def dispersion_of(self, days: int) -> Floats:
        """Return the dispersion of sums over `days` periods, between the spans on a log scale, shape (n,)."""
        at = np.log(self.spans)
        place = float(np.clip(np.log(days), at[0], at[-1]))
        right = min(int(np.searchsorted(at, place)), len(at) - 1)
        left = max(right - 1, 0)
        share = (place - at[left]) / (at[right] - at[left]) if right > left else 0.0
        logs = np.log(self.dispersion)
        return np.asarray(np.exp((1 - share) * logs[left] + share * logs[right]))


def fit_counts(trials: Trials) -> CountSpread:
    """Return the spread of counts, from forecasts at past origins and what came."""
    half = max(1, round(trials.horizon / 2))
    spans = tuple(sorted({1, half, trials.horizon}))
    dispersion = np.stack([nb.posterior_dispersion(_likelihood(trials, span)) for span in spans])
    single = calibrate(_probabilities(trials, 1, dispersion[0]))
    total = calibrate(_probabilities(trials, spans[-1], dispersion[-1])) if spans[-1] > 1 else single
    return CountSpread(spans, dispersion, single, total)


def _likelihood(trials: Trials, span: int) -> Floats:
    sums = trials.sums(span)
    usable = sums.judged & (sums.mean > 1e-6)
    rows = np.broadcast_to(np.arange(sums.mean.shape[1])[None, :, None], sums.mean.shape)[usable]
    return nb.evidence(sums.actual[usable], sums.mean[usable], rows, sums.mean.shape[1])


def _probabilities(trials: Trials, span: int, dispersion: Floats) -> Floats:
    """Return randomised P(demand <= actual) of past forecasts; uniform if the spread is right.

    The randomisation between P(< actual) and P(<= actual) is a fixed low-discrepancy sequence.
    """
    sums = trials.sums(span)
    chosen = np.flatnonzero(sums.judged & (sums.mean > 1e-6))
    chosen = chosen[:: max(1, -(-len(chosen) // MOST_POINTS))]
    spread = np.broadcast_to(dispersion[:, None], sums.mean.shape).ravel()[chosen]
    mean, actual = sums.mean.ravel()[chosen], sums.actual.ravel()[chosen]
    below, upto = nb.cdf(actual - 1.0, mean, spread), nb.cdf(actual, mean, spread)
    between = (np.arange(len(chosen)) * 0.6180339887498949 + 0.5) % 1.0
    return np.asarray(below + between * (upto - below))
