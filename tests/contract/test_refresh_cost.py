"""What a refresh costs grows with what changed, not with the history: counted in rows, not in seconds."""

from __future__ import annotations

import analytics_shop as golden
import pytest
import random_shops
import sqlalchemy as sa

from analytics import duck
from analytics.replica import Replica


@pytest.fixture
def follow(engine, database_url, tmp_path):
    """Build a shop of so many random shops and return its engine and a refreshed replica."""
    opened = []

    def build(shops: int) -> Replica:
        golden.build(engine, random_shops.joined(golden.rows(), random_shops.rows(seed=5, shops=shops)))
        replica = Replica.open(tmp_path / f"{shops}.duckdb", database_url)
        assert replica.refresh().full
        opened.append(replica)
        return replica

    yield build
    for replica in opened:
        replica.close()


@pytest.mark.parametrize("shops", [2, 40])
def test_a_tick_touches_the_rows_that_changed_whatever_the_history(follow, engine, shops):
    replica = follow(shops)
    for change, touched in (
        ("UPDATE orders SET cancel_reason = 'x' WHERE id = 1", 1),
        ("UPDATE order_lines SET discount_minor = 1 WHERE id IN (1, 2, 3)", 3),
        ("DELETE FROM return_adjustments WHERE id = 1", 1),
        ("UPDATE orders SET cancel_reason = 'y' WHERE id IN (1, 2)", 2),
    ):
        with engine.begin() as connection:
            connection.execute(sa.text(change))
        tick = replica.refresh()
        assert (tick.full, tick.rows) == (False, touched), change
    assert replica.refresh().rows == 0
    emptied = replica._exchange().connection.sql(
        "SELECT table_name, estimated_size FROM duckdb_tables() WHERE temporary"
    )
    sizes = dict(emptied.fetchall())
    assert len(sizes) > 20
    assert set(sizes.values()) == {0}


def test_the_second_new_order_is_written_by_few_statements_and_by_plans_made_before(follow, engine, monkeypatch):
    replica, run = follow(2), duck.run
    statements: list[str] = []
    for number in (900_001, 900_002):  # the first one makes the plans
        with engine.begin() as connection:
            golden.insert(connection, "orders", [golden.order(number, "04-04", 1, None, "PL", gross=5)])
        statements.clear()
        monkeypatch.setattr(duck, "run", lambda c, s, p=None: (statements.append(s), run(c, s, p))[1])
        assert replica.refresh().rows == 1
        monkeypatch.setattr(duck, "run", run)
    planned = [s for s in statements if not s.startswith("EXECUTE")]
    assert not [s for s in planned if s.startswith(("CREATE", "PREPARE", "DROP"))]
    assert len(planned) < 12, planned
    assert len(statements) < 30
    shown = replica.frame("SELECT count(*), min(customer_type) FROM fct_orders WHERE order_id > 900000").row(0)
    assert shown == (2, "guest")
