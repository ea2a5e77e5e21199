"""The simulated shop of any size in PostgreSQL: the operational schema with its indexes, filled by COPY, analysed."""

from __future__ import annotations

import tempfile
from pathlib import Path

import duckdb
import psycopg
import sqlglot

from analytics import duck, layout, warehouse
from app.bench import sized
from oms_core.kernel.database import make_engine
from oms_core.migrations import upgrade
from oms_core.schema import TRACKED

#: Tables a question of the bench reads; the others stay empty.
FILLED = (
    "channels", "customers", "locations", "products", "variants", "orders", "order_lines", "order_adjustments",
    "returns", "return_lines",
)  # fmt: skip


def filled(url: str, files: Path) -> None:
    """Make the schema at an address, fill it, and lay the models over it as views."""
    engine = make_engine(url)
    upgrade(engine)
    engine.dispose()
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET TimeZone = 'UTC'")
        for table in FILLED:
            _copied(connection, files, table)
        _models(connection)
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def translated(sql: str) -> str:
    """Return a query in PostgreSQL's words."""
    return str(sqlglot.transpile(sql, read="duckdb", write="postgres")[0])


def _copied(connection: psycopg.Connection, files: Path, table: str) -> None:
    """Send a table's rows as CSV, with the columns the files have and the core's defaults."""
    listed = ", ".join(f'"{c.name}"' for c in layout.columns(table))
    with tempfile.TemporaryDirectory() as folder, duckdb.connect(f"{folder}/rows.duckdb") as source:
        duck.run(source, "SET enable_progress_bar = false")
        duck.run(source, "CREATE SCHEMA raw")
        duck.run(source, layout.create(table))
        sized.fill(source, files, table)
        duck.run(source, f"COPY (SELECT {listed} FROM raw.{table}) TO '{folder}/rows.csv' (HEADER false)")
        sent = f"COPY {table} ({listed}) FROM STDIN (FORMAT csv)"
        with (
            Path(folder, "rows.csv").open("rb") as rows,
            connection.cursor() as cursor,
            cursor.copy(sent.encode()) as copy,
        ):
            while chunk := rows.read(1 << 20):
                copy.write(chunk)


def _models(connection: psycopg.Connection) -> None:
    """Create the peer's views: the replica's tables over the operational ones, then every model file."""
    connection.execute("CREATE SCHEMA raw")
    for table in TRACKED:
        columns = ", ".join(
            f"t.{c.name} AT TIME ZONE 'UTC' AS {c.name}" if c.type == "TIMESTAMP" else f"t.{c.name}"
            for c in layout.columns(table)
        )
        connection.execute(f"CREATE VIEW raw.{table} AS SELECT {columns} FROM public.{table} AS t".encode())
    shop = sized.SHOP
    connection.execute(
        f"CREATE TABLE raw.shop AS SELECT '{shop.zone}'::text AS zone, '{shop.currency}'::text AS currency,"
        " 0::bigint AS pick_minor, 0::bigint AS pack_minor, 0::bigint AS take_back_minor".encode()
    )
    for name, sql in warehouse.models().items():
        connection.execute(f"CREATE VIEW {name} AS {translated(sql)}".encode())
