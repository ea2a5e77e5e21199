"""Growth that a whole panel shares: parts that die out, a shop that grows by the year."""

from __future__ import annotations

import numpy as np

from forecasting.levels import running
from forecasting.panel import Floats, Panel
from forecasting.periods import SEASON

#: Share of the growth that is carried on into the future, and the most of it a period (log scale).
CARRIED, LIMIT = 0.7, 0.08
#: Share of both years a series must have been seen for, and how many such series are needed.
SEEN, ENOUGH = 0.8, 5


def shared_growth(panel: Panel, exposure: Floats, horizon: int) -> Floats:
    """Return the panel's growth factors over past and horizon, 1 at the last period.

    Weeks and months only, and only with a year and a quarter at least: what was seen in both years
    against the same periods of the year before, each series counting alike. Days keep to the drift
    of their levels (:mod:`forecasting.levels`).

    Parameters
    ----------
    panel : Panel
        Demand of n series over T periods.
    exposure : ndarray, shape (n, T)
        Weight of each period.
    horizon : int
        Periods ahead [h].

    Returns
    -------
    ndarray, shape (T + h,)
        Factors; growth goes on damped after the last period.
    """
    away = np.arange(1 - panel.length, horizon + 1, dtype=np.float64)
    rate = 0.0 if panel.calendar.freq == "D" else _rate(panel, exposure, SEASON[panel.calendar.freq])
    return np.asarray(np.exp(rate * np.where(away > 0, CARRIED * away, away)))


def year_rate(panel: Panel, exposure: Floats) -> float:
    """Return the growth a day (log scale) from one year of days to the next, 0 without a year and a quarter."""
    return _rate(panel, exposure, 364)


def _rate(panel: Panel, exposure: Floats, season: int) -> float:
    length = panel.length
    both = min(season, length - season)
    if both < season // (13 if season > 52 else 4):
        return 0.0
    units = running(np.nan_to_num(panel.y) * (exposure > 0))
    seen = running(exposure)
    years = [(length - both, length), (length - season - both, length - season)]
    sold, shown = (np.stack([sums[:, stop] - sums[:, start] for start, stop in years]) for sums in (units, seen))
    usable = (shown.min(axis=0) > SEEN * both) & (units[:, -1] > 0)
    if usable.sum() < ENOUGH:
        return 0.0
    mean = units[usable, -1] / seen[usable, -1]
    now, before = (sold[:, usable] / shown[:, usable] / mean).sum(axis=1)
    if before <= 0 or now <= 0:
        return 0.0
    return float(np.clip(np.log(now / before) / season, -LIMIT, LIMIT))
