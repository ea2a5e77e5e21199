"""PostgreSQL: the watermark is the oldest transaction still running."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from analytics.sources.snapshot import Look, Mark, Snapshot
from analytics.sources.source import Source, unreadable
from oms_core.schema import TRACKED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

#: Setting of the shop that says which transactions' log rows were pruned.
PRUNED = "change_log.pruned_below"
_IDENTITY = (
    "concat_ws(' ', 'postgresql', (SELECT system_identifier FROM pg_control_system()),"
    " (SELECT timeline_id FROM pg_control_checkpoint()),"
    " (SELECT oid FROM pg_database WHERE datname = current_database()),"
    " CAST(CAST('change_log' AS regclass) AS oid)) AS name"
)
_MARK = (
    "CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint) AS xmin,"
    " (SELECT count(*) FROM change_log WHERE xid >= pg_snapshot_xmin(pg_current_snapshot())) AS seen"
)


class _Arrow:
    """A transaction read through ADBC: PostgreSQL's binary COPY straight into Arrow."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def rows(self, sql: str, params: Sequence[object] = ()) -> list[dict[str, Any]]:
        """Run a small query and return its rows."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql, tuple(params) or None)
            return list(cursor.fetch_arrow_table().to_pylist())

    def tuples(self, sql: str, params: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run a small query and return its rows as values in the order of the columns."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql, tuple(params) or None)
            return list(cursor.fetchall())

    @contextmanager
    def stream(self, sql: str, params: Sequence[object], types: dict[str, str]) -> Iterator[pa.RecordBatchReader]:
        """Run a query and hand out its result batch by batch; the driver knows the types."""
        del types
        with self._connection.cursor() as cursor:
            cursor.execute(sql, tuple(params) or None)
            with cursor.fetch_record_batch() as batches:
                yield batches


class PostgresSource(Source):
    """A PostgreSQL database; every snapshot is one REPEATABLE READ READ ONLY transaction."""

    dialect = "postgresql"

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._connection: Any = None

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Open a REPEATABLE READ READ ONLY transaction."""
        from adbc_driver_manager import Error

        try:
            if self._connection is None:
                self._connection = self._connect()
            yield _Arrow(self._connection)
        except BaseException as error:
            self.close()
            if isinstance(error, Error):
                raise unreadable(error) from error
            raise
        self._connection.rollback()

    def close(self) -> None:
        """Close the connection; the next snapshot opens a new one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _connect(self) -> Any:
        from adbc_driver_postgresql import dbapi

        url = re.sub(r"^postgresql\+\w+://", "postgresql://", self.url)
        options = quote(
            r"-c default_transaction_isolation=repeatable\ read -c default_transaction_read_only=on -c timezone=UTC"
        )
        return dbapi.connect(f"{url}{'&' if '?' in url else '?'}options={options}")

    def look(self, snapshot: Snapshot, since: Mark | None) -> Look:
        """Ask in one statement: each is a journey to the server and back, which a busy machine makes long."""
        if since is None:
            return super().look(snapshot, since)
        news = f"FROM change_log WHERE {self._since()}"
        [found] = snapshot.rows(
            f"SELECT {_IDENTITY}, {_MARK}, (SELECT count(*) {news}) AS total,"
            f" (SELECT CAST(json_object_agg(tbl, n ORDER BY tbl) AS text) FROM"
            f" (SELECT tbl, count(DISTINCT pk) AS n {news} GROUP BY tbl) AS by_table) AS changed,"
            " (SELECT CAST(json_object_agg(key, CAST(value AS text) ORDER BY key) AS text) FROM shop_settings) AS kept",
            [self._bound(since)],
        )
        kept, changed = json.loads(found["kept"] or "{}"), json.loads(found["changed"] or "{}")
        pruned = json.loads(kept[PRUNED])["xid"] if PRUNED in kept else 0
        return Look(
            found["name"],
            Mark(found["xmin"], found["seen"]),
            kept,
            pruned <= since.watermark,
            found["total"] - since.seen,
            {table: n for table, n in changed.items() if table in TRACKED},
        )

    def identity(self, snapshot: Snapshot) -> str:
        """Name the cluster, its timeline, the database and its log: transaction ids mean nothing elsewhere."""
        return str(snapshot.rows(f"SELECT {_IDENTITY}")[0]["name"])

    def mark(self, snapshot: Snapshot) -> Mark:
        """Take the oldest transaction still running; what it will commit is read again then."""
        found = snapshot.rows(f"SELECT {_MARK}")
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
