"""Reading the operational database: one snapshot at a time, through Arrow (ADBC).

A *watermark* says up to where the change log has been taken. On SQLite there is one writer, so
sequence order is commit order and ``seq > w`` is enough. On PostgreSQL it is not: a transaction
may take a low sequence number and commit late. There the watermark is the oldest transaction
still running at the snapshot (``pg_snapshot_xmin``), and everything with ``xid >= w`` is read
again: what was in flight then is found now, and reading a row twice does no harm.
"""

from __future__ import annotations

import hashlib
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from analytics import layout
from oms_core.kernel.errors import DataNotReady
from oms_core.schema import TRACKED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

#: Setting of the shop that says which transactions' log rows were pruned (PostgreSQL).
PRUNED = "change_log.pruned_below"
#: Log rows remembered before the watermark, to notice a database put back from a copy.
TAIL = 4


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a replica stands in the change log.

    Attributes
    ----------
    watermark : int
        Sequence number (SQLite) or transaction id (PostgreSQL).
    seen : int
        Log rows at or above the watermark already taken (PostgreSQL's overlap; 0 on SQLite).
    tail : tuple of str
        The last log rows at the watermark (SQLite), to notice another history.
    """

    watermark: int = 0
    seen: int = 0
    tail: tuple[str, ...] = field(default=())


class Snapshot:
    """One consistent view of the source; everything read from it belongs to the same moment."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.has_streamed = False

    def rows(self, sql: str, params: Sequence[object] = ()) -> list[dict[str, Any]]:
        """Run a small query and return its rows."""
        return list(self.table(sql, params).to_pylist())

    def table(self, sql: str, params: Sequence[object] = ()) -> pa.Table:
        """Run a query and return its whole result."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql, tuple(params) or None)
            return cursor.fetch_arrow_table()

    @contextmanager
    def stream(self, sql: str) -> Iterator[pa.RecordBatchReader]:
        """Run a query and hand out its result batch by batch."""
        self.has_streamed = True
        with self._connection.cursor() as cursor:
            cursor.execute(sql)
            with cursor.fetch_record_batch() as batches:
                yield batches


class Source:
    """An operational database as a replica sees it; one connection, one snapshot at a time."""

    dialect = ""

    def __init__(self, url: str) -> None:
        self.url = url
        self._connection: Any = None

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Open a read-only transaction; it ends with the block.

        Raises
        ------
        DataNotReady
            ``replica.source_unreadable`` when the database is not there or refuses.
        """
        try:
            if self._connection is None:
                self._connection = self._connect()
            snapshot = Snapshot(self._connection)
            yield snapshot
        except BaseException as error:
            self.close()
            if type(error).__module__.startswith("adbc_driver_manager"):
                raise DataNotReady(
                    "replica.source_unreadable",
                    f"The shop's database cannot be read: {error}.",
                    "Check that it is there and running, then try again.",
                ) from error
            raise
        if snapshot.has_streamed:
            self.close()
        else:
            self._connection.rollback()

    def close(self) -> None:
        """Close the connection; the next snapshot opens a new one.

        Done after every bulk read: a SQLite connection that streamed a whole table was seen to
        stay on its old snapshot.
        """
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _connect(self) -> Any:
        raise NotImplementedError

    def identity(self, snapshot: Snapshot) -> str:
        """Name the database, so that a replica of another one is not continued."""
        raise NotImplementedError

    def mark(self, snapshot: Snapshot) -> Mark:
        """Return the mark of this snapshot."""
        raise NotImplementedError

    def fresh(self, snapshot: Snapshot, since: Mark) -> int:
        """Count log rows not yet taken; zero means that nothing has changed."""
        raise NotImplementedError

    def continues(self, snapshot: Snapshot, since: Mark) -> bool:
        """Tell whether the log still holds everything after `since`."""
        raise NotImplementedError

    def _since(self) -> str:
        """Return the condition on the change log with one bound watermark."""
        raise NotImplementedError

    def changed(self, snapshot: Snapshot, since: Mark) -> dict[str, int]:
        """Count changed keys by table."""
        found = snapshot.rows(
            f"SELECT tbl, count(DISTINCT pk) AS n FROM change_log WHERE {self._since()} GROUP BY tbl ORDER BY tbl",
            [self._bound(since)],
        )
        return {row["tbl"]: row["n"] for row in found if row["tbl"] in TRACKED}

    def changed_rows(self, snapshot: Snapshot, table: str, since: Mark) -> pa.Table:
        """Read every changed key with its row as it is now; a deleted row comes with NULLs."""
        sql = (
            f"SELECT c.pk AS changed_pk, {layout.source_columns(table)} FROM"
            f" (SELECT DISTINCT pk FROM change_log WHERE {self._since()} AND tbl = '{table}') c"
            f" LEFT JOIN {table} t ON t.id = c.pk"
        )
        return snapshot.table(self._typed_first(table, sql, f"{layout.SENTINEL} AS changed_pk, "), [self._bound(since)])

    def whole(self, table: str) -> str:
        """Return the query that reads a whole table."""
        return self._typed_first(table, f"SELECT {layout.source_columns(table)} FROM {table} t", "")

    def _typed_first(self, table: str, sql: str, before: str) -> str:
        del table, before
        return sql

    def _bound(self, since: Mark) -> object:
        return since.watermark

    def settings(self, snapshot: Snapshot) -> dict[str, str]:
        """Return the shop's settings as JSON text by key."""
        rows = snapshot.rows("SELECT key, CAST(value AS TEXT) AS value FROM shop_settings ORDER BY key")
        return {row["key"]: row["value"] for row in rows}


class SqliteSource(Source):
    """A SQLite file in WAL mode."""

    dialect = "sqlite"

    def _connect(self) -> Any:
        from adbc_driver_sqlite import dbapi

        return dbapi.connect(f"file:{quote(self.url.removeprefix('sqlite:///'))}?mode=ro")

    def identity(self, snapshot: Snapshot) -> str:
        """Name the file; :meth:`continues` notices other contents under the same name."""
        del snapshot
        return f"sqlite {self.url}"

    def mark(self, snapshot: Snapshot) -> Mark:
        """Take the highest sequence number: the only writer has committed everything below it."""
        last = self._last(snapshot)
        return Mark(last, 0, self._tail(snapshot, last))

    def fresh(self, snapshot: Snapshot, since: Mark) -> int:
        """Count rows above the watermark."""
        return int(snapshot.rows("SELECT count(*) AS n FROM change_log WHERE seq > ?", [since.watermark])[0]["n"])

    def continues(self, snapshot: Snapshot, since: Mark) -> bool:
        """Refuse a gap (pruned rows), a sequence that went back, and a log with another past.

        A file put back from a copy may have grown beyond the watermark again and reuse its keys. Then
        the rows last seen, unless changed since, do not read as they did.
        """
        last = self._last(snapshot)
        first = snapshot.rows("SELECT coalesce(min(seq), ?) AS n FROM change_log", [last + 1])[0]["n"]
        return (
            last >= since.watermark
            and first <= since.watermark + 1
            and set(self._tail(snapshot, since.watermark)) <= set(since.tail)
        )

    def _last(self, snapshot: Snapshot) -> int:
        """Return the highest sequence number ever given; it outlives pruning."""
        found = snapshot.rows("SELECT coalesce(max(seq), 0) AS n FROM sqlite_sequence WHERE name = 'change_log'")
        return int(found[0]["n"])

    def _tail(self, snapshot: Snapshot, last: int) -> tuple[str, ...]:
        """Describe the last log rows at a watermark with the contents of their rows, if not changed since."""
        rows = snapshot.rows(
            "SELECT c.seq, c.tbl, c.pk FROM change_log c WHERE c.seq > ? AND c.seq <= ? AND NOT EXISTS"
            " (SELECT 1 FROM change_log l WHERE l.seq > ? AND l.tbl = c.tbl AND l.pk = c.pk) ORDER BY c.seq",
            [last - TAIL, last, last],
        )
        return tuple(f"{r['seq']} {r['tbl']} {r['pk']} {self._content(snapshot, r['tbl'], r['pk'])}" for r in rows)

    @staticmethod
    def _content(snapshot: Snapshot, table: str, key: int) -> str:
        """Return a hash of a row as it is now; empty for tables not followed."""
        if table not in TRACKED:
            return ""
        found = snapshot.rows(f"SELECT * FROM {table} WHERE id = ?", [key])
        return hashlib.sha256(repr(found).encode()).hexdigest()[:16]

    def _since(self) -> str:
        return "seq > ?"

    def _typed_first(self, table: str, sql: str, before: str) -> str:
        return f"SELECT {before}{layout.sentinel(table)} UNION ALL {sql}"


class PostgresSource(Source):
    """A PostgreSQL database; every snapshot is one REPEATABLE READ READ ONLY transaction."""

    dialect = "postgresql"

    def _connect(self) -> Any:
        from adbc_driver_postgresql import dbapi

        url = re.sub(r"^postgresql\+\w+://", "postgresql://", self.url)
        options = quote(
            r"-c default_transaction_isolation=repeatable\ read -c default_transaction_read_only=on -c timezone=UTC"
        )
        return dbapi.connect(f"{url}{'&' if '?' in url else '?'}options={options}")

    def identity(self, snapshot: Snapshot) -> str:
        """Name the cluster, its timeline, the database and its log: transaction ids mean nothing elsewhere."""
        found = snapshot.rows(
            "SELECT concat_ws(' ', 'postgresql', (SELECT system_identifier FROM pg_control_system()),"
            " (SELECT timeline_id FROM pg_control_checkpoint()),"
            " (SELECT oid FROM pg_database WHERE datname = current_database()),"
            " CAST(CAST('change_log' AS regclass) AS oid)) AS name"
        )
        return str(found[0]["name"])

    def mark(self, snapshot: Snapshot) -> Mark:
        """Take the oldest transaction still running; what it will commit is read again then."""
        found = snapshot.rows(
            "SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint) AS xmin,"
            " (SELECT count(*) FROM change_log WHERE xid >= pg_snapshot_xmin(pg_current_snapshot())) AS seen"
        )
        return Mark(found[0]["xmin"], found[0]["seen"])

    def fresh(self, snapshot: Snapshot, since: Mark) -> int:
        """Count rows at or above the watermark beyond those seen: the log only grows there."""
        found = snapshot.rows(f"SELECT count(*) AS n FROM change_log WHERE {self._since()}", [self._bound(since)])
        return int(found[0]["n"]) - since.seen

    def continues(self, snapshot: Snapshot, since: Mark) -> bool:
        """Refuse when rows at or above the watermark were pruned for someone else."""
        found = snapshot.rows(
            "SELECT CAST(value ->> 'xid' AS bigint) AS xid FROM shop_settings WHERE key = $1", [PRUNED]
        )
        return not found or found[0]["xid"] <= since.watermark

    def _since(self) -> str:
        return "xid >= CAST(CAST($1 AS text) AS xid8)"

    def _bound(self, since: Mark) -> object:
        return str(since.watermark)


def open_source(url: str) -> Source:
    """Return the source of a database address."""
    if url.startswith("sqlite"):
        return SqliteSource(url)
    if url.startswith("postgresql"):
        return PostgresSource(url)
    raise DataNotReady(
        "replica.unknown_source",
        f"A replica cannot follow a database of kind {url.split(':', 1)[0]!r}.",
        "Use SQLite or PostgreSQL.",
    )
