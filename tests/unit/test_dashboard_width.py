"""What a phone shows: columns first that answer, waterfalls that lie, captions of one line."""

from __future__ import annotations

from app import charts, provenance, tables
from app.i18n import speaking


def test_a_phone_sees_the_columns_that_answer_without_pushing() -> None:
    columns = {
        "sku": tables.text("SKU", 80), "title": tables.text("Product", 300), "net": tables.money("Net", "GBP", 130),
        "change": tables.change("Change", 80),
    }  # fmt: skip
    narrow = tables.at_phone_width(columns, ("title", "change"))
    assert list(narrow) == ["title", "change", "sku", "net"]
    assert narrow["title"]["width"] + narrow["change"]["width"] <= tables.PHONE
    assert narrow["net"]["width"] == tables.DIGITS
    assert columns["title"]["width"] == 300


def test_a_state_is_not_cut_on_a_phone() -> None:
    columns = {"state": tables.badge("State", {"Wysłane do dostawcy": "blue"}, 140), "n": tables.count("Units", 140)}
    narrow = tables.at_phone_width(columns)
    assert (narrow["state"]["width"], narrow["n"]["width"]) == (140, tables.DIGITS)


def test_amounts_of_one_currency_are_numbers_and_of_several_are_written_out() -> None:
    values, column = tables.amounts("Total", [12345, None], ["PLN", "PLN"])
    assert (values.to_list(), column["label"]) == ([123.45, None], "Total, PLN")
    values, column = tables.amounts("Total", [12345, 100], ["PLN", "GBP"])
    assert (values.to_list(), column["alignment"]) == (["PLN\u00a0123.45", "£1.00"], "right")


def test_a_waterfall_lies_down_on_a_phone_and_says_the_same() -> None:
    steps = (["Gross", "Returns", "Total"], [100, -30, 70], ["a", "b", "c"])
    standing, lying = (charts.waterfall(*steps, ticks=([0], ["0"]), lying=on).to_dict() for on in (False, True))
    [one], [other] = standing["data"], lying["data"]
    assert (one["y"], one["base"], one["text"]) == (other["x"], other["base"], other["text"])
    assert (one["x"], other["orientation"]) == (other["y"], "h")
    assert lying["layout"]["yaxis"]["autorange"] == "reversed"


def test_one_bar_on_a_tall_card_is_as_thick_as_eight() -> None:
    one = charts.ranking(["PL"], charts.Series("Net", [2]), texts=["2"], height=charts.HEIGHT_CARD)
    first, last = one.layout.yaxis.range
    assert (first - last) * charts.HEIGHT_ROW >= charts.HEIGHT_CARD - 2 * charts.HEIGHT_ROW


def test_a_caption_counts_what_it_has_no_room_to_name() -> None:
    nouns = "stock, locations, suppliers, costs, names"
    assert provenance.simulated(nouns, most=4) == "simulated: stock, locations and 3 more"
    assert provenance.simulated(nouns) == "simulated: stock, locations, suppliers, costs and names"
    assert (
        provenance.simulated("everything: customers, orders, prices, stock, names", most=4) == "simulated: everything"
    )
    with speaking("pl"):
        assert provenance.simulated(nouns, most=4) == "symulowane: stany, magazyny i 3 inne"
