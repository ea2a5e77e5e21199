"""Fill promises when goods have come: the oldest first, whoever came by later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.backorders.inbound import waiting_of
from oms_core.backorders.promising import repromise
from oms_core.fulfilment.commands import open_work_for
from oms_core.inventory.tables import StockLevel
from oms_core.inventory.waiting import BACKORDERS
from oms_core.kernel import clock, journal
from oms_core.kernel.rows import core, table_of
from oms_core.orders.status import refresh
from oms_core.orders.tables import Order
from oms_core.purchasing import commands as purchasing
from oms_core.purchasing.tables import PurchaseOrderLine, Receipt
from oms_core.routing.commands import Promised, Request, allocate

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy.orm import Session

    from oms_core.inventory.lots import NewLot
    from oms_core.purchasing.remarks import Remark

_ORDER, _LEVEL = table_of(Order), table_of(StockLevel)


def fill(session: Session, variant_ids: Collection[int] | None = None, *, zone: str, actor: str = "worker") -> int:
    """Allocate goods that have come to the orders that wait for them, the oldest promise first.

    Orders are locked first, in id order, then levels; a promise may be filled in parts. Safe to
    run at any time and as often as one likes.

    Parameters
    ----------
    variant_ids : collection of int, optional
        Only these; every variant that has both goods and promises when left out.

    Returns
    -------
    int
        Units allocated.
    """
    connection = core(session)
    wanted = _fillable(connection, variant_ids)
    if not wanted:
        return 0
    return _give(session, wanted, _lock_waiting(connection, wanted), zone=zone, actor=actor)


def _give(session: Session, wanted: Collection[int], orders: Collection[int], *, zone: str, actor: str) -> int:
    """Allocate what there is of the variants to locked orders, the oldest promise first; return the units."""
    found = (row for rows in waiting_of(core(session), wanted).values() for row in rows)
    waiting = sorted((row for row in found if row.order_id in orders), key=lambda row: row.id)
    requests = [Request(row.order_id, {row.order_line_id: row.units}) for row in waiting]
    answers = allocate(session, requests, zone=zone, actor=actor)
    filled = dict[int, int]()
    for row, said in zip(waiting, answers, strict=True):
        units = row.units - said.waiting.get(row.order_line_id, 0) if isinstance(said, Promised) else 0
        if units:
            _count(session, row, units, actor=actor)
            filled[row.order_id] = filled.get(row.order_id, 0) + units
    if filled:
        open_work_for(session, sorted(filled), actor=actor)
        refresh(session, sorted(filled))
        repromise(session, wanted, zone=zone, actor=actor)
    return sum(filled.values())


def _fillable(connection: sa.Connection, variant_ids: Collection[int] | None) -> list[int]:
    """Return the variants that have both promises and goods."""
    goods = sa.select(_LEVEL.c.variant_id).where(_LEVEL.c.variant_id == BACKORDERS.c.variant_id, _LEVEL.c.available > 0)
    statement = sa.select(BACKORDERS.c.variant_id).distinct().where(BACKORDERS.c.state == "waiting", goods.exists())
    if variant_ids is not None:
        statement = statement.where(BACKORDERS.c.variant_id.in_(sorted(variant_ids)))
    return sorted(connection.execute(statement).scalars())


def _lock_waiting(connection: sa.Connection, variant_ids: Collection[int]) -> set[int]:
    """Lock the orders that wait for variants, in id order; return their ids."""
    waiting = {row.order_id for rows in waiting_of(connection, variant_ids).values() for row in rows}
    statement = sa.select(_ORDER.c.id).where(_ORDER.c.id.in_(sorted(waiting))).order_by(_ORDER.c.id)
    connection.execute(statement.with_for_update(key_share=True))
    return waiting


def _count(session: Session, row: Any, units: int, *, actor: str) -> None:
    """Count the units on the promise, close it when it is kept, and tell the order."""
    values: dict[str, Any] = {"allocated_qty": BACKORDERS.c.allocated_qty + units}
    if units == row.units:
        values |= {"state": "allocated", "closed_at": clock.now()}
    session.connection().execute(sa.update(BACKORDERS).where(BACKORDERS.c.id == row.id).values(values))
    journal.record(
        session, "order.backorder_filled", "order", row.order_id, actor=actor, backorder_id=row.id,
        variant_id=row.variant_id, units=units, left=row.units - units,
    )  # fmt: skip


def receive(
    session: Session,
    *,
    purchase_order_id: int,
    lines: Mapping[int, int],
    zone: str,
    actor: str = "system",
    simulated: bool = False,
    lots: Mapping[int, Sequence[NewLot]] | None = None,
    remarks: Sequence[Remark] = (),
) -> Receipt:
    """Receive goods of a purchase order (`purchasing.receive`) and give them to whoever waits, in one transaction.

    Orders are locked before levels, as everywhere; who began to wait in this very moment is left to the worker.
    """
    connection, line = core(session), table_of(PurchaseOrderLine)
    came = set(connection.execute(sa.select(line.c.variant_id).where(line.c.id.in_(sorted(lines)))).scalars())
    waiting = _lock_waiting(connection, came)
    receipt = purchasing.receive(
        session, purchase_order_id=purchase_order_id, lines=lines, zone=zone, actor=actor, simulated=simulated,
        lots=lots, remarks=remarks,
    )  # fmt: skip
    if waiting:
        _give(session, came, waiting, zone=zone, actor=actor)
        repromise(session, came, zone=zone, actor=actor)
    return receipt
