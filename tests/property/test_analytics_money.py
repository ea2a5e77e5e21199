"""Whatever is sold, cancelled and returned: the identities hold and every discount is shared out exactly."""

from __future__ import annotations

from datetime import timedelta

import analytics_shop as golden
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics import checks, duck, layout, stored, warehouse
from analytics.replica import Replica
from analytics.sources import open_source
from oms_core.schema import METADATA, TRACKED

lines = st.lists(
    st.fixed_dictionaries(
        {
            "variant": st.integers(1, 3),
            "quantity": st.integers(1, 50),
            "price": st.integers(0, 99_999),
            "off": st.integers(0, 100),
            "cancelled": st.integers(0, 2),
        }
    ),
    max_size=6,
)
orders = st.lists(
    st.fixed_dictionaries({
        "lines": lines,
        "discount": st.integers(0, 50_000),
        "shipping": st.integers(0, 3000),
        "tax": st.integers(0, 3000),
        "day": st.integers(0, 60),
        "channel": st.integers(1, 2),
        "customer": st.sampled_from([None, 1, 2, 3]),
        "is_cancelled": st.booleans(),
        "is_test": st.booleans(),
        "returned": st.integers(0, 6),
    }),
    min_size=1,
    max_size=8,
)  # fmt: skip


@pytest.fixture(scope="module")
def replica(tmp_path_factory):
    folder = tmp_path_factory.mktemp("money")
    opened = Replica(
        folder / "replica.duckdb",
        open_source("sqlite:///none"),
        duck.connect(folder / "replica.duckdb", wait_seconds=1),
    )
    cursor = opened.cursor()
    for table in TRACKED:
        duck.run(cursor, layout.create(table))
    warehouse.install(cursor, {})
    for table in ("channels", "customers", "products", "variants"):
        fill(cursor, table, golden.rows()[table])
    yield opened
    opened.close()


def fill(cursor, table, given_rows):
    """Put rows into a replica's table; columns left out take the core's defaults."""
    duck.run(cursor, f"DELETE FROM raw.{table}")
    known = METADATA.tables[table].columns
    standard = {c.name: c.default.arg if c.default is not None and c.default.is_scalar else None for c in known}
    for row in given_rows:
        whole = standard | row
        values = [v.replace(tzinfo=None) if hasattr(v, "tzinfo") and v.tzinfo else v for v in whole.values()]
        duck.run(cursor, f"INSERT INTO raw.{table} VALUES ({', '.join('?' * len(values))})", values)


def shop_of(made):
    """Return order, line, adjustment and return rows of the generated orders."""
    tables = {name: [] for name in ("orders", "order_lines", "order_adjustments", "returns", "return_lines")}
    for number, order in enumerate(made, 1):
        day = golden.at("03-01") + timedelta(days=order["day"])
        rows = []
        for position, x in enumerate(order["lines"], 1):
            gross = x["quantity"] * x["price"]
            stopped = x["quantity"] if order["is_cancelled"] else min(x["cancelled"], x["quantity"])
            rows.append({
                "id": number * 10 + position, "order_id": number, "position": position, "variant_id": x["variant"],
                "sku": "ABC"[x["variant"] - 1], "quantity": x["quantity"], "unit_price_minor": x["price"],
                "gross_minor": gross, "discount_minor": gross * x["off"] // 100, "cancelled_qty": stopped,
                "shipped_qty": x["quantity"] - stopped,
            })  # fmt: skip
        gross = sum(r["gross_minor"] for r in rows)
        off = sum(r["discount_minor"] for r in rows) + order["discount"]
        head = golden.order(
            number, "03-01", order["channel"], order["customer"], "PL", gross=gross, discount=off, tax=order["tax"],
            shipping=order["shipping"], is_test=order["is_test"], placed_at=day, business_date=day.date(),
        )  # fmt: skip
        if order["is_cancelled"]:
            head |= {"state": "cancelled", "cancelled_at": day + timedelta(days=1)}
        tables["orders"].append(head)
        tables["order_lines"] += rows
        for key, kind in enumerate(("discount", "shipping", "tax")):
            if order[kind]:
                amount = -order[kind] if kind == "discount" else order[kind]
                tables["order_adjustments"].append(
                    {"id": number * 10 + key, "order_id": number, "kind": kind, "amount_minor": amount}
                )
        if order["returned"] and rows and rows[0]["shipped_qty"] >= order["returned"]:
            value = rows[0]["gross_minor"] * order["returned"] // rows[0]["quantity"]
            tables["returns"].append(golden.back(number, number, "04-02", order["channel"], None, "PL", value))
            tables["return_lines"].append(
                golden.back_line(number, number, rows[0]["id"], rows[0]["variant_id"], value, "restock")
            )
    return tables


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(orders)
def test_the_identities_hold_for_any_shop(replica, made):
    cursor = replica.cursor()
    for table, rows in shop_of(made).items():
        fill(cursor, table, rows)
    stored.rebuild(cursor)
    assert [c for c in checks.run(replica) if not c["ok"]] == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(orders)
def test_an_orders_discount_is_shared_out_exactly_and_within_a_unit_of_its_weight(replica, made):
    cursor = replica.cursor()
    tables = shop_of(made)
    for table in ("orders", "order_lines", "order_adjustments"):
        fill(cursor, table, tables[table])
    shares = replica.frame("SELECT order_id, order_line_id, share_minor FROM fct_discount_shares").to_dicts()
    for number, order in enumerate(made, 1):
        mine = {s["order_line_id"]: s["share_minor"] for s in shares if s["order_id"] == number}
        assert sum(mine.values()) == order["discount"]
        weights = {
            r["id"]: r["gross_minor"] - r["discount_minor"] for r in tables["order_lines"] if r["order_id"] == number
        }
        total = sum(weights.values())
        for key, share in mine.items():
            assert not total or abs(share - order["discount"] * weights[key] / total) < 1
