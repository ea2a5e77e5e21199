"""Periods of business dates: half open, compared with the one before or the same a year ago.

Days are the shop's own calendar days, stored when something happened; a day on which the clocks change is one day
like any other, 23 or 25 hours long. No period is ever an interval of hours.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

from oms_core.kernel.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator

Compare = Literal["previous", "year", "weekdays"]
COMPARES: tuple[Compare, ...] = ("previous", "year", "weekdays")
#: Days between a period and the one with the same weekdays a year ago: 52 weeks.
_WEEKDAYS_AGO = 364
TIME = ("day", "week", "month")


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `since` up to, but without, `until`."""

    since: date
    until: date

    @property
    def days(self) -> int:
        """Length in days."""
        return (self.until - self.since).days


def parse_day(name: str, text: str | None) -> date | None:
    """Read an ISO date given on a command line or in an address.

    Raises
    ------
    InvalidInput
        ``input.<name>`` when it is no date.
    """
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(name, text, "a date was expected", "Write it as 2024-01-31.") from error


def period(since: date, until: date) -> Period:
    """Return the period, refusing one that ends before it has begun.

    Raises
    ------
    InvalidInput
        ``input.until`` unless `since` is before `until`.
    """
    if since >= until:
        raise InvalidInput(
            "until",
            until.isoformat(),
            f"it must be later than since ({since.isoformat()})",
            "The end is not part of the period: one day is --since 2024-01-31 --until 2024-02-01.",
        )
    return Period(since, until)


def add_months(day: date, months: int) -> date:
    """Move a date by calendar months; the day of the month is cut to the month's length."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def compared(now: Period, how: Compare) -> Period:
    """Return the period to compare with.

    ``year``: the same dates a year earlier, 29 February as 28 February; whole months stay whole. ``weekdays``: 52
    weeks earlier, the same weekdays and always as many days. ``previous``: as many whole months before when the
    period is made of whole months, else as many days before.
    """
    day = timedelta(days=1)
    if how == "weekdays":
        return Period(now.since - _WEEKDAYS_AGO * day, now.until - _WEEKDAYS_AGO * day)
    if how == "year":
        if now.since.day == now.until.day == 1:
            return Period(add_months(now.since, -12), add_months(now.until, -12))
        # by the last day that is in: the end itself may be a 29 February
        return Period(add_months(now.since, -12), add_months(now.until - day, -12) + day)
    if now.since.day == now.until.day == 1:
        months = (now.until.year - now.since.year) * 12 + now.until.month - now.since.month
        return Period(add_months(now.since, -months), now.since)
    return Period(now.since - timedelta(days=now.days), now.since)


def start(dimension: str, day: date) -> date:
    """Return the first day of the bucket (day, week from Monday, month) that holds `day`."""
    if dimension == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if dimension == "month" else day


def following(dimension: str, bucket: date, count: int = 1) -> date:
    """Return the bucket `count` after another."""
    if dimension == "month":
        return add_months(bucket, count)
    return bucket + timedelta(days=count * (7 if dimension == "week" else 1))


def ordinal(dimension: str, within: Period, bucket: date) -> int:
    """Return a bucket's number in a period, from 0: how buckets of two periods are matched."""
    first = start(dimension, within.since)
    if dimension == "month":
        return (bucket.year - first.year) * 12 + bucket.month - first.month
    return (bucket - first).days // (7 if dimension == "week" else 1)


def buckets(dimension: str, within: Period) -> Iterator[tuple[date, date]]:
    """Yield each bucket of a period with the day it closes before (cut at the period's end)."""
    bucket = start(dimension, within.since)
    while bucket < within.until:
        after = following(dimension, bucket)
        yield bucket, min(after, within.until)
        bucket = after


def days_in(dimension: str, within: Period, bucket: date) -> int:
    """Return how many days of a bucket lie in the period."""
    return (min(following(dimension, bucket), within.until) - max(bucket, within.since)).days


def matched(dimension: str, now: Period, before: Period, bucket: date, how: Compare) -> date | None:
    """Return the bucket of a period that stands beside `bucket` of the one it is compared with.

    Buckets are matched by their number in the period; days of a year ago by their date, so that nothing shifts after
    a 29 February, which itself has no counterpart (None).
    """
    if how == "year" and dimension == "day":
        beside = add_months(bucket, 12)
        return beside if beside.day == bucket.day and now.since <= beside < now.until else None
    return following(dimension, start(dimension, now.since), ordinal(dimension, before, bucket))
