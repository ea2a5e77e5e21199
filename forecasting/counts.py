"""Spread of whole-unit demand: negative binomial, dispersion by span, probabilities calibrated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting import negative_binomial as nb
from forecasting.calibration import Calibration, calibrate, shared_surprise
from forecasting.panel import Floats, Ints
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
    maps : tuple of Calibration
        Maps of probabilities, one a span.
    """

    spans: tuple[int, ...]
    dispersion: Floats
    maps: tuple[Calibration, ...]

    def quantiles(self, mean: Floats, probabilities: Floats) -> Floats:
        """Return quantiles of each period, shape (n, h, q), whole units."""
        asked = self.maps[0].apply(probabilities)
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
        left, right, share = self._place(days)
        asked = self.maps[left].between(self.maps[right], share).apply(probabilities)
        return nb.quantiles(mean, self.dispersion_of(days), np.broadcast_to(asked, (len(mean), len(asked))))

    def dispersion_of(self, days: int) -> Floats:
        """Return the dispersion of sums over `days` periods, between the spans on a log scale, shape (n,)."""
        left, right, share = self._place(days)
        logs = np.log(self.dispersion)
        return np.asarray(np.exp((1 - share) * logs[left] + share * logs[right]))

    def _place(self, days: int) -> tuple[int, int, float]:
        """Return the spans below and above `days`, and how far between them it lies (log scale)."""
        at = np.log(self.spans)
        place = float(np.clip(np.log(days), at[0], at[-1]))
        right = min(int(np.searchsorted(at, place)), len(at) - 1)
        left = max(right - 1, 0)
        return left, right, float((place - at[left]) / (at[right] - at[left])) if right > left else 0.0


def fit_counts(trials: Trials) -> CountSpread:
    """Return the spread of counts, from forecasts at past origins and what came."""
    half = max(1, round(trials.horizon / 2))
    spans = tuple(sorted({1, half, trials.horizon}))
    dispersion, maps = [], []
    for span in spans:
        own, others = _dispersions(trials, span)
        outcomes, origins = _probabilities(trials, span, others)
        wider = shared_surprise(outcomes, origins) if span > 1 else 1.0
        dispersion.append(own)
        maps.append(calibrate(outcomes).widened(wider))
    return CountSpread(spans, np.stack(dispersion), tuple(maps))


def _dispersions(trials: Trials, span: int) -> tuple[Floats, Floats]:
    """Return the dispersion of each series, shape (n,), and as the other origins alone tell it, shape (o, n).

    Outcomes must not be judged by a dispersion they helped to find: each would seem less of a
    surprise than the next one will be.
    """
    sums = trials.sums(span)
    origins, series = sums.mean.shape[:2]
    usable = sums.judged & (sums.mean > 1e-6)
    cell = np.arange(origins * series).reshape(origins, series, 1)
    rows = np.broadcast_to(cell, sums.mean.shape)[usable]
    found = nb.evidence(sums.actual[usable], sums.mean[usable], rows, origins * series)
    each = found.reshape(origins, series, len(nb.GRID))
    total = each.sum(axis=0)
    prior = nb.pooled_prior(total)
    return nb.posterior_dispersion(total, prior), nb.posterior_dispersion(total - each, prior)


def _probabilities(trials: Trials, span: int, dispersion: Floats) -> tuple[Floats, Ints]:
    """Return randomised P(demand <= actual) of past forecasts, and their origins; uniform if the spread is right.

    Sums are judged over the first periods, as they will be asked for: the level is surest then. The
    randomisation between P(< actual) and P(<= actual) is a fixed low-discrepancy sequence.
    """
    sums = trials.sums(span, first=span > 1)
    chosen = np.flatnonzero(sums.judged & (sums.mean > 1e-6))
    chosen = chosen[:: max(1, -(-len(chosen) // MOST_POINTS))]
    spread = np.broadcast_to(dispersion[:, :, None], sums.mean.shape).ravel()[chosen]
    mean, actual = sums.mean.ravel()[chosen], sums.actual.ravel()[chosen]
    below, upto = nb.cdf(actual - 1.0, mean, spread), nb.cdf(actual, mean, spread)
    between = (np.arange(len(chosen)) * 0.6180339887498949 + 0.5) % 1.0
    return below + between * (upto - below), np.unravel_index(chosen, sums.mean.shape)[0]
