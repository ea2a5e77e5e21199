"""Every metric of the golden shop, as worked out by hand from the table in `tests.analytics_shop`."""

from __future__ import annotations

from datetime import date

import analytics_shop as golden
import pytest

from analytics import checks, warehouse
from analytics.ask import ask
from analytics.metrics import METRICS
from analytics.replica import Replica
from oms_core.kernel import clock
from oms_core.kernel.database import make_engine

#: Orders of 30 March to 3 April; money in grosz.
BY_HAND = {
    "gross_sales": 2000 + 2500 + 3500 + 2100 + 4000 + 2500 + 1400 + 1000 + 700,
    "discounts": 250 + 350 + 100,
    "returns": 1000 + 2500 + 4000 + 700,
    "cancelled_sales": 4000 + 700,
    "net_sales": 19700 - 700 - 8200,
    "shipping": 1500 + (900 - 900) + 500 - 1500,
    "taxes": 230,
    "other_charges": 200,
    "total_sales": 10800 + 500 + 230 + 200,
    "units": 2 + 1 + 2 + 3 + 4 + 1 + 2 + 1 + 1,
    "price_per_unit": round((19700 - 700) / 17),
    "skus_sold": 3,
    "units_cancelled": 4 + 1,
    "units_returned": 2,
    "returns_cohort": 1000 + 4000 + 700,
    "net_sales_cohort": 19700 - 700 - 5700,
    "units_returned_cohort": 1,
    "return_rate": 1 / 17,
    "orders": 10,
    "edited_sales": 0,
    "aov": 1900,
    "units_per_order": 15 / 10,
    "orders_shipped": 5,
    "orders_arrived": 3,
    "returns_requested": 3,
    "orders_placed": 10,
    "orders_open": 3,
    "orders_fulfilled": 6,
    "orders_delivered": 4,
    "orders_returned": 1,
    "orders_cancelled": 1,
    "orders_failed": 0,
    "orders_late": 1,
    "customers": 3,
    "new_customers": 3,
    "returning_customers": 3,
    "repeat_rate": 1.0,
    "on_hand": 18 + 3,
    "available": 21,
    "stock_value": 18 * 400 + 3 * 1000,
    "stockouts": 1,
    "sell_through": 12 / (12 + 21),
    "days_of_inventory": 21 * 5 / 12,
    "shipments": 5,
    "time_to_ship": (1 + 0.5 + 1.5 + 2 + 1) / 5,
    "time_to_deliver": (28 + 60 + 24.5 + 37) / 24 / 4,
    "on_time_rate": 2 / 4,
    "cost_of_goods": (800 + 1000 + 1400 + 1600 + 1000 + 400) - 1600 - 400,
    "net_sales_with_cost": 2000 + 2250 + 3150 + 4000 + 2500 + 1000 - 4000 - 1000 - 2500,
    "cost_known_share": (2000 + 2500 + 3500 + 4000 + 2500 + 1000) / 19700,
    "gross_margin": 7400 - 4200,
    "gross_margin_rate": 3200 / 7400,
    "carrier_cost": 300 + 200 + 300 + 400 + 150,
    "fees": 500,
    "contribution_margin": 3200 - 1350 - 500,
    "payments_captured": 3500,
    "refunds": 1000,
}


@pytest.fixture(scope="module")
def replica(migrated_sqlite, tmp_path_factory):
    folder = tmp_path_factory.mktemp("golden")
    (folder / "oms.db").write_bytes(migrated_sqlite.read_bytes())
    url = f"sqlite:///{folder / 'oms.db'}"
    golden.build(make_engine(url))
    opened = Replica.open(folder / "replica.duckdb", url)
    opened.refresh()
    with clock.frozen(golden.NOW):
        yield opened
    opened.close()


def answer(replica, slugs, by=(), since="2024-03-30", until="2024-04-04", **more):
    return ask(
        replica, golden.SHOP, slugs, by, since=date.fromisoformat(since), until=date.fromisoformat(until), **more
    ).to_dicts()


def test_every_metric_has_its_number_worked_out_by_hand(engine, database_url, tmp_path):
    golden.build(engine)
    replica = Replica.open(tmp_path / "replica.duckdb", database_url)
    replica.refresh()
    with clock.frozen(golden.NOW):
        [found] = answer(replica, list(BY_HAND))
    replica.close()
    assert {m.slug for m in METRICS} >= set(BY_HAND)
    assert found == pytest.approx(BY_HAND)


def test_a_day_is_read_up_to_a_time_of_day(replica):
    asked = ["gross_sales", "orders", "orders_shipped", "returns_requested"]
    # at 14:00 in Warsaw order 6 came, a parcel left and a return was asked for; order 7 came an hour later
    [by_noon] = answer(replica, asked, since="2024-04-02", until="2024-04-03", where="minute < 840") or [None]
    [by_two] = answer(replica, asked, since="2024-04-02", until="2024-04-03", where="minute <= 840")
    assert by_noon == {"gross_sales": 0, "orders": 0, "orders_shipped": 0, "returns_requested": 0}
    assert by_two == {"gross_sales": 2500, "orders": 1, "orders_shipped": 1, "returns_requested": 1}


def test_an_order_of_the_night_the_clocks_change_counts_on_its_local_day(replica):
    found = answer(replica, ["orders", "gross_sales", "shipments"], ["day"])
    assert [(r["day"].isoformat()[5:], r["orders"], r["gross_sales"], r["shipments"]) for r in found] == [
        ("03-30", 2, 4500, 0),
        ("03-31", 2, 5600, 2),
        ("04-01", 1, 4000, 1),
        ("04-02", 2, 3900, 1),
        ("04-03", 3, 1700, 1),
    ]


def test_returns_are_dated_on_their_day_and_in_the_cohort_on_the_orders(replica):
    event = {str(r["month"]): r["returns"] for r in answer(replica, ["returns"], ["month"], since="2024-03-01")}
    cohort = answer(replica, ["returns_cohort"], ["month"], since="2024-03-01")
    assert event["2024-04-01"] == 8200
    assert {str(r["month"]): r["returns_cohort"] for r in cohort} == {"2024-03-01": 1000, "2024-04-01": 4700}


def test_an_orders_discount_falls_on_its_lines_by_value(replica):
    found = {r["sku"]: r["discounts"] for r in answer(replica, ["discounts"], ["sku"])}
    assert found == {"A": 100, "B": 250 + 250, "C": 0, None: 100}


def test_an_order_counts_once_for_each_product_it_holds(replica):
    found = {r["sku"]: r["orders"] for r in answer(replica, ["orders"], ["sku"])}
    assert found == {"A": 4, "B": 3, "C": 3}


def test_a_cancellation_after_local_midnight_counts_on_the_next_day(replica):
    """22:30 UTC on 2 April is half past midnight on the 3rd in Warsaw."""
    cursor = replica.cursor()
    golden.overwrite(cursor, "UPDATE raw.orders SET cancelled_at = '2024-04-02 22:30:00' WHERE id = 5")
    try:
        found = {str(r["day"]): r["cancelled_sales"] for r in answer(replica, ["cancelled_sales"], ["day"])}
    finally:
        golden.overwrite(cursor, "UPDATE raw.orders SET cancelled_at = '2024-04-02 12:00:00' WHERE id = 5")
    assert (found["2024-04-02"], found["2024-04-03"]) == (700, 4000)


def test_stock_is_the_state_at_the_end_of_each_bucket(replica):
    found = answer(replica, ["on_hand", "stockouts"], ["day"], since="2024-03-29")
    assert [(r["on_hand"], r["stockouts"]) for r in found] == [(29, 0), (29, 0), (26, 0), (24, 0), (22, 0), (21, 1)]
    assert answer(replica, ["on_hand"], ["location"], until="2024-04-01") == [
        {"location": "GDA", "on_hand": 4},
        {"location": "WAW", "on_hand": 22},
    ]


def test_new_and_returning_customers_of_april(replica):
    [found] = answer(replica, ["customers", "new_customers", "returning_customers"], since="2024-04-01")
    assert found == {"customers": 3, "new_customers": 1, "returning_customers": 3}


def test_a_filter_speaks_of_dimensions_in_any_case(replica):
    [found] = answer(replica, ["gross_sales"], where="region = 'european union' AND channel != 'MARKET'")
    assert found["gross_sales"] == 2000 + 3500 + 4000 + 1000 + 700
    [found] = answer(replica, ["orders"], where="customer IS NULL OR customer_type = 'new'")
    assert found["orders"] == 4


@pytest.mark.parametrize(
    ("text", "orders"),
    [
        ("channel = 'WEB'", 7),
        ("channel != 'web'", 3),
        ("customer = '1'", 4),
        ("customer != '1'", 6),
        ("NOT customer = '1'", 6),
        ("customer IS NOT NULL", 9),
        ("customer IN ('1', '3')", 6),
        ("customer NOT IN ('1', '3')", 4),
        ("country CONTAINS 'p'", 4),
        ("country NOT CONTAINS 'p' AND customer IS NOT NULL", 5),
        ("channel STARTS WITH 'ma' OR country = 'GB'", 5),
        ("day >= 2024-04-02", 5),
        ("day BETWEEN 2024-03-31 AND 2024-04-01", 3),
        ("day NOT BETWEEN 2024-03-31 AND 2024-04-01", 7),
        ("day = -1d", 3),
    ],
)
def test_a_condition_is_true_or_false_and_a_missing_value_satisfies_only_its_denial(replica, text, orders):
    assert answer(replica, ["orders"], where=text) == [{"orders": orders}]


def test_comparison_with_the_days_before_matches_buckets_by_number(replica):
    found = answer(replica, ["orders", "aov"], ["day"], since="2024-04-01", until="2024-04-03", compare="previous")
    assert [(str(r["day"]), r["orders"], r["orders_previous"], r["orders_change"]) for r in found] == [
        ("2024-04-01", 1, 2, -0.5),
        ("2024-04-02", 2, 2, 0.0),
    ]
    assert [r["aov_previous"] for r in found] == [2125, 2625]


def test_comparison_with_a_year_ago_without_data_says_nothing_about_change(replica):
    [found] = answer(replica, ["orders"], compare="year")
    assert found == {"orders": 10, "orders_previous": 0, "orders_change": None}


def test_every_identity_holds(replica):
    found = checks.run(replica)
    assert [c for c in found if not c["ok"]] == []
    assert {c["name"]: c["checked"] for c in found}["numbers.gross_is_the_sum_of_order_lines"] == 10
    marts = {f"numbers.key_of_{file.stem}" for file in (warehouse.FOLDER / "marts").glob("*.sql")}
    assert marts <= {c["name"] for c in found}
    assert len(found) > 15


def test_identities_and_the_replica_stand_among_the_laws(replica):
    laws = checks.prove(replica)
    assert {"replica.orders", "numbers.gross_is_the_sum_of_order_lines"} <= {law["name"] for law in laws}
    assert [law for law in laws if law["broken"]] == []


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        ("UPDATE raw.orders SET discount_minor = discount_minor + 1 WHERE id = 3", "discounts_are_the_orders"),
        ("UPDATE raw.returns SET goods_minor = goods_minor + 1 WHERE id = 1", "returns_are_the_sum_of_return_lines"),
        ("UPDATE raw.stock_levels SET available = 17 WHERE id = 1", "stock_ledger_equals_levels"),
        ("INSERT INTO raw.variants SELECT * FROM raw.variants WHERE id = 1", "order_lines_are_not_multiplied"),
        ("INSERT INTO raw.channels SELECT * FROM raw.channels WHERE id = 1", "sum_over_channel_is_the_total"),
        ("INSERT INTO raw.locations SELECT * FROM raw.locations WHERE id = 1", "key_of_fct_shipments"),
        ("UPDATE raw.orders SET total_minor = total_minor + 1 WHERE id = 1", "total_sales_are_orders_less_returns"),
    ],
)
def test_an_identity_notices_its_fault(replica, fault, name):
    cursor = replica.cursor()
    saved = {t: cursor.sql(f"SELECT * FROM raw.{t}").to_arrow_table() for t in fault_tables(fault)}
    golden.overwrite(cursor, fault)
    failed = {c["name"] for c in checks.run(replica, only=f"numbers.{name}") if not c["ok"]}
    for table, rows in saved.items():
        cursor.register("saved", rows)
        cursor.execute(f"DELETE FROM raw.{table}").fetchall()
        golden.overwrite(cursor, f"INSERT INTO raw.{table} SELECT * FROM saved")
        cursor.unregister("saved")
    assert failed == {f"numbers.{name}"}


def fault_tables(fault):
    return [word.removeprefix("raw.") for word in fault.split() if word.startswith("raw.")][:1]
