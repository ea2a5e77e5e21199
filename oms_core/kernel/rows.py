"""Many rows as one bound parameter: the shape every set-based command uses on both databases.

A batch travels as one JSON text of lists and is unpacked by the database itself, so that a
statement keeps one compiled form (and one round trip) however many lines an order has.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa

from oms_core.kernel.bulk import instant_text
from oms_core.kernel.database import Base, Json, UtcDateTime

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session

Row = TypeVar("Row", bound=Base)
#: Name of the bound parameter that carries a batch, and of the table it becomes.
BATCH = "batch"
_INSTANT = UtcDateTime()
_DOCUMENT = Json
_TYPES: dict[type, sa.types.TypeEngine[Any]] = {
    int: sa.BigInteger(),
    str: sa.Text(),
    date: sa.Date(),
    datetime: _INSTANT,
    dict: _DOCUMENT,
}


def core(session: Session) -> sa.Connection:
    """Return the session's connection for set-based work, pending objects written first."""
    if session.new or session.dirty or session.deleted:
        session.flush()
    return session.connection()


@lru_cache
def _by_id(model: type[Any]) -> sa.Select[Any]:
    return sa.select(model).where(model.id == sa.bindparam("key"))


def loaded(session: Session, model: type[Row], key: int) -> Row:
    """Return the row of a key as it now is in the database; the statement is built once a model."""
    found: Row = session.scalars(_by_id(model), {"key": key}, execution_options={"populate_existing": True}).one()
    return found


def table_of(model: type[Base]) -> sa.Table:
    """Return the table of a model, typed as one."""
    return Base.metadata.tables[model.__tablename__]


def unpacked(dialect: str, /, **columns: type) -> sa.Subquery:
    """Return the parameter ``batch`` as a table.

    Parameters
    ----------
    dialect : str
        ``sqlite`` or ``postgresql``.
    columns : type
        Name and ``int``, ``str``, ``date`` or ``datetime`` (a document travels as its text, ``str``), in the
        order of the values. The bound parameter is called ``batch``; give it :func:`packed` rows.
    """
    return unpacked_as(dialect, BATCH, columns)


def unpacked_as(dialect: str, batch: str, columns: Mapping[str, type], *, is_prepared: bool = False) -> sa.Subquery:
    """Return the parameter of that name as a table (see :func:`unpacked`), for statements that read several.

    Parameters
    ----------
    is_prepared : bool
        For `kernel.prepared`: a document (``dict``) travels as itself, and the planner is told to expect one row.
        It then prefers the plan it made once to planning anew for each batch, which costs more than the work.
    """
    types = {key: _TYPES[kind] for key, kind in columns.items()}
    if dialect == "sqlite":
        each = sa.func.json_each(sa.bindparam(batch, type_=sa.Text())).table_valued("value", name=f"{batch}_each")
        picked = [
            sa.type_coerce(sa.func.json_extract(each.c.value, sa.literal_column(f"'$[{i}]'")), kind).label(key)
            for i, (key, kind) in enumerate(types.items())
        ]
        return sa.select(*picked).subquery(batch)
    source = sa.cast(sa.bindparam(batch, type_=sa.Text()), Json)
    value = sa.func.jsonb_array_elements(source).table_valued(sa.column("value", Json), name=f"{batch}_each").c.value
    rows = sa.select(*(_read(value, n, kind).label(key) for n, (key, kind) in enumerate(types.items())))
    # neither takes anything away: they tell the planner how few rows come (it would take a hundred for granted)
    if is_prepared:
        return rows.where(sa.func.jsonb_typeof(value) == sa.literal_column("'array'")).subquery(batch)
    return rows.limit(sa.func.jsonb_array_length(source)).subquery(batch)


def _read(row: sa.ColumnElement[Any], at: int, kind: sa.types.TypeEngine[Any]) -> sa.ColumnElement[Any]:
    """Return one value of a row of the batch (PostgreSQL)."""
    if kind is _DOCUMENT:
        return row.op("->", return_type=Json)(sa.literal_column(str(at)))
    text = row.op("->>")(sa.literal_column(str(at)))
    # instants travel as UTC text without a zone, as SQLite keeps them
    return (
        sa.func.timezone(sa.literal_column("'UTC'"), sa.cast(text, sa.DateTime()))
        if kind is _INSTANT
        else sa.cast(text, kind)
    )


def packed(rows: Iterable[Sequence[int | str | date | None]]) -> str:
    """Return rows as the text that :func:`unpacked` reads."""
    return encoded(list(rows))


def _moment(value: date) -> str:
    return instant_text(value) if isinstance(value, datetime) else value.isoformat()


#: Plain values, lists and documents as compact JSON text; instants as :func:`unpacked` reads them.
encoded = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, default=_moment).encode


def next_ids(connection: sa.Connection, table: str, count: int = 1) -> list[int]:
    """Reserve ids of a table before its rows are written.

    SQLite's one writer makes ``max + 1`` safe; PostgreSQL gives them from the column's sequence.
    """
    if connection.dialect.name == "sqlite":
        top = connection.exec_driver_sql(f"SELECT coalesce(max(id), 0) FROM {table}").scalar_one()
        return list(range(int(top) + 1, int(top) + 1 + count))
    drawn = connection.exec_driver_sql(
        "SELECT nextval(pg_get_serial_sequence(%(table)s, 'id')) FROM generate_series(1, %(count)s)",
        {"table": table, "count": count},
    )
    return [int(value) for value in drawn.scalars()]
