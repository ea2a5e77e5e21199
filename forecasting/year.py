"""The yearly season of daily demand, learned on weeks and drawn over days.

One SKU's year of days is noise; its weeks, shrunk to what the panel shares (:mod:`forecasting.season`),
say when its season comes. Needs a year and some weeks, so that growth and season can be told apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.growth import year_rate
from forecasting.panel import Floats, Ints, Panel
from forecasting.season import profiles

#: Weeks of a year; the last one has eight or nine days.
WEEKS = 52
#: Days a panel must have before a year is looked for: a year and five weeks that came again.
LEAST_DAYS = 7 * (WEEKS + 5)
#: Past days whose factors a level rests on, for what an origin could not know yet.
RECENT = 42
#: Share of the season that counts as unknown at origins too early to know any.
UNSURE = 0.5


@dataclass(frozen=True)
class Year:
    """The yearly factors of n series, and how they looked at past origins.

    Parameters
    ----------
    factors : ndarray, shape (n, T + h)
        Mean 1 over a year; all 1 if the history is too short.
    units, exposure : ndarray, shape (n, W)
        Demand and weight of each week of the past.
    week : ndarray of int, shape (W,)
        Weeks since the epoch's year, 52 a year.
    day_week, place : ndarray, shape (T + h,)
        Column of each day's week, and its day of the year from 0.
    rate : float
        Growth shared by the panel, a day (log scale).
    """

    factors: Floats
    units: Floats
    exposure: Floats
    week: Ints
    day_week: Ints
    place: Ints
    rate: float

    def unknown_then(self, origin: int, horizon: int) -> Floats:
        """Return what turns forecasts with these factors into forecasts with those known at an origin, (n, h)."""
        window = slice(max(origin - RECENT, 0), origin + horizon)
        if origin < LEAST_DAYS:
            # no season was known at all; today's is, but seen once only: something between the two
            ratio = self.factors[:, window] ** -UNSURE
        else:
            ratio = self._known(int(self.day_week[origin]))[:, window] / self.factors[:, window]
        recent = min(RECENT, origin)
        return np.asarray(ratio[:, recent:] / ratio[:, :recent].mean(axis=1, keepdims=True))

    def _known(self, weeks: int) -> Floats:
        return _factors(self.units[:, :weeks], self.exposure[:, :weeks], self.week[:weeks], self.place, self.rate)


def yearly_shape(panel: Panel, exposure: Floats, horizon: int) -> Year | None:
    """Return the yearly factors of a daily panel; None if it is no daily panel or too short.

    Parameters
    ----------
    panel : Panel
        Demand of n series over T days.
    exposure : ndarray, shape (n, T)
        Weight of each day: share in stock times weekday factor, 0 where unknown.
    horizon : int
        Days ahead.
    """
    length = panel.length
    if panel.calendar.freq != "D" or length < LEAST_DAYS or not len(panel.ids):
        return None
    dates = (np.arange(length + horizon) + panel.first).astype("datetime64[D]")
    years = dates.astype("datetime64[Y]")
    place = (dates - years.astype("datetime64[D]")).astype(np.int64)
    number = years.astype(np.int64) * WEEKS + np.minimum(place // 7, WEEKS - 1)
    day_week = number - number[0]
    starts = np.flatnonzero(np.diff(day_week[:length], prepend=-1))
    units = np.add.reduceat(np.nan_to_num(panel.y) * (exposure > 0), starts, axis=1)
    seen = np.add.reduceat(exposure, starts, axis=1) / 7.0
    week, rate = number[starts], year_rate(panel, exposure)
    factors = _factors(units, seen, week, place, rate)
    return Year(factors, units, seen, week, day_week, place, rate)


def _factors(units: Floats, seen: Floats, week: Ints, place: Ints, rate: float) -> Floats:
    """Return the factors of each day from the weeks of the past, between the middles of weeks on a line."""
    growing = np.exp(7.0 * rate * (week - week[-1]))
    profile = profiles(units, seen, growing, week % WEEKS, WEEKS)
    middle = (place - 3) / 7.0
    left = np.floor(middle).astype(np.int64)
    share = middle - left
    left, right = left % WEEKS, (left + 1) % WEEKS
    return np.asarray(profile[:, left] * (1.0 - share) + profile[:, right] * share)
