"""The simulated calendar: which days trade how much, and where the clock stands in shop time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ZONE = "Europe/Warsaw"
FIRST = date(2024, 10, 28)
#: Days of the shop's past; the calendar goes on beyond them for what is played after the end.
DAYS, BEYOND = 732, 400
#: Groups of buyers that follow one calendar: on line, in stores, and those who only buy before Christmas.
ONLINE, STORE, SEASONAL = range(3)
_ONLINE_WEEK = (1.12, 1.08, 1.04, 1.0, 0.92, 0.80, 1.04)
_STORE_WEEK = (0.90, 0.90, 0.95, 1.0, 1.25, 1.50, 1.10)
#: Orders of a holiday, of a normal day, on line.
HOLIDAY_FACTOR = 0.6
#: Local hours of a day's orders: share of the orders placed by that hour.
_HOURS = (6.0, 8.0, 10.0, 12.0, 15.0, 18.0, 20.0, 21.9)
_BY_THEN = (0.0, 0.06, 0.18, 0.32, 0.50, 0.70, 0.88, 1.0)


@dataclass(frozen=True, eq=False)
class Days:
    """Arrays by day number; 0 is `FIRST`.

    Attributes
    ----------
    rate : array (3, D)
        Factor on the rate of orders by group, mean about 1 over a year.
    passed : array (3, D + 1)
        Shop time in years passed by the beginning of each day.
    midnight : array (D,)
        First instant of each day, microseconds since 1970 UTC.
    working : array (D + 1,)
        Working days (Monday to Friday, no holiday) before each day.
    """

    dates: list[date]
    is_holiday: NDArray[np.bool_]
    is_trading_sunday: NDArray[np.bool_]
    rate: Floats
    passed: Floats
    midnight: Ints
    working: Ints
    working_days: Ints
    years: Floats
    day_of_year: Floats

    def at(self, day: Ints, hours: Floats) -> Ints:
        """Return instants (microseconds UTC) of local hours on day numbers."""
        found: Ints = self.midnight[day] + (hours * 3_600_000_000).astype(np.int64)
        return found

    def after(self, day: Ints, working_days: Ints) -> Ints:
        """Return the day that lies so many working days after each day."""
        found: Ints = self.working_days[self.working[day + 1] + working_days - 1]
        return found

    def frame(self, until: int) -> pl.DataFrame:
        """Return the calendar's truth of the first days."""
        return pl.DataFrame({
            "day": self.dates[:until],
            "is_holiday": self.is_holiday[:until],
            "is_trading_sunday": self.is_trading_sunday[:until],
            "online": self.rate[ONLINE, :until],
            "store": self.rate[STORE, :until],
        })  # fmt: skip


def hours(share: Floats) -> Floats:
    """Return the local hour by which a share of a day's orders was placed."""
    return np.interp(share, _BY_THEN, _HOURS)


@lru_cache(maxsize=1)
def days() -> Days:
    """Return the calendar."""
    dates = [FIRST + timedelta(days=n) for n in range(DAYS + BEYOND)]
    weekday = np.array([day.weekday() for day in dates])
    closed = _holidays(dates)
    sundays = np.array([is_trading_sunday(day) for day in dates])
    doy = np.array([day.timetuple().tm_yday for day in dates], dtype=np.float64)
    year = _year(doy)
    online = np.array(_ONLINE_WEEK)[weekday] * np.where(closed, HOLIDAY_FACTOR, 1.0) * year
    store = np.array(_STORE_WEEK)[weekday] * np.where(closed | ((weekday == 6) & ~sundays), 0.0, 1.0) * year
    month = np.array([day.month for day in dates])
    christmas = online * ((month >= 11) & (doy < 359))
    raw = np.stack([online, store, christmas])
    rate = raw / raw[:, 65 : 65 + 365].mean(axis=1, keepdims=True)
    passed = np.concatenate([np.zeros((3, 1)), rate.cumsum(axis=1)], axis=1) / 365.25
    midnight = [datetime.combine(day, time(), tzinfo=ZoneInfo(ZONE)).timestamp() * 1_000_000 for day in dates]
    works = (weekday < 5) & ~closed
    return Days(
        dates=dates,
        is_holiday=closed,
        is_trading_sunday=sundays,
        rate=rate,
        passed=passed,
        midnight=np.array(midnight, dtype=np.int64),
        working=np.concatenate([[0], works.cumsum()]),
        working_days=np.flatnonzero(works),
        years=np.arange(len(dates)) / 365.25,
        day_of_year=doy,
    )


def _year(doy: Floats) -> Floats:
    """Return the season all goods share: high before Christmas, low in July and in January."""
    christmas = 0.9 * np.exp(-0.5 * ((doy - 343) / 13) ** 2)
    summer = -0.16 * np.exp(-0.5 * ((doy - 200) / 25) ** 2)
    january = -0.12 * np.exp(-0.5 * ((doy - 14) / 12) ** 2)
    found: Floats = 1.0 + christmas + summer + january
    return found


def _holidays(dates: list[date]) -> NDArray[np.bool_]:
    import holidays

    years = sorted({day.year for day in dates})
    known = frozenset(holidays.country_holidays("PL", years=years))
    return np.array([day in known for day in dates])


def is_trading_sunday(day: date) -> bool:
    """Say whether Polish shops may open on this Sunday.

    Source: act of 10 January 2018 on limiting trade on Sundays, articles 7 and following: the last
    Sunday of January, April, June and August, the Sunday before Easter, and before Christmas two
    (from 2025 on three, when Christmas Eve became a holiday).
    """
    if day.weekday() != 6:
        return False
    is_last = (day + timedelta(days=7)).month != day.month
    if is_last and day.month in {1, 4, 6, 8} and not _is_easter(day):
        return True
    if _is_easter(day + timedelta(days=7)):
        return True
    before_christmas = (date(day.year, 12, 24 if day.year > 2024 else 25) - day).days
    return day.month == 12 and 0 < before_christmas <= (21 if day.year > 2024 else 14)


def _is_easter(day: date) -> bool:
    """Say whether a day is Easter Sunday (Gauss's rule as given by Meeus, Jones and Butcher)."""
    a, b, c = day.year % 19, day.year // 100, day.year % 100
    d = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    e = (32 + 2 * (b % 4) + 2 * (c // 4) - d - c % 4) % 7
    f = d + e - 7 * ((a + 11 * d + 22 * e) // 451) + 114
    return (day.month, day.day) == (f // 31, f % 31 + 1)
