"""Ready reports and kinds of demand, as worked out by hand."""

from __future__ import annotations

from datetime import date, timedelta

import analytics_shop as golden
import pytest

from analytics import standing
from analytics.ask import ask
from analytics.metrics import metric
from analytics.replica import Replica
from oms_core.kernel import clock
from oms_core.kernel.database import make_engine
from oms_core.kernel.errors import NotFound

#: Units in each of the last 26 weeks, the latest first, and what that is.
KINDS = {
    "smooth": [10] * 26,
    "erratic": [1, 30] * 13,
    "intermittent": [10 if week % 3 == 0 else 0 for week in range(26)],
    "lumpy": [(1 if week % 6 == 0 else 40) if week % 3 == 0 else 0 for week in range(26)],
    "rising": [10] * 13 + [4] * 13,
    "falling": [4] * 13 + [10] * 13,
    "new": [10] * 6,
    "single": [0] * 20 + [7],
    "ended": [0] * 30 + [7],
}
LAST = date(2024, 4, 3)


def shop():
    """The hand-made shop, where B ran out on 1 April after 30 were sold, with nine products that sell in nine ways."""
    rows = golden.rows()
    rows["stock_movements"] += [
        golden.move(20, "02-19", 2, 1, place_in=2), golden.move(21, "04-01", 2, 4, place_out=2),
    ]  # fmt: skip
    rows["orders"].append(golden.order(30, "03-30", 1, 1, "PL", gross=28 * 2500))
    rows["order_lines"].append(golden.line(30, 30, 2, 28))
    for place, (name, weeks) in enumerate(KINDS.items(), start=10):
        rows["variants"].append(rows["variants"][0] | {"id": place, "sku": name, "title": name})
        for week, units in enumerate(weeks):
            if units:
                on, key = LAST - timedelta(days=7 * week), place * 100 + week
                placed = golden.order(key, "01-01", 1, 1, "PL", gross=units * 1000)
                rows["orders"].append(placed | {"business_date": on})
                rows["order_lines"].append(golden.line(key, key, 1, units) | {"variant_id": place, "sku": name})
    return rows


@pytest.fixture(scope="module")
def replica(migrated_sqlite, tmp_path_factory):
    folder = tmp_path_factory.mktemp("standing")
    (folder / "oms.db").write_bytes(migrated_sqlite.read_bytes())
    url = f"sqlite:///{folder / 'oms.db'}"
    golden.build(make_engine(url), shop())
    opened = Replica.open(folder / "replica.duckdb", url)
    opened.refresh()
    with clock.frozen(golden.NOW):
        yield opened
    opened.close()


def report(replica, name, **more):
    return standing.answer(replica, golden.SHOP, standing.report(name), **more)


def test_every_product_has_the_kind_of_demand_it_was_made_with(replica):
    kinds = {row["sku"]: row["demand"] for row in ask(replica, golden.SHOP, ["units"], ["sku", "demand"]).to_dicts()}
    assert {name: kinds[name] for name in KINDS} == {name: name for name in KINDS}
    rows = report(replica, "demand")
    assert set(rows["demand"]) == set(KINDS) | {"new"}
    assert rows["net_sales"].to_list() == sorted(rows["net_sales"], reverse=True)


def test_what_is_sold_out_says_since_when_and_what_a_day_costs(replica):
    rows = {row["sku"]: row for row in report(replica, "sold_out").to_dicts()}
    assert rows.keys() == {"B", "C"}
    # out on 1 April, today is the 4th: four days; 30 of 42 days in stock, or 30 of 28, less 1 sold in three days
    low, high = 30 / 42 - 1 / 3, 30 / 28 - 1 / 3
    assert (rows["B"]["sold_out_on"], rows["B"]["days_out"]) == (date(2024, 4, 1), 4)
    assert rows["B"]["loss_day_low_minor"] == round(low * 2500)
    assert rows["B"]["loss_day_high_minor"] == round(high * 2500)
    assert rows["B"]["lost_high_minor"] == round(4 * high * 2500)
    assert (rows["C"]["sold_out_on"], rows["C"]["days_out"]) == (date(2024, 4, 3), 2)


def test_overstock_is_that_of_the_metrics_with_a_mark_down_above_cost(replica):
    (row,) = report(replica, "overstock").to_dicts()
    whole = ask(replica, golden.SHOP, ["excess_stock", "dead_stock"], since=date(2024, 4, 4), until=date(2024, 4, 5))
    assert (row["sku"], row["kind"], row["surplus_minor"]) == ("A", "excess", whole["excess_stock"].item())
    # 18 on hand, 4 sold in 180 days: it lasts 810 days, more than two years: 30 % off 10.00, far above the cost of 4.00
    assert (row["on_hand"], row["sold_units"], row["surplus_units"]) == (18, 4, 14)
    assert (row["markdown"], row["marked_price_minor"], row["cash_minor"]) == (0.3, 700, 14 * 700)
    with clock.frozen(golden.NOW.replace(month=11)):
        later = {r["sku"]: r for r in report(replica, "overstock").to_dicts()}
    assert (later["A"]["kind"], later["A"]["markdown"], later["A"]["surplus_minor"]) == ("dead", 0.5, 18 * 400)


def test_reports_of_metrics_are_the_registrys_numbers(replica):
    rows = report(replica, "delivery", since=date(2024, 3, 30), until=date(2024, 4, 5))
    whole = ask(replica, golden.SHOP, ["shipments"], since=date(2024, 3, 30), until=date(2024, 4, 5))
    assert rows["shipments"].sum() == whole["shipments"].item()
    assert report(replica, "suppliers").is_empty()
    with pytest.raises(NotFound) as refused:
        standing.report("overstok")
    assert "overstock" in refused.value.hint


def test_every_report_names_columns_that_its_rows_have(replica):
    for each in standing.REPORTS:
        names = [column.name for column in standing.columns(each)]
        assert set(names) <= set(report(replica, each.slug).columns), each.slug
        assert all(metric(slug) for slug in each.slugs)
        assert each.says.endswith(".")
