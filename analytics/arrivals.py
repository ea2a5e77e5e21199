"""Writing what arrives from the source into the replica's tables, inside the caller's transaction."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from analytics import duck, layout

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb
    import pyarrow as pa

    from analytics.sources import Snapshot, Source
    from analytics.touched import Touched


@contextmanager
def transaction(cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Commit at the end of the block, or roll back."""
    cursor.begin()
    try:
        yield
    except BaseException:
        cursor.rollback()
        raise
    cursor.commit()


def load(cursor: duckdb.DuckDBPyConnection, source: Source, snapshot: Snapshot, table: str) -> int:
    """Replace a table by all rows of the source; return how many there are."""
    duck.run(cursor, layout.create(table))
    with source.whole(snapshot, table) as batches:
        cursor.register("arriving", batches)
        duck.run(cursor, f"INSERT INTO raw.{table} SELECT {layout.typed(table)} FROM arriving")
        cursor.unregister("arriving")
    return int(duck.run(cursor, f"SELECT count(*) FROM raw.{table}")[0][0])


def merge(cursor: duckdb.DuckDBPyConnection, table: str, batches: pa.RecordBatchReader, touched: Touched) -> int:
    """Delete the changed keys and insert those rows that still exist; note which orders and products they touch."""
    changed = batches.read_all()
    if not changed.num_rows:
        return 0
    noted = touched.columns(table)
    cursor.register("arriving", changed)
    delete = (
        f"DELETE FROM raw.{table} WHERE id IN (SELECT changed_pk FROM arriving)"
        " AND id >= (SELECT min(changed_pk) FROM arriving)"
    )
    if noted:
        gone = cursor.sql(f"{delete} RETURNING {', '.join(noted)}").to_arrow_table()
        touched.note(table, gone, changed.filter(changed["id"].is_valid()))
    else:
        duck.run(cursor, delete)
    duck.run(cursor, f"INSERT INTO raw.{table} SELECT {layout.typed(table)} FROM arriving WHERE id IS NOT NULL")
    cursor.unregister("arriving")
    return int(changed.num_rows)
