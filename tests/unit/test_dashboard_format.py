"""Numbers and dates as a reader of each language writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import format as fmt
from app.i18n import speaking

NB = "\u00a0"
THURSDAY = date(2010, 12, 9)


@pytest.mark.parametrize(
    ("made", "english", "polish"),
    [
        (lambda: fmt.money(334450, "GBP"), "£3,344.50", f"3{NB}344,50{NB}GBP"),
        (lambda: fmt.money(-334450, "GBP"), "-£3,344.50", f"-3{NB}344,50{NB}GBP"),
        (lambda: fmt.money(1234560, "PLN"), f"PLN{NB}12,345.60", f"12{NB}345,60{NB}zł"),
        (lambda: fmt.money(500, "JPY"), None, f"500{NB}JPY"),
        (lambda: fmt.money_round(1148000, "GBP"), "£11,480", f"11{NB}480{NB}GBP"),
        (lambda: fmt.money_round(5420100, "PLN"), f"PLN{NB}54,201", f"54{NB}201{NB}zł"),
        (lambda: fmt.money_tile(2240000, "GBP"), "£22.4K", f"22,4{NB}tys.{NB}£"),
        (lambda: fmt.money_tile(120000000, "PLN"), f"PLN{NB}1.2M", f"1,2{NB}mln{NB}zł"),
        (lambda: fmt.money_tile(999999, "GBP"), "£9,999.99", f"9{NB}999,99{NB}GBP"),
        (lambda: fmt.money_tile(-2240000, "GBP"), "-£22.4K", f"-22,4{NB}tys.{NB}£"),
        (lambda: fmt.percent(0.123, 1), "12.3%", "12,3%"),
        (lambda: fmt.percent(0.5), "50%", "50%"),
        (lambda: fmt.change(0.147), "+14.7%", "+14,7%"),
        (lambda: fmt.change(-0.112), "-11.2%", "-11,2%"),
        (lambda: fmt.points(-0.11), "-11 pts", "-11 p.p."),
        (lambda: fmt.points(0.02), "+2 pts", "+2 p.p."),
        (lambda: fmt.interval("£47K", "£78K"), "£47K to £78K", "od £47K do £78K"),
        (lambda: fmt.day(THURSDAY), "9 Dec", "9 gru"),
        (lambda: fmt.day(THURSDAY, weekday=True), "Thu 9 Dec", "czw. 9 gru"),
        (lambda: fmt.day(THURSDAY, year=True), "9 Dec 2010", "9 gru 2010"),
        (lambda: fmt.day_title(THURSDAY), "Thursday 9 December 2010", "czwartek, 9 grudnia 2010"),
        (lambda: fmt.month(THURSDAY), "Dec 2010", "gru 2010"),
        (lambda: fmt.span(date(2010, 11, 12), date(2010, 12, 10)), "12 Nov – 9 Dec 2010", "12 lis – 9 gru 2010"),
        (lambda: fmt.span(THURSDAY, date(2010, 12, 10)), "9 Dec 2010", "9 gru 2010"),
        (lambda: fmt.age(timedelta(minutes=12)), "12 min", "12 min"),
        (lambda: fmt.age(timedelta(hours=21)), "21 h", "21 godz."),
        (lambda: fmt.age(timedelta(days=3)), "3 d", "3 dni"),
        (lambda: fmt.count(525461), "525,461", f"525{NB}461"),
        (lambda: fmt.count_tile(1_200_000), "1.2M", f"1,2{NB}mln"),
    ],
)  # fmt: skip
def test_a_number_reads_as_its_language_writes_it(made, english, polish) -> None:
    with speaking("en"):
        assert english is None or made() == english
    with speaking("pl"):
        assert made() == polish


def test_polish_counts_days_in_three_forms() -> None:
    with speaking("pl"):
        assert [fmt.days(n) for n in (1, 2, 5, 22)] == ["1 dzień", "2 dni", "5 dni", "22 dni"]


def test_an_instant_is_told_in_the_shops_zone() -> None:
    at = datetime(2010, 7, 1, 12, 0, 4, tzinfo=UTC)
    assert fmt.clock_time(at, "Europe/Warsaw", seconds=True) == "14:00:04"


@pytest.mark.parametrize("language", ["en", "pl"])
@given(minor=st.integers(-(10**12), 10**12))
def test_a_negative_amount_starts_with_the_ascii_minus_streamlit_reads(language: str, minor: int) -> None:
    with speaking(language):
        texts = [fmt.money(minor, "PLN"), fmt.money_tile(minor, "GBP"), fmt.money_short(minor, "GBP")]
    assert all(text.startswith("-") == (minor < 0) or text.lstrip("-£0 ") == "" for text in texts)
    assert not any("\u2212" in text for text in texts)


@given(highest=st.integers(1, 10**11))
def test_axis_ticks_are_few_round_even_and_reach_near_the_top(highest: int) -> None:
    with speaking("en"):
        values, texts = fmt.money_ticks(highest, "GBP")
    steps = {b - a for a, b in pairwise(values)}
    assert values[0] == 0
    assert len(values) == len(texts) <= 6
    assert len(steps) <= 1
    assert highest - values[-1] <= max(steps, default=highest)


def test_axis_texts_follow_the_language() -> None:
    with speaking("en"):
        assert fmt.money_ticks(7_000_000, "GBP")[1] == ["£0", "£20k", "£40k", "£60k"]
    with speaking("pl"):
        assert fmt.money_ticks(30_000_000, "PLN")[1][1:3] == [f"100{NB}tys.{NB}zł", f"200{NB}tys.{NB}zł"]


def test_a_shouted_product_name_is_told_calmly() -> None:
    assert fmt.product("SET OF 3  COLOURED FLYING DUCKS") == "Set of 3 coloured flying ducks"
    assert fmt.product("WHITE HANGING HEART T-LIGHT HOLDER") == "White hanging heart T-light holder"
    assert fmt.product("iPhone case") == "iPhone case"


def test_many_names_are_shortened() -> None:
    with speaking("pl"):
        assert fmt.joined(["A", "B", "C"]) == "A i 2 inne"
    assert fmt.joined(["A"], 2) == "A"
