"""When a report is due: an hour of the shop's day, whatever the clocks do."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often, at which hour, on which day.

    Attributes
    ----------
    cadence : str
        ``daily``, ``weekly`` or ``monthly``.
    hour : int
        Hour of the shop's day, 0 to 23.
    weekday : int, optional
        From Monday, 1, for weekly.
    month_day : int, optional
        1 to 31, cut to the month's length, for monthly.
    """

    cadence: str
    hour: int
    weekday: int | None = None
    month_day: int | None = None

    def falls_on(self, day: date) -> bool:
        """Tell whether a day of the shop has a slot."""
        if self.cadence == "weekly":
            return day.isoweekday() == self.weekday
        if self.cadence == "monthly":
            return day.day == min(self.month_day or 1, calendar.monthrange(day.year, day.month)[1])
        return True


def slot_of(day: date, hour: int, zone: str) -> datetime:
    """Return the instant of an hour of a day in a zone.

    An hour that the clocks skip is the hour after it; one that comes twice is the first.
    """
    return datetime.combine(day, time(hour), ZoneInfo(zone)).astimezone(UTC)


def next_slot(rhythm: Rhythm, after: datetime, zone: str) -> datetime:
    """Return the first slot later than an instant."""
    day = after.astimezone(ZoneInfo(zone)).date() - timedelta(days=1)
    while not (rhythm.falls_on(day) and slot_of(day, rhythm.hour, zone) > after):
        day += timedelta(days=1)
    return slot_of(day, rhythm.hour, zone)


def last_slot(rhythm: Rhythm, until: datetime, zone: str) -> datetime:
    """Return the last slot not later than an instant."""
    day = until.astimezone(ZoneInfo(zone)).date() + timedelta(days=1)
    while not (rhythm.falls_on(day) and slot_of(day, rhythm.hour, zone) <= until):
        day -= timedelta(days=1)
    return slot_of(day, rhythm.hour, zone)
