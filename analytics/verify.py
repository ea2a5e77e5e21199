"""Is the replica its source, exactly? Every table read again in one snapshot and compared both ways."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analytics import duck, layout
from oms_core.schema import TRACKED

if TYPE_CHECKING:
    import duckdb

    from analytics.sources import Snapshot, Source


def compare(cursor: duckdb.DuckDBPyConnection, source: Source, snapshot: Snapshot) -> list[dict[str, Any]]:
    """Return one law a table: rows in one and not in the other, counted with repetition (EXCEPT ALL).

    Returns
    -------
    list of dict
        ``name, checked`` (rows compared), ``broken`` (rows that differ), ``first_broken`` (their lowest key).
    """
    return [_table(cursor, source, snapshot, table) for table in TRACKED]


def _table(cursor: duckdb.DuckDBPyConnection, source: Source, snapshot: Snapshot, table: str) -> dict[str, Any]:
    columns = ", ".join(f'"{c.name}" {c.type}' for c in layout.columns(table))
    duck.run(cursor, f"CREATE OR REPLACE TEMP TABLE source_rows ({columns})")
    with source.whole(snapshot, table) as batches:
        cursor.register("arriving", batches)
        duck.run(cursor, f"INSERT INTO source_rows SELECT {layout.typed(table)} FROM arriving")
        cursor.unregister("arriving")
    differing, lowest, checked = duck.run(
        cursor,
        "SELECT count(*), min(id), (SELECT count(*) FROM source_rows) FROM ("
        f" (SELECT * FROM source_rows EXCEPT ALL SELECT * FROM raw.{table}) UNION ALL"
        f" (SELECT * FROM raw.{table} EXCEPT ALL SELECT * FROM source_rows))",
    )[0]
    duck.run(cursor, "DROP TABLE source_rows")
    return {
        "name": f"replica.{table}",
        "checked": checked,
        "broken": differing,
        "first_broken": None if lowest is None else f"{table} {lowest}",
    }
