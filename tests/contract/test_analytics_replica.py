"""The replica equals its source after every tick, on both databases."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from analytics.replica import Replica
from oms_core.schema import METADATA


def channel(engine, code: str) -> int:
    table = METADATA.tables["channels"]
    with engine.begin() as connection:
        return connection.execute(
            sa.insert(table).values(code=code, name=code, kind="web", position=1)
        ).inserted_primary_key[0]


@pytest.fixture
def replica(database_url, tmp_path):
    opened = Replica.open(tmp_path / "replica.duckdb", database_url)
    yield opened
    opened.close()


def codes(replica):
    return replica.frame("SELECT code FROM raw.channels ORDER BY code")["code"].to_list()


def test_first_refresh_reads_everything_and_later_ones_only_changes(engine, replica):
    channel(engine, "a")
    assert replica.refresh().full
    channel(engine, "b")
    tick = replica.refresh()
    assert (tick.full, tick.rows >= 1, codes(replica)) == (False, True, ["a", "b"])
    assert replica.refresh().rows == 0


def test_updates_and_deletes_arrive(engine, replica):
    first = channel(engine, "a")
    channel(engine, "b")
    replica.refresh()
    table = METADATA.tables["channels"]
    with engine.begin() as connection:
        connection.execute(sa.update(table).where(table.c.id == first).values(code="z"))
        connection.execute(sa.delete(table).where(table.c.code == "b"))
    replica.refresh()
    assert codes(replica) == ["z"]
