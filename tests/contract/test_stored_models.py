"""Models stored as tables equal their files run over everything, whatever changes; a tick writes what it touched."""

from __future__ import annotations

import re

import analytics_shop as golden
import pytest
import random_shops
import sqlalchemy as sa

from analytics import arrivals, stored, warehouse
from analytics.replica import Replica
from analytics.touched import KINDS
from oms_core.kernel.database import transaction
from oms_core.kernel.settings import Shop, save_shop

#: A change of each kind of row that a stored model reads, one after the other.
CHANGES = (
    "UPDATE orders SET cancelled_at = '2024-04-03 22:30:00+00', state = 'cancelled' WHERE id = 1",
    "UPDATE orders SET is_test = {true} WHERE id = 2",
    "UPDATE orders SET customer_id = 2, placed_at = '2024-03-01 10:00:00+00' WHERE id = 12",
    "UPDATE orders SET customer_id = NULL WHERE id = 10",
    "UPDATE order_lines SET shipped_qty = 0, cancelled_qty = quantity WHERE order_id = 3",
    "UPDATE order_adjustments SET amount_minor = amount_minor - 7 WHERE kind = 'discount'",
    "UPDATE returns SET order_id = 4 WHERE id = (SELECT max(id) FROM returns WHERE order_id IS NULL)",
    "UPDATE returns SET order_id = NULL WHERE order_id = 4",
    "UPDATE order_lines SET unit_cost_minor = 99 WHERE id IN (SELECT order_line_id FROM return_lines)",
    "UPDATE returns SET state = 'declined' WHERE order_id = 1",
    "UPDATE return_lines SET amount_minor = amount_minor - 1, received_qty = 0",
    "UPDATE variants SET cost_minor = 123 WHERE id = 3",
    "UPDATE variants SET title = 'other' WHERE id = 1",
    "UPDATE products SET category = 'other'",
    "DELETE FROM return_adjustments",
    "UPDATE order_lines SET order_id = 6, position = position + 7 WHERE order_id = 4",
    "DELETE FROM order_lines WHERE order_id = 7",
    "DELETE FROM order_adjustments WHERE order_id = 3",
)


@pytest.fixture
def replica(engine, database_url, tmp_path):
    golden.build(engine, random_shops.joined(golden.rows(), random_shops.rows(seed=11, shops=12)))
    opened = Replica.open(tmp_path / "replica.duckdb", database_url)
    opened.refresh()
    yield opened
    opened.close()


def differing(replica):
    with replica.cursor() as cursor:
        return [law for law in stored.compare(cursor) if law["broken"]]


def test_what_a_tick_exchanges_equals_a_whole_rebuild(engine, database_url, replica, monkeypatch):
    true = "TRUE" if database_url.startswith("postgres") else "1"
    held = replica.frame("SELECT rowid, order_id FROM fct_sales")
    for number, change in enumerate(CHANGES):
        with engine.begin() as connection:
            assert connection.execute(sa.text(change.format(true=true))).rowcount, change
        if number % 5 == 4:  # handed over as a table instead of as values
            monkeypatch.setattr(arrivals, "FEW_ROWS", 0)
        assert not replica.refresh().full
        monkeypatch.undo()
        if number % 4 == 0:  # what an earlier change left wrong is still wrong
            assert differing(replica) == [], change
        if number == 0:
            left = replica.frame("SELECT rowid, order_id FROM fct_sales")
            assert set(held.join(left, on="rowid", how="anti")["order_id"]) == {1}
            assert held.height > 100
    with transaction(engine) as session:
        save_shop(session, Shop(zone="Asia/Tokyo", currency="PLN"))
    replica.refresh()
    assert differing(replica) == []


def test_a_stored_row_that_is_wrong_or_missing_is_found_and_built_anew(replica):
    with replica.cursor() as cursor:
        cursor.execute(
            "UPDATE fct_sales SET gross_minor = gross_minor + 1 WHERE order_id = 3 AND kind = 'sale'"
        ).fetchall()
        cursor.execute("DELETE FROM fct_orders WHERE order_id = 6").fetchall()
        broken = {law["name"]: law["first_broken"] for law in replica.verify() if law["broken"]}
        assert broken.keys() == {"stored.fct_sales", "stored.fct_orders"}
        assert broken["stored.fct_orders"] == "fct_orders 6"
        stored.rebuild(cursor)
    assert differing(replica) == []


def test_tables_of_an_earlier_version_are_made_anew_when_orders_changed_meanwhile(engine, replica):
    with replica.cursor() as cursor:
        cursor.execute("ALTER TABLE fct_orders DROP COLUMN is_open").fetchall()
        cursor.execute("UPDATE raw.sync_state SET models = 'those of last year'").fetchall()
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE orders SET cancel_reason = 'x' WHERE id = 1"))
    replica.refresh()
    assert "is_open" in replica.frame("SELECT * FROM fct_orders LIMIT 0").columns
    assert differing(replica) == []


def test_every_table_a_stored_model_reads_wakes_it():
    for by, scope in stored.SCOPES.items():
        read = {
            table
            for name in stored.closure(by)
            for table in re.findall(r"\braw\.(\w+)", warehouse.plain(warehouse.models()[name]))
        } - {"shop"}
        assert read
        for table in read:
            assert {kind for _, kind in KINDS[table]} & {*scope.wakes} or table == "variants", (by, table)
        assert scope.parts.keys() <= read
        for name in stored.closure(by):  # a model has no row when what it goes through has none: a tick leaves it out
            assert not re.search(r"\b(RIGHT|FULL) ", warehouse.models()[name], re.IGNORECASE), name
    assert {s.by for s in warehouse.stored().values()} == {*stored.SCOPES, ""}
