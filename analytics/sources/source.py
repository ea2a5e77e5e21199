"""What a replica needs of an operational database, whichever it is."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from analytics import layout
from analytics.sources.snapshot import Look, Mark, Snapshot
from oms_core.kernel.errors import DataNotReady
from oms_core.schema import TRACKED

if TYPE_CHECKING:
    import pyarrow as pa


def unreadable(error: Exception) -> DataNotReady:
    """Return the expected error of a source that cannot be read."""
    return DataNotReady(
        "replica.source_unreadable",
        f"The shop's database cannot be read: {error}.",
        "Check that it is there and running, then try again.",
    )


class Source:
    """An operational database as a replica sees it; one connection, one snapshot at a time."""

    dialect = ""

    def __init__(self, url: str) -> None:
        self.url = url

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """Open a read-only transaction; it ends with the block.

        Raises
        ------
        DataNotReady
            ``replica.source_unreadable`` when the database is not there or refuses.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Close the connection; the next snapshot opens a new one."""
        raise NotImplementedError

    def look(self, snapshot: Snapshot, since: Mark | None) -> Look:
        """Ask everything a tick has to know before it reads; `since` is where the replica stands, None at the first."""
        identity, mark, settings = self.identity(snapshot), self.mark(snapshot), self.settings(snapshot)
        if since is None:
            return Look(identity, mark, settings)
        fresh = self.fresh(snapshot, since)
        changed = self.changed(snapshot, since) if fresh else {}
        return Look(identity, mark, settings, self.continues(snapshot, since), fresh, changed)

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

    def changed_rows(self, snapshot: Snapshot, table: str, since: Mark) -> list[tuple[Any, ...]]:
        """Return every changed key with its row as it is now; a deleted row comes with NULLs."""
        return snapshot.tuples(self._changed(table), [self._bound(since)])

    def changed_batches(
        self, snapshot: Snapshot, table: str, since: Mark
    ) -> AbstractContextManager[pa.RecordBatchReader]:
        """Read what :meth:`changed_rows` does as batches; the key is the column `changed_pk`."""
        types = {"changed_pk": "BIGINT"} | {c.name: c.type for c in layout.columns(table)}
        return snapshot.stream(self._changed(table), [self._bound(since)], types)

    def _changed(self, table: str) -> str:
        return (
            f"SELECT c.pk AS changed_pk, {layout.source_columns(table)} FROM"
            f" (SELECT DISTINCT pk FROM change_log WHERE {self._since()} AND tbl = '{table}') c"
            f" LEFT JOIN {table} t ON t.id = c.pk"
        )

    @staticmethod
    def whole(snapshot: Snapshot, table: str) -> AbstractContextManager[pa.RecordBatchReader]:
        """Read a whole table."""
        sql = f"SELECT {layout.source_columns(table)} FROM {table} t"
        return snapshot.stream(sql, (), {c.name: c.type for c in layout.columns(table)})

    def _bound(self, since: Mark) -> object:
        return since.watermark

    def settings(self, snapshot: Snapshot) -> dict[str, str]:
        """Return the shop's settings as JSON text by key."""
        rows = snapshot.rows("SELECT key, CAST(value AS TEXT) AS value FROM shop_settings ORDER BY key")
        return {row["key"]: row["value"] for row in rows}
