"""The packaged year of real orders, from file to metric: every month to the penny of the published facts."""

from __future__ import annotations

from datetime import date

import pytest

from analytics import checks
from analytics.ask import ask
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
