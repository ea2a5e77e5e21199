"""The sentence behind a quantity adds up, also when a budget or the buyer changed it."""

from __future__ import annotations

from datetime import date

from forecasting.reasons import reason

LINE = {
    "rate": 4.2, "available": 38, "incoming": 60, "next_due_on": date(2010, 12, 2), "drafted": 0, "urgency": "soon",
    "sells_out_on": date(2010, 12, 11), "arrives_on": date(2010, 12, 14), "raw_qty": 84, "rounding_qty": 6,
    "order_qty": 90, "pack_qty": 10,
}  # fmt: skip


def test_the_whole_suggestion_is_explained() -> None:
    said = reason(LINE)
    assert said["en"] == (
        "Sells 4.2 a day. 38 available, 60 arriving 2 Dec. Covers until 11 Dec; an order of today arrives 14 Dec."
        " Order 90 = 84 + 6 to whole packs of 10."
    )
    assert "Sprzedaje się 4,2 dziennie." in said["pl"]


def test_a_cut_quantity_does_not_claim_an_addition() -> None:
    assert reason({**LINE, "order_qty": 40})["en"].endswith("Order 40 of the 90 needed.")


def test_nothing_to_order_says_so() -> None:
    assert reason({**LINE, "order_qty": 0, "raw_qty": 0, "rounding_qty": 0})["en"].endswith("Nothing to order.")
