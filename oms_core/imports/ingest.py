"""Frames into tables: COPY on PostgreSQL, ``executemany`` on SQLite, no value touched by Python code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import polars as pl
import sqlalchemy as sa

from oms_core.kernel.rows import next_ids, table_of

if TYPE_CHECKING:
    from oms_core.kernel.database import Base

#: Rows turned into text or tuples at a time.
_CHUNK = 50_000
#: Page cache of SQLite while an import writes, KiB.
_CACHE_KIB = 262_144


@contextmanager
def roomy(connection: sa.Connection) -> Iterator[None]:
    """Give SQLite room for the pages of its indexes: half the time of a large import."""
    if connection.dialect.name != "sqlite":
        yield
        return
    before = connection.exec_driver_sql("PRAGMA cache_size").scalar_one()
    connection.exec_driver_sql(f"PRAGMA cache_size = -{_CACHE_KIB}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA cache_size = {before}")


def with_ids(connection: sa.Connection, model: type[Base], frame: pl.DataFrame) -> pl.DataFrame:
    """Give every row the next id of its table."""
    ids = next_ids(connection, model.__tablename__, frame.height) if frame.height else []
    return frame.with_columns(pl.Series("id", ids, dtype=pl.Int64))


def insert(connection: sa.Connection, model: type[Base], frame: pl.DataFrame) -> int:
    """Write the columns a table has, with its defaults for those the frame lacks.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        Open, inside a transaction.
    model : type of Base
        Target.
    frame : polars.DataFrame
        Columns by the table's names; others are left away. Instants are UTC, JSON is text.

    Returns
    -------
    int
        Rows written.
    """
    if frame.is_empty():
        return 0
    frame = _complete(table_of(model), frame)
    write = _sqlite if connection.dialect.name == "sqlite" else _postgres
    write(connection, model.__tablename__, frame)
    return frame.height


def _complete(table: sa.Table, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the table's columns that have a value or a scalar default."""
    chosen: list[pl.Expr] = []
    for column in table.columns:
        if column.name in frame.columns:
            chosen.append(pl.col(column.name))
        elif isinstance(column.default, sa.ColumnDefault) and column.default.is_scalar:
            chosen.append(pl.lit(column.default.arg).alias(column.name))
    return frame.select(chosen)


def _sqlite(connection: sa.Connection, name: str, frame: pl.DataFrame) -> None:
    instants = [c for c, kind in frame.schema.items() if isinstance(kind, pl.Datetime)]
    days = [c for c, kind in frame.schema.items() if kind == pl.Date]
    plain = frame.with_columns(
        *(pl.col(c).dt.replace_time_zone(None).dt.strftime("%Y-%m-%d %H:%M:%S%.6f") for c in instants),
        *(pl.col(c).dt.strftime("%Y-%m-%d") for c in days),
        *(pl.col(c).cast(pl.Int64) for c, kind in frame.schema.items() if kind == pl.Boolean),
    )
    marks = ", ".join("?" * plain.width)
    cursor: Any = connection.connection.cursor()
    statement = f"INSERT INTO {name} ({', '.join(plain.columns)}) VALUES ({marks})"
    for start in range(0, plain.height, _CHUNK):
        cursor.executemany(statement, plain.slice(start, _CHUNK).rows())


def _postgres(connection: sa.Connection, name: str, frame: pl.DataFrame) -> None:
    cursor: Any = connection.connection.cursor()
    with cursor.copy(f"COPY {name} ({', '.join(frame.columns)}) FROM STDIN (FORMAT csv)") as copy:
        for start in range(0, frame.height, _CHUNK):
            copy.write(frame.slice(start, _CHUNK).write_csv(include_header=False).encode())
