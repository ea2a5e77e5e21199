"""Engine, declarative base, column types and the one place that commits."""

from __future__ import annotations

import sqlite3
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column

from oms_core.kernel.errors import Conflict, DataNotReady
from oms_core.kernel.folding import FOLD, fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine.interfaces import Dialect

#: Seconds a SQLite writer waits for the lock before it gives up with a clear error.
BUSY_TIMEOUT_SECONDS = 30
#: A connection to a server that was used less long ago is taken to be alive.
RESTED_SECONDS = 2.0
_USED_AT = "used_at"


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An aware UTC instant; refuses naive values. SQLite keeps ISO text, PostgreSQL timestamptz."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware instant into the driver's value."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = f"naive datetime {value!r}: instants are aware UTC"
            raise ValueError(msg)
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the stored instant, aware UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


#: A 64-bit key that SQLite still treats as its rowid.
BigKey = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Json = sa.JSON().with_variant(JSONB(), "postgresql")

Pk = Annotated[int, mapped_column(BigKey, primary_key=True, autoincrement=True)]
Minor = Annotated[int, mapped_column(sa.BigInteger)]
Qty = Annotated[int, mapped_column(sa.BigInteger)]
Code = Annotated[str, mapped_column(sa.String(120))]
Currency = Annotated[str, mapped_column(sa.String(3))]
Instant = Annotated[datetime, mapped_column(UtcDateTime)]

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Declarative base of every table.

    A table whose rows the analytics replica follows says so with
    ``__table_args__ = (..., {"info": {"replicated": True}})``; its triggers are made from that.
    """

    metadata = sa.MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads a plain dict here
        datetime: UtcDateTime,
        dict[str, Any]: Json,
        list[Any]: Json,
        int: sa.BigInteger,
    }


REPLICATED: dict[str, Any] = {"info": {"replicated": True}}


def one_of(column: str, values: tuple[str, ...], name: str | None = None) -> sa.CheckConstraint:
    """Return the CHECK that holds `column` to `values` (an enum every database enforces)."""
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=name or f"{column}_known")


def make_engine(url: str) -> sa.Engine:
    """Open an engine on SQLite (WAL, full durability, foreign keys on) or PostgreSQL."""
    if not url.startswith("sqlite"):
        engine = sa.create_engine(url)
        sa.event.listen(engine, "checkin", _note_use)
        sa.event.listen(engine, "checkout", partial(_ask_the_rested, engine))
        return engine
    # the commands know some hundreds of statements; the driver's own 128 would be prepared again and again
    asked = {"timeout": BUSY_TIMEOUT_SECONDS, "check_same_thread": False, "cached_statements": 1024}
    engine = sa.create_engine(url, connect_args=asked)
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_immediate)
    return engine


def _note_use(_driver: object, record: sa.pool.ConnectionPoolEntry) -> None:
    record.info[_USED_AT] = time.monotonic()


def _ask_the_rested(engine: sa.Engine, driver: Any, record: sa.pool.ConnectionPoolEntry, _proxy: object) -> None:
    """Ask a connection that has rested, or is known to be broken, whether its server is there; else open all anew.

    Asking every time would be a third of the round trips of an order.
    """
    rested = time.monotonic() - record.info.get(_USED_AT, time.monotonic())
    if driver.closed or rested > RESTED_SECONDS:
        try:
            engine.dialect.do_ping(driver)
        except engine.dialect.loaded_dbapi.Error as error:
            raise sa.exc.InvalidatePoolError from error


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    """Set WAL and full durability; leave BEGIN to us, so that a transaction takes its write lock first."""
    connection.isolation_level = None
    # SQLite's own LOWER knows ASCII only
    connection.create_function(FOLD, 1, _folded, deterministic=True)
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "temp_store=MEMORY",  # statement journals of rows with triggers: a bulk load wrote 12 GB of them
        f"busy_timeout={BUSY_TIMEOUT_SECONDS * 1000}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _folded(text: str | None) -> str | None:
    return None if text is None else fold(str(text))


def _begin_immediate(connection: sa.Connection) -> None:
    """Begin for writing unless the caller asked for a read-only connection."""
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN DEFERRED" if reading else "BEGIN IMMEDIATE")


@contextmanager
def transaction(engine: sa.Engine) -> Iterator[Session]:
    """Run one command in one transaction: commit at the end, roll back on any error.

    The only place in the core that commits. Driver faults that a person can mend (locked,
    missing schema) become expected errors.
    """
    with explained(), Session(engine, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def reading(engine: sa.Engine) -> Iterator[Session]:
    """Open a session for reading; it never commits and takes no write lock."""
    with explained(), engine.connect().execution_options(reading=True) as connection:
        with Session(bind=connection, autoflush=False) as session:
            yield session
        connection.rollback()


@contextmanager
def explained() -> Iterator[None]:
    """Turn the driver faults a person can mend into one clear sentence."""
    try:
        yield
    except (OperationalError, DBAPIError) as error:
        text = str(error.orig)
        if "database is locked" in text or "lock timeout" in text or "deadlock" in text:
            raise Conflict(
                "database.locked",
                "Another process holds the database's write lock.",
                "Wait for the import or job that is running, then try again.",
            ) from error
        if "no such table" in text or ("does not exist" in text and "relation" in text):
            raise DataNotReady(
                "database.no_schema",
                "The database has no (or an older) Ordersight schema.",
                "Run: ordersight upgrade",
            ) from error
        if "connection" in text.lower() and ("refused" in text or "failed" in text):
            raise DataNotReady(
                "database.unreachable",
                "The database server does not answer.",
                "Check ORDERSIGHT_DATABASE_URL and that the server is running.",
            ) from error
        raise
