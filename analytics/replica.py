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
from typing import TYPE_CHECKING, Any

import duckdb

from analytics import arrivals, duck, layout, stored, verify, warehouse
from analytics.exchange import Exchange
from analytics.sources import Source, open_source
from analytics.ticks import REASONS, Rebuilt, Tick
from analytics.touched import KINDS, Touched
from oms_core.kernel import clock
from oms_core.schema import TRACKED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import polars as pl

    from analytics.sources import Look, Mark, Snapshot

#: From this many changed keys on, a table of which more than a third changed is read whole.
BULK_KEYS = 20_000
#: Seconds a process waits for the file while another one holds it.
WAIT_SECONDS = 10.0

log = logging.getLogger("ordersight.replica")
_LOCKS: dict[str, threading.RLock] = {}


def _wanted(look: Look) -> duck.State:
    """Return the state a look at the source leads to."""
    return duck.State(
        look.identity, layout.fingerprint(), look.mark, json.dumps(look.settings), warehouse.fingerprint()
    )


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
        self._mark: Mark | None = None
        self._ticking: Exchange | None = None
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
        self._stop_ticking()
        self._connection.close()

    def release(self) -> None:
        """Close the file so that another process may open it; the next refresh opens it again."""
        with self._lock:
            self._stood = duck.state(self._connection)
            self._stop_ticking()
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
        mark = self._shown()
        return mark.watermark if mark else 0

    @property
    def reached(self) -> str:
        """What it shows as a word that all news change; a watermark stands still while a transaction is open."""
        mark = self._shown()
        return "" if mark is None else f"{mark.watermark}+{mark.seen}" if mark.seen else str(mark.watermark)

    def _shown(self) -> Mark | None:
        """Return the mark of the last refresh, from the file when this process made none; None in a new file."""
        if self._mark is None:
            kept = duck.state(self.cursor())
            self._mark = kept.mark if kept else None
        return self._mark

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a connection of the caller's own on the same file."""
        cursor = self._connection.cursor()
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
        self._stop_ticking()
        self._mark = None
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
            look = self.source.look(snapshot, kept.mark if kept else None)
            if kept is not None and look.fresh:
                self._apply(snapshot, kept, _wanted(look), look)
            return [*verify.compare(cursor, self.source, snapshot), *stored.compare(cursor)]

    def _refresh(self) -> Tick:
        with self.source.snapshot() as snapshot:
            begun = time.perf_counter()
            kept = duck.state(self._exchange().connection)
            look = self.source.look(snapshot, kept.mark if kept else None)
            wanted = _wanted(look)
            why = self._why_anew(kept, wanted, look)
            rows = self._apply(snapshot, None if why else kept, wanted, look)
            lag = (time.perf_counter() - begun) * 1000
        if why and why != "first":
            self.rebuilt = Rebuilt(why, clock.now())
            log.warning("%s was built again: %s", self.path.name, REASONS[why])
        return Tick(wanted.mark.watermark, rows, round(lag, 3), bool(why), why)

    def _why_anew(self, kept: duck.State | None, wanted: duck.State, look: Look) -> str:
        """Return why everything has to be read, as a code of :data:`REASONS`; empty when the log is enough."""
        if kept is None:
            return self._fresh_because
        if kept.source != wanted.source:
            return "other_database"
        if kept.layout != wanted.layout:
            return "other_layout"
        return "" if look.continues else "log_gone"

    def _exchange(self) -> Exchange:
        """Return the connection that writes ticks; its temporary tables and plans stay from tick to tick."""
        if self._ticking is None:
            self._ticking = Exchange(self.cursor())
        return self._ticking

    def _stop_ticking(self) -> None:
        """Let the ticks' connection go: after an error, with the file, when its plans are worn out."""
        ticking, self._ticking = self._ticking, None
        if ticking is not None:
            ticking.connection.close()

    def _apply(self, snapshot: Snapshot, kept: duck.State | None, wanted: duck.State, look: Look) -> int:
        """Write what changed since `kept` (everything when None) and the new state, in one transaction."""
        if kept == wanted and not look.fresh:
            return 0
        changed = look.changed if look.fresh else {}
        exchange, touched, rows = self._exchange(), Touched(), 0
        try:
            if kept is not None and kept.models == wanted.models and not KINDS.keys().isdisjoint(changed):
                exchange.make_ready()
            with arrivals.transaction(exchange.connection):
                if kept is None:
                    rows = sum(arrivals.load(exchange.connection, self.source, snapshot, table) for table in TRACKED)
                else:
                    rows = self._catch_up(exchange, snapshot, kept.mark, changed, touched)
                made_anew = self._keep(exchange, kept, wanted, touched)
        except BaseException:
            self._stop_ticking()
            raise
        if made_anew:
            self._stop_ticking()
        self._mark = wanted.mark
        return rows

    @staticmethod
    def _keep(exchange: Exchange, kept: duck.State | None, wanted: duck.State, touched: Touched) -> bool:
        """Write the new state and bring the stored models up to date; tell whether tables were made anew."""
        cursor = exchange.connection
        duck.save(cursor, wanted)
        if kept is None or kept.models != wanted.models:
            warehouse.install(cursor, json.loads(wanted.settings))
            return True
        if kept.settings != wanted.settings:
            touched.everything |= warehouse.keep_settings(cursor, json.loads(wanted.settings))
        if touched.everything:
            stored.rebuild(cursor)
        else:
            exchange.refresh(touched)
        return touched.everything or touched.is_remade

    def _catch_up(
        self, exchange: Exchange, snapshot: Snapshot, since: Mark, changed: Mapping[str, int], touched: Touched
    ) -> int:
        """Take over the rows of so many changed keys by table."""
        rows, cursor = 0, exchange.connection
        for table, keys in changed.items():
            if keys > BULK_KEYS and keys * 3 > duck.run(cursor, f"SELECT count(*) FROM raw.{table}")[0][0]:
                rows += arrivals.load(cursor, self.source, snapshot, table)
                touched.whole(table)
            elif keys > arrivals.FEW_ROWS:
                rows += arrivals.merge_many(cursor, self.source, snapshot, table, since, touched)
            else:
                rows += arrivals.merge(exchange, self.source, snapshot, table, since, touched)
        return rows
