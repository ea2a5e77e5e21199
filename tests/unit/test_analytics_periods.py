"""Periods and what they are compared with: leap years, the nights the clocks change, weekdays."""

from __future__ import annotations

from datetime import date

import pytest

from analytics.periods import Period, compared, days_in, matched


def on(text):
    since, until = text.split("/")
    return Period(date.fromisoformat(since), date.fromisoformat(until))


@pytest.mark.parametrize(
    ("now", "how", "before"),
    [
        # the night of 31 March 2024 has 23 hours in Warsaw, 27 October 25: days are days
        ("2024-03-31/2024-04-01", "previous", "2024-03-30/2024-03-31"),
        ("2024-10-26/2024-10-28", "previous", "2024-10-24/2024-10-26"),
        ("2024-03-30/2024-04-02", "weekdays", "2023-04-01/2023-04-04"),
        # whole months stay whole, others as long as they are
        ("2024-03-01/2024-05-01", "previous", "2024-01-01/2024-03-01"),
        ("2024-02-01/2024-03-01", "year", "2023-02-01/2023-03-01"),
        ("2025-02-01/2025-03-01", "year", "2024-02-01/2024-03-01"),
        # a 29 February is compared with the 28th; a period that ends before it keeps its last day
        ("2024-02-29/2024-03-01", "year", "2023-02-28/2023-03-01"),
        ("2024-02-28/2024-02-29", "year", "2023-02-28/2023-03-01"),
        ("2024-02-10/2024-02-29", "year", "2023-02-10/2023-03-01"),
        ("2025-02-20/2025-03-05", "year", "2024-02-20/2024-03-05"),
        ("2024-02-29/2024-03-01", "weekdays", "2023-03-02/2023-03-03"),
    ],
)
def test_a_period_is_compared_with(now, how, before):
    assert compared(on(now), how) == on(before)


def test_weekdays_are_the_same_and_as_many():
    for text in ("2024-02-20/2024-03-05", "2024-10-20/2024-11-03", "2023-12-25/2024-01-07"):
        now = on(text)
        before = compared(now, "weekdays")
        assert (before.days, before.since.weekday()) == (now.days, now.since.weekday())


def test_days_of_two_years_stand_beside_each_other_after_a_29_february():
    now, before = on("2024-02-20/2024-03-05"), on("2023-02-20/2023-03-05")
    beside = {d: matched("day", now, before, date.fromisoformat(d), "year") for d in ("2023-02-28", "2023-03-01")}
    assert beside == {"2023-02-28": date(2024, 2, 28), "2023-03-01": date(2024, 3, 1)}
    # the leap day itself has no counterpart, and two days never meet in one
    assert matched("day", before, now, date(2024, 2, 29), "year") is None
    assert matched("day", now, compared(now, "weekdays"), date(2023, 2, 21), "weekdays") == date(2024, 2, 20)


def test_a_bucket_across_the_change_of_clocks_has_its_days():
    assert days_in("week", on("2024-03-25/2024-04-08"), date(2024, 3, 25)) == 7
    assert days_in("month", on("2024-02-01/2024-04-01"), date(2024, 2, 1)) == 29
