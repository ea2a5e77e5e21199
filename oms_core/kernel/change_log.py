"""The change log: triggers write the keys of changed rows, replicas read them.

Only ``(seq, xid, tbl, pk)`` is kept; the state itself is read from the table in the same
snapshot. PostgreSQL uses statement triggers with transition tables and remembers the writing
transaction (``xid8``), because sequence order is not commit order there; SQLite has one writer,
so ``seq`` is enough. The log is made by migrations from :func:`tracked_tables`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import sqlalchemy as sa

EVENTS = ("INSERT", "UPDATE", "DELETE")


def tracked_tables(metadata: sa.MetaData) -> list[str]:
    """Return the names of the replicated tables, sorted."""
    return sorted(t.name for t in metadata.tables.values() if t.info.get("replicated"))


def create_log(dialect: str) -> list[str]:
    """Return the statements that create the log table of a dialect."""
    if dialect == "sqlite":
        return [
            "CREATE TABLE change_log (seq INTEGER PRIMARY KEY AUTOINCREMENT, tbl TEXT NOT NULL, pk INTEGER NOT NULL)",
        ]
    return [
        (
            "CREATE TABLE change_log (seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
            " xid xid8 NOT NULL DEFAULT pg_current_xact_id(), tbl TEXT NOT NULL, pk BIGINT NOT NULL)"
        ),
        "CREATE INDEX ix_change_log_xid ON change_log (xid)",
    ]


def create_triggers(dialect: str, tables: Sequence[str]) -> list[str]:
    """Return the statements that make every change of `tables` leave its key in the log."""
    make = _sqlite_triggers if dialect == "sqlite" else _postgres_triggers
    return [statement for table in tables for statement in make(table)]


def drop_triggers(dialect: str, tables: Sequence[str]) -> list[str]:
    """Return the statements that undo :func:`create_triggers`."""
    if dialect == "sqlite":
        return [f"DROP TRIGGER IF EXISTS log_{t}_{e.lower()}" for t in tables for e in EVENTS]
    drops = [f"DROP TRIGGER IF EXISTS log_{t}_{e.lower()} ON {t}" for t in tables for e in EVENTS]
    return drops + [f"DROP FUNCTION IF EXISTS log_{t}_{e.lower()}()" for t in tables for e in EVENTS]


def _sqlite_triggers(table: str) -> list[str]:
    statements = []
    for event in EVENTS:
        row = "OLD" if event == "DELETE" else "NEW"
        statements.append(
            f"CREATE TRIGGER log_{table}_{event.lower()} AFTER {event} ON {table} BEGIN"
            f" INSERT INTO change_log (tbl, pk) VALUES ('{table}', {row}.id); END"
        )
    return statements


def _postgres_triggers(table: str) -> list[str]:
    statements = []
    for event in EVENTS:
        name, seen = f"log_{table}_{event.lower()}", "OLD" if event == "DELETE" else "NEW"
        statements += [
            (
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                f" INSERT INTO change_log (tbl, pk) SELECT '{table}', id FROM changed; RETURN NULL; END $$"
            ),
            (
                f"CREATE TRIGGER {name} AFTER {event} ON {table}"
                f" REFERENCING {seen} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
            ),
        ]
    return statements
