"""Models stored as tables: what a tick touched is taken out and put in again, in the tick's own transaction.

A model whose header says ``stored`` is a table in the replica, so that a question plans and reads one flat table. Its
file stays the only definition. It is run over the whole replica when the table is built; over the rows of the orders
(products) that a tick touched when it is brought up to date, in temporary tables under the names the file reads; and
over everything once more when :func:`compare` proves that both lead to the same rows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from analytics import duck, warehouse

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

    from analytics.touched import Touched

_RAW = re.compile(r"\braw\.(\w+)")
#: Columns of stored models, once asked for: files do not change while a process runs.
_COLUMNS: dict[str, frozenset[str]] = {}


#: Queries to be put together, each with what it needs: a kind of key that was touched, or a table of keys with rows.
Arms = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """How one kind of stored models is brought up to date.

    Attributes
    ----------
    wakes : tuple of str
        Kinds of keys (`analytics.touched`) that ask for it.
    keys : dict of str to Arms
        Temporary tables of keys (column ``id``), in order.
    parts : dict of str to Arms
        Each table of the source that is read in part; others are read whole. One without an arm left is empty, and
        the planner leaves out all that reads it.
    gone : dict of str to str
        Columns of a stored table to the keys whose rows are taken out; a model without the column has none.
    copied : tuple of str
        Parts and models that are read several times, and are therefore copied once.
    """

    wakes: tuple[str, ...]
    keys: dict[str, Arms]
    parts: dict[str, Arms]
    gone: dict[str, str]
    copied: tuple[str, ...]


def _kind(kind: str) -> tuple[str, str]:
    return kind, f"SELECT id FROM touched_keys WHERE kind = '{kind}'"


def _rows(table: str, column: str, keys: str) -> tuple[str, str]:
    return keys, f"SELECT * FROM raw.{table} WHERE {column} IN (SELECT id FROM {keys})"


def _found(table: str, wanted: str, column: str, kind: str, more: str = "") -> tuple[str, str]:
    """Return keys found in a table by others: of a kind touched, or of an earlier table of keys."""
    given = kind if "_" in kind else f"touched_keys WHERE kind = '{kind}'"
    return kind, f"SELECT {wanted} AS id FROM raw.{table} WHERE {column} IN (SELECT id FROM {given}){more}"


#: By the word in the header: ``-- stored: by order``.
SCOPES: dict[str, Scope] = {
    "order": Scope(
        wakes=("orders", "lines", "returns", "costs"),
        keys={
            "touched_returns": (
                _kind("returns"),
                _found("return_lines", "return_id", "order_line_id", "lines"),
                _found("return_lines", "return_id", "variant_id", "costs"),
            ),
            "touched_orders": (
                _kind("orders"),
                _found("returns", "order_id", "id", "touched_returns"),
                _found("order_lines", "order_id", "variant_id", "costs", " AND unit_cost_minor IS NULL"),
            ),
            "read_returns": (
                ("touched_returns", "SELECT id FROM touched_returns"),
                _found("returns", "id", "order_id", "touched_orders"),
            ),
            "edited_orders": (_found("order_change_entries", "order_id", "order_id", "touched_orders"),),
        },
        parts={
            "orders": (_rows("orders", "id", "touched_orders"),),
            "order_adjustments": (_rows("order_adjustments", "order_id", "touched_orders"),),
            "order_change_entries": (_rows("order_change_entries", "order_id", "edited_orders"),),
            "returns": (_rows("returns", "id", "read_returns"),),
            "return_lines": (_rows("return_lines", "return_id", "read_returns"),),
            "return_adjustments": (_rows("return_adjustments", "return_id", "read_returns"),),
            "order_lines": (
                _rows("order_lines", "order_id", "touched_orders"),
                (
                    "read_returns",
                    "SELECT * FROM raw.order_lines WHERE id IN (SELECT order_line_id FROM part_return_lines)",
                ),
            ),
        },
        gone={"order_id": "touched_orders", "return_id": "read_returns"},
        copied=("order_lines", "stg_orders", "stg_order_lines"),
    ),
    "customer": Scope(
        wakes=("heads",),
        keys={"touched_orders": (_kind("heads"), _found("orders", "id", "customer_id", "customers"))},
        parts={"orders": (_rows("orders", "id", "touched_orders"),)},
        gone={"order_id": "touched_orders"},
        copied=("stg_orders",),
    ),
    "variant": Scope(
        wakes=("variants", "products", "suppliers"),
        keys={
            "touched_variants": (
                _kind("variants"),
                _found("variants", "id", "product_id", "products"),
                _found("supplier_items", "variant_id", "supplier_id", "suppliers"),
            ),
        },
        parts={
            "variants": (_rows("variants", "id", "touched_variants"),),
            "supplier_items": (_rows("supplier_items", "variant_id", "touched_variants"),),
        },
        gone={"variant_id": "touched_variants"},
        copied=(),
    ),
}


@cache
def closure(by: str) -> tuple[str, ...]:
    """Return the models stored by a scope and all they read, dependencies first."""
    wanted: set[str] = set()

    def need(name: str) -> None:
        wanted.add(name)
        for source in warehouse.sources(warehouse.models()[name]):
            need(source)

    for name, stored in warehouse.stored().items():
        if stored.by == by:
            need(name)
    return tuple(name for name in warehouse.models() if name in wanted)


def refresh(cursor: duckdb.DuckDBPyConnection, touched: Touched) -> None:
    """Bring the stored tables up to date with what a tick touched."""
    if touched.everything:
        rebuild(cursor)
        return
    awake = [by for by, scope in SCOPES.items() if touched.kinds() & {*scope.wakes}]
    if not awake:
        return
    cursor.register("touched_keys", touched.keys())
    home = database(cursor)
    for by in awake:
        _refresh(cursor, by, home, touched.kinds())
    cursor.unregister("touched_keys")


def rebuild(cursor: duckdb.DuckDBPyConnection) -> None:
    """Build every stored table from the whole replica."""
    for name in warehouse.stored():
        duck.run(cursor, warehouse.statement(name))


def _refresh(cursor: duckdb.DuckDBPyConnection, by: str, home: str, live: set[str]) -> None:
    """Reckon one scope's models over the rows touched, under the names the files read, and exchange the stored rows.

    Parameters
    ----------
    home : str
        The replica's file inside DuckDB: the temporary models hide the stored ones of the same names.
    live : set of str
        Kinds of keys touched.
    """
    scope, made = SCOPES[by], []
    for kind, name, sql in _steps(by, live):
        rows = duck.run(cursor, f"CREATE TEMP {kind} {name} AS {sql}")
        made.append((kind, name))
        if name in scope.keys and rows[0][0]:
            live.add(name)
    for name, stored in warehouse.stored().items():
        if stored.by == by:
            for condition in _gone(cursor, scope, name, live):
                duck.run(cursor, f"DELETE FROM {home}.main.{name} WHERE {condition}")
            duck.run(cursor, f"INSERT INTO {home}.main.{name} SELECT * FROM temp.main.{name}")
    for kind, name in reversed(made):
        duck.run(cursor, f"DROP {kind} temp.main.{name}")
        live.discard(name)


def _steps(by: str, live: set[str]) -> Iterator[tuple[str, str, str]]:
    """Yield the temporary tables and views of a scope with their queries, in order; `live` grows meanwhile."""
    scope = SCOPES[by]
    for name, arms in scope.keys.items():
        yield "TABLE", name, _joined(arms, live, "SELECT CAST(NULL AS BIGINT) AS id WHERE FALSE")
    for table, arms in scope.parts.items():
        kind = "TABLE" if table in scope.copied else "VIEW"
        yield kind, f"part_{table}", _joined(arms, live, f"SELECT * FROM raw.{table} WHERE FALSE")
    for name in closure(by):
        text = warehouse.plain(warehouse.models()[name])
        kind = "TABLE" if name in scope.copied or name in warehouse.stored() else "VIEW"
        yield kind, name, _RAW.sub(lambda t: f"part_{t[1]}" if t[1] in scope.parts else t[0], text)


def _joined(arms: Arms, live: set[str], nothing: str) -> str:
    return " UNION ".join(sql for needs, sql in arms if needs in live) or nothing


def _gone(cursor: duckdb.DuckDBPyConnection, scope: Scope, name: str, live: set[str]) -> Iterator[str]:
    """Yield conditions on the rows taken out of a stored table; rows of no order go by what they do belong to."""
    if name not in _COLUMNS:
        _COLUMNS[name] = frozenset(cursor.sql(f"SELECT * FROM temp.main.{name} LIMIT 0").columns)
    first = ""
    for column, keys in scope.gone.items():
        if column in _COLUMNS[name]:
            if keys in live:
                yield f"{column} IN (SELECT id FROM {keys}){first}"
            first = f" AND {column} IS NULL"


def database(cursor: duckdb.DuckDBPyConnection) -> str:
    """Return the quoted name of the replica's file inside DuckDB: temporary tables hide the stored ones."""
    [(name,)] = duck.run(cursor, "SELECT current_database()")
    return '"' + str(name).replace('"', '""') + '"'


def compare(cursor: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Reckon every stored table anew and compare; one law a table: ``name, checked, broken, first_broken``."""
    home = database(cursor)
    wanted = {name for by in {k.by for k in warehouse.stored().values()} for name in closure(by)}
    for name in warehouse.models():
        if name in wanted:
            duck.run(cursor, f"CREATE TEMP VIEW {name} AS {warehouse.plain(warehouse.models()[name])}")
    laws = [_law(cursor, f"{home}.main.{name}", name) for name in warehouse.stored()]
    for name in wanted:
        duck.run(cursor, f"DROP VIEW temp.main.{name}")
    return laws


def _law(cursor: duckdb.DuckDBPyConnection, stored: str, name: str) -> dict[str, Any]:
    anew, key = f"temp.main.{name}", warehouse.key(name)
    checked, broken, first = duck.run(
        cursor,
        f"SELECT (SELECT count(*) FROM {stored}), count(*), min(concat_ws(' ', {key})) FROM ("
        f" (SELECT * FROM {stored} EXCEPT ALL SELECT * FROM {anew}) UNION ALL"
        f" (SELECT * FROM {anew} EXCEPT ALL SELECT * FROM {stored}))",
    )[0]
    return {
        "name": f"stored.{name}", "checked": checked, "broken": broken,
        "first_broken": f"{name} {first}" if broken else None,
    }  # fmt: skip
