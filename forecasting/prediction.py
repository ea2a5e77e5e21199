"""A forecast: means, quantiles of each period and of sums, and the frames they are written as."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import polars as pl

from forecasting.panel import Floats, Ints, Panel
from oms_core.kernel.errors import InvalidInput


class Spread(Protocol):
    """How demand scatters around its mean."""

    def quantiles(self, mean: Floats, probabilities: Floats) -> Floats:
        """Return quantiles of each period, shape (n, h, q)."""

    def sum_quantiles(self, mean: Floats, days: int, probabilities: Floats) -> Floats:
        """Return quantiles of the sum over the first `days` periods, shape (n, q)."""


@dataclass(frozen=True)
class Prediction:
    """Forecast of n series over h periods.

    Parameters
    ----------
    mean : ndarray, shape (n, h)
        Expected units (or money) of each period.
    parts : sequence of (rows, Spread)
        Spread of each group of series; `rows` index `mean`.
    launches : mapping of str to dict
        By series too young to be followed alone: `look_alikes`, their `weight` and its `own_days`.
    """

    mean: Floats
    parts: Sequence[tuple[Ints, Spread]]
    launches: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def quantiles(self, probabilities: Floats) -> Floats:
        """Return quantiles of each period, shape (n, h, q)."""
        found = np.zeros((*self.mean.shape, len(probabilities)))
        for rows, spread in self.parts:
            found[rows] = spread.quantiles(self.mean[rows], probabilities)
        return found

    def sum_mean(self, days: int) -> Floats:
        """Return the expected sum over the first `days` periods, shape (n,)."""
        return np.asarray(self.mean[:, :days].sum(axis=1))

    def sum_quantiles(self, days: int, probabilities: Floats) -> Floats:
        """Return quantiles of the sum over the first `days` periods, shape (n, q)."""
        found = np.zeros((len(self.mean), len(probabilities)))
        for rows, spread in self.parts:
            found[rows] = spread.sum_quantiles(self.sum_mean(days)[rows], days, probabilities)
        return found


def interval_probabilities(levels: Sequence[float]) -> Floats:
    """Return the lower and upper probability of each central interval, in pairs.

    Parameters
    ----------
    levels : sequence of float
        Coverage in per cent, in (0, 100).
    """
    for level in levels:
        if not 0 < level < 100:
            raise InvalidInput("levels", level, "a level is a percentage above 0 and below 100")
    tails = [(0.5 - level / 200.0, 0.5 + level / 200.0) for level in levels]
    return np.array(tails).ravel()


def period_frame(panel: Panel, prediction: Prediction, levels: Sequence[float]) -> pl.DataFrame:
    """Return `series_id, day, mean, lo_L, hi_L, …`, one row a series and period."""
    series, horizon = prediction.mean.shape
    days = panel.days(panel.length, horizon)
    rows = np.repeat(np.arange(series), horizon)
    columns = [
        panel.ids.gather(rows).alias("series_id"),
        days.gather(np.tile(np.arange(horizon), series)).alias("day"),
        pl.Series("mean", prediction.mean.ravel()),
    ]
    found = prediction.quantiles(interval_probabilities(levels)) if levels else np.zeros((series, horizon, 0))
    return pl.DataFrame(columns + _bounds(found.reshape(series * horizon, 2 * len(levels)), levels))


def sum_frame(panel: Panel, prediction: Prediction, levels: Sequence[float], sums: Sequence[int]) -> pl.DataFrame:
    """Return `series_id, days, mean, lo_L, hi_L, …` for the sums over the first `days` periods."""
    probabilities = interval_probabilities(levels) if levels else np.zeros(0)
    frames = []
    for days in sums:
        if not 1 <= days <= prediction.mean.shape[1]:
            raise InvalidInput("sums", days, f"a sum covers 1 to {prediction.mean.shape[1]} periods (the horizon)")
        columns = [
            panel.ids.alias("series_id"),
            pl.repeat(days, len(panel.ids), dtype=pl.Int64, eager=True).alias("days"),
            pl.Series("mean", prediction.sum_mean(days)),
        ]
        frames.append(pl.DataFrame(columns + _bounds(prediction.sum_quantiles(days, probabilities), levels)))
    return pl.concat(frames)


def _bounds(found: Floats, levels: Sequence[float]) -> list[pl.Series]:
    names = [f"{side}_{level:g}" for level in levels for side in ("lo", "hi")]
    return [pl.Series(name, found[:, place]) for place, name in enumerate(names)]
