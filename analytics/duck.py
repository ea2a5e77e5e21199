"""The replica's DuckDB file: opening it, its lock, its own state tables. All DuckDB calls of a file start here."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb

from analytics.sources import Mark
from oms_core.kernel.errors import Conflict, DataNotReady

if TYPE_CHECKING:
    from pathlib import Path

#: What DuckDB raises when a file is not (or no longer) a database it can read.
DAMAGE = (
    duckdb.IOException,
    duckdb.SerializationException,
    duckdb.InternalException,
    duckdb.FatalException,
    duckdb.CatalogException,
    duckdb.BinderException,
)
_RETRY_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class State:
    """What a replica knows about itself; stored in the same transaction as the data it describes."""

    source: str
    layout: str
    mark: Mark
    settings: str = "{}"
    models: str = ""


def connect(path: Path, *, wait_seconds: float) -> duckdb.DuckDBPyConnection:
    """Open the file, waiting a little for another process's lock; a damaged file is removed and begun anew.

    Raises
    ------
    Conflict
        ``replica.locked`` when another process still owns the file after `wait_seconds`.
    DataNotReady
        ``replica.unusable`` when the file can neither be opened nor made.
    """
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return _opened(path)
        except OSError as error:
            raise _unusable(path, error) from error
        except duckdb.Error as error:
            if not (isinstance(error, DAMAGE) or is_damage(error)):
                raise
            if "Could not set lock" not in str(error):
                return _anew(path)
            if time.monotonic() > deadline:
                raise Conflict(
                    "replica.locked",
                    f"Another process is using the replica file {path.name}.",
                    "Wait for it to finish, or stop it, and try again.",
                    path=str(path),
                ) from error
            time.sleep(_RETRY_SECONDS)


def _anew(path: Path) -> duckdb.DuckDBPyConnection:
    """Begin a damaged file anew."""
    try:
        remove(path)
        return _opened(path)
    except (OSError, duckdb.Error) as error:
        raise _unusable(path, error) from error


def is_damage(error: duckdb.Error) -> bool:
    """Tell whether an error says that the file's own blocks cannot be read, as against a query that is wrong."""
    return isinstance(error, (duckdb.SerializationException, duckdb.FatalException)) or "Corrupt database" in str(error)


def begin_anew(path: Path, connection: duckdb.DuckDBPyConnection, *, wait_seconds: float) -> duckdb.DuckDBPyConnection:
    """Close a file, remove it and open an empty one in its place.

    DuckDB hands out the old file again as long as another thread is still reading it, so readers are waited for.

    Raises
    ------
    DataNotReady
        ``replica.unusable``.
    """
    connection.close()
    deadline = time.monotonic() + wait_seconds
    while True:
        opened = _anew(path)
        if state(opened) is None or time.monotonic() > deadline:
            return opened
        opened.close()
        time.sleep(_RETRY_SECONDS)


def _unusable(path: Path, error: Exception) -> DataNotReady:
    return DataNotReady(
        "replica.unusable",
        f"The replica file {path.name} can neither be opened nor made: {error}.",
        "Check the folder's permissions and the free space.",
        path=str(path),
    )


def _opened(path: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(path))
    run(connection, "SET GLOBAL TimeZone = 'UTC'")
    run(connection, "SET enable_progress_bar = false")  # it would be drawn into a command's answer
    run(connection, "CREATE SCHEMA IF NOT EXISTS raw")
    run(
        connection,
        "CREATE TABLE IF NOT EXISTS raw.sync_state"
        " (source VARCHAR, layout VARCHAR, watermark BIGINT, seen BIGINT, tail VARCHAR, settings VARCHAR,"
        " models VARCHAR)",
    )
    state(connection)
    return connection


def remove(path: Path) -> None:
    """Delete the file and its log; the replica is derived data and can always be made again."""
    for part in (path, path.with_name(path.name + ".wal")):
        part.unlink(missing_ok=True)


def run(connection: duckdb.DuckDBPyConnection, sql: str, params: Any = None) -> list[tuple[Any, ...]]:
    """Run one statement to its end; an unfinished result would block the connection."""
    return list(connection.execute(sql, params).fetchall())


def state(connection: duckdb.DuckDBPyConnection) -> State | None:
    """Return the stored state; None in a new file."""
    rows = run(connection, "SELECT source, layout, watermark, seen, tail, settings, models FROM raw.sync_state")
    if not rows:
        return None
    source, layout, watermark, seen, tail, settings, models = rows[0]
    return State(source, layout, Mark(watermark, seen, tuple(json.loads(tail))), settings, models)


def save(connection: duckdb.DuckDBPyConnection, kept: State) -> None:
    """Replace the stored state inside the caller's transaction."""
    run(connection, "DELETE FROM raw.sync_state")
    run(
        connection,
        "INSERT INTO raw.sync_state VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            kept.source,
            kept.layout,
            kept.mark.watermark,
            kept.mark.seen,
            json.dumps(kept.mark.tail),
            kept.settings,
            kept.models,
        ],
    )
