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


@dataclass(frozen=True, slots=True)
class Scope:
    """How one kind of stored models is brought up to date.

    Attributes
    ----------
    wakes : tuple of str
        Kinds of keys (`analytics.touched`) that ask for it.
    keys : dict of str to str
        Temporary tables of keys (column ``id``), each with its query, in order.
    parts : dict of str to str
        Each table of the source that is read in part, with its query. Others are read whole.
    copied : tuple of str
        Those parts that several models read, and that are therefore copied once.
    gone : dict of str to str
        Columns of a stored table to the keys whose rows are taken out; a model without the column has none.
    """

    wakes: tuple[str, ...]
    keys: dict[str, str]
    parts: dict[str, str]
    gone: dict[str, str]
    copied: tuple[str, ...] = ()


#: By the word in the header: ``-- stored: by order``.
SCOPES: dict[str, Scope] = {
    "order": Scope(
        wakes=("orders", "lines", "returns", "costs"),
        keys={
            "touched_returns": "SELECT id FROM touched_keys WHERE kind = 'returns' UNION"
            " SELECT return_id FROM raw.return_lines WHERE order_line_id IN"
            " (SELECT id FROM touched_keys WHERE kind = 'lines') UNION"
            " SELECT return_id FROM raw.return_lines WHERE variant_id IN"
            " (SELECT id FROM touched_keys WHERE kind = 'costs')",
            "touched_orders": "SELECT id FROM touched_keys WHERE kind = 'orders' UNION"
            " SELECT order_id FROM raw.returns WHERE id IN (SELECT id FROM touched_returns) UNION"
            " SELECT order_id FROM raw.order_lines WHERE unit_cost_minor IS NULL AND variant_id IN"
            " (SELECT id FROM touched_keys WHERE kind = 'costs')",
            "read_returns": "SELECT id FROM touched_returns UNION"
            " SELECT id FROM raw.returns WHERE order_id IN (SELECT id FROM touched_orders)",
        },
        parts={
            "orders": "SELECT * FROM raw.orders WHERE id IN (SELECT id FROM touched_orders)",
            "order_adjustments": "SELECT * FROM raw.order_adjustments"
            " WHERE order_id IN (SELECT id FROM touched_orders)",
            "order_change_entries": "SELECT * FROM raw.order_change_entries"
            " WHERE order_id IN (SELECT id FROM touched_orders)",
            "returns": "SELECT * FROM raw.returns WHERE id IN (SELECT id FROM read_returns)",
            "return_lines": "SELECT * FROM raw.return_lines WHERE return_id IN (SELECT id FROM read_returns)",
            "return_adjustments": "SELECT * FROM raw.return_adjustments"
            " WHERE return_id IN (SELECT id FROM read_returns)",
            "order_lines": "SELECT * FROM raw.order_lines WHERE order_id IN (SELECT id FROM touched_orders) UNION"
            " SELECT * FROM raw.order_lines WHERE id IN (SELECT order_line_id FROM part_return_lines)",
        },
        gone={"order_id": "touched_orders", "return_id": "read_returns"},
        copied=("return_lines", "order_lines"),
    ),
    "customer": Scope(
        wakes=("heads",),
        keys={
            "touched_orders": "SELECT id FROM touched_keys WHERE kind = 'heads' UNION"
            " SELECT id FROM raw.orders WHERE customer_id IN (SELECT id FROM touched_keys WHERE kind = 'customers')",
        },
        parts={"orders": "SELECT * FROM raw.orders WHERE id IN (SELECT id FROM touched_orders)"},
        gone={"order_id": "touched_orders"},
    ),
    "variant": Scope(
        wakes=("variants", "products", "suppliers"),
        keys={
            "touched_variants": "SELECT id FROM touched_keys WHERE kind = 'variants' UNION"
            " SELECT id FROM raw.variants WHERE product_id IN (SELECT id FROM touched_keys WHERE kind = 'products')"
            " UNION SELECT variant_id FROM raw.supplier_items WHERE supplier_id IN"
            " (SELECT id FROM touched_keys WHERE kind = 'suppliers')",
        },
        parts={
            "variants": "SELECT * FROM raw.variants WHERE id IN (SELECT id FROM touched_variants)",
            "supplier_items": "SELECT * FROM raw.supplier_items WHERE variant_id IN (SELECT id FROM touched_variants)",
        },
        gone={"variant_id": "touched_variants"},
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
    awake = [by for by, scope in SCOPES.items() if touched.has(scope.wakes)]
    if not awake:
        return
    cursor.register("touched_keys", touched.keys())
    for by in awake:
        _refresh(cursor, by)
    cursor.unregister("touched_keys")


def rebuild(cursor: duckdb.DuckDBPyConnection) -> None:
    """Build every stored table from the whole replica."""
    for name in warehouse.stored():
        duck.run(cursor, warehouse.statement(name))


def _refresh(cursor: duckdb.DuckDBPyConnection, by: str) -> None:
    """Reckon one scope's models over the rows touched, in temporary tables, and exchange the stored rows."""
    scope, made = SCOPES[by], []
    for kind, name, sql in _steps(by):
        duck.run(cursor, f"CREATE TEMP {kind} {name} AS {sql}")
        made.append((kind, name))
    home = database(cursor)
    for name, stored in warehouse.stored().items():
        if stored.by == by:
            for condition in _gone(cursor, scope, name):
                duck.run(cursor, f"DELETE FROM {home}.main.{name} WHERE {condition}")
            duck.run(cursor, f"INSERT INTO {home}.main.{name} SELECT * FROM temp.main.{name}")
    for kind, name in reversed(made):
        duck.run(cursor, f"DROP {kind} temp.main.{name}")


def _steps(by: str) -> Iterator[tuple[str, str, str]]:
    """Yield the temporary tables and views of a scope with their queries, in order."""
    scope = SCOPES[by]
    for name, sql in scope.keys.items():
        yield "TABLE", name, sql
    for table, sql in scope.parts.items():
        yield "TABLE" if table in scope.copied else "VIEW", f"part_{table}", sql
    for name in closure(by):
        text = warehouse.plain(warehouse.models()[name])
        yield "TABLE", name, _RAW.sub(lambda t: f"part_{t[1]}" if t[1] in scope.parts else t[0], text)


def _gone(cursor: duckdb.DuckDBPyConnection, scope: Scope, name: str) -> Iterator[str]:
    """Yield conditions on the rows taken out of a stored table; rows of no order go by what they do belong to."""
    held = cursor.sql(f"SELECT * FROM temp.main.{name} LIMIT 0").columns
    first = ""
    for column, keys in scope.gone.items():
        if column in held:
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
