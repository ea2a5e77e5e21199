"""The SQL files: read, sorted by what they read from, installed as views over the replica's tables.

A file is one ``SELECT``; its name is the view's name and says the grain. Views over the replica
cost nothing at a tick, so a change is visible the moment it is committed.
"""

from __future__ import annotations

import hashlib
import json
import re
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


def install(cursor: duckdb.DuckDBPyConnection) -> None:
    """Create every model as a view, inside the caller's transaction."""
    duck.run(cursor, "DROP TABLE IF EXISTS raw.shop")
    keep_settings(cursor, {})
    for name, sql in models().items():
        duck.run(cursor, f"CREATE OR REPLACE VIEW {name} AS {sql.rstrip().rstrip(';')}")


def keep_settings(cursor: duckdb.DuckDBPyConnection, settings: Mapping[str, str]) -> None:
    """Keep what models read of the shop's settings (``raw.shop``, one row)."""
    known = {key: json.loads(settings[key])["value"] for key in SETTINGS if key in settings}
    columns = ", ".join(f"{name} {kind}" for name, (kind, _) in SETTINGS.items())
    duck.run(cursor, f"CREATE TABLE IF NOT EXISTS raw.shop ({columns})")
    duck.run(cursor, "DELETE FROM raw.shop")
    marks = ", ".join("?" for _ in SETTINGS)
    duck.run(cursor, f"INSERT INTO raw.shop VALUES ({marks})", [known.get(k, d) for k, (_, d) in SETTINGS.items()])
