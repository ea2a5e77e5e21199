"""Units that wait for goods to come: read them, free them. Promising and filling is the backorders' room.

Whoever changes what an order waits for holds the order's lock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.inventory.promise_tables import Backorder
from oms_core.kernel import clock, journal
from oms_core.kernel.rows import core, table_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy.orm import Session

BACKORDERS = table_of(Backorder)
OPEN = BACKORDERS.c.quantity - BACKORDERS.c.allocated_qty - BACKORDERS.c.cancelled_qty
#: Lines live in a room above this one: the two columns needed are named here and not imported.
ORDER_LINES = sa.table("order_lines", sa.column("id"), sa.column("order_id"))


def waiting_by_line(connection: sa.Connection, line_ids: Collection[int]) -> dict[int, int]:
    """Return the units that wait, by order line."""
    statement = sa.select(BACKORDERS.c.order_line_id, sa.cast(sa.func.sum(OPEN), sa.BigInteger)).where(
        BACKORDERS.c.order_line_id.in_(sorted(line_ids)), BACKORDERS.c.state == "waiting"
    )
    return {row[0]: int(row[1]) for row in connection.execute(statement.group_by(BACKORDERS.c.order_line_id))}


def waiting_units(connection: sa.Connection, variant_ids: Collection[int]) -> dict[int, int]:
    """Return the units of variants that earlier orders wait for; variants nobody waits for are left out."""
    units = sa.cast(sa.func.sum(OPEN), sa.BigInteger)
    statement = sa.select(BACKORDERS.c.variant_id, units).where(
        BACKORDERS.c.variant_id.in_(sorted(variant_ids)), BACKORDERS.c.state == "waiting"
    )
    return {row[0]: int(row[1]) for row in connection.execute(statement.group_by(BACKORDERS.c.variant_id))}


def free(session: Session, units: Mapping[int, int], *, reason: str, actor: str) -> dict[int, int]:
    """Let units of order lines wait no longer, the newest promises first.

    Parameters
    ----------
    units : mapping of int to int
        Units by order line; more than wait is as many as wait.

    Returns
    -------
    dict of int to int
        Units freed by order line; lines that waited for nothing are left out.
    """
    connection, left, freed = core(session), dict(units), dict[int, int]()
    for row in _rows(connection, BACKORDERS.c.order_line_id.in_(sorted(units))):
        n = min(row.open, left[row.order_line_id])
        if n > 0:
            left[row.order_line_id] -= n
            freed[row.order_line_id] = freed.get(row.order_line_id, 0) + n
            _cancel(session, row, n, reason=reason, actor=actor)
    return freed


def free_order(session: Session, order_id: int, *, reason: str, actor: str) -> int:
    """Free everything an order waits for (it is cancelled); return the units."""
    lines = sa.select(ORDER_LINES.c.id).where(ORDER_LINES.c.order_id == order_id)
    rows = _rows(core(session), BACKORDERS.c.order_line_id.in_(lines))
    for row in rows:
        _cancel(session, row, row.open, reason=reason, actor=actor)
    return sum(row.open for row in rows)


def _rows(connection: sa.Connection, which: sa.ColumnElement[bool]) -> Sequence[Any]:
    """Return the promises that wait, the newest first."""
    told = (BACKORDERS.c[name] for name in ("id", "order_line_id", "variant_id", "promised_on"))
    statement = (
        sa.select(*told, sa.cast(OPEN, sa.BigInteger).label("open"), ORDER_LINES.c.order_id)
        .join(ORDER_LINES, ORDER_LINES.c.id == BACKORDERS.c.order_line_id)
        .where(which, BACKORDERS.c.state == "waiting")
        .order_by(BACKORDERS.c.id.desc())
    )
    return connection.execute(statement).all()


def _cancel(session: Session, row: Any, units: int, *, reason: str, actor: str) -> None:
    done = units == row.open
    values: dict[str, Any] = {"cancelled_qty": BACKORDERS.c.cancelled_qty + units}
    if done:
        values |= {"state": "cancelled", "closed_at": clock.now()}
    session.connection().execute(sa.update(BACKORDERS).where(BACKORDERS.c.id == row.id).values(values))
    journal.record(
        session, "order.backorder_freed", "order", row.order_id, actor=actor, backorder_id=row.id,
        variant_id=row.variant_id, units=units, reason=reason,
        promised_on=row.promised_on.isoformat() if row.promised_on else None,
    )  # fmt: skip
