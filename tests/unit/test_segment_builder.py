"""The builder and the text say the same thing."""

from __future__ import annotations

import pytest

from app.views.segment_groups import Row, groups_of, text_of
from oms_core.kernel.expressions import as_text
from segmentation.library import builtin, understand

SHOWN = [
    "aov > 200",
    "number_of_orders = 1 AND last_order_date < -90d",
    "rfm_group IN ('AT_RISK', 'PREVIOUSLY_LOYAL') AND (amount_spent > 500 OR number_of_orders >= 5)",
    "in_europe = TRUE AND country != 'GB'",
    "orders_placed(since: -90d) >= 2",
    "first_order_date >= 2010-01-31",
    "channel NOT IN ('web')",
    "city CONTAINS 'O\\'Brien'",
]
NOT_SHOWN = [
    "NOT aov > 200",
    "aov BETWEEN 1 AND 2",
    "city IS NULL",
    "segment('europe') = TRUE",
    "(aov > 1 AND aov < 5) OR in_eu = TRUE",
]


@pytest.mark.parametrize("text", SHOWN)
def test_what_the_builder_shows_comes_back_the_same(text: str) -> None:
    tree = understand(text)
    groups = groups_of(tree)
    assert groups is not None
    assert understand(text_of(groups)) == tree


@pytest.mark.parametrize("text", NOT_SHOWN)
def test_what_it_cannot_show_stays_text(text: str) -> None:
    assert groups_of(understand(text)) is None


def test_every_segment_that_ships_opens_in_the_builder() -> None:
    shown = [s.name for s in builtin("GBP", "GB") if groups_of(s.tree()) is not None]
    assert {"europe", "high_aov", "one_time_gone", "at_risk", "win_back"} <= set(shown)


def test_a_row_without_a_value_asks_nothing() -> None:
    assert text_of(((Row("aov", ">", ("",)),), (Row("in_eu", "TRUE"),))) == "in_eu = TRUE"


def test_windows_keep_their_unit_and_an_equal_choice_becomes_a_list() -> None:
    groups = groups_of(understand("last_order_date < -4w AND rfm_group = 'NEW'"))
    assert groups is not None
    assert as_text(understand(text_of(groups))) == "last_order_date < -4w AND rfm_group IN ('NEW')"
