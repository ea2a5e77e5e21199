"""How a table of the operational database looks in the replica: columns, types, and how to read them.

Everything follows from the core's metadata; nothing is listed twice. Instants become ``TIMESTAMP``
(naive, always UTC; the suffix ``_at`` says so), JSON stays text, whole numbers are ``BIGINT``.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache

import sqlalchemy as sa

from oms_core.kernel.database import UtcDateTime
from oms_core.schema import METADATA, TRACKED

#: Raised when the meaning of the replica's own tables changes; every replica is then loaded anew.
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Column:
    """One replicated column: its name, DuckDB type, and whether the source keeps it as JSON."""

    name: str
    type: str
    is_json: bool = False


def _duckdb_type(kind: sa.types.TypeEngine[object]) -> str:
    """Return the DuckDB type of a SQLAlchemy type."""
    pairs: tuple[tuple[type, str], ...] = (
        (UtcDateTime, "TIMESTAMP"),
        (sa.Boolean, "BOOLEAN"),
        (sa.Integer, "BIGINT"),
        (sa.Float, "DOUBLE"),
        (sa.Date, "DATE"),
        (sa.JSON, "VARCHAR"),
        (sa.String, "VARCHAR"),
    )
    return next(name for python, name in pairs if isinstance(kind, python))


@cache
def columns(table: str) -> tuple[Column, ...]:
    """Return the columns of a replicated table, in the source's order."""
    listed = METADATA.tables[table].columns
    return tuple(Column(c.name, _duckdb_type(c.type), isinstance(c.type, sa.JSON)) for c in listed)


def create(table: str) -> str:
    """Return the statement that makes the table (anew, empty) in schema ``raw``."""
    body = ", ".join(f'"{c.name}" {c.type}' for c in columns(table))
    return f"CREATE OR REPLACE TABLE raw.{table} ({body})"


def source_columns(table: str) -> str:
    """Return the select list that reads the table on either source; JSON is read as text."""
    return ", ".join(f"CAST(t.{c.name} AS TEXT) AS {c.name}" if c.is_json else f"t.{c.name}" for c in columns(table))


def typed(table: str) -> str:
    """Return the select list that casts arrived values to the replica's types."""
    return ", ".join(f'CAST("{c.name}" AS {c.type}) AS "{c.name}"' for c in columns(table))


@cache
def fingerprint() -> str:
    """Return a hash of every replicated table's columns and types."""
    text = "\n".join([str(FORMAT), *(create(table) for table in TRACKED)])
    return hashlib.sha256(text.encode()).hexdigest()
