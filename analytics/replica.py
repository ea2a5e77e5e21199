"""The replica: the operational tables in a DuckDB file, brought up to date from the change log.

A tick reads one snapshot of the source and commits what it read together with the watermark in
one DuckDB transaction: a crash repeats a tick and never loses one. There is no upper bound: all
that is visible is taken, so after each tick the replica equals the source's snapshot.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb

from analytics import arrivals, duck, layout, stored, verify, warehouse
from analytics.sources import Source, open_source
from analytics.touched import Touched
from oms_core.kernel import clock
from oms_core.schema import TRACKED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    import polars as pl

    from analytics.sources import Mark, Snapshot

#: From this many changed keys on, a table of which more than a third changed is read whole.
BULK_KEYS = 20_000
#: Why a replica reads everything: code to its sentence.
REASONS = {
    "first": "There was no replica yet.",
    "damaged": "Its file was damaged.",
    "other_database": "It was the replica of another database.",
    "other_layout": "It was made by another version, for other tables.",
    "log_gone": "It had fallen behind what the change log still holds, or the database was put back from a copy.",
}
#: Seconds a process waits for the file while another one holds it.
WAIT_SECONDS = 10.0

log = logging.getLogger("ordersight.replica")
_LOCKS: dict[str, threading.RLock] = {}


@dataclass(frozen=True, slots=True)
class Tick:
    """What one refresh did.

    Attributes
    ----------
    watermark : int
        Place in the change log reached.
    rows : int
        Rows written or deleted in the replica.
    lag_ms : float
        Milliseconds from the source's snapshot to its being visible in the replica.
    full : bool
        Whether every table was read whole.
    why : str
        Why it was: a code of :data:`REASONS`; empty when it was not.
    """

    watermark: int
    rows: int
    lag_ms: float
    full: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """That a replica was built again, why (a code of :data:`REASONS`) and when (shop time)."""

    why: str
    at: datetime


class Replica:
    """One process's replica file. Threads share it: each asks :meth:`cursor` for its own."""

    def __init__(self, path: Path, source: Source, connection: duckdb.DuckDBPyConnection) -> None:
        self.path = path
        self.source = source
        self._connection = connection
        self._is_open = True
        self._stood: duck.State | None = None
        self._fresh_because = "first"
        self._is_damaged = False
        #: The last time it had to be built again in this process.
        self.rebuilt: Rebuilt | None = None
        self._lock = _LOCKS.setdefault(str(path.resolve()), threading.RLock())

    @classmethod
    def open(cls, path: Path, url: str, *, wait_seconds: float = WAIT_SECONDS) -> Replica:
        """Open (or begin) the replica of a database; a damaged file is begun anew.

        Raises
        ------
        Conflict
            ``replica.locked`` when another process owns the file.
        """
        was_there = path.exists()
        opened = cls(path, open_source(url), duck.connect(path, wait_seconds=wait_seconds))
        if was_there and duck.state(opened._connection) is None:
            opened._fresh_because = "damaged"
        return opened

    def close(self) -> None:
        """Close the file and the source; the file's lock is released."""
        self.source.close()
        self._connection.close()

    def release(self) -> None:
        """Close the file so that another process may open it; the next refresh opens it again."""
        with self._lock:
            self._stood = duck.state(self._connection)
            self._connection.close()
            self._is_open = False

    def has_news(self) -> bool:
        """Tell from the source alone whether a refresh would change anything; works on a released file."""
        kept = duck.state(self.cursor()) if self._is_open else self._stood
        with self.source.snapshot() as snapshot:
            return kept is None or self.source.fresh(snapshot, kept.mark) != 0

    @property
    def watermark(self) -> int:
        """Place in the change log reached by the last refresh; 0 before the first."""
        kept = duck.state(self.cursor())
        return kept.mark.watermark if kept else 0

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a connection of the caller's own on the same file."""
        cursor = self._connection.cursor()
        duck.run(cursor, "SET TimeZone = 'UTC'")
        duck.run(cursor, "SET enable_progress_bar = false")
        return cursor

    def frame(
        self,
        sql: str,
        params: Mapping[str, Any] | Sequence[Any] | None = None,
        *,
        tables: Mapping[str, pl.DataFrame] | None = None,
    ) -> pl.DataFrame:
        """Run a query with bound parameters and return its result as a frame; it may read `tables` by name.

        A file found damaged is built again at once, and the query asked again: a command that runs once has no later
        refresh that would do it.

        Raises
        ------
        DataNotReady
            ``replica.unusable`` when it cannot be built again.
        """
        try:
            return self._read(sql, params, tables)
        except duckdb.Error as error:
            if not duck.is_damage(error):
                raise
            self._is_damaged = True
        self.refresh()
        return self._read(sql, params, tables)

    def _read(
        self,
        sql: str,
        params: Mapping[str, Any] | Sequence[Any] | None,
        tables: Mapping[str, pl.DataFrame] | None,
    ) -> pl.DataFrame:
        with self.cursor() as cursor:
            for name, table in (tables or {}).items():
                cursor.register(name, table.to_arrow())
            found: pl.DataFrame = cursor.sql(sql, params=params).pl()
        return found

    def refresh(self) -> Tick:
        """Bring the replica up to the source's present; the first time, or after a break, read it whole."""
        with self._lock:
            if not self._is_open:
                self._connection = duck.connect(self.path, wait_seconds=WAIT_SECONDS)
                self._is_open = True
            if self._is_damaged:
                self._begin_anew()
            try:
                return self._refresh()
            except duckdb.Error as error:
                if not (duck.is_damage(error) or isinstance(error, duckdb.InternalException)):
                    raise
                self._begin_anew()
                return self._refresh()

    def _begin_anew(self) -> None:
        """Throw the damaged file away; what it held is read again."""
        self._connection = duck.begin_anew(self.path, self._connection, wait_seconds=WAIT_SECONDS)
        self._is_damaged, self._fresh_because = False, "damaged"

    def verify(self) -> list[dict[str, Any]]:
        """Refresh, then compare every table with the source in the same snapshot; one law a table.

        A law is ``{name, checked, broken, first_broken}``; a replica without fault breaks none.
        """
        with self._lock:
            self.refresh()
            try:
                return self._compared()
            except duckdb.Error as error:
                if not duck.is_damage(error):
                    raise
                self._is_damaged = True
                self.refresh()
                return self._compared()

    def _compared(self) -> list[dict[str, Any]]:
        with self.source.snapshot() as snapshot, self.cursor() as cursor:
            kept = duck.state(cursor)
            if kept is not None and self.source.fresh(snapshot, kept.mark):
                self._apply(cursor, snapshot, kept, self._wanted(snapshot))
            return [*verify.compare(cursor, self.source, snapshot), *stored.compare(cursor)]

    def _wanted(self, snapshot: Snapshot) -> duck.State:
        """Return the state this snapshot leads to."""
        return duck.State(
            self.source.identity(snapshot),
            layout.fingerprint(),
            self.source.mark(snapshot),
            json.dumps(self.source.settings(snapshot)),
            warehouse.fingerprint(),
        )

    def _refresh(self) -> Tick:
        with self.cursor() as cursor, self.source.snapshot() as snapshot:
            begun = time.perf_counter()
            kept = duck.state(cursor)
            wanted = self._wanted(snapshot)
            why = self._why_anew(kept, wanted, snapshot)
            rows = self._apply(cursor, snapshot, None if why else kept, wanted)
            lag = (time.perf_counter() - begun) * 1000
        if why and why != "first":
            self.rebuilt = Rebuilt(why, clock.now())
            log.warning("%s was built again: %s", self.path.name, REASONS[why])
        return Tick(wanted.mark.watermark, rows, round(lag, 3), bool(why), why)

    def _why_anew(self, kept: duck.State | None, wanted: duck.State, snapshot: Snapshot) -> str:
        """Return why everything has to be read, as a code of :data:`REASONS`; empty when the log is enough."""
        if kept is None:
            return self._fresh_because
        if kept.source != wanted.source:
            return "other_database"
        if kept.layout != wanted.layout:
            return "other_layout"
        return "" if self.source.continues(snapshot, kept.mark) else "log_gone"

    def _apply(
        self, cursor: duckdb.DuckDBPyConnection, snapshot: Snapshot, kept: duck.State | None, wanted: duck.State
    ) -> int:
        """Write what changed since `kept` (everything when None) and the new state, in one transaction."""
        if kept is not None and not self.source.fresh(snapshot, kept.mark):
            if kept != wanted:
                with arrivals.transaction(cursor):
                    self._keep(cursor, kept, wanted, Touched())
            return 0
        with arrivals.transaction(cursor):
            touched = Touched()
            if kept is None:
                rows = sum(arrivals.load(cursor, self.source, snapshot, table) for table in TRACKED)
            else:
                rows = self._catch_up(cursor, snapshot, kept.mark, touched)
            self._keep(cursor, kept, wanted, touched)
        return rows

    @staticmethod
    def _keep(cursor: duckdb.DuckDBPyConnection, kept: duck.State | None, wanted: duck.State, touched: Touched) -> None:
        """Write the new state and what models need: all of them anew, or the stored ones brought up to date."""
        duck.save(cursor, wanted)
        settings = json.loads(wanted.settings)
        if kept is None or kept.models != wanted.models:
            warehouse.install(cursor, settings)
        else:
            touched.everything |= warehouse.keep_settings(cursor, settings)
            stored.refresh(cursor, touched)

    def _catch_up(self, cursor: duckdb.DuckDBPyConnection, snapshot: Snapshot, since: Mark, touched: Touched) -> int:
        rows = 0
        for table, changed in self.source.changed(snapshot, since).items():
            held = duck.run(cursor, f"SELECT count(*) FROM raw.{table}")[0][0]
            if changed > BULK_KEYS and changed * 3 > held:
                rows += arrivals.load(cursor, self.source, snapshot, table)
                touched.whole(table)
            else:
                with self.source.changed_rows(snapshot, table, since) as arriving:
                    rows += arrivals.merge(cursor, table, arriving, touched)
        return rows
