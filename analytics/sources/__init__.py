"""Reading the operational database: one snapshot at a time, into Arrow.

A *watermark* says up to where the change log has been taken. On SQLite there is one writer, so
sequence order is commit order and ``seq > w`` is enough. On PostgreSQL it is not: a transaction
may take a low sequence number and commit late. There the watermark is the oldest transaction
still running at the snapshot (``pg_snapshot_xmin``), and everything with ``xid >= w`` is read
again: what was in flight then is found now, and reading a row twice does no harm.
"""

from __future__ import annotations

from analytics.sources.postgres import PRUNED, PostgresSource
from analytics.sources.snapshot import Look, Mark, Snapshot
from analytics.sources.source import Source
from analytics.sources.sqlite import SqliteSource
from oms_core.kernel.errors import DataNotReady

__all__ = ["PRUNED", "Look", "Mark", "PostgresSource", "Snapshot", "Source", "SqliteSource", "open_source"]


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
