"""The next action for one customer follows from facts, and its reason names them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from app.views.customer_person import DO, WHY, sentence
from segmentation.next_action import RULES, next_action

TODAY = date(2026, 3, 1)


def customer(orders, silent, gap=0, **more):
    last = TODAY - timedelta(days=silent) if orders else None
    first = last - timedelta(days=gap * (orders - 1)) if last else None
    return {
        "orders": orders, "first_order_on": first, "last_order_on": last, "spent_minor": 10_000, "returns_minor": 0,
        "email_consent": "subscribed", "p_alive": 0.9, **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("row", "code", "told"),
    [
        (customer(0, 0), "invite", "No order yet"),
        (customer(4, 5, 20, returns_minor=5_000), "look_at_returns", "50%"),
        (customer(8, 90, 20), "call", "every 20 d"),
        (customer(3, 300, 20, p_alive=0.1), "let_go", "10%"),
        (customer(3, 90, 20), "win_back", "silent for 90 d"),
        (customer(1, 20), "second_order", "20 d"),
        (customer(1, 100, p_alive=None), "remind", "none since"),
        (customer(3, 10, 20, email_consent=None), "ask_consent", "nobody may write"),
        (customer(9, 10, 20), "thank", "9 orders"),
        (customer(3, 10, 20), "wait", "every 20 d"),
        (customer(2, 0, 0, p_alive=None), "wait", "every 1 d"),
    ],
)
def test_the_first_rule_that_fits_is_the_answer(row, code, told):
    found = next_action(row, TODAY)
    assert found.code == code
    assert told in sentence(found)


def test_every_rule_has_its_words():
    assert set(RULES) == set(DO) == set(WHY)
