"""The SQL files: read, sorted by what they read from, installed over the replica's tables.

A file is one ``SELECT``; its name is the model's name, its header says the grain. Most models are views, which cost
nothing at a tick. Those whose header says ``stored`` are tables that every tick brings up to date (`analytics.stored`).
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from analytics import duck

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb

FOLDER = Path(__file__).parent / "sql"
_NAME = re.compile(r"\b(?:from|join)\s+((?:stg|fct|dim|agg)_\w+)", re.IGNORECASE)
#: Settings of the shop that models read: type in the replica, and what holds while they were never set.
SETTINGS: dict[str, tuple[str, str | int]] = {
    "zone": ("VARCHAR", "UTC"),
    "currency": ("VARCHAR", ""),
    "pick_minor": ("BIGINT", 0),
    "pack_minor": ("BIGINT", 0),
    "take_back_minor": ("BIGINT", 0),
}
_COMMENT = re.compile(r"--[^\n]*")
_STORED = re.compile(r"^-- stored: +(?:by (\w+)|whole)(?:, in order of (\w+))?$", re.MULTILINE)
_KEY = re.compile(r"^-- key: +(.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Stored:
    """That a model is a table: what it is brought up to date by (empty: by nothing), and its rows' order when built."""

    by: str
    sort: str


@cache
def models() -> dict[str, str]:
    """Return the text of every staging and mart file by name, dependencies first."""
    files = {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("[sm]*/*.sql"))}
    ordered: dict[str, str] = {}

    def visit(name: str) -> None:
        if name not in ordered:
            for needed in sources(files[name]):
                visit(needed)
            ordered[name] = files[name]

    for name in files:
        visit(name)
    return ordered


def plain(sql: str) -> str:
    """Return a file's statement without comments and the closing semicolon."""
    return _COMMENT.sub("", sql).strip().rstrip(";")


def sources(sql: str) -> list[str]:
    """Return the models a file reads from, sorted."""
    return sorted(set(_NAME.findall(_COMMENT.sub("", sql))))


@cache
def fingerprint() -> str:
    """Return a hash of every model's text."""
    return hashlib.sha256("\n".join(f"{k}\n{v}" for k, v in models().items()).encode()).hexdigest()


@cache
def stored() -> dict[str, Stored]:
    """Return the models that are tables, dependencies first."""
    found = {name: _STORED.search(sql) for name, sql in models().items()}
    return {name: Stored(said[1] or "", said[2] or "") for name, said in found.items() if said}


@cache
def key(name: str) -> str:
    """Return the columns that name a row of a model, as its header says them."""
    found = _KEY.search(models()[name])
    return found[1] if found else ""


def statement(name: str) -> str:
    """Return the statement that makes a model: a view, or a table in the order that lets a period skip most of it."""
    sql = plain(models()[name])
    if name not in stored():
        return f"CREATE OR REPLACE VIEW {name} AS {sql}"
    ordered = f" ORDER BY {stored()[name].sort}" if stored()[name].sort else ""
    return f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM ({sql}){ordered}"


def install(cursor: duckdb.DuckDBPyConnection, settings: Mapping[str, str]) -> None:
    """Make every model anew, inside the caller's transaction; what an earlier version installed is dropped."""
    duck.run(cursor, "DROP TABLE IF EXISTS raw.shop")
    keep_settings(cursor, settings)
    for kind, name in duck.run(
        cursor,
        "SELECT 'VIEW', view_name FROM duckdb_views() WHERE database_name = current_database()"
        " AND schema_name = 'main' AND NOT internal UNION ALL SELECT 'TABLE', table_name FROM duckdb_tables()"
        " WHERE database_name = current_database() AND schema_name = 'main'",
    ):
        duck.run(cursor, f'DROP {kind} "{name}"')
    for name in models():
        duck.run(cursor, statement(name))


def keep_settings(cursor: duckdb.DuckDBPyConnection, settings: Mapping[str, str]) -> bool:
    """Keep what models read of the shop's settings (``raw.shop``, one row); tell whether any of them changed."""
    known = {key: json.loads(settings[key])["value"] for key in SETTINGS if key in settings}
    columns = ", ".join(f"{name} {kind}" for name, (kind, _) in SETTINGS.items())
    wanted = tuple(known.get(name, default) for name, (_, default) in SETTINGS.items())
    duck.run(cursor, f"CREATE TABLE IF NOT EXISTS raw.shop ({columns})")
    if duck.run(cursor, "SELECT * FROM raw.shop") == [wanted]:
        return False
    duck.run(cursor, "DELETE FROM raw.shop")
    duck.run(cursor, f"INSERT INTO raw.shop VALUES ({', '.join('?' for _ in SETTINGS)})", wanted)
    return True
