"""Days, weeks and months as whole numbers, so that a panel is a matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from oms_core.kernel.errors import InvalidInput

Freq = Literal["D", "W", "M"]
FREQS: tuple[Freq, ...] = ("D", "W", "M")
#: Periods in a season: days of a week, weeks and months of a year.
SEASON: dict[Freq, int] = {"D": 7, "W": 52, "M": 12}
#: From so many distinct dates on, the spacing of the dates is taken as the panel's frequency.
ENOUGH_DATES = 8


@dataclass(frozen=True, slots=True)
class Calendar:
    """How dates become period numbers and back.

    Parameters
    ----------
    freq : {"D", "W", "M"}
        Length of a period.
    anchor : int
        Weeks: the weekday (days since the epoch modulo 7) on which periods are dated.
        Months: day of the month on which periods are dated; 31 means the last day.
    """

    freq: Freq
    anchor: int = 0

    def number(self, days: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return the period number of each day (days since the epoch)."""
        if self.freq == "D":
            return days
        if self.freq == "W":
            return (days - self.anchor) // 7
        return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)

    def dates(self, numbers: npt.NDArray[np.int64]) -> pl.Series:
        """Return the date of each period number."""
        if self.freq == "D":
            days = numbers
        elif self.freq == "W":
            days = numbers * 7 + self.anchor
        else:
            first = numbers.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
            after = (numbers + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
            days = np.minimum(first + self.anchor - 1, after - 1)
        return pl.Series("day", days.astype(np.int32)).cast(pl.Date)


def calendar_of(days: npt.NDArray[np.int64], freq: str | None = None) -> Calendar:
    """Return the calendar of a panel's dates; without `freq` it is read off their spacing.

    Parameters
    ----------
    days : ndarray of int
        Distinct dates, days since the epoch, ascending.
    freq : {"D", "W", "M"}, optional
        Frequency asked for. Without it: months if every date is the first (or the last) of its
        month, weeks if every date falls on one weekday (from eight dates on), else days.

    Raises
    ------
    InvalidInput
        If `freq` is not one of the three.
    """
    if freq is None:
        freq = _spacing(days)
    if freq not in FREQS:
        raise InvalidInput("freq", freq, "it must be D (days), W (weeks) or M (months)")
    if freq == "W" and len(days):
        weekdays = np.bincount(days % 7, minlength=7)
        return Calendar("W", int(weekdays.argmax()))
    if freq == "M" and len(days):
        return Calendar("M", _day_of_month(days))
    return Calendar(freq)


def _spacing(days: npt.NDArray[np.int64]) -> Freq:
    if len(days) < ENOUGH_DATES:
        return "D"
    if _day_of_month(days) == 31 or bool((_in_month(days) == 1).all()):
        return "M"
    return "W" if len(np.unique(days % 7)) == 1 else "D"


def _in_month(days: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    stamps = days.astype("datetime64[D]")
    return np.asarray((stamps - stamps.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64) + 1)


def _day_of_month(days: npt.NDArray[np.int64]) -> int:
    """Return the day that dates the months: the usual one, 31 if each is its month's last."""
    if bool((_in_month(days + 1) == 1).all()):
        return 31
    return int(np.bincount(_in_month(days)).argmax())
