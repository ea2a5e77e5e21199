"""What runs in processes of its own in the replica's tests: consumers that are killed, files that are held."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from pathlib import Path

from analytics import duck
from analytics.replica import Replica
from analytics.sources import PostgresSource, SqliteSource, open_source


def context():
    """Start method whose children begin with everything imported."""
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload(["replica_processes", "adbc_driver_postgresql.dbapi"])
    return made


def follow(path: str, url: str, ready) -> None:
    """Refresh without pause until killed."""
    replica = Replica.open(Path(path), url)
    while True:
        replica.refresh()
        ready.set()
        time.sleep(0.02)


def hold(path: str, ready) -> None:
    """Keep the file open until killed."""
    connection = duck.connect(Path(path), wait_seconds=5)
    ready.set()
    time.sleep(60)
    connection.close()


class _Dying:
    """A source whose reader is killed after the first table of a tick was read."""

    reads = 0

    def changed_rows(self, snapshot, table, since):
        self.reads += 1
        if self.reads == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().changed_rows(snapshot, table, since)


class DyingSqlite(_Dying, SqliteSource):
    pass


class DyingPostgres(_Dying, PostgresSource):
    pass


def die_in_the_middle(path: str, url: str) -> None:
    """Begin a tick and be killed between two of its tables."""
    dying = DyingSqlite(url) if open_source(url).dialect == "sqlite" else DyingPostgres(url)
    Replica(Path(path), dying, duck.connect(Path(path), wait_seconds=5)).refresh()
