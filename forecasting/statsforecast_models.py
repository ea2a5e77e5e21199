"""Models of the package statsforecast as challengers, a series at a time, with their own normal intervals.

What Nixtla's package gives is taken as it is: point forecasts and the width of its intervals. Demand that never was
below zero stays so; whole units stay whole.
"""

from __future__ import annotations

import logging
import warnings
from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.special import ndtri

from forecasting.baselines import filled
from forecasting.extras import needed
from forecasting.panel import Bools, Floats, Panel
from forecasting.periods import SEASON
from forecasting.prediction import Prediction
from oms_core.kernel.errors import DataNotReady
from oms_core.kernel.threads import single_threaded

EXTRA = "statsforecast"
log = logging.getLogger("ordersight.forecasting")
#: What the package raises of a series it cannot fit.
UNFIT = (ValueError, ArithmeticError, NotImplementedError, IndexError)
#: Level [per cent] at which the width of an interval is read, and the longest season that is fitted.
LEVEL, LONGEST_SEASON = 95, 24
#: Periods a series needs; a shorter one, or a constant, takes its mean.
LEAST = 10


@dataclass(frozen=True)
class NormalSpread:
    """Normal spread of n series: steps add up as if they were independent, as the package gives no sums.

    Parameters
    ----------
    deviation : ndarray, shape (n, h)
        Standard deviation of each step.
    counts, floor : ndarray of bool, shape (n,)
        Whether units are whole; whether they are never below zero.
    """

    deviation: Floats
    counts: Bools
    floor: Bools

    def quantiles(self, mean: Floats, probabilities: Floats) -> Floats:
        """Return quantiles of each period, shape (n, h, q)."""
        deviation = self.deviation[:, : mean.shape[1], None]
        return self._allowed(mean[:, :, None] + deviation * ndtri(probabilities))

    def sum_quantiles(self, mean: Floats, days: int, probabilities: Floats) -> Floats:
        """Return quantiles of the sum over the first `days` periods, shape (n, q)."""
        deviation = np.sqrt((self.deviation[:, :days] ** 2).sum(axis=1))[:, None]
        return self._allowed((mean[:, None] + deviation * ndtri(probabilities))[:, None, :])[:, 0]

    def _allowed(self, found: Floats) -> Floats:
        found = np.where(self.floor[:, None, None], np.maximum(found, 0.0), found)
        return np.where(self.counts[:, None, None], np.round(found), found)


class StatsForecast:
    """A model of statsforecast as a forecaster.

    Parameters
    ----------
    name : str
        Name of the engine in scores.
    model : str
        Name of the model's class in the package; it takes ``season_length``.
    """

    def __init__(self, name: str, model: str) -> None:
        self.name = name
        self.model = model

    @single_threaded
    def fit(self, panel: Panel, *, horizon: int) -> Self:
        """Forecast every series of the panel; refused without the extra.

        A series that the package cannot fit takes its mean; how many did is `unfit_`, and is logged.
        """
        models = needed("statsforecast.models", extra=EXTRA, engine=self.name)
        season = SEASON[panel.calendar.freq]
        model = getattr(models, self.model)(season_length=season if season <= LONGEST_SEASON else 1)
        y, floor = filled(panel.y), np.asarray((np.nan_to_num(panel.y) >= 0).all(axis=1))
        fitted = [_one(model, row[start:], horizon) for row, start in zip(y, panel.start, strict=True)]
        found = [one or _flat(row[start:], horizon) for one, row, start in zip(fitted, y, panel.start, strict=True)]
        self.unfit_ = sum(one is None for one in fitted)
        if self.unfit_:
            log.warning("%s could not fit %d of %d series: they take their mean", self.name, self.unfit_, len(y))
        mean = np.array([mean for mean, _ in found]).reshape(len(y), horizon)
        deviation = np.array([deviation for _, deviation in found]).reshape(len(y), horizon)
        self.mean_ = np.where(floor[:, None], np.maximum(mean, 0.0), mean)
        self.spread_ = NormalSpread(deviation, panel.is_count(), floor)
        return self

    def predict(self) -> Prediction:
        """Return the forecast of the periods after the panel's last."""
        if not hasattr(self, "mean_"):
            raise DataNotReady("forecast.not_fitted", "The forecaster has learned no panel yet.", "Call fit first.")
        return Prediction(self.mean_, [(np.arange(len(self.mean_)), self.spread_)])


def _flat(y: Floats, horizon: int) -> tuple[Floats, Floats]:
    """Return mean and standard deviation of a series for each step, for there is nothing better."""
    return np.full(horizon, y.mean() if len(y) else 0.0), np.full(horizon, y.std() if len(y) else 0.0)


def _one(model: object, y: Floats, horizon: int) -> tuple[Floats, Floats] | None:
    """Return mean and standard deviation of each step of one series; None when the package cannot fit it."""
    if len(y) < LEAST or np.ptp(y) == 0:
        return _flat(y, horizon)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # remarks of single series
        try:
            found = model.forecast(y=np.ascontiguousarray(y), h=horizon, level=[LEVEL])  # type: ignore[attr-defined]
        except UNFIT:
            return None
    mean, high = np.asarray(found["mean"], dtype=float), np.asarray(found[f"hi-{LEVEL}"], dtype=float)
    deviation = np.maximum(high - mean, 0.0) / ndtri(0.5 + LEVEL / 200.0)
    return (mean, deviation) if np.isfinite(mean).all() and np.isfinite(deviation).all() else None
