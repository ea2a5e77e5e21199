"""Statements of the hottest paths: their SQL is built once a process, planned once a connection, run on the driver.

A command that takes one order a millisecond cannot afford a compiler between itself and the database. The
statement is still written in SQLAlchemy's words, so that one text serves both databases; it only skips its
machinery when it runs. Values travel as texts, instants and batches (`kernel.rows`): integers of different
sizes would be different statements to PostgreSQL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from psycopg import RawCursor
from sqlalchemy.dialects.postgresql import psycopg as postgresql
from sqlalchemy.dialects.sqlite import pysqlite

from oms_core.kernel.bulk import driver_faults

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: How each database's driver wants its parameters: PostgreSQL's own numbered ones need no translation.
_DIALECTS: dict[str, sa.Dialect] = {
    "sqlite": pysqlite.dialect(paramstyle="qmark"),
    "postgresql": postgresql.dialect(paramstyle="numeric_dollar"),  # type: ignore[no-untyped-call]
}


class Prepared:
    """One statement for one database.

    Parameters
    ----------
    statement : sqlalchemy executable
        Every value that varies is a named bound parameter; what never varies is a :func:`constant`.
    dialect : str
        ``sqlite`` or ``postgresql``.
    """

    def __init__(self, statement: sa.Executable, dialect: str) -> None:
        compiled: Any = statement.compile(dialect=_DIALECTS[dialect])  # type: ignore[attr-defined]
        self.text, self._names = str(compiled), tuple(compiled.positiontup or ())
        self._is_sqlite = dialect == "sqlite"

    def run(self, connection: sa.Connection, given: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
        """Run inside the connection's transaction (already begun) and return the rows, if it has any.

        Raises
        ------
        sqlalchemy.exc.DBAPIError
            The driver's faults, as from every other statement.
        """
        values = [given[name] for name in self._names]
        driver: Any = connection.connection.driver_connection
        with driver_faults(connection):
            if self._is_sqlite:
                rows: list[tuple[Any, ...]] = driver.execute(self.text, values).fetchall()
                return rows
            cursor = RawCursor(driver)
            cursor.execute(self.text.encode(), values, prepare=True)
            return cursor.fetchall() if cursor.description else []


def constant(value: object, kind: sa.types.TypeEngine[Any]) -> sa.ColumnElement[Any]:
    """Return a value of ours (never one from outside) as part of the statement's text."""
    literal = sa.literal(value, kind).compile(compile_kwargs={"literal_binds": True})
    return sa.literal_column(str(literal), kind)
