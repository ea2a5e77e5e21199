"""Days known in advance: public holidays, their eves, and the Sundays on which Polish shops may open."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from forecasting.panel import Floats, Panel
from oms_core.kernel.errors import NotFound

#: Past days a kind of day must have been seen on before its effect is learned.
LEAST_SEEN = 4


def with_calendar(panel: Panel, country: str, horizon: int) -> Panel:
    """Return a panel of days with the calendar of a country among its known columns; other panels as they are.

    Parameters
    ----------
    panel : Panel
        Demand of n series.
    country : str
        ISO code, such as ``PL``.
    horizon : int
        Days ahead.

    Raises
    ------
    NotFound
        ``country.not_found``: nobody knows the holidays of that country.
    """
    first = date(1970, 1, 1) + timedelta(days=panel.first)
    kinds = day_kinds(first, panel.length + horizon, country)
    if panel.calendar.freq != "D":
        return panel
    seen = {name: flags for name, flags in kinds.items() if flags[: panel.length].sum() >= LEAST_SEEN}
    wide = {name: np.broadcast_to(flags, (len(panel.ids), len(flags))) for name, flags in seen.items()}
    return replace(panel, known={**panel.known, **wide})


def day_kinds(first: date, count: int, country: str) -> dict[str, Floats]:
    """Return flags of `count` days from `first` on: ``holiday``, ``holiday_eve`` and, in Poland, ``trading_sunday``."""
    import holidays

    code = country.upper()
    if code not in holidays.list_supported_countries():
        raise NotFound("country", country, holidays.list_supported_countries())
    days = [first + timedelta(days=n) for n in range(count)]
    free = holidays.country_holidays(code, years=range(first.year, days[-1].year + 2))
    found = {
        "holiday": np.array([day in free for day in days], dtype=np.float64),
        "holiday_eve": np.array(
            [day not in free and day + timedelta(days=1) in free for day in days], dtype=np.float64
        ),
    }
    if code == "PL":
        open_ones = {day for year in range(first.year, days[-1].year + 1) for day in trading_sundays(year)}
        found["trading_sunday"] = np.array([day in open_ones for day in days], dtype=np.float64)
    return found


def trading_sundays(year: int) -> list[date]:
    """Return the Sundays on which Polish shops may open, by the rule in force from 2020.

    The last Sundays of January, April, June and August, the Sunday before Easter, and the last Sundays before
    Christmas: two, from 2025 on three (since then Christmas Eve is a holiday).
    """
    last = [_sunday_until(date(year, month + 1, 1) - timedelta(days=1)) for month in (1, 4, 6, 8)]
    christmas = _sunday_until(date(year, 12, 23))
    advent = [christmas - timedelta(weeks=n) for n in range(3 if year >= 2025 else 2)]
    return sorted({*last, easter_sunday(year) - timedelta(days=7), *advent})


def easter_sunday(year: int) -> date:
    """Return Easter by the Gregorian computus (Meeus, Jones & Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    k = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * k) // 451
    month, day = divmod(h + k - 7 * m + 114, 31)
    return date(year, month, day + 1)


def _sunday_until(day: date) -> date:
    return day - timedelta(days=(day.weekday() + 1) % 7)
