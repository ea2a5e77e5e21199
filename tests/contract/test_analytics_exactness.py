"""Nothing is lost: concurrent writers, open transactions, rollbacks, kills; and a control that must lose."""

from __future__ import annotations

import random
import sys
import threading
import time

import analytics_shop as golden
import pytest
import replica_processes
import sqlalchemy as sa

from analytics import duck
from analytics.replica import Replica
from analytics.sources import Mark, PostgresSource, Source
from oms_core.kernel.database import make_engine
from oms_core.schema import METADATA

ORDERS, LINES = METADATA.tables["orders"], METADATA.tables["order_lines"]
WRITERS = 3


class Writer(threading.Thread):
    """Places, changes and deletes orders; one transaction in twenty is rolled back, some stay open a while."""

    def __init__(self, url: str, number: int, stop: threading.Event) -> None:
        super().__init__()
        self.engine = make_engine(url)
        self.number, self.stop, self.chance = number, stop, random.Random(number)  # noqa: S311 - no secret
        self.commits, self.mine, self.waits = 0, [], not url.startswith("sqlite")

    def run(self) -> None:
        while not self.stop.is_set():
            with self.engine.connect() as connection:
                begun = self.act(connection)
                if self.waits and self.chance.random() < 0.1:
                    time.sleep(0.15)
                if self.chance.random() < 0.05:
                    connection.rollback()
                else:
                    connection.commit()
                    self.commits += 1
                    self.mine += begun
            time.sleep(0.005)
        self.engine.dispose()

    def act(self, connection) -> list[int]:
        turn = self.chance.random()
        if self.mine and turn < 0.2:
            key = self.chance.choice(self.mine)
            connection.execute(sa.update(ORDERS).where(ORDERS.c.id == key).values(version=ORDERS.c.version + 1))
            return []
        if self.mine and turn < 0.3:
            key = self.mine.pop()
            connection.execute(sa.delete(LINES).where(LINES.c.order_id == key))
            connection.execute(sa.delete(ORDERS).where(ORDERS.c.id == key))
            return []
        key = 1000 + self.number * 1_000_000 + self.commits * 10 + self.chance.randrange(10)
        if connection.execute(sa.select(ORDERS.c.id).where(ORDERS.c.id == key)).first():
            return []
        golden.insert(connection, "orders", [golden.order(key, "04-03", 1, 1, "PL", gross=3000)])
        rows = [golden.line(key * 10 + n, key, 1, 1) for n in range(3)]
        for position, row in enumerate(rows):
            row["position"] = position
        golden.insert(connection, "order_lines", rows)
        return [key]


def test_nothing_is_lost_while_writers_write_and_consumers_are_killed(engine, database_url, tmp_path):
    golden.build(engine)
    path, stop, context = tmp_path / "replica.duckdb", threading.Event(), replica_processes.context()
    writers = [Writer(database_url, number, stop) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    for _ in range(4):
        ready = context.Event()
        consumer = context.Process(target=replica_processes.follow, args=(str(path), database_url, ready))
        consumer.start()
        assert ready.wait(120)
        time.sleep(0.4)
        consumer.kill()
        consumer.join()
    stop.set()
    for writer in writers:
        writer.join()
    replica = Replica.open(path, database_url)
    tick = replica.refresh()
    laws = replica.verify()
    held = replica.frame("SELECT count(*) AS n FROM raw.order_lines").item()
    replica.close()
    assert sum(w.commits for w in writers) > 20
    assert (tick.full, [law for law in laws if law["broken"]]) == (False, [])
    assert held == next(law["checked"] for law in laws if law["name"] == "replica.order_lines")


def test_a_consumer_killed_in_the_middle_of_a_tick_ends_in_the_same_state(engine, database_url, tmp_path):
    golden.build(engine)
    path, context = tmp_path / "replica.duckdb", replica_processes.context()
    replica = Replica.open(path, database_url)
    before = replica.refresh().watermark
    replica.close()
    with engine.begin() as connection:
        connection.execute(sa.update(ORDERS).values(version=7))
        connection.execute(sa.update(LINES).values(title="new"))
    consumer = context.Process(target=replica_processes.die_in_the_middle, args=(str(path), database_url))
    consumer.start()
    consumer.join(120)
    assert consumer.exitcode == -9
    replica = Replica.open(path, database_url)
    assert replica.watermark == before
    assert replica.frame("SELECT max(version) AS v FROM raw.orders").item() == 1
    tick = replica.refresh()
    assert (tick.full, [law for law in replica.verify() if law["broken"]]) == (False, [])
    replica.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_replicas_opened_and_closed_in_the_writers_own_process_do_not_harm_the_file(engine, database_url, tmp_path):
    """A second SQLite library in this process would drop the writers' locks each time it closes the file."""
    golden.build(engine)
    stop = threading.Event()
    writers = [Writer(database_url, number, stop) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    for number in range(15):
        replica = Replica.open(tmp_path / f"replica-{number}.duckdb", database_url)
        replica.refresh()
        replica.close()
    stop.set()
    for writer in writers:
        writer.join()
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
    assert not [name for name in sys.modules if name.startswith("adbc_driver_sqlite")]


class BySequence(PostgresSource):
    """The negative control: a watermark on the sequence, as one would first think of it."""

    look = Source.look

    def mark(self, snapshot):
        return Mark(snapshot.rows("SELECT coalesce(max(seq), 0) AS n FROM change_log")[0]["n"])

    def fresh(self, snapshot, since):
        return snapshot.rows("SELECT count(*) AS n FROM change_log WHERE seq > $1", [since.watermark])[0]["n"]

    def continues(self, *_):
        return True

    def _since(self):
        return "seq > $1"

    def _bound(self, since):
        return since.watermark


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_sequence_watermark_loses_rows_on_postgresql_and_ours_does_not(engine, database_url, tmp_path):
    control = Replica(
        tmp_path / "control.duckdb",
        BySequence(database_url),
        duck.connect(tmp_path / "control.duckdb", wait_seconds=1),
    )
    ours = Replica.open(tmp_path / "ours.duckdb", database_url)
    control.refresh(), ours.refresh()
    with engine.connect() as slow:
        golden.insert(slow, "channels", [{"code": "slow", "name": "began first", "kind": "web"}])
        with engine.begin() as fast:
            golden.insert(fast, "channels", [{"code": "fast", "name": "committed first", "kind": "web"}])
        control.refresh(), ours.refresh()
        slow.commit()
    control.refresh(), ours.refresh()
    found = [r.frame("SELECT code FROM raw.channels ORDER BY code")["code"].to_list() for r in (control, ours)]
    lost = [law["name"] for law in control.verify() if law["broken"]]
    right = [law["name"] for law in ours.verify() if law["broken"]]
    control.close(), ours.close()
    assert found == [["fast"], ["fast", "slow"]]
    assert (lost, right) == (["replica.channels"], [])
