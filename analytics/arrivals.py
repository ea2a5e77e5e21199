"""Writing what arrives from the source into the replica's tables, inside the caller's transaction."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from analytics import duck, layout

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import duckdb

    from analytics.exchange import Exchange
    from analytics.sources import Mark, Snapshot, Source
    from analytics.touched import Touched

#: Up to so many changed rows of a table are handed over as values: that needs no statement to be planned.
FEW_ROWS = 1_000


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
        [(rows,)] = duck.run(cursor, f"INSERT INTO raw.{table} SELECT {layout.typed(table)} FROM arriving")
        cursor.unregister("arriving")
    return int(rows)


def merge(exchange: Exchange, source: Source, snapshot: Snapshot, table: str, since: Mark, touched: Touched) -> int:
    """Take the changed rows of a table out and put in those that still exist; note what they touch.

    Returns
    -------
    int
        Changed keys.
    """
    rows = source.changed_rows(snapshot, table, since)
    if not rows:
        return 0
    coming = [row[1:] for row in rows if row[1] is not None]
    gone = _take_out(exchange, table, [row[0] for row in rows], touched)
    if coming:
        with exchange.connection.appender(f"raw.{table}") as appender:
            appender.append_rows(coming)
    names = [column.name for column in layout.columns(table)]
    noted = touched.columns(table)
    if noted:
        come = {name: [row[names.index(name)] for row in coming] for name in noted}
        touched.note(table, {name: [row[n] for row in gone] for n, name in enumerate(noted)}, come)
    return len(rows)


def _take_out(exchange: Exchange, table: str, keys: Sequence[int], touched: Touched) -> list[tuple[Any, ...]]:
    """Delete rows by key and return what has to be noted of them; keys above all held so far need no look."""
    held = exchange.highest.get(table)
    if held is None:
        held = duck.run(exchange.connection, f"SELECT coalesce(max(id), 0) FROM raw.{table}")[0][0]
    lowest = min(keys)
    exchange.highest[table] = max(held, *keys)
    if lowest > held:
        return []
    noted = ", ".join(touched.columns(table)) or "id"
    return duck.run(
        exchange.connection,
        f"DELETE FROM raw.{table} WHERE id >= ? AND id IN (SELECT UNNEST(CAST(? AS BIGINT[]))) RETURNING {noted}",
        [lowest, list(keys)],
    )


def merge_many(
    cursor: duckdb.DuckDBPyConnection, source: Source, snapshot: Snapshot, table: str, since: Mark, touched: Touched
) -> int:
    """Do what :func:`merge` does for more rows than are worth handing over one by one."""
    with source.changed_batches(snapshot, table, since) as batches:
        changed = batches.read_all()
    cursor.register("arriving", changed)
    noted = touched.columns(table) or ("id",)
    gone = duck.run(
        cursor,
        f"DELETE FROM raw.{table} WHERE id IN (SELECT changed_pk FROM arriving)"
        f" AND id >= (SELECT min(changed_pk) FROM arriving) RETURNING {', '.join(noted)}",
    )
    duck.run(cursor, f"INSERT INTO raw.{table} SELECT {layout.typed(table)} FROM arriving WHERE id IS NOT NULL")
    cursor.unregister("arriving")
    touched.is_remade = True
    if touched.columns(table):
        come = changed.filter(changed["id"].is_valid())
        taken = {name: [row[n] for row in gone] for n, name in enumerate(noted)}
        touched.note(table, taken, {name: come[name].to_pylist() for name in noted})
    return int(changed.num_rows)
