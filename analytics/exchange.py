"""Exchanging the stored rows that a tick touched, on a connection where every model's statement is planned once.

A tick changes a handful of rows, so that what it costs is the planning of its statements, not their running. The
models therefore stand over temporary tables that stay: the tables of keys, the parts of the source's tables that hold
those keys, and each model's rows for them. A tick fills them, exchanges the stored rows, and empties them again before
it commits, so that they never grow. A step whose inputs are empty is left out.

DuckDB keeps a prepared plan that reads tables only when it was made without the optimizer, which would bake statistics
into it; over a handful of rows nothing is lost. What reads the tables of the source, which are large, is planned each
time. Making or dropping anything on this connection, or in the file, would have every plan made again at every use, so
a replica that was read whole begins a new one.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from analytics import duck, layout, warehouse
from analytics.stored import SCOPES, Arms, closure

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

    from analytics.touched import Touched

_RAW = re.compile(r"\braw\.(\w+)")
_OWN = re.compile(r"\b(?:(?:touched|read|edited)_(?:orders|returns|variants)|part_\w+)")
_FROM = re.compile(r"\bFROM\s+(\w+)", re.IGNORECASE)
_MODEL = re.compile(r"\b(?:stg|fct|dim|agg)_\w+")
_ANY_ROW = re.compile(r"SELECT \* FROM raw\.(\w+)")


class Exchange:
    """The connection that writes a replica's ticks, with its temporary tables and plans; thrown away after an error.

    Attributes
    ----------
    connection : duckdb.DuckDBPyConnection
        The ticks' own connection.
    highest : dict of str to int
        The highest key of each table written so far: keys above it cannot be there.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.highest: dict[str, int] = {}
        #: Columns of each scope's stored models; empty until the temporary tables are made.
        self._columns: dict[tuple[str, str], list[str]] = {}

    def refresh(self, touched: Touched) -> None:
        """Bring the stored tables up to date with what a tick touched, inside the caller's transaction."""
        kinds = touched.kinds()
        awake = [by for by, scope in SCOPES.items() if kinds & {*scope.wakes}]
        if not awake:
            return
        self.make_ready()
        with self.connection.appender("touched_keys") as rows:
            rows.append_rows(touched.keys())
        for by in awake:
            self._exchange(by, {*kinds})
        self._run("EXECUTE empty_touched_keys")

    def _exchange(self, by: str, live: set[str]) -> None:
        """Reckon one scope's models over the rows touched and exchange the stored ones; `live` grows meanwhile."""
        scope, filled = SCOPES[by], [*_filled(self, by, live)]
        for name, stored in warehouse.stored().items():
            if stored.by == by:
                for condition in self._gone(by, name, live):
                    self._run(f"DELETE FROM {name} WHERE {condition}")
                if name in filled:
                    self._run(f"EXECUTE put_{by}_{name}")
        for name in (*scope.keys, *filled):
            if name in live:
                self._run(f"EXECUTE empty_{by}_{name}")

    def fill(self, statement: str) -> bool:
        """Run a statement that inserts; tell whether it inserted any row."""
        return bool(self._run(statement)[0][0])

    def _run(self, statement: str) -> list[tuple[int, ...]]:
        return duck.run(self.connection, statement)

    def make_ready(self) -> None:
        """Make the temporary tables, once, then plan over them.

        Plans made in the transaction that makes the tables are made again at every use, so do this before one begins.
        """
        if self._columns:
            return
        self._run("CREATE TEMP TABLE touched_keys (kind VARCHAR, id BIGINT)")
        tables = [(by, name, sql) for by in SCOPES for name, sql in _tables(by)]
        for by, name, sql in tables:
            self._run(f"CREATE TEMP TABLE {by}_{name} AS {sql}")
        self._run("PRAGMA disable_optimizer")
        self._run("PREPARE empty_touched_keys AS DELETE FROM touched_keys")
        for by, name, sql in tables:
            self._run(f"PREPARE empty_{by}_{name} AS DELETE FROM {by}_{name}")
            if name in warehouse.models():
                self._run(f"PREPARE fill_{by}_{name} AS INSERT INTO {by}_{name} {sql}")
            if name in warehouse.stored():
                self._run(f"PREPARE put_{by}_{name} AS INSERT INTO {name} SELECT * FROM {by}_{name}")
                found = self.connection.execute(f"SELECT * FROM {by}_{name} LIMIT 0")
                self._columns[by, name] = [column[0] for column in found.description or ()]
        self._run("PRAGMA enable_optimizer")

    def _gone(self, by: str, name: str, live: set[str]) -> Iterator[str]:
        """Yield conditions on the rows taken out of a stored table; rows of no order go by what they do belong to."""
        if live.isdisjoint(SCOPES[by].alters):
            return
        first = ""
        for column, keys in SCOPES[by].gone.items():
            if column in self._columns[by, name]:
                if keys in live:
                    yield f"{column} IN (SELECT id FROM {by}_{keys}){first}"
                first = f" AND {column} IS NULL"


def _filled(exchange: Exchange, by: str, live: set[str]) -> Iterator[str]:
    """Fill a scope's tables of keys, its parts and its models, in order; yield the parts and models that have rows."""
    scope = SCOPES[by]
    for name, arms in scope.keys.items():
        sql = _joined(by, arms, live)
        if sql and exchange.fill(f"INSERT INTO {by}_{name} {sql}"):
            live.add(name)
    for table, arms in scope.parts.items():
        sql = _joined(by, arms, live)
        if sql and exchange.fill(f"INSERT INTO {by}_part_{table} {sql}"):
            live.add(f"part_{table}")
            yield f"part_{table}"
    for name in closure(by):
        if _inputs(by, name) & live and exchange.fill(f"EXECUTE fill_{by}_{name}"):
            live.add(name)
            yield name


def _tables(by: str) -> Iterator[tuple[str, str]]:
    """Yield a scope's temporary tables, each with a query that is empty as yet."""
    for name in SCOPES[by].keys:
        yield name, "SELECT CAST(NULL AS BIGINT) AS id WHERE FALSE"
    for table in SCOPES[by].parts:
        yield f"part_{table}", f"SELECT {_columns(by, table)} FROM raw.{table} WHERE FALSE"
    for name in closure(by):
        yield name, _text(by, name)


@cache
def _text(by: str, name: str) -> str:
    """Return a model's statement over a scope's tables."""
    text = _MODEL.sub(lambda found: f"{by}_{found[0]}", warehouse.plain(warehouse.models()[name]))
    return _RAW.sub(lambda found: f"{by}_part_{found[1]}" if found[1] in SCOPES[by].parts else found[0], text)


@cache
def _inputs(by: str, name: str) -> frozenset[str]:
    """Return the parts and models whose rows a model goes through (others it only joins): none there, none here."""
    return frozenset(name.removeprefix(f"{by}_") for name in _FROM.findall(_text(by, name)))


@cache
def _columns(by: str, table: str) -> str:
    """Return the columns of a table that a scope's models or steps may read, by their words."""
    steps = (sql for arms in SCOPES[by].parts.values() for _, sql in arms)
    words = {word for text in (*(_text(by, name) for name in closure(by)), *steps) for word in re.findall(r"\w+", text)}
    return ", ".join(f'"{c.name}"' for c in layout.columns(table) if c.name in words)


def _joined(by: str, arms: Arms, live: set[str]) -> str:
    """Return the arms whose needs are met as one query over the scope's tables; empty when none is."""
    sql = " UNION ".join(sql for needs, sql in arms if live.intersection(needs.split()))
    narrow = _ANY_ROW.sub(lambda found: f"SELECT {_columns(by, found[1])} FROM raw.{found[1]}", sql)
    return _OWN.sub(lambda found: f"{by}_{found[0]}", narrow)
