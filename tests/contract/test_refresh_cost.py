"""What a refresh costs grows with what changed, not with the history: counted in rows, not in seconds."""

from __future__ import annotations

import analytics_shop as golden
import pytest
import random_shops
import sqlalchemy as sa

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
