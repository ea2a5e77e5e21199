"""The replica equals its source after every tick, on both databases, whatever happens in between."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime

import analytics_shop as golden
import pytest
import replica_processes
import sqlalchemy as sa
from sqlalchemy.orm import Session

from analytics import arrivals
from analytics import replica as replica_module
from analytics.pruning import prune
from analytics.replica import Replica
from oms_core.kernel.errors import Conflict, DataNotReady
from oms_core.schema import METADATA

CHANNELS = METADATA.tables["channels"]


def channel(engine, code: str) -> None:
    with engine.begin() as connection:
        golden.insert(connection, "channels", [{"code": code, "name": code, "kind": "web"}])


def codes(replica):
    return replica.frame("SELECT code FROM raw.channels ORDER BY code")["code"].to_list()


def broken(replica):
    return [law for law in replica.verify() if law["broken"]]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "replica.duckdb"


@pytest.fixture
def replica(database_url, path):
    opened = Replica.open(path, database_url)
    yield opened
    opened.close()


def test_first_refresh_reads_everything_and_later_ones_only_changes(engine, replica):
    channel(engine, "a")
    assert replica.refresh().full
    channel(engine, "b")
    tick = replica.refresh()
    assert (tick.full, tick.rows >= 1, codes(replica)) == (False, True, ["a", "b"])
    assert replica.refresh().rows == 0


def test_updates_and_deletes_arrive_and_rollbacks_do_not(engine, replica):
    channel(engine, "a")
    channel(engine, "b")
    replica.refresh()
    with engine.begin() as connection:
        connection.execute(sa.update(CHANNELS).where(CHANNELS.c.code == "a").values(code="z"))
        connection.execute(sa.delete(CHANNELS).where(CHANNELS.c.code == "b"))
    with engine.connect() as connection:
        golden.insert(connection, "channels", [{"code": "never", "name": "never", "kind": "web"}])
        connection.rollback()
    replica.refresh()
    assert codes(replica) == ["z"]


def test_every_type_survives_the_way(engine, replica):
    golden.build(engine)
    replica.refresh()
    with engine.begin() as connection:
        golden.insert(connection, "markets", [
            {"code": "pl", "name": "Łódź „1”", "currency": "PLN", "countries": ["PL", "Ω"]},
        ])  # fmt: skip
        golden.insert(connection, "journal", [
            {"at": datetime(2024, 4, 1, 1, 2, 3, 45, UTC), "actor": "x", "event": "e", "object_type": "o",
             "object_id": 1, "data": {"a": [1, None, 0.5, "ż"]}},
        ])  # fmt: skip
    replica.refresh()
    [market] = replica.frame("SELECT name, CAST(countries AS JSON)[1]::VARCHAR AS c FROM raw.markets").to_dicts()
    assert market == {"name": "Łódź „1”", "c": '"Ω"'}
    assert replica.frame('SELECT j."at" FROM raw.journal AS j').item() == datetime(2024, 4, 1, 1, 2, 3, 45)  # noqa: DTZ001 - the replica's instants are naive UTC
    assert replica.frame("SELECT business_date, is_test FROM raw.orders WHERE id = 8").row(0) == (
        date(2024, 4, 2),
        True,
    )
    assert replica.frame("SELECT lead_time_days FROM raw.suppliers").item() == 5.0
    assert broken(replica) == []


def test_a_tick_read_again_changes_nothing(engine, database_url, replica):
    """An open transaction holds PostgreSQL's watermark back, so that the same rows are read at each tick."""
    replica.refresh()
    if database_url.startswith("sqlite"):
        channel(engine, "a")
        ticks = [replica.refresh() for _ in range(3)]
    else:
        with engine.connect() as held:
            golden.insert(held, "channels", [{"code": "held", "name": "held", "kind": "web"}])
            channel(engine, "a")
            ticks = [replica.refresh(), replica.refresh()]
            shown = (replica.watermark, replica.reached)
            channel(engine, "b")
            ticks.append(replica.refresh())
            assert ticks[2].rows >= 2
            assert replica.watermark == shown[0]  # held back, but what is cached by `reached` has to go
            assert replica.reached != shown[1]
            held.commit()
        replica.refresh()
        assert codes(replica) == ["a", "b", "held"]
    assert ticks[1].rows == 0
    assert broken(replica) == []


def test_many_changes_reread_the_table_and_are_equal_to_a_full_load(engine, database_url, tmp_path, monkeypatch):
    monkeypatch.setattr(replica_module, "BULK_KEYS", 5)
    monkeypatch.setattr(arrivals, "FEW_ROWS", 1)
    golden.build(engine)
    grown = Replica.open(tmp_path / "grown.duckdb", database_url)
    grown.refresh()
    with engine.begin() as connection:
        connection.execute(sa.update(METADATA.tables["order_lines"]).values(title="seen"))
        connection.execute(sa.delete(METADATA.tables["stock_movements"]))
        connection.execute(sa.update(METADATA.tables["channels"]).values(position=9))
    grown.refresh()
    assert broken(grown) == []
    channel(engine, "after")
    assert (grown.refresh().rows, broken(grown)) == (1, [])
    grown.close()


def test_verify_finds_a_difference_of_one_value(engine, replica):
    golden.build(engine)
    replica.refresh()
    assert {law["name"]: law["checked"] for law in replica.verify()}["replica.orders"] == 12
    golden.overwrite(replica.cursor(), "UPDATE raw.orders SET total_minor = total_minor + 1 WHERE id = 4")
    [law] = broken(replica)
    assert (law["name"], law["broken"], law["first_broken"]) == ("replica.orders", 2, "orders 4")


def test_a_file_in_use_by_another_process_is_refused_in_one_sentence(path, database_url):
    context = replica_processes.context()
    ready = context.Event()
    holder = context.Process(target=replica_processes.hold, args=(str(path), ready))
    holder.start()
    assert ready.wait(120)
    with pytest.raises(Conflict, match="Another process is using the replica file") as refused:
        Replica.open(path, database_url, wait_seconds=0.1)
    assert refused.value.code == "replica.locked"
    holder.kill()
    holder.join()
    Replica.open(path, database_url).close()


@pytest.mark.parametrize("rubbish", [b"not a database" * 900, b""])
def test_a_damaged_file_is_begun_anew(engine, database_url, path, rubbish):
    channel(engine, "a")
    path.write_bytes(rubbish)
    replica = Replica.open(path, database_url)
    assert replica.refresh().why == "damaged"
    assert replica.rebuilt.why == "damaged"
    assert codes(replica) == ["a"]
    replica.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_block_damaged_later_is_read_after_the_replica_built_itself_again(engine, database_url, path):
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000) INSERT INTO channels"
            " (code, name, kind, position) SELECT 'c' || i, hex(randomblob(200)), 'web', i FROM n"
        )
    replica = Replica.open(path, database_url)
    assert replica.refresh().why == "first"
    assert replica.rebuilt is None
    replica.cursor().execute("CHECKPOINT").fetchall()
    replica.close()
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(b"\xab" * 20_000)
    replica = Replica.open(path, database_url)
    assert not replica.refresh().full
    assert replica.frame("SELECT * FROM raw.channels").height == 6000
    assert replica.rebuilt.why == "damaged"
    assert not replica.refresh().full
    replica.close()


def test_a_released_file_is_opened_again_when_there_is_news(engine, database_url, replica, path):
    replica.refresh()
    replica.release()
    assert not replica.has_news()
    Replica.open(path, database_url, wait_seconds=0).close()
    channel(engine, "a")
    assert replica.has_news()
    replica.refresh()
    assert codes(replica) == ["a"]


def test_pruning_serves_those_in_step_and_makes_the_others_load_anew(engine, database_url, replica, tmp_path):
    behind = Replica.open(tmp_path / "behind.duckdb", database_url)
    behind.refresh()
    channel(engine, "a")
    reached = replica.refresh().watermark
    with Session(engine) as session, session.begin():
        assert prune(session, reached) >= 1
    channel(engine, "b")
    assert not replica.refresh().full
    assert behind.refresh().why == "log_gone"
    assert codes(replica) == codes(behind) == ["a", "b"]
    behind.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_file_put_back_from_a_copy_is_loaded_anew_though_it_grew_beyond(engine, database_url, path, tmp_path):
    channel(engine, "kept")
    copy = tmp_path / "copy.db"
    engine.dispose()
    shutil.copy(tmp_path / "oms.db", copy)
    channel(engine, "lost 1")
    channel(engine, "lost 2")
    replica = Replica.open(path, database_url)
    replica.refresh()
    replica.source.close()
    engine.dispose()
    for part in tmp_path.glob("oms.db-*"):
        part.unlink()
    shutil.copy(copy, tmp_path / "oms.db")
    for number in range(4):
        channel(engine, f"new {number}")
    assert replica.refresh().full
    assert codes(replica) == ["kept", "new 0", "new 1", "new 2", "new 3"]
    replica.close()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_another_database_of_the_same_server_is_not_continued(engine, database_url, path, postgres):
    channel(engine, "a")
    replica = Replica.open(path, database_url)
    replica.refresh()
    replica.close()
    name = database_url.rsplit("/", 1)[1]
    engine.dispose()
    other = Replica.open(path, postgres.create("put_back", name))
    assert other.refresh().why == "other_database"
    other.close()
    postgres.drop("put_back")


def test_a_folder_that_cannot_be_made_is_said_in_one_sentence(tmp_path, path):
    path.write_bytes(b"")
    with pytest.raises(DataNotReady, match="can neither be opened nor made") as refused:
        Replica.open(path / "below a file" / "replica.duckdb", "sqlite:///none")
    assert refused.value.code == "replica.unusable"


def test_a_missing_database_is_said_in_one_sentence(tmp_path, path):
    replica = Replica.open(path, f"sqlite:///{tmp_path / 'nowhere' / 'oms.db'}")
    with pytest.raises(DataNotReady, match="cannot be read"):
        replica.refresh()
    replica.close()
