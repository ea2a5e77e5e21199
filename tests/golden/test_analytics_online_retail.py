"""The packaged year of real orders, from file to metric: every month to the penny of the published facts."""

from __future__ import annotations

from datetime import date

import pytest

from analytics import checks
from analytics.ask import ask
from analytics.explain import asked, explained, total
from analytics.ranking import ranked
from analytics.replica import Replica
from app.bench.online_retail import SHOP, filled

#: Sum of quantity × price of all source lines by month, as published with the file, in pence.
PUBLISHED = {
    "2009-12": 79984711, "2010-01": 62403289, "2010-02": 53309143, "2010-03": 76584876, "2010-04": 59058043,
    "2010-05": 61532283, "2010-06": 67978661, "2010-07": 57523636, "2010-08": 65677634, "2010-09": 85365043,
    "2010-10": 104516835, "2010-11": 142265464, "2010-12": 37748845,
}  # fmt: skip


@pytest.fixture(scope="module")
def replica(tmp_path_factory):
    folder = tmp_path_factory.mktemp("year")
    url = f"sqlite:///{folder / 'oms.db'}"
    filled(url).dispose()
    opened = Replica.open(folder / "replica.duckdb", url)
    opened.refresh()
    yield opened
    opened.close()


def test_months_add_up_to_the_published_totals(replica):
    """Total sales, gift cards, tests and the charges that are no sales are all that the file holds."""
    sales = ask(replica, SHOP, ["total_sales"], ["month"])
    found = {f"{m:%Y-%m}": amount for m, amount in sales.rows()}
    beside = replica.frame(
        "SELECT strftime(d, '%Y-%m') AS m, CAST(SUM(amount) AS BIGINT) AS amount FROM ("
        " SELECT event_date AS d, gift_card_minor AS amount FROM fct_sales"
        " UNION ALL SELECT event_date, amount_minor FROM fct_adjustments WHERE kind = 'test'"
        " UNION ALL SELECT event_date, amount_minor FROM fct_charges) AS rest GROUP BY m"
    )
    for month, amount in beside.rows():
        found[month] += amount
    assert found.keys() == PUBLISHED.keys()
    assert all(abs(found[m] - PUBLISHED[m]) <= 1 for m in found)
    assert sum(found.values()) == 953948462


def test_a_months_numbers_keep_their_identities(replica):
    assert [c for c in checks.run(replica) if not c["ok"]] == []
    [row] = ask(
        replica, SHOP, ["orders", "gross_sales", "discounts", "aov"], since=date(2010, 11, 1), until=date(2010, 12, 1)
    ).to_dicts()
    assert (row["orders"], row["gross_sales"]) == (2719, 143568012)
    assert row["aov"] == round((row["gross_sales"] - row["discounts"]) / row["orders"])


def test_the_replica_is_its_source(replica):
    laws = replica.verify()
    assert [law for law in laws if law["broken"]] == []
    assert sum(law["checked"] for law in laws) > 550_000


def test_a_months_change_is_explained_to_the_penny_over_thousands_of_products(replica):
    period = {"since": date(2010, 11, 1), "until": date(2010, 12, 1), "compare": "previous"}
    [told] = ask(replica, SHOP, ["net_sales", "units"], **period).to_dicts()
    for by in (["sku"], ["category"], ["channel", "country"]):
        items = explained(ask(replica, SHOP, asked("net_sales", by), by, **period), "net_sales")
        [whole] = total(items).to_dicts()
        assert whole["change"] == told["net_sales"] - told["net_sales_previous"]
        assert whole["volume"] + whole["mix"] + whole["price"] == whole["change"]
        growth = told["units"] / told["units_previous"] - 1
        assert whole["volume"] == pytest.approx(growth * told["net_sales_previous"], abs=items.height)


def test_the_first_products_of_a_year_have_most_of_its_sales(replica):
    """The sheet's well-known best seller leads, class A holds four fifths of the half year."""
    frame = ask(replica, SHOP, ["gross_sales"], ["sku"], since=date(2009, 12, 1), until=date(2010, 12, 1))
    first = ranked(frame, ["gross_sales"], 3)
    assert first["sku"].to_list()[0] == "22423"
    assert first["gross_sales_share"].to_list() == pytest.approx(
        (first["gross_sales"] / frame["gross_sales"].sum()).to_list()
    )
    half = {"since": date(2010, 6, 11), "until": date(2010, 12, 10)}
    classes = {r["abc"]: r["gross_sales"] for r in ask(replica, SHOP, ["gross_sales"], ["abc"], **half).to_dicts()}
    assert classes["A"] / sum(classes.values()) == pytest.approx(0.8, abs=0.02)


def test_real_orders_know_what_can_be_known_of_them(replica):
    """History has no parcels and no claims: rates of nothing are missing, counts are zero, fees find their channel."""
    slugs = ["fees", "contribution_margin", "orders_held", "hold_rate", "time_to_pick", "supplier_otif", "claims"]
    [row] = ask(replica, SHOP, slugs).to_dicts()
    assert (row["orders_held"], row["hold_rate"], row["claims"]) == (0, 0.0, 0)
    assert (row["time_to_pick"], row["supplier_otif"]) == (None, None)
    assert row["fees"] > 0
    for by in ("sku", "country", "channel"):
        parts = ask(replica, SHOP, ["fees", "contribution_margin"], [by])
        assert parts["fees"].sum() == row["fees"]
        assert parts["contribution_margin"].sum() == row["contribution_margin"]
