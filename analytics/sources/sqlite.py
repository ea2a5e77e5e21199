"""SQLite: one writer, so that sequence order is commit order.

Read through Python's own `sqlite3`, never through a driver that carries a SQLite library of its own (as
ADBC's does): locks of a file belong to the process, and one library closing the file drops the locks
another holds. With the dashboard writing in the same process that corrupts the database ("How To Corrupt
An SQLite Database File", section 2.2.1; it was seen here: "database disk image is malformed").
"""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from analytics.sources.snapshot import Mark, Snapshot
from analytics.sources.source import Source, unreadable
from oms_core.kernel.database import BUSY_TIMEOUT_SECONDS
from oms_core.schema import TRACKED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

#: Log rows remembered before the watermark, to notice a database put back from a copy.
TAIL = 4
#: Rows read at once.
BATCH_ROWS = 20_000


class _Rows:
    """A transaction read through Python's own driver, turned into Arrow batches."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, sql: str, params: Sequence[object] = ()) -> list[dict[str, Any]]:
        """Run a small query and return its rows."""
        cursor = self._connection.execute(sql, tuple(params))
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def tuples(self, sql: str, params: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run a small query and return its rows as values in the order of the columns."""
        return self._connection.execute(sql, tuple(params)).fetchall()

    @contextmanager
    def stream(self, sql: str, params: Sequence[object], types: dict[str, str]) -> Iterator[pa.RecordBatchReader]:
        """Run a query and hand out its result batch by batch, as SQLite keeps it: instants and dates are text."""
        import pyarrow as pa

        kept = {"BIGINT": pa.int64(), "BOOLEAN": pa.int64(), "DOUBLE": pa.float64()}
        schema = pa.schema([(name, kept.get(kind, pa.string())) for name, kind in types.items()])
        cursor = self._connection.execute(sql, tuple(params))

        def batches() -> Iterator[pa.RecordBatch]:
            while rows := cursor.fetchmany(BATCH_ROWS):
                columns = [pa.array(v, type=f.type) for v, f in zip(zip(*rows, strict=True), schema, strict=True)]
                yield pa.RecordBatch.from_arrays(columns, schema=schema)

        yield pa.RecordBatchReader.from_batches(schema, batches())
        cursor.close()


class SqliteSource(Source):
    """A SQLite file in WAL mode."""

    dialect = "sqlite"

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._connection: sqlite3.Connection | None = None

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Open a deferred transaction; its first read fixes the moment."""
        try:
            connection = self._open()
            connection.execute("BEGIN DEFERRED")
            yield _Rows(connection)
            connection.execute("ROLLBACK")
        except BaseException as error:
            self.close()
            if isinstance(error, sqlite3.Error):
                raise unreadable(error) from error
            raise

    def close(self) -> None:
        """Close the connection; the next snapshot opens a new one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _open(self) -> sqlite3.Connection:
        """Open for reading only; opening "read-only" could not make a WAL's shared memory when nobody else has."""
        if self._connection is None:
            self._connection = sqlite3.connect(
                f"file:{quote(self.url.removeprefix('sqlite:///'))}?mode=rw",
                uri=True,
                isolation_level=None,
                check_same_thread=False,
                timeout=BUSY_TIMEOUT_SECONDS,
            )
            self._connection.execute("PRAGMA query_only = ON")
        return self._connection

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
