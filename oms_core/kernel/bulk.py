"""The set-based path: many rows of one table in one statement's worth of work."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


def next_id(connection: sa.Connection, table: sa.Table) -> int:
    """Return the first free id of a table; the caller holds the write lock or the table lock."""
    return int(connection.execute(sa.select(sa.func.coalesce(sa.func.max(table.c.id), 0))).scalar_one()) + 1


def bulk_insert(
    connection: sa.Connection,
    table: sa.Table,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    keys_drawn: bool = False,
) -> int:
    """Insert rows of plain Python values; COPY on PostgreSQL, ``executemany`` on SQLite.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        Open, inside a transaction.
    table : sqlalchemy.Table
        Target.
    columns : sequence of str
        Column names, in the order of the values.
    rows : iterable of sequence
        Values: ``int, str, None, bool, date, aware datetime, dict, list``.
    keys_drawn : bool
        The ids came from `kernel.rows.next_ids`, so the identity is past them already.

    Returns
    -------
    int
        Rows written. On PostgreSQL the identity of `id` is moved past the written keys.
    """
    with driver_faults(connection):
        if connection.dialect.name == "sqlite":
            return _sqlite(connection, table, columns, rows)
        return _postgres(connection, table, columns, rows, keys_drawn=keys_drawn)


@contextmanager
def driver_faults(connection: sa.Connection) -> Iterator[None]:
    """Let the driver's faults look like those of every other statement."""
    dbapi: Any = connection.dialect.loaded_dbapi
    try:
        yield
    except dbapi.Error as error:
        raise sa.exc.DBAPIError.instance("driver", None, error, dbapi.Error, dialect=connection.dialect) from error


@lru_cache(maxsize=256)
def instant_text(value: datetime) -> str:
    """Return an aware instant as SQLite keeps it: UTC text without a zone, microseconds."""
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


#: How SQLite keeps the types it does not have; every other value is kept as it is.
_PLAIN: dict[type, Callable[[Any], object]] = {
    datetime: instant_text,
    date: date.isoformat,
    dict: json.dumps,
    list: json.dumps,
}


def _kept(row: Sequence[Any]) -> tuple[Any, ...]:
    """Return a row's values as SQLite keeps them."""
    return tuple([value if type(value) not in _PLAIN else _PLAIN[type(value)](value) for value in row])


def _sqlite(connection: sa.Connection, table: sa.Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    marks = ", ".join("?" * len(columns))
    statement = f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({marks})"
    cursor: Any = connection.connection.cursor()
    cursor.executemany(statement, map(_kept, rows))
    return int(cursor.rowcount)


def _with_text(row: Sequence[Any], documents: Sequence[int]) -> list[Any]:
    """Return the row with its documents (dict, list) as JSON text."""
    kept = list(row)
    for n in documents:
        if kept[n] is not None:
            kept[n] = json.dumps(kept[n])
    return kept


def _postgres(
    connection: sa.Connection,
    table: sa.Table,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    keys_drawn: bool,
) -> int:
    cursor: Any = connection.connection.cursor()
    count = 0
    with cursor.copy(f"COPY {table.name} ({', '.join(columns)}) FROM STDIN") as copy:
        documents = [n for n, name in enumerate(columns) if isinstance(table.c[name].type, sa.JSON)]
        for row in rows:
            copy.write_row(_with_text(row, documents) if documents else row)
            count += 1
    if "id" in columns and not keys_drawn:
        connection.execute(
            sa.text(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), (SELECT max(id) FROM {table.name}))")
        )
    return count
