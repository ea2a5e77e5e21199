"""What a law is: a name, a sentence, and a way to find what breaks it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    Statement = sa.Select[*tuple[Any, ...]] | sa.CompoundSelect[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Finding:
    """How many things were looked at, how many break the law, and the first of them in words."""

    checked: int
    broken: int
    first_broken: str | None = None


@dataclass(frozen=True, slots=True)
class Law:
    """One law.

    Parameters
    ----------
    name : str
        Dotted, stable: room and subject.
    says : str
        The law in one sentence.
    find : callable
        Looks at the database of a session and returns a :class:`Finding`.
    """

    name: str
    says: str
    find: Callable[[Session], Finding]


def by_query(checked: Statement, broken: Statement, told: str) -> Callable[[Session], Finding]:
    """Return a finder made of two statements.

    Parameters
    ----------
    checked : select
        One number: how many things the law speaks of.
    broken : select
        One row for each thing that breaks it; the first column orders them.
    told : str
        Sentence about one such row, with its columns in braces.
    """
    counted = counted_with_first(broken)

    def find(session: Session) -> Finding:
        first = session.execute(counted).mappings().one_or_none()
        looked_at = int(session.execute(checked).scalar_one() or 0)
        if first is None:
            return Finding(looked_at, 0)
        return Finding(looked_at, int(first["all_rows"]), told.format(**first))

    return find


def counted_with_first(broken: Statement) -> sa.Select[*tuple[Any, ...]]:
    """Return the statement that answers with the first broken row and, as ``all_rows``, how many there are.

    The rows are made apart, for PostgreSQL plans what it makes apart to be read to the end. Within one
    query it sees the limit, reckons with one row, and joins table by table in the order asked for; on a
    healthy shop that one row never comes, and every line is compared with every return.
    """
    rows = broken.cte("broken_rows").prefix_with("MATERIALIZED", dialect="postgresql")
    return sa.select(sa.func.count().over().label("all_rows"), *rows.c).order_by(*list(rows.c)[:2]).limit(1)


def count_of(table: sa.Table, *where: sa.ColumnElement[bool]) -> sa.Select[int]:
    """Return the statement that counts a table's rows."""
    return sa.select(sa.func.count()).select_from(table).where(*where)


def summed(table: sa.Table, key: sa.ColumnElement[Any], **sums: sa.ColumnElement[Any]) -> sa.Subquery:
    """Return sums by a key as a table: one row for each key, never more (no fan-out in joins)."""
    columns = [sa.func.sum(value).label(name) for name, value in sums.items()]
    return sa.select(key.label("key"), *columns).select_from(table).group_by(key).subquery()


def zero(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Return the column, with zero where a join found nothing."""
    return sa.func.coalesce(column, 0)
