"""Ranking with shares, and the change of sales by volume, mix and price, worked out by hand on the golden shop."""

from __future__ import annotations

import analytics_shop as golden
import polars as pl
import pytest

from analytics.ask import ask
from analytics.explain import asked, explained, total
from analytics.ranking import ranked
from analytics.replica import Replica
from oms_core.kernel import clock
from oms_core.kernel.database import make_engine
from oms_core.kernel.errors import InvalidInput, Refused

#: 1 to 3 April against 29 to 31 March.
PERIOD = {"since": golden.day("04-01"), "until": golden.day("04-04")}


@pytest.fixture(scope="module")
def replica(migrated_sqlite, tmp_path_factory):
    folder = tmp_path_factory.mktemp("explain")
    (folder / "oms.db").write_bytes(migrated_sqlite.read_bytes())
    url = f"sqlite:///{folder / 'oms.db'}"
    golden.build(make_engine(url))
    opened = Replica.open(folder / "replica.duckdb", url)
    opened.refresh()
    with clock.frozen(golden.NOW):
        yield opened
    opened.close()


def explanation(replica, slug, by=("sku",), **more):
    return explained(ask(replica, golden.SHOP, asked(slug, by), by, compare="previous", **PERIOD, **more), slug)


def test_a_change_of_net_sales_is_volume_mix_and_price_item_by_item(replica):
    """8 units before, 9 now: an eighth more of everything; A 3 to 5, B 2 to 1, C 3 to 3."""
    found = {row["sku"]: row for row in explanation(replica, "net_sales").to_dicts()}
    assert {sku: (row["before"], row["now"]) for sku, row in found.items()} == {
        "A": (2900, 0), "B": (4500, 0), "C": (2100, 1400), None: (0, -100),
    }  # fmt: skip
    assert {sku: (row["volume"], row["mix"], row["price"]) for sku, row in found.items()} == {
        "A": (362, 1571, -4833),  # 2900 ÷ 8; 13 ÷ 24 of 2900
        "B": (562, -2812, -2250),  # 4500 ÷ 8; -10 ÷ 16 of 4500
        "C": (262, -262, -700),
        None: (0, 0, -100),
    }
    # the price of A did not change: 5 units would have had discounts of 1.67, and 50.00 of returns came
    assert [found["A"][effect] for effect in ("list_price", "discounts", "returns")] == [0, 167, -5000]
    assert [found[None][effect] for effect in ("list_price", "discounts", "returns")] == [0, -100, 0]


def test_the_whole_is_the_change_that_the_registry_tells(replica):
    [row] = total(explanation(replica, "net_sales")).to_dicts()
    [told] = ask(replica, golden.SHOP, ["net_sales"], compare="previous", **PERIOD).to_dicts()
    assert row["change"] == told["net_sales"] - told["net_sales_previous"]
    assert row["volume"] + row["mix"] + row["price"] == row["change"]


def test_gross_sales_at_unchanged_prices_have_no_price_effect(replica):
    [row] = total(explanation(replica, "gross_sales")).to_dicts()
    assert (row["price"], row["discounts"], row["returns"]) == (0, 0, 0)
    assert row["volume"] + row["mix"] == row["change"] == 9600 - 10100


def test_a_new_item_is_mix_and_a_first_period_is_volume():
    row = {"sku": "N", "units": 2, "units_previous": 0, "gross_sales": 500, "gross_sales_previous": 0}
    old = {"sku": "O", "units": 3, "units_previous": 3, "gross_sales": 900, "gross_sales_previous": 900}
    beside = explained(pl.DataFrame([row, old]), "gross_sales").filter(pl.col("sku") == "N").row(0, named=True)
    alone = explained(pl.DataFrame([row]), "gross_sales").row(0, named=True)
    assert (beside["volume"], beside["mix"], beside["price"]) == (0, 500, 0)
    assert (alone["volume"], alone["mix"], alone["price"]) == (500, 0, 0)


def test_currencies_are_explained_apart(replica):
    cursor = replica.cursor()
    golden.overwrite(cursor, "UPDATE raw.orders SET currency = 'EUR' WHERE id IN (2, 6)")
    try:
        rows = total(explanation(replica, "gross_sales")).to_dicts()
    finally:
        golden.overwrite(cursor, "UPDATE raw.orders SET currency = 'PLN'")
    assert [(row["currency"], row["change"]) for row in rows] == [("EUR", 0), ("PLN", -500)]


@pytest.mark.parametrize(
    ("slug", "by", "error", "words"),
    [
        ("orders", ["sku"], Refused, "net_sales"),
        ("net_sales", ["month"], Refused, "sku"),
        ("net_sales", [], InvalidInput, "--by sku"),
    ],
)
def test_what_cannot_be_explained_is_refused_with_what_can(slug, by, error, words):
    with pytest.raises(error) as refused:
        asked(slug, by)
    assert words in refused.value.hint


def test_the_largest_rows_keep_their_share_of_the_whole(replica):
    since = {"since": golden.day("03-30"), "until": golden.day("04-04")}
    frame = ask(replica, golden.SHOP, ["gross_sales", "orders"], ["sku"], **since)
    rows = ranked(frame, ["gross_sales", "orders"], 2).to_dicts()
    assert [(r["rank"], r["sku"], r["gross_sales"]) for r in rows] == [(1, "A", 8000), (2, "B", 7500)]
    assert [r["gross_sales_share"] for r in rows] == [8000 / 19700, 7500 / 19700]
    assert "orders_share" not in rows[0]  # an order holds several products
    by_month = ranked(ask(replica, golden.SHOP, ["gross_sales"], ["month", "sku"], **since), ["gross_sales"], 1)
    assert [(str(r["month"])[5:7], r["sku"]) for r in by_month.to_dicts()] == [("03", "B"), ("04", "A")]
    with pytest.raises(InvalidInput):
        ranked(frame, ["gross_sales"], 0)
