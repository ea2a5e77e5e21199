"""Metrics of everything around an order, as worked out by hand from `tests.analytics_trade_shop`."""

from __future__ import annotations

from datetime import date

import analytics_shop as golden
import analytics_trade_shop as trade
import pytest

from analytics import checks
from analytics.ask import ask
from analytics.metrics import METRICS, metric
from analytics.replica import Replica
from oms_core.finance.ageing import ageing
from oms_core.kernel import clock
from oms_core.kernel.database import make_engine, transaction

#: 30 March to 3 April; money in grosz.
BY_HAND = {
    "discount_rate": 700 / 19700,
    "returned_sales": 1000 + 2500,
    "cancellation_rate": 1 / 10,
    "orders_held": 3,
    "hold_rate": 3 / 10,
    "orders_on_hold": 1,
    "time_on_hold": (2 + 6 + 24) / 3,
    "orders_edited": 1,
    "edit_rate": 1 / 10,
    "orders_split": 1,
    "split_rate": 1 / 5,
    "stockout_days": 1,
    "stockout_rate": 1 / 15,
    "lost_sales_low": 0,
    "lost_sales_high": 0,
    "dead_stock": 0,
    "excess_stock": (18 - 4) * 400,
    "idle_stock_share": 5600 / 10200,
    "backorders_made": 2,
    "backorder_units": 1,
    "backorder_age": 0.0,
    "count_accuracy": 1 / 3,
    "count_difference": -1000,
    "shipments": 5,
    "time_to_confirm": (2 + 1 + 3 + 0 + 6) / 5,
    "time_to_confirm_median": 2.0,
    "time_to_pick": (22 + 11 + 33 + 48 + 18) / 5,
    "time_to_pick_median": 22.0,
    "time_to_ship_median": 1.0,
    "time_to_deliver_median": (28 + 37) / 2 / 24,
    "order_to_door": (52 + 72 + 60.5) / 3 / 24,
    "order_to_door_median": 60.5 / 24,
    "first_attempt_rate": 2 / 3,
    "late_deliveries": 2,
    "parcels_lost": 1,
    "units_shipped": 9,
    "units_per_parcel": 9 / 5,
    "carrier_cost_per_parcel": 270,
    "return_handling_time": 1.5,
    "resale_rate": 1 / 2,
    "claims": 3,
    "claim_value": 1900,
    "claims_paid": 500,
    "claim_handling_time": 1.0,
    "orders_claimed": 2,
    "claim_rate": 2 / 10,
    "units_mis_shipped": 1,
    "mis_ship_rate": 1 / 17,
    "units_mis_picked": 1,
    "mis_pick_rate": 1 / 17,
    "exchanges": 1,
    "exchange_value": 1200,
    "withdrawals": 1,
    "fees": 600,
    "handling_cost": 9 * 20 + 5 * 150,
    "return_handling_cost": 2 * 75,
    "contribution_margin": 3200 - 1350 - 600 - 930 - 150,
    "contribution_margin_rate": 170 / 7400,
    "unsold_returns_cost": 1000,
    "shipped_sales": 2000 + 2250 + 900 + 2250 + 2100 + 700,
    "shipped_margin": 1200 + 1250 + 500 + 1250 - 1350,
    "shipping_result": 500 - 1350,
    "refunds": 1300,
    "refund_rate": 1300 / 3500,
    "refunds_without_return": 1000,
    "payouts_taken": 2250 - 500,
    "payout_fees": 500 + 100,
    "payouts": 1750 - 600,
    "purchase_orders": 2,
    "purchased": 1500 + 4200,
    "units_received": 14,
    "goods_received": 8000,
    "supplier_lead_time": 14 / 3,
    "supplier_lead_time_median": 4.0,
    "supplier_lead_time_spread": (4 / 3) ** 0.5,
    "supplier_units_due": 19,
    "supplier_fill_rate": 14 / 19,
    "supplier_otif": 1 / 3,
    "billed": 8100,
    "price_variance": 100,
    "price_variance_rate": 100 / 8000,
    "receivables": 1500 + 2250 - 500,
    "receivables_overdue": 1500,
    "payables": 8000,
    "payables_overdue": 0,
    "days_sales_outstanding": 3250 * 5 / 11730,
}  # fmt: skip


@pytest.fixture(scope="module")
def replica(migrated_sqlite, tmp_path_factory):
    folder = tmp_path_factory.mktemp("trade")
    (folder / "oms.db").write_bytes(migrated_sqlite.read_bytes())
    url = f"sqlite:///{folder / 'oms.db'}"
    golden.build(make_engine(url), trade.rows(), trade.SHOP)
    opened = Replica.open(folder / "replica.duckdb", url)
    opened.refresh()
    with clock.frozen(golden.NOW):
        yield opened
    opened.close()


def answer(replica, slugs, by=(), since="2024-03-30", until="2024-04-04", **more):
    return ask(
        replica, golden.SHOP, slugs, by, since=date.fromisoformat(since), until=date.fromisoformat(until), **more
    ).to_dicts()


def over(replica, slug, dimension, **more):
    return {row[dimension]: row[slug] for row in answer(replica, [slug], [dimension], **more) if row[slug]}


def test_every_new_metric_has_its_number_worked_out_by_hand(engine, database_url, tmp_path):
    golden.build(engine, trade.rows(), trade.SHOP)
    replica = Replica.open(tmp_path / "replica.duckdb", database_url)
    replica.refresh()
    with clock.frozen(golden.NOW):
        [found] = answer(replica, list(BY_HAND))
    replica.close()
    assert found == pytest.approx(BY_HAND)


def test_the_identities_hold_with_everything_around_the_orders(replica):
    assert [check for check in checks.run(replica) if not check["ok"]] == []


def test_a_parcels_cost_falls_on_its_lines_by_value(replica):
    assert over(replica, "carrier_cost", "sku") == {"A": 300 + 85, "B": 200 + 215, "C": 400 + 150}


def test_fees_fall_on_what_was_sold_that_day_and_the_rest_stays_without_a_product(replica):
    assert over(replica, "fees", "sku") == {None: 500, "B": 64, "C": 36}
    assert over(replica, "fees", "country") == {None: 500, "GB": 100}
    assert over(replica, "fees", "channel") == {"market": 500, None: 100}


def test_contribution_is_known_by_product_destination_and_customer(replica):
    places = ("sku", "category", "region", "country", "customer", "customer_type", "order", "channel", "location")
    for name in places:
        assert sum(over(replica, "contribution_margin", name).values()) == 170
    # by place: what left from there, its costs, and what has not left or has no order stands alone
    assert over(replica, "gross_margin", "location") == {
        "WAW": 1200 + 1750 - 600,
        "GDA": 1250,
        None: -2500 + 1500 + 600,
    }
    assert over(replica, "handling_cost", "location") == {"WAW": 7 * 20 + 3 * 150, "GDA": 2 * 20 + 2 * 150}
    # packing by units: parcel 3 held an A and a B
    assert over(replica, "handling_cost", "sku") == {"A": 3 * 20 + 150 + 75, "B": 2 * 20 + 150 + 75, "C": 4 * 20 + 300}
    assert over(replica, "return_handling_cost", "sku") == {"A": 75, "B": 75}


def test_margin_shipped_is_known_by_place_and_lane(replica):
    assert over(replica, "shipped_margin", "location") == {"WAW": 1200 + 1750 - 1000, "GDA": 1250 - 350}
    assert over(replica, "shipments", "lane") == {"WAW > PL": 2, "GDA > DE": 1, "WAW > GB": 1, "GDA > GB": 1}
    found = {r["carrier"]: (r["first_attempt_rate"], r["on_time_rate"]) for r in
             answer(replica, ["first_attempt_rate", "on_time_rate"], ["carrier"])}  # fmt: skip
    assert found == {"dhl": (1.0, 2 / 3), "inpost": (0.0, 0.0)}


def test_what_has_no_mean_is_missing_and_not_zero(replica):
    [row] = answer(replica, ["time_on_hold", "supplier_lead_time", "claims"], since="2024-05-01", until="2024-05-02")
    assert row == {"time_on_hold": None, "supplier_lead_time": None, "claims": 0}
    [row] = answer(replica, ["time_on_hold"], compare="previous")
    assert (row["time_on_hold_previous"], row["time_on_hold_change"]) == (None, None)


def test_reasons_split_returns_claims_and_holds(replica):
    assert over(replica, "orders_held", "reason") == {"address": 1, "risk": 3}
    assert over(replica, "claims", "reason") == {"damaged": 1, "wrong": 1, "missing": 1}
    assert over(replica, "units_returned", "reason") == {None: 2}


def test_the_supplier_is_the_one_ordered_from_and_owed(replica):
    assert over(replica, "supplier_units_due", "supplier") == {"S1": 14, "S2": 5}
    assert over(replica, "supplier_otif", "supplier") == {"S1": 0.5}
    assert over(replica, "payables", "supplier") == {"S1": 8000}
    assert over(replica, "price_variance", "supplier") == {"S1": 100}


def test_receivables_by_age_are_those_of_the_ledgers_own_list(replica, tmp_path, migrated_sqlite):
    assert over(replica, "receivables", "age") == {"current": 2250, "days_1_30": 1500, "unapplied": -500}
    path = tmp_path / "oms.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    engine = make_engine(f"sqlite:///{path}")
    golden.build(engine, trade.rows())
    with transaction(engine) as session:
        listed = ageing(session, side="receivable", today=date(2024, 4, 3))
    engine.dispose()
    assert sum(row["open_minor"] for row in listed) == 3250
    assert sum(row["days_1_30_minor"] for row in listed) == 1500


def test_states_are_those_of_each_days_end(replica):
    assert [r["backorder_units"] for r in answer(replica, ["backorder_units"], ["day"])] == [1, 1]
    owed = {str(r["day"])[5:]: r["receivables"] for r in answer(replica, ["receivables"], ["day"])}
    assert owed == {"03-30": 3500, "03-31": 3500, "04-01": 3500, "04-02": 3750, "04-03": 3250}
    assert {str(d)[5:]: n for d, n in over(replica, "orders_on_hold", "day").items()} == {"04-02": 1, "04-03": 1}


def test_days_sold_out_end_today_and_are_counted_in_each_month(replica):
    april = answer(replica, ["stockout_days", "stockout_rate"], since="2024-04-01", until="2024-05-01")
    assert april == [{"stockout_days": 2, "stockout_rate": pytest.approx(2 / 12)}]
    assert {str(k)[:7]: n for k, n in over(replica, "stockout_days", "month", until="2024-04-05").items()} == {
        "2024-04": 2
    }


def test_stock_that_nobody_bought_for_half_a_year_is_dead(replica):
    [row] = answer(replica, ["dead_stock", "excess_stock"], since="2024-11-01", until="2024-12-01")
    assert row == {"dead_stock": 18 * 400 + 3 * 1000, "excess_stock": 0}


def test_lost_sales_are_a_range_over_the_days_sold_out(migrated_sqlite, tmp_path):
    """B in stock from 19 February, out from 1 April on; 30 were sold before, 1 on 2 April all the same; at 25.00."""
    rows = golden.rows()
    rows["stock_movements"] += [
        golden.move(20, "02-19", 2, 1, place_in=2), golden.move(21, "04-01", 2, 4, place_out=2),
    ]  # fmt: skip
    rows["orders"].append(golden.order(30, "03-30", 1, 1, "PL", gross=28 * 2500))
    rows["order_lines"].append(golden.line(30, 30, 2, 28))
    (tmp_path / "oms.db").write_bytes(migrated_sqlite.read_bytes())
    url = f"sqlite:///{tmp_path / 'oms.db'}"
    golden.build(make_engine(url), rows)
    opened = Replica.open(tmp_path / "replica.duckdb", url)
    opened.refresh()
    with clock.frozen(golden.NOW):
        found = {r["sku"]: r for r in answer(opened, ["lost_sales_low", "lost_sales_high", "stockout_days"], ["sku"])}
    opened.close()
    # a day in stock sold 30 of 42 days, or 30 of the last 28; one of three days without stock sold one
    low, high = 30 / 42 - 1 / 3, 30 / 28 - 1 / 3
    assert found["B"]["stockout_days"] == 3
    assert (found["B"]["lost_sales_low"], found["B"]["lost_sales_high"]) == (
        round(3 * low * 2500),
        round(3 * high * 2500),
    )
    assert found["A"]["lost_sales_high"] == 0


def test_abc_and_xyz_share_out_the_sales(replica):
    found = {r["abc"]: r["gross_sales"] for r in answer(replica, ["gross_sales"], ["abc"])}
    # 7900 A, 7000 B, 4200 C of 19100 after discounts: what stands before C is below 80 % of them; None has no product
    assert found == {"A": 19700, None: 0}
    assert {r["xyz"] for r in answer(replica, ["gross_sales"], ["xyz"])} == {"Z", None}


def test_every_metric_says_what_it_is():
    for each in METRICS:
        assert each.good in {"up", "down", "none"}
        assert each.version
        assert each.grain
    assert metric("shipments").version == metric("fees").version == "2"
