"""The clock of the right of withdrawal against days reckoned by hand from the calendars of Poland and Germany."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_core.returns import calendar


def day(text: str) -> date:
    return date.fromisoformat(text)


#: Delivered, last day in Poland, last day in Germany, and what lies on the fourteenth day.
PERIODS = [
    ("2026-11-27", "2026-12-11", "2026-12-11", "an ordinary Friday"),
    ("2026-11-28", "2026-12-14", "2026-12-14", "a Saturday"),
    ("2026-11-29", "2026-12-14", "2026-12-14", "a Sunday"),
    ("2026-12-10", "2026-12-28", "2026-12-24", "Christmas Eve, a holiday in Poland since 2025"),
    ("2024-12-10", "2024-12-24", "2024-12-24", "Christmas Eve before it was one"),
    ("2026-12-11", "2026-12-28", "2026-12-28", "Christmas Day, then Saturday and Sunday"),
    ("2026-12-18", "2027-01-04", "2027-01-04", "New Year's Day on a Friday"),
    ("2026-12-23", "2027-01-07", "2027-01-06", "Epiphany, no holiday of all Germany"),
    ("2026-04-17", "2026-05-04", "2026-05-04", "Labour Day, then a weekend with 3 May"),
    ("2027-04-19", "2027-05-04", "2027-05-03", "3 May on a Monday"),
    ("2026-05-21", "2026-06-05", "2026-06-04", "Corpus Christi, no holiday of all Germany"),
    ("2026-04-30", "2026-05-14", "2026-05-15", "Ascension Day, a holiday in Germany"),
    ("2026-05-09", "2026-05-25", "2026-05-26", "a Saturday before Whit Monday, a holiday in Germany"),
    ("2026-03-20", "2026-04-03", "2026-04-07", "Good Friday, a holiday in Germany"),
    ("2026-03-21", "2026-04-07", "2026-04-07", "the Saturday before Easter"),
    ("2026-10-28", "2026-11-12", "2026-11-11", "Independence Day of Poland"),
    ("2025-10-18", "2025-11-03", "2025-11-03", "All Saints on a Saturday"),
    ("2025-09-19", "2025-10-03", "2025-10-06", "Day of German Unity on a Friday"),
    ("2028-02-15", "2028-02-29", "2028-02-29", "29 February"),
]


@pytest.mark.parametrize(("delivered", "poland", "germany", "why"), PERIODS, ids=[p[0] for p in PERIODS])
def test_the_period_ends_on_the_calendars_day(delivered, poland, germany, why):
    assert calendar.period_ends(day(delivered), "PL") == day(poland), why
    assert calendar.period_ends(day(delivered), "DE") == day(germany), why


#: Delivered, informed on (None: never), last day in Poland.
NOT_INFORMED = [
    ("2026-11-27", None, "2027-12-13"),  # twelve months after Friday 11 December are a Saturday
    ("2028-02-15", None, "2029-02-28"),  # 29 February has no anniversary
    ("2026-11-27", "2027-03-01", "2027-03-15"),  # informed late: fourteen days from then
    ("2026-11-27", "2026-11-20", "2026-12-11"),  # informed before the goods came: the usual period
    ("2026-11-27", "2027-12-10", "2027-12-13"),  # informed at the very end: the year is the limit
    ("2026-11-27", "2028-01-01", "2027-12-13"),  # informed when it was over
]


@pytest.mark.parametrize(("delivered", "informed", "last"), NOT_INFORMED)
def test_a_shop_that_did_not_inform_waits_a_year(delivered, informed, last):
    told = None if informed is None else day(informed)
    assert calendar.period_ends(day(delivered), "PL", was_informed=False, informed_on=told) == day(last)


#: Due, goods on, proof on, shop collects, payable on.
PAYABLE = [
    ("2026-12-10", None, None, False, None),
    ("2026-12-10", None, None, True, "2026-12-10"),
    ("2026-12-10", "2026-12-01", None, False, "2026-12-10"),
    ("2026-12-10", "2026-12-20", None, False, "2026-12-20"),
    ("2026-12-10", "2026-12-20", "2026-12-02", False, "2026-12-10"),
    ("2026-12-10", "2026-12-20", "2026-12-15", False, "2026-12-15"),
]


@pytest.mark.parametrize(("due", "goods", "proof", "collects", "payable"), PAYABLE)
def test_a_refund_may_wait_for_goods_or_proof(due, goods, proof, collects, payable):
    found = calendar.payable_on(
        day(due), goods_on=goods and day(goods), proof_on=proof and day(proof), shop_collects=collects
    )
    assert found == (payable and day(payable))


def test_the_refund_is_due_fourteen_days_after_the_declaration():
    assert calendar.refund_due(day("2026-12-11")) == day("2026-12-25")


#: Holidays of Poland by hand, fixed and of Easter, for the years of the law below.
FIXED = [(1, 1), (1, 6), (5, 1), (5, 3), (8, 15), (11, 1), (11, 11), (12, 25), (12, 26)]
EASTERS = {2025: (4, 20), 2026: (4, 5), 2027: (3, 28)}


def polish_holidays(year):
    days = {date(year, *md) for md in FIXED} | {date(year, 12, 24)}
    easter = date(year, *EASTERS[year])
    return days | {easter + timedelta(days=n) for n in (0, 1, 49, 60)}


@given(st.dates(date(2025, 1, 1), date(2026, 12, 31)))
def test_the_last_day_is_the_first_working_day_not_before_the_fourteenth(delivered):
    last = calendar.period_ends(delivered, "PL")
    free = polish_holidays(delivered.year) | polish_holidays(delivered.year + 1)

    def works(on):
        return on.weekday() < 5 and on not in free

    assert works(last)
    assert last >= delivered + timedelta(days=14)
    passed = (last - delivered).days - 14
    assert not any(works(delivered + timedelta(days=14 + n)) for n in range(passed))


def test_a_country_without_a_known_calendar_counts_weekends_alone():
    assert not calendar.is_known("XX")
    # the fourteenth day is a Saturday: Monday follows, New Year's day would not be one
    assert calendar.period_ends(day("2026-12-05"), "XX") == day("2026-12-21")
    assert calendar.period_ends(day("2026-12-18"), "XX") == day("2027-01-01")
    assert calendar.period_ends(day("2026-12-18"), "PL") == day("2027-01-04")
    assert calendar.is_known("PL")
