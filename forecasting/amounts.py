"""Spread of amounts (money, weights, net returns): what past forecasts missed, on each series' own scale.

Misses are divided by the series' scale, pooled over series, and their quantiles are used as they
fell: skewed if they were skewed. A series that stays well above zero has a scale proportional to
its forecast; one that comes near zero or crosses it has a constant scale.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from forecasting.panel import Bools, Floats, Ints
from forecasting.trials import Trials

#: Misses a series needs to be believed as much as the pool.
POOLED_MISSES = 10.0
#: Pooled misses that count as much as the normal curve.
DOUBT = 200.0
#: A series whose lowest amount is under this share of its median comes near zero.
NEAR_ZERO = 0.1
#: Probabilities at which the pooled misses are kept.
KNOTS: Floats = np.concatenate([[0.002, 0.005], np.arange(0.01, 0.991, 0.01), [0.995, 0.998]])


@dataclass(frozen=True)
class Misses:
    """Scale of n series and the pooled curve of misses, for one span."""

    scale: Floats
    growth: Floats
    curve: Floats

    def at(self, probabilities: Floats) -> Floats:
        """Return the standardised miss at each probability."""
        inside = np.interp(ndtri(probabilities), ndtri(KNOTS), self.curve)
        return np.asarray(inside + _beyond(probabilities, self.curve))


def _beyond(probabilities: Floats, curve: Floats) -> Floats:
    """Return what is added outside the knots: the curve goes on as a normal one would."""
    z, low, high = ndtri(probabilities), ndtri(KNOTS[0]), ndtri(KNOTS[-1])
    down = np.minimum(z - low, 0.0) * abs(curve[0] / low)
    up = np.maximum(z - high, 0.0) * abs(curve[-1] / high)
    return np.asarray(down + up)


@dataclass(frozen=True)
class AmountSpread:
    """Misses over single periods and over sums of n series.

    Parameters
    ----------
    spans : tuple of int
        Periods of the sums at which misses were measured, ascending.
    misses : tuple of Misses
        For those spans; the first is for single periods.
    follows, floor : ndarray of bool, shape (n,)
        Whether the scale follows the forecast; whether amounts are never below zero.
    size : ndarray, shape (n,)
        Mean absolute amount of a period, the unit of constant scales.
    """

    spans: tuple[int, ...]
    misses: tuple[Misses, ...]
    follows: Bools
    floor: Bools
    size: Floats

    def quantiles(self, mean: Floats, probabilities: Floats) -> Floats:
        """Return quantiles of each period, shape (n, h, q)."""
        single = self.misses[0]
        scale = single.scale[:, None] * self._unit(mean, 1) * single.growth[: mean.shape[1]]
        found = mean[:, :, None] + scale[:, :, None] * single.at(probabilities)
        return np.where(self.floor[:, None, None], np.maximum(found, 0.0), found)

    def sum_quantiles(self, mean: Floats, days: int, probabilities: Floats) -> Floats:
        """Return quantiles of the sum over the first `days` periods, shape (n, q)."""
        if days == 1:
            return self.quantiles(mean[:, None], probabilities)[:, 0]
        at, place = np.log(self.spans), np.log(days)
        scale = np.stack([m.scale for m in self.misses])
        right = min(int(np.searchsorted(at, place)), len(at) - 1)
        left = max(right - 1, 0)
        share = float((place - at[left]) / (at[right] - at[left])) if right > left else 0.0
        width = np.exp((1 - share) * np.log(scale[left]) + share * np.log(scale[right]))
        curve = (1 - share) * self.misses[left].at(probabilities) + share * self.misses[right].at(probabilities)
        found = mean[:, None] + (width * self._unit(mean[:, None], days)[:, 0])[:, None] * curve
        return np.asarray(np.where(self.floor[:, None], np.maximum(found, 0.0), found))

    def _unit(self, mean: Floats, days: int) -> Floats:
        return _unit(mean, days * self.size, self.follows)


def _unit(mean: Floats, size: Floats, follows: Bools) -> Floats:
    """Return the unit misses are measured in: the forecast, not below a quarter of the usual amount, or that."""
    near = np.maximum(np.abs(mean), 0.25 * size[:, None])
    return np.asarray(np.where(follows[:, None], near, size[:, None]))


def fit_amounts(trials: Trials, y: Floats) -> AmountSpread:
    """Return the spread of amounts, from forecasts at past origins and what came.

    Parameters
    ----------
    trials : Trials
        Past forecasts.
    y : ndarray, shape (n, T)
        Amounts; NaN where unknown.
    """
    known = ~np.isnan(y)
    low = np.where(known, y, np.inf).min(axis=1)
    usual = np.array([np.median(row[seen]) if seen.any() else 0.0 for row, seen in zip(y, known, strict=True)])
    follows = low > NEAR_ZERO * usual
    size = np.maximum(np.where(known, np.abs(y), 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1), 1e-9)
    spans = tuple(sorted({1, max(1, round(trials.horizon / 2)), trials.horizon}))
    misses = tuple(_misses(trials, span, follows, size) for span in spans)
    return AmountSpread(spans, misses, follows, low >= 0, size)


def _misses(trials: Trials, span: int, follows: Bools, size: Floats) -> Misses:
    """Return the scale of each series and the pooled curve for sums over `span` periods."""
    sums = trials.sums(span, first=span > 1)
    unit = _unit(sums.mean, span * size, follows)
    judged = sums.judged & (unit > 1e-9)
    if not judged.any():
        return Misses(np.full(len(size), 0.5), np.ones(sums.horizon), ndtri(KNOTS))
    relative = (sums.actual - sums.mean) / np.maximum(unit, 1e-9)
    absolute = np.where(judged, np.abs(relative), 0.0)
    total, count = absolute.sum(axis=2), judged.sum(axis=2)
    pooled = float(np.median(absolute[judged]))
    own = _scale(total.sum(axis=0), count.sum(axis=0), pooled)
    others = _scale(total.sum(axis=0) - total, count.sum(axis=0) - count, pooled)
    standard = relative / others[:, :, None]
    growth = _growth(np.abs(standard), judged)
    return Misses(own, growth, _curve((standard / growth)[judged]))


def _scale(total: Floats, count: Ints, pooled: float) -> Floats:
    """Return mean absolute misses, drawn to the pooled one.

    For the curve an origin's misses are measured by the scale of the *other* origins: measured by
    their own they would look smaller than the next one will.
    """
    return np.asarray(np.maximum((total + POOLED_MISSES * pooled) / (count + POOLED_MISSES), 1e-9))


def _growth(absolute: Floats, judged: Bools) -> Floats:
    """Return how much wider misses become with the step: a rising line, 1 on average."""
    count = judged.sum(axis=(0, 1))
    by_step = np.where(judged, absolute, 0.0).sum(axis=(0, 1)) / np.maximum(count, 1)
    steps = np.arange(len(by_step))
    if len(steps) < 3 or by_step.min() <= 0:
        return np.ones(len(steps))
    slope, start = np.polyfit(steps, by_step, 1)
    line = np.maximum(start + max(slope, 0.0) * steps, 1e-9)
    return np.asarray(line / line.mean())


def _curve(standard: Floats) -> Floats:
    """Return the pooled misses at the knots, leaning on the normal curve while there are few."""
    trust = len(standard) / (len(standard) + DOUBT)
    fell = np.quantile(standard, KNOTS)
    fell -= np.median(standard)
    # the median, for one series whose usual amount is a grosz would carry a mean away
    normal = ndtri(KNOTS) * max(float(np.median(np.abs(standard))) * 1.4826, 1e-6)
    return np.asarray(np.maximum.accumulate(trust * fell + (1 - trust) * normal))
