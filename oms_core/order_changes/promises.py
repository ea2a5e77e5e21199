"""Promises follow a change: units taken off go back to the shelf, their fulfilment orders shrink or end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

import sqlalchemy as sa

from oms_core.fulfilment.commands import open_work_for
from oms_core.fulfilment.tables import FulfillmentHold, FulfillmentOrder, FulfillmentOrderLine
from oms_core.inventory.commands import Move, post
from oms_core.inventory.tables import Allocation
from oms_core.inventory.waiting import free
from oms_core.kernel import clock
from oms_core.kernel.errors import OmsError
from oms_core.kernel.rows import core, table_of
from oms_core.routing.commands import Request, allocate
from oms_core.routing.ground import Beyond

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from oms_core.order_changes.plan import Plan, StockNeed

_ALLOCATION = table_of(Allocation)
_WORK, _WORK_LINE = table_of(FulfillmentOrder), table_of(FulfillmentOrderLine)
_OPEN = _ALLOCATION.c.quantity - _ALLOCATION.c.shipped_qty - _ALLOCATION.c.released_qty
_HOLD = table_of(FulfillmentHold)
_FINISHED = ("closed", "cancelled")


class Wait(Protocol):
    """Writes the promises of units by order line that wait for goods to come (`backorders.promise`)."""

    def __call__(
        self, session: Session, order_id: int, shortages: Mapping[int, int], *, zone: str, actor: str
    ) -> object:
        """Promise the units."""


@dataclass(frozen=True, slots=True)
class _Release:
    """Units of one allocation that go back to the shelf."""

    allocation: Any
    units: int


def release(session: Session, needs: Sequence[StockNeed], *, reason: str, zone: str, actor: str) -> int:
    """Release the units the lines no longer want, those that wait and the newest promises first; return how many."""
    waiting = {need.line.id: need.to_free for need in needs if need.to_free and need.line.id is not None}
    if waiting:
        free(session, waiting, reason=reason, actor=actor)
    wanted = {need.line.id: need.to_release for need in needs if need.to_release and need.line.id is not None}
    if not wanted:
        return 0
    connection = core(session)
    releases = _chosen(connection, wanted)
    moves = [
        Move(
            r.allocation.variant_id, r.units, "released", r.allocation.location_id, "committed",
            r.allocation.location_id, "available", r.allocation.id, reason=reason,
        )
        for r in releases
    ]  # fmt: skip
    post(session, moves, zone=zone, actor=actor)
    _write(connection, releases)
    _end_empty_work(connection, {r.allocation.id for r in releases}, actor=actor)
    return sum(r.units for r in releases)


def _chosen(connection: sa.Connection, wanted: dict[int, int]) -> list[_Release]:
    """Return which open units go back, in the order levels are locked."""
    a, left = _ALLOCATION.c, dict(wanted)
    statement = (
        sa.select(a.id, a.order_line_id, a.variant_id, a.location_id, _OPEN.label("open"))
        .where(a.order_line_id.in_(sorted(wanted)), _OPEN > 0)
        .order_by(a.id.desc())
    )
    chosen = []
    for row in connection.execute(statement):
        n = min(row.open, left[row.order_line_id])
        left[row.order_line_id] -= n
        chosen += [_Release(row, n)] if n else []
    return sorted(chosen, key=lambda r: (r.allocation.variant_id, r.allocation.location_id, r.allocation.id))


def _write(connection: sa.Connection, releases: Sequence[_Release]) -> None:
    rows = [{"key": r.allocation.id, "n": r.units} for r in releases]
    n: sa.ColumnElement[int] = sa.bindparam("n", type_=sa.BigInteger())
    connection.execute(
        sa.update(_ALLOCATION)
        .where(_ALLOCATION.c.id == sa.bindparam("key"))
        .values(released_qty=_ALLOCATION.c.released_qty + n),
        rows,
    )
    connection.execute(
        sa.update(_WORK_LINE)
        .where(_WORK_LINE.c.allocation_id == sa.bindparam("key"))
        .values(quantity=_WORK_LINE.c.quantity - n),
        rows,
    )


def _end_empty_work(connection: sa.Connection, allocation_ids: set[int], *, actor: str) -> None:
    """End fulfilment orders that have nothing left to ship: closed when something of them left, else cancelled.

    Holds of such work end with it: there is nothing left to hold back.
    """
    works = sa.select(_WORK_LINE.c.fulfillment_order_id).where(_WORK_LINE.c.allocation_id.in_(sorted(allocation_ids)))
    statement = (
        sa.select(_WORK.c.id, sa.func.sum(_OPEN).label("open"), sa.func.sum(_ALLOCATION.c.shipped_qty).label("shipped"))
        .join(_WORK_LINE, _WORK_LINE.c.fulfillment_order_id == _WORK.c.id)
        .join(_ALLOCATION, _ALLOCATION.c.id == _WORK_LINE.c.allocation_id)
        .where(_WORK.c.id.in_(works), _WORK.c.state.not_in(_FINISHED))
        .group_by(_WORK.c.id)
    )
    now = clock.now()
    for row in connection.execute(statement).all():
        ended = {} if row.open else {"state": "closed" if row.shipped else "cancelled", "closed_at": now}
        connection.execute(sa.update(_WORK).where(_WORK.c.id == row.id).values(version=_WORK.c.version + 1, **ended))
        if ended:
            _end_holds(connection, row.id, now, actor=actor)


def _end_holds(connection: sa.Connection, work_id: int, now: datetime, *, actor: str) -> None:
    connection.execute(
        sa.update(_HOLD)
        .where(_HOLD.c.fulfillment_order_id == work_id, _HOLD.c.released_at.is_(None))
        .values(released_at=now, released_by=actor, released_how="order_ended")
    )


def promise(
    session: Session,
    made: Plan,
    needs: Sequence[StockNeed],
    *,
    zone: str,
    actor: str,
    beyond: Beyond | None = None,
    wait: Wait | None = None,
) -> None:
    """Promise the new units and open their fulfilment orders; all of them, or the change is refused.

    Parameters
    ----------
    beyond, wait : callable, optional
        From the backorders' room: how many units of sold-out variants may wait for goods to come, and
        what writes their promises. Without them everything has to be in stock.

    Raises
    ------
    InsufficientStock
        With every shortage.
    """
    if not any(need.to_allocate for need in needs):
        return
    order_id = made.before.order_id
    (said,) = allocate(session, [Request(order_id)], zone=zone, actor=actor, beyond=beyond)
    if isinstance(said, OmsError):
        raise said
    open_work_for(session, [order_id], actor=actor)
    if said.waiting and wait is not None:
        wait(session, order_id, said.waiting, zone=zone, actor=actor)
