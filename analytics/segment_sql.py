"""Segments asked of DuckDB: the one compiler of expressions, in DuckDB's spelling, every value bound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.engine.default import DefaultDialect

from analytics import duck
from oms_core.kernel.expressions.sql import Ground, condition

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    import duckdb

    from oms_core.kernel.expressions import Expression
    from oms_core.kernel.expressions.rows import RowFunction

#: Relations a ground is made of, as they are named in the connection.
RELATIONS = ("people", "orders", "lines", "credits")


class DuckDbDialect(DefaultDialect):
    """Just enough of a dialect to spell a statement; DuckDB reads ``$1, $2 …`` and knows true and false."""

    name = "duckdb"
    supports_statement_cache = True
    supports_native_boolean = True

    def __init__(self) -> None:
        super().__init__(paramstyle="numeric_dollar")


def spelled(statement: sa.Select[Any]) -> tuple[str, list[Any]]:
    """Return a statement in DuckDB's spelling and its values in order."""
    made = statement.compile(dialect=DuckDbDialect(), compile_kwargs={"render_postcompile": True})
    return str(made), [made.params[name] for name in made.positiontup or ()]


def ground(
    columns: Mapping[str, Sequence[str]],
    *,
    kinds: Mapping[str, str],
    functions: Mapping[str, RowFunction],
    lookup: Callable[[str], Expression],
    lists: Mapping[str, str],
    today: date,
    currency: str,
    minor_units: int,
) -> Ground:
    """Return the ground over registered relations.

    Parameters
    ----------
    columns : mapping of str to sequence of str
        Columns of each of :data:`RELATIONS`.
    lists : mapping of str to str
        Relation with the ``customer_id`` of each segment that is a list, by the segment's name in lower case.
    """
    tables = {name: sa.table(name, *(sa.column(c) for c in listed)) for name, listed in columns.items()}
    people = tables["people"]
    return Ground(
        people={c.name: c for c in people.c}, kinds=kinds, rows=tables, functions=functions, lookup=lookup,
        today=today, currency=currency, minor_units=minor_units,
        frozen={name: sa.select(sa.column("customer_id")).select_from(sa.table(of)) for name, of in lists.items()},
    )  # fmt: skip


def members(cursor: duckdb.DuckDBPyConnection, expression: Expression, asked: Ground) -> list[int]:
    """Return the ``customer_id`` of the members, in order."""
    key = asked.people["customer_id"]
    sql, values = spelled(sa.select(key).where(condition(expression, asked)).order_by(key))
    return [row[0] for row in duck.run(cursor, sql, values)]


def count(cursor: duckdb.DuckDBPyConnection, expression: Expression, asked: Ground) -> int:
    """Return how many members there are."""
    people = next(iter(asked.people.values())).table
    sql, values = spelled(sa.select(sa.func.count()).select_from(people).where(condition(expression, asked)))
    ((found,),) = duck.run(cursor, sql, values)
    return int(found)
