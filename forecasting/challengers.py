"""Challengers that fit one series at a time: slow, and therefore run only where they are asked for."""

from __future__ import annotations

import warnings

import numpy as np

from forecasting.panel import Floats
from oms_core.kernel.threads import single_threaded

#: Seasons a series needs before a season is fitted, and the longest season that is.
SEASONS_SEEN, LONGEST_SEASON = 2, 24


@single_threaded
def ets(y: Floats, horizon: int, season: int) -> Floats:
    """Return exponential smoothing, with trend and season where AIC prefers them, by statsmodels.

    Additive error, trend none or damped, season none or additive (days and months; a season of 52 weeks
    is not fitted). A series that cannot be fitted takes its mean. Demand never below zero stays so.
    """
    return np.asarray([_one(row, horizon, season) for row in y])


def _one(y: Floats, horizon: int, season: int) -> Floats:
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    floor = 0.0 if bool((y >= 0).all()) else -np.inf
    usual = np.full(horizon, y.mean())
    if len(y) < 10 or np.ptp(y) == 0:
        return np.asarray(np.maximum(usual, floor))
    seasonal = season <= LONGEST_SEASON and len(y) >= SEASONS_SEEN * season + 5
    best, found = np.inf, usual
    for trend in (False, True):
        for shape in ("add", None) if seasonal else (None,):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # convergence remarks of single series
                try:
                    model = ETSModel(
                        y, trend="add" if trend else None, damped_trend=trend, seasonal=shape,
                        seasonal_periods=season if shape else None,
                    )  # fmt: skip
                    fit = model.fit(disp=False, maxiter=60)
                    ahead, score = np.asarray(fit.forecast(horizon)), float(fit.aic)
                except (ValueError, np.linalg.LinAlgError, FloatingPointError):
                    continue
            if score < best and np.isfinite(ahead).all():
                best, found = score, ahead
    return np.asarray(np.maximum(found, floor))
