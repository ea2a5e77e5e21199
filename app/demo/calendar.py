"""Shop days as instants: day numbers of the simulation to aware UTC times of the shop's zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Calendar:
    """Days counted from `since`, in the shop's zone."""

    since: date
    days: int
    zone: str

    def day(self, number: int) -> date:
        """Return the date of a day number."""
        return self.since + timedelta(days=number)

    def number(self, day: date) -> int:
        """Return the day number of a date."""
        return (day - self.since).days

    def at(self, number: int, hour: float) -> datetime:
        """Return the UTC instant of a local hour of a day."""
        midnight = datetime.combine(self.day(number), time(), tzinfo=ZoneInfo(self.zone))
        return (midnight + timedelta(hours=hour)).astimezone(UTC)

    @cached_property
    def weekdays(self) -> list[int]:
        """Weekday of every day, 0 is Monday."""
        return [self.day(number).weekday() for number in range(self.days)]
