"""Copy a PostgreSQL shop in one snapshot, and put a copy back in one transaction.

No server tools are needed: tables travel as ``COPY`` text. The change log is not copied but begun
anew, which tells every replica to load again.
"""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Any

from app.backup.archive import Manifest, Writer, blocks
from oms_core.kernel import change_log
from oms_core.kernel.errors import InvalidInput
from oms_core.schema import METADATA, TRACKED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import sqlalchemy as sa

#: How long the restore waits for other transactions before it gives up.
LOCK_TIMEOUT = "10s"


def add_copy(engine: sa.Engine, writer: Writer) -> dict[str, int]:
    """Add every table to a backup, all in one snapshot; return rows by table."""
    with engine.connect() as connection:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor: Any = connection.connection.cursor()
        rows = {}
        for table in METADATA.sorted_tables:
            writer.add(member(table), _copied(cursor, table))
            rows[table.name] = cursor.execute(f"SELECT count(*) FROM {table.name}").fetchone()[0]
        connection.rollback()
    return rows


def put_back(path: Path, manifest: Manifest, engine: sa.Engine) -> None:
    """Replace every row by a verified backup's, in one transaction; verify before it commits.

    Raises
    ------
    InvalidInput
        ``backup.rows``: what arrived is not what the manifest says. Nothing is changed.
    """
    with engine.begin() as connection, zipfile.ZipFile(path) as file:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
        cursor: Any = connection.connection.cursor()
        for statement in change_log.drop_triggers("postgresql", TRACKED):
            cursor.execute(statement)
        names = ", ".join(table.name for table in METADATA.sorted_tables)
        cursor.execute(f"TRUNCATE {names}")
        for table in METADATA.sorted_tables:
            _fill(cursor, table, file)
        _require_rows(cursor, manifest, path)
        cursor.execute("DROP TABLE change_log")
        for statement in change_log.create_log("postgresql") + change_log.create_triggers("postgresql", TRACKED):
            cursor.execute(statement)


def member(table: sa.Table) -> str:
    """Return the name under which a table stands in the file."""
    return f"tables/{table.name}.copy"


def _columns(table: sa.Table) -> str:
    return ", ".join(column.name for column in table.columns)


def _copied(cursor: Any, table: sa.Table) -> Iterator[memoryview]:
    with cursor.copy(f"COPY (SELECT {_columns(table)} FROM {table.name} ORDER BY id) TO STDOUT") as copy:
        yield from copy


def _fill(cursor: Any, table: sa.Table, file: zipfile.ZipFile) -> None:
    """Load one table and move its key sequence past the highest key."""
    with file.open(member(table)) as data, cursor.copy(f"COPY {table.name} ({_columns(table)}) FROM STDIN") as copy:
        for block in blocks(data):
            copy.write(block)
    cursor.execute(
        f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), coalesce(max(id), 1), max(id) IS NOT NULL)"
        f" FROM {table.name}"
    )


def _require_rows(cursor: Any, manifest: Manifest, path: Path) -> None:
    for table in METADATA.sorted_tables:
        there = cursor.execute(f"SELECT count(*) FROM {table.name}").fetchone()[0]
        if there != manifest.tables.get(table.name):
            raise InvalidInput(
                "file", str(path), f"it does not hold the {table.name} it says", "Take another copy.",
                code="backup.rows",
            )  # fmt: skip
