"""The forecasters to beat: naive, seasonal naive, window mean, SES, and the intermittent classics.

Each is one function from a matrix of demand to a matrix of means; their quantiles are the misses
the same function made on each series' own past.

References
----------
Croston (1972); Syntetos & Boylan (2005), SBA; Teunter, Syntetos & Babai (2011), TSB; Nikolopoulos et al.
(2011), ADIDA.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.signal import lfilter

from forecasting.panel import Bools, Floats, Panel
from forecasting.periods import SEASON
from forecasting.prediction import Prediction
from oms_core.kernel.errors import DataNotReady

#: A point method: demand (n, T) without gaps, periods ahead, season -> means (n, h).
Method = Callable[[Floats, int, int], Floats]
#: Smoothing of the intermittent methods, and the speeds SES chooses from.
SMOOTHING, SES_SPEEDS = 0.1, (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8)
#: Past forecasts whose misses give a baseline its quantiles.
PAST_FORECASTS = 6


def naive(y: Floats, horizon: int, season: int) -> Floats:  # noqa: ARG001 - one signature for all methods
    """Return the last value, repeated."""
    return np.repeat(y[:, -1:], horizon, axis=1)


def seasonal_naive(y: Floats, horizon: int, season: int) -> Floats:
    """Return the last season, repeated; the last value if there was none."""
    if y.shape[1] < season:
        return naive(y, horizon, season)
    return y[:, y.shape[1] - season + np.arange(horizon) % season]


def window_average(y: Floats, horizon: int, season: int) -> Floats:
    """Return the mean of the last four weeks (days), quarter (weeks) or half-year (months)."""
    width = {7: 28, 52: 13, 12: 6}[season]
    return np.repeat(y[:, -width:].mean(axis=1, keepdims=True), horizon, axis=1)


def ses(y: Floats, horizon: int, season: int) -> Floats:  # noqa: ARG001 - one signature for all methods
    """Return simple exponential smoothing, speed chosen by each series' one-step squared error."""
    best, level = np.full(len(y), np.inf), y[:, -1].copy()
    for speed in SES_SPEEDS:
        smooth = _smooth(y, speed)
        error = ((y[:, 1:] - smooth[:, :-1]) ** 2).sum(axis=1)
        level = np.where(error < best, smooth[:, -1], level)
        best = np.minimum(best, error)
    return np.repeat(level[:, None], horizon, axis=1)


def tsb(y: Floats, horizon: int, season: int) -> Floats:  # noqa: ARG001 - one signature for all methods
    """Return Teunter-Syntetos-Babai: smoothed chance of demand times smoothed size."""
    happens = (y != 0).astype(float)
    chance = _smooth(happens, SMOOTHING)[:, -1]
    return np.repeat((chance * _sizes(y)[0])[:, None], horizon, axis=1)


def sba(y: Floats, horizon: int, season: int) -> Floats:  # noqa: ARG001 - one signature for all methods
    """Return Syntetos-Boylan: Croston's size over interval, less its bias of half the smoothing."""
    size, interval = _sizes(y)
    return np.repeat(((1.0 - SMOOTHING / 2.0) * size / np.maximum(interval, 1.0))[:, None], horizon, axis=1)


def croston(y: Floats, horizon: int, season: int) -> Floats:  # noqa: ARG001 - one signature for all methods
    """Return Croston: smoothed size over smoothed interval; overstates, and never forgets a part that died."""
    size, interval = _sizes(y)
    return np.repeat((size / np.maximum(interval, 1.0))[:, None], horizon, axis=1)


def adida(y: Floats, horizon: int, season: int) -> Floats:
    """Return aggregate-disaggregate: SES on blocks as long as each series' mean interval, spread evenly."""
    hits = (y != 0).sum(axis=1)
    width = np.clip(np.ceil(y.shape[1] / np.maximum(hits, 1)), 1, max(y.shape[1] // 2, 1)).astype(np.int64)
    found = np.zeros(len(y))
    for block in np.unique(width):
        rows = np.flatnonzero(width == block)
        whole = y.shape[1] // block * block
        sums = y[rows, y.shape[1] - whole :].reshape(len(rows), -1, block).sum(axis=2)
        found[rows] = ses(sums, 1, season)[:, 0] / block
    return np.repeat(found[:, None], horizon, axis=1)


def _smooth(values: Floats, speed: float) -> Floats:
    state = (1.0 - speed) * values[:, :1]
    return np.asarray(lfilter([speed], [1.0, speed - 1.0], values, axis=1, zi=state)[0])


def _sizes(y: Floats) -> tuple[Floats, Floats]:
    """Return smoothed size of demand and interval between demands, updated when demand happens."""
    size, interval, since = np.zeros(len(y)), np.zeros(len(y)), np.ones(len(y))
    for now in y.T:
        hit, first = now != 0, interval == 0
        size = np.where(hit, np.where(first, now, size + SMOOTHING * (now - size)), size)
        interval = np.where(hit, np.where(first, since, interval + SMOOTHING * (since - interval)), interval)
        since = np.where(hit, 1.0, since + 1.0)
    return size, interval


@dataclass(frozen=True)
class PastMisses:
    """Spread of a baseline: the quantiles of each series' own past misses.

    Parameters
    ----------
    single, total : ndarray, shape (n, m), (n, k)
        Misses over one period, and over the whole horizon divided by the root of its length.
    counts, floor : ndarray of bool, shape (n,)
        Whether units are whole; whether they are never below zero.
    """

    single: Floats
    total: Floats
    counts: Bools
    floor: Bools

    def quantiles(self, mean: Floats, probabilities: Floats) -> Floats:
        """Return quantiles of each period, shape (n, h, q)."""
        miss = np.quantile(self.single, probabilities, axis=1).T
        return self._allowed(mean[:, :, None] + miss[:, None, :])

    def sum_quantiles(self, mean: Floats, days: int, probabilities: Floats) -> Floats:
        """Return quantiles of the sum over the first `days` periods, shape (n, q)."""
        miss = np.quantile(self.total, probabilities, axis=1).T * np.sqrt(days)
        return self._allowed((mean[:, None] + miss)[:, None, :])[:, 0]

    def _allowed(self, found: Floats) -> Floats:
        found = np.where(self.floor[:, None, None], np.maximum(found, 0.0), found)
        return np.where(self.counts[:, None, None], np.round(found), found)


class Baseline:
    """A point method as a forecaster.

    Parameters
    ----------
    name : str
        Name of the engine in scores.
    method : callable
        The point method.
    past : int
        Past forecasts made for the misses; a slow method makes fewer.
    """

    def __init__(self, name: str, method: Method, *, past: int = PAST_FORECASTS) -> None:
        self.name = name
        self.method = method
        self.past = past

    def fit(self, panel: Panel, *, horizon: int) -> Self:
        """Forecast the panel, and its past for the misses."""
        season, y = SEASON[panel.calendar.freq], filled(panel.y)
        self.mean_ = self.method(y, horizon, season)
        self.spread_ = _past_misses(self.method, y, panel, horizon, self.past)
        return self

    def predict(self) -> Prediction:
        """Return the forecast of the periods after the panel's last."""
        if not hasattr(self, "mean_"):
            raise DataNotReady("forecast.not_fitted", "The forecaster has learned no panel yet.", "Call fit first.")
        return Prediction(self.mean_, [(np.arange(len(self.mean_)), self.spread_)])


def filled(y: Floats) -> Floats:
    """Return demand without gaps: the last known value goes on, zero before the first."""
    place = np.maximum.accumulate(np.where(np.isnan(y), -1, np.arange(y.shape[1])), axis=1)
    return np.where(place >= 0, np.take_along_axis(y, np.maximum(place, 0), axis=1), 0.0)


def _past_misses(method: Method, y: Floats, panel: Panel, horizon: int, most: int) -> PastMisses:
    season, length = SEASON[panel.calendar.freq], y.shape[1]
    past = [o for o in range(length - horizon, 0, -horizon) if o >= min(2 * season, length // 2)][:most]
    misses = [y[:, o : o + horizon] - method(y[:, :o], horizon, season) for o in past if o > 0]
    if not misses:
        misses = [np.zeros((len(y), horizon))]
    single = np.concatenate(misses, axis=1)
    total = np.stack([m.sum(axis=1) for m in misses], axis=1) / np.sqrt(horizon)
    counts = panel.is_count()
    return PastMisses(single, total, counts, counts | ~(np.nan_to_num(panel.y) < 0).any(axis=1))
