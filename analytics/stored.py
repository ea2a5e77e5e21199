"""Models stored as tables: what each of them is brought up to date by, and the proof that they are right.

A model whose header says ``stored`` is a table in the replica, so that a question plans and reads one flat table. Its
file stays the only definition. It is run over the whole replica when the table is built; over the rows of the orders
(products) that a tick touched when it is brought up to date (`analytics.exchange`); and over everything once more when
:func:`compare` proves that both lead to the same rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from analytics import duck, warehouse

if TYPE_CHECKING:
    import duckdb

#: Queries to be put together, each with what it needs, any of the words given: kinds of keys that were touched, tables
#: of keys or parts with rows.
Arms = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """How one kind of stored models is brought up to date.

    Attributes
    ----------
    wakes : tuple of str
        Kinds of keys (`analytics.touched`) that ask for it.
    keys : dict of str to Arms
        Tables of keys (column ``id``), in order.
    parts : dict of str to Arms
        Each table of the source that is read in part, in order; others are read whole. Without an arm left it is empty.
    gone : dict of str to str
        Columns of a stored table to the keys whose rows are taken out; a model without the column has none.
    alters : tuple of str
        Kinds of keys that may have stored rows already; without any of them nothing needs to be taken out.
    """

    wakes: tuple[str, ...]
    keys: dict[str, Arms]
    parts: dict[str, Arms]
    gone: dict[str, str]
    alters: tuple[str, ...]


def _kind(kind: str) -> tuple[str, str]:
    return kind, f"SELECT id FROM touched_keys WHERE kind = '{kind}'"


def _rows(table: str, column: str, keys: str, needs: str = "") -> tuple[str, str]:
    return needs or keys, f"SELECT * FROM raw.{table} WHERE {column} IN (SELECT id FROM {keys})"


def _found(table: str, wanted: str, column: str, kind: str, more: str = "") -> tuple[str, str]:
    """Return keys found in a table by others of a kind touched."""
    given = f"SELECT id FROM touched_keys WHERE kind = '{kind}'"
    return kind, f"SELECT {wanted} AS id FROM raw.{table} WHERE {column} IN ({given}){more}"


def _behind(table: str, wanted: str, column: str, keys: str, needs: str = "") -> tuple[str, str]:
    """Return keys found in a table by an earlier table of keys."""
    return needs or keys, f"SELECT {wanted} AS id FROM raw.{table} WHERE {column} IN (SELECT id FROM {keys})"


_VARIANTS = "SELECT variant_id FROM part_order_lines UNION SELECT variant_id FROM part_return_lines"
#: By the word in the header: ``-- stored: by order``. What refers to an order (a line) that was not there before came
#: with it and was touched itself, so only ``held`` orders and lines are looked up in other tables.
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
                _behind("returns", "order_id", "id", "touched_returns"),
                _found("order_lines", "order_id", "variant_id", "costs", " AND unit_cost_minor IS NULL"),
            ),
            "read_returns": (
                ("touched_returns", "SELECT id FROM touched_returns"),
                _behind("returns", "id", "order_id", "touched_orders", needs="held"),
            ),
            "edited_orders": (
                _kind("edits"),
                _behind("order_change_entries", "order_id", "order_id", "touched_orders", needs="held"),
            ),
        },
        parts={
            "orders": (_rows("orders", "id", "touched_orders"),),
            "order_adjustments": (_rows("order_adjustments", "order_id", "touched_orders", needs="held adjusted"),),
            "order_change_entries": (_rows("order_change_entries", "order_id", "edited_orders"),),
            "returns": (_rows("returns", "id", "read_returns"),),
            "return_lines": (_rows("return_lines", "return_id", "read_returns"),),
            "return_adjustments": (_rows("return_adjustments", "return_id", "read_returns"),),
            "order_lines": (
                _rows("order_lines", "order_id", "touched_orders"),
                (
                    "part_return_lines",
                    "SELECT * FROM raw.order_lines WHERE id IN (SELECT order_line_id FROM part_return_lines)",
                ),
            ),
            "variants": (
                (
                    "part_order_lines part_return_lines",
                    f"SELECT * FROM raw.variants WHERE id IN ({_VARIANTS})",
                ),
            ),
        },
        gone={"order_id": "touched_orders", "return_id": "read_returns"},
        alters=("held",),
    ),
    "customer": Scope(
        wakes=("heads",),
        keys={"touched_orders": (_kind("heads"), _found("orders", "id", "customer_id", "customers"))},
        parts={"orders": (_rows("orders", "id", "touched_orders"),)},
        gone={"order_id": "touched_orders"},
        alters=("held", "customers"),
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
            "products": (
                ("part_variants", "SELECT * FROM raw.products WHERE id IN (SELECT product_id FROM part_variants)"),
            ),
            "supplier_items": (_rows("supplier_items", "variant_id", "touched_variants"),),
        },
        gone={"variant_id": "touched_variants"},
        alters=("variants", "products", "suppliers"),
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


def rebuild(cursor: duckdb.DuckDBPyConnection) -> None:
    """Build every stored table from the whole replica."""
    for name in warehouse.stored():
        duck.run(cursor, warehouse.statement(name))


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
