"""The frames other rooms think with, on the golden shop, worked out by hand."""

from __future__ import annotations

from datetime import UTC, date

import analytics_shop as golden
import polars as pl
import pytest

from analytics import frames
from analytics.replica import Replica
from oms_core.kernel import clock
from oms_core.kernel.database import make_engine


@pytest.fixture(scope="module")
def replica(migrated_sqlite, tmp_path_factory):
    folder = tmp_path_factory.mktemp("frames")
    (folder / "oms.db").write_bytes(migrated_sqlite.read_bytes())
    url = f"sqlite:///{folder / 'oms.db'}"
    engine = make_engine(url)
    golden.build(engine)
    with engine.begin() as connection:
        golden.insert(connection, "consents", [
            {"customer_id": 1, "channel": "email", "state": "subscribed", "at": golden.at("03-30")},
            {"customer_id": 1, "channel": "sms", "purpose": "service", "state": "subscribed", "at": golden.at("03-30")},
        ])  # fmt: skip
        golden.insert(connection, "purchase_orders", [
            {"id": 1, "number": "PO-1", "supplier_id": 1, "location_id": 1, "state": "sent", "currency": "PLN",
             "created_at": golden.at("04-01"), "expected_on": golden.day("04-09")},
            {"id": 2, "number": "PO-2", "supplier_id": 1, "location_id": 1, "state": "draft", "currency": "PLN",
             "created_at": golden.at("04-01"), "expected_on": golden.day("04-05")},
        ])  # fmt: skip
        golden.insert(connection, "purchase_order_lines", [
            {"purchase_order_id": key, "position": 1, "variant_id": 1, "quantity": 30, "received_qty": 10 * (key == 1),
             "unit_cost_minor": 400} for key in (1, 2)
        ])  # fmt: skip
    opened = Replica.open(folder / "replica.duckdb", url)
    opened.refresh()
    with clock.frozen(golden.NOW):
        yield opened
    opened.close()


def test_customer_facts(replica):
    facts = frames.customer_facts(replica)
    columns = ["name", "orders", "units", "gross_minor", "discount_minor", "returns_minor", "net_minor", "aov_minor"]
    assert facts.select(columns).rows() == [
        ("Ann", 4, 6, 7200, 350, 1000, 5850, 1712),
        ("Ben", 2, 1, 2500, 350, 2500, -350, 1075),
        ("Cy", 2, 3, 3900, 0, 700, 3200, 1950),
    ]
    dates = facts.select("first_order_on", "last_order_on", "first_channel", "last_channel", "channels", "currency")
    assert dates.rows()[2] == (date(2024, 4, 2), date(2024, 4, 2), "market", "web", ["market", "web"], "PLN")
    assert dates.rows()[1][:2] == (date(2024, 3, 30), date(2024, 4, 3))
    assert facts["email_consent"].to_list() == ["subscribed", "not_subscribed", "not_subscribed"]
    assert facts["sms_consent"].to_list() == ["not_subscribed"] * 3
    assert facts["created_at"][0].tzinfo is not None
    assert facts["created_at"][0].astimezone(UTC) == golden.at("03-01")
    assert not facts["is_erased"].any()


def test_customers_in_two_currencies_have_one_not_a_sum(replica):
    cursor = replica.cursor()
    golden.overwrite(cursor, "UPDATE raw.orders SET currency = 'EUR' WHERE id = 1")
    try:
        ann = frames.customer_facts(replica).row(0, named=True)
    finally:
        golden.overwrite(cursor, "UPDATE raw.orders SET currency = 'PLN'")
    assert (ann["currency"], ann["orders"], ann["gross_minor"]) == ("PLN", 4, 5200)


def test_customer_orders_and_lines_leave_out_what_was_cancelled(replica):
    orders = frames.customer_orders(replica)
    assert orders.select("customer_id", "order_id", "amount_minor").rows() == [
        (1, 1, 2000),
        (1, 3, 3150),
        (1, 10, 1000),
        (1, 12, 700),
        (2, 2, 2250),
        (2, 11, 0),
        (3, 6, 2500),
        (3, 7, 1400),
    ]
    lines = frames.customer_lines(replica)
    assert lines.filter(pl.col("customer_id") == 3).select("sku", "quantity", "gross_minor").rows() == [
        ("B", 1, 2500),
        ("C", 1, 1400),
    ]


def test_demand_is_dense_to_the_last_closed_day_and_knows_what_was_sold_out(replica):
    panel = frames.demand_panel(replica)
    assert panel.columns == ["series_id", "variant_id", "day", "y", "in_stock"]
    y = {sku: panel.filter(pl.col("series_id") == sku)["y"].to_list() for sku in "ABC"}
    assert y == {"A": [2, 1, 0, 0, 1], "B": [1, 1, 0, 1, 0], "C": [3, 0, 1, 1]}
    assert panel["day"].max() == date(2024, 4, 3)
    assert panel.filter(pl.col("series_id") == "C")["in_stock"].to_list() == [1.0, 1.0, 1.0, 0.5]
    later = frames.demand_panel(replica, date(2024, 4, 2))
    assert later.filter(pl.col("series_id") == "A")["y"].to_list() == [0, 1]


def test_demand_does_not_go_on_after_the_last_order_of_an_old_history(replica):
    with clock.frozen(golden.NOW.replace(year=2026)):
        assert frames.demand_panel(replica)["day"].max() == date(2024, 4, 3)


def test_stock_positions_count_only_what_was_sent(replica):
    found = {row["sku"]: row for row in frames.stock_positions(replica).to_dicts()}
    assert (found["A"]["on_hand"], found["A"]["incoming"], found["A"]["next_due_on"]) == (18, 20, date(2024, 4, 9))
    assert (found["A"]["supplier"], found["A"]["pack_qty"], found["A"]["lead_time_days"]) == ("Supplier", 10, 5.0)
    assert (found["C"]["available"], found["C"]["supplier_id"], found["C"]["cost_minor"]) == (0, None, None)
