"""The one place that sets an order's status columns: always from facts, for many orders at once."""

from __future__ import annotations

from dataclasses import asdict, astuple
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.util import identity_key

from oms_core.kernel import clock
from oms_core.kernel.database import UtcDateTime
from oms_core.kernel.rows import core, packed, table_of, unpacked
from oms_core.orders.facts import AXES, read
from oms_core.orders.rules import Axes, derive
from oms_core.orders.tables import Order

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

_ORDER = table_of(Order)
#: Orders read and written at a time; bounds memory on imports.
_CHUNK = 5_000


def refresh(session: Session, order_ids: Iterable[int]) -> int:
    """Derive the status of orders whose facts changed, move their version, close what is done.

    An order closes when it is paid, wholly shipped and delivered. The version moves whether or not the
    status does: a second parcel of three is a change too. Three statements for every 5,000 orders.

    Returns
    -------
    int
        Orders whose status changed.
    """
    connection = core(session)
    changed = 0
    for chunk in _chunks(order_ids):
        _lock(connection, chunk)
        found = derived(connection, chunk)
        rows = [(key, axes) for key, _, axes in found]
        if rows:
            batch, now = packed((key, *astuple(axes)) for key, axes in rows), clock.now()
            connection.execute(_update(connection.dialect.name), {"batch": batch, "now": now})
            _show(session, rows, now)
        changed += sum(1 for _, stored, axes in found if axes != stored)
    return changed


def touch(session: Session, order_ids: Iterable[int]) -> None:
    """Move the version of orders that changed in something no status follows from (promises, releases)."""
    connection = core(session)
    for chunk in _chunks(sorted(set(order_ids))):
        batch = packed((key,) for key in chunk)
        connection.execute(_bump(connection.dialect.name), {"batch": batch})
        for key in chunk:
            loaded = session.identity_map.get(identity_key(Order, key))
            if loaded is not None and "version" in loaded.__dict__:
                set_committed_value(loaded, "version", loaded.version + 1)


@lru_cache
def _bump(dialect: str) -> sa.Update:
    wanted = unpacked(dialect, order_id=int)
    return sa.update(_ORDER).values(version=_ORDER.c.version + 1).where(_ORDER.c.id == wanted.c.order_id)


def _lock(connection: sa.Connection, order_ids: list[int]) -> None:
    """Lock the orders in id order, so that two facts at once are both seen (SQLite has one writer)."""
    if connection.dialect.name != "sqlite":
        connection.execute(_lock_orders(connection.dialect.name), {"batch": packed((k,) for k in order_ids)})


@lru_cache
def _lock_orders(dialect: str) -> sa.Select[tuple[int]]:
    wanted = unpacked(dialect, order_id=int)
    statement = sa.select(_ORDER.c.id).join(wanted, wanted.c.order_id == _ORDER.c.id)
    return statement.order_by(_ORDER.c.id).with_for_update(of=_ORDER, key_share=True)


def derived(connection: sa.Connection, order_ids: list[int]) -> list[tuple[int, Axes, Axes]]:
    """Return (id, stored axes, axes as the facts say) of the orders; equal in a healthy shop."""
    return [(key, stored, derive(facts)) for key, stored, facts in read(connection, order_ids)]


def _chunks(order_ids: Iterable[int]) -> Iterator[list[int]]:
    rest = iter(order_ids)
    while chunk := list(islice(rest, _CHUNK)):
        yield chunk


@lru_cache
def _update(dialect: str) -> sa.Update:
    new = unpacked(dialect, order_id=int, **dict.fromkeys(AXES, str))
    closing = sa.and_(new.c.state == "closed", _ORDER.c.closed_at.is_(None))
    return (
        sa.update(_ORDER)
        .values(
            {name: new.c[name] for name in AXES}
            | {
                "closed_at": sa.case((closing, sa.bindparam("now", type_=UtcDateTime())), else_=_ORDER.c.closed_at),
                "version": _ORDER.c.version + 1,
            }
        )
        .where(_ORDER.c.id == new.c.order_id)
    )


def _show(session: Session, rows: list[tuple[int, Axes]], now: datetime) -> None:
    """Give orders already loaded in this session their new columns, without asking the database."""
    if not session.identity_map:
        return
    for key, axes in rows:
        loaded = session.identity_map.get(identity_key(Order, key))
        if loaded is None or "version" not in loaded.__dict__:
            # not here, or expired: it will read the database when it is asked
            continue
        new = {**asdict(axes), "version": loaded.version + 1}
        if axes.state == "closed" and loaded.closed_at is None:
            new["closed_at"] = now
        for name, value in new.items():
            set_committed_value(loaded, name, value)
