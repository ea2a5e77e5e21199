"""What past forecasts missed: the raw material of every spread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from forecasting.levels import YOUNG, Bank
from forecasting.panel import Bools, Floats, Panel

#: Days of past forecasts looked at, and most refits where the season must be learned anew.
DAYS_BACK, REFITS = 224, 6

#: Fewer series than this are judged for so many times as long.
ENOUGH_SERIES, LONGER = 100, 4


@dataclass(frozen=True)
class Trials:
    """Forecasts made at o past origins for the h periods that followed, and what came.

    Parameters
    ----------
    mean, actual : ndarray, shape (o, n, h)
        Forecast and observed units; forecasts are for the share of the period in stock.
    judged : ndarray of bool, shape (o, n, h)
        Whether the period was seen and the series old enough.
    past : tuple of int
        The origins, if the trials were made with one bank.
    """

    mean: Floats
    actual: Floats
    judged: Bools
    past: tuple[int, ...] = ()

    def moved(self, factor: Callable[[int, int], Floats]) -> Trials:
        """Return the trials with forecasts multiplied by a factor (n, h) of the origin and the horizon."""
        factors = [factor(origin, self.horizon) for origin in self.past]
        return replace(self, mean=self.mean * np.stack(factors)) if factors else self

    @property
    def horizon(self) -> int:
        """Periods ahead [h]."""
        return int(self.mean.shape[2])

    def sums(self, span: int, *, first: bool = False) -> Trials:
        """Return forecast and actual sums over consecutive blocks of `span` periods, or over the first alone."""
        blocks = 1 if first else self.horizon // span
        shape = (*self.mean.shape[:2], blocks, span)
        seen = self.judged[:, :, : blocks * span].reshape(shape)
        mean = self.mean[:, :, : blocks * span].reshape(shape)
        actual = self.actual[:, :, : blocks * span].reshape(shape)
        return Trials((mean * seen).sum(axis=3), (actual * seen).sum(axis=3), np.asarray(seen.any(axis=3)))


def daily_origins(length: int, horizon: int, series: int = ENOUGH_SERIES) -> list[int]:
    """Return the origins at which daily levels are judged, latest first, a horizon apart.

    Few series tell little each, so they are looked at for longer.
    """
    back = DAYS_BACK * (1 if series >= ENOUGH_SERIES else LONGER)
    earliest = max(YOUNG["D"], length - max(back, 2 * horizon))
    return list(range(length - horizon, earliest - 1, -horizon))


def from_bank(bank: Bank, factors: Callable[[int], Floats], seen: Floats, y: Floats, horizon: int) -> Trials:
    """Return trials of daily levels: the season of the week is known so well that it need not be relearned.

    Parameters
    ----------
    bank : Bank
        Levels after each period.
    factors : callable
        Gives the factors (A, n) of the levels for an origin, learned without what followed it.
    seen, y : ndarray, shape (n, T)
        Exposure and demand of each period.
    horizon : int
        Periods ahead.
    """
    past = daily_origins(y.shape[1], horizon, len(y))
    if not past:
        return _none(len(y), horizon)
    levels = [(bank.kept[origin] * factors(origin)).sum(axis=0) for origin in past]
    exposure = np.stack([seen[:, o : o + horizon] for o in past])
    old = np.stack([o - bank.begun >= YOUNG["D"] for o in past])[:, :, None]
    actual = np.stack([y[:, o : o + horizon] for o in past])
    return Trials(np.stack(levels)[:, :, None] * exposure, actual, (exposure > 0) & old, tuple(past))


def from_refits(panel: Panel, horizon: int, forecast: Callable[[Panel, int], Floats]) -> Trials:
    """Return trials of weeks and months, whose yearly season must be learned without the years judged.

    Parameters
    ----------
    panel : Panel
        Demand.
    horizon : int
        Periods ahead.
    forecast : callable
        Gives the mean forecast (n, h) of a panel; called on the panel as it was at each origin.
    """
    length, young = panel.length, YOUNG[panel.calendar.freq]
    earliest = max(young, length // 3)
    past = list(range(length - horizon, earliest - 1, -max(1, horizon // 2)))[:REFITS]
    found = []
    for origin in past:
        before = panel.until(origin, everyone=True)
        old = (~np.isnan(before.y)).sum(axis=1) >= young
        window = slice(origin, origin + horizon)
        actual, stock = panel.y[:, window], panel.stock[:, window]
        seen = ~np.isnan(actual) & (stock > 0) & old[:, None]
        found.append((forecast(before, horizon) * stock, np.nan_to_num(actual), seen))
    if not found:
        return _none(len(panel.ids), horizon)
    mean, actual, judged = (np.stack(values) for values in zip(*found, strict=True))
    return Trials(mean, actual, judged)


def _none(series: int, horizon: int) -> Trials:
    empty = np.zeros((0, series, horizon))
    return Trials(empty, empty, empty.astype(bool))
