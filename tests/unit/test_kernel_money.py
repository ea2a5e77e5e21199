"""Money never loses a penny."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_core.kernel.errors import InvalidInput
from oms_core.kernel.money import Money, split, to_decimal, to_minor


@given(st.integers(-(10**12), 10**12), st.lists(st.integers(0, 10**6), min_size=1, max_size=50))
def test_parts_add_up_to_the_whole(minor: int, weights: list[int]) -> None:
    parts = split(minor, weights)
    assert sum(parts) == minor
    assert all(part * minor >= 0 for part in parts)


@given(st.integers(-(10**12), 10**12), st.lists(st.integers(1, 10**6), min_size=1, max_size=20))
def test_no_part_is_a_unit_away_from_its_share(minor: int, weights: list[int]) -> None:
    for part, weight in zip(split(minor, weights), weights, strict=True):
        assert abs(part - minor * weight / sum(weights)) <= 1 + 1e-3


@given(st.integers(-(10**15), 10**15), st.sampled_from(["GBP", "PLN", "JPY", "KWD"]))
def test_minor_units_survive_the_round_trip(minor: int, currency: str) -> None:
    assert to_minor(to_decimal(minor, currency), currency) == minor


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [("0.125", "GBP", 12), ("0.135", "GBP", 14), ("1234", "JPY", 1234), ("1.0005", "KWD", 1000), ("-0.005", "PLN", 0)],
)
def test_halves_round_to_even_in_the_currency_of_the_amount(amount: str, currency: str, minor: int) -> None:
    assert to_minor(Decimal(amount), currency) == minor


def test_currencies_are_never_added_up() -> None:
    with pytest.raises(InvalidInput, match="PLN"):
        Money(1, "GBP") + Money(1, "PLN")


@pytest.mark.parametrize("amount", ["abc", "NaN", "Infinity"])
def test_what_is_not_a_number_is_refused(amount: str) -> None:
    with pytest.raises(InvalidInput):
        to_minor(amount, "GBP")
