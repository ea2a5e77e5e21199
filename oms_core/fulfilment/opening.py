"""Open the fulfilment orders of an order: one for each location that ships."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.fulfilment.states import FULFILLMENT_ORDER
from oms_core.fulfilment.tables import FulfillmentOrder, FulfillmentOrderLine
from oms_core.inventory.tables import Allocation
from oms_core.kernel import clock, journal
from oms_core.kernel.bulk import bulk_insert
from oms_core.kernel.rows import core, next_ids, table_of
from oms_core.orders.tables import Order, OrderLine
from oms_core.routing.tables import RoutingDecision

if TYPE_CHECKING:
    from typing import Any

    from sqlalchemy.orm import Session

_WORK, _WORK_LINE = table_of(FulfillmentOrder), table_of(FulfillmentOrderLine)
_ALLOCATION, _LINE, _ORDER = table_of(Allocation), table_of(OrderLine), table_of(Order)
_DECISION = table_of(RoutingDecision)
_WAITING = (
    sa.select(
        _ALLOCATION.c.id,
        _ALLOCATION.c.order_line_id,
        _ALLOCATION.c.location_id,
        (_ALLOCATION.c.quantity - _ALLOCATION.c.shipped_qty - _ALLOCATION.c.released_qty).label("quantity"),
        _ORDER.c.ship_by_at,
    )
    .join(_LINE, _LINE.c.id == _ALLOCATION.c.order_line_id)
    .join(_ORDER, _ORDER.c.id == _LINE.c.order_id)
    .outerjoin(_WORK_LINE, _WORK_LINE.c.allocation_id == _ALLOCATION.c.id)
    .where(
        _LINE.c.order_id == sa.bindparam("order_id"),
        _WORK_LINE.c.id.is_(None),
        _ALLOCATION.c.quantity > _ALLOCATION.c.shipped_qty + _ALLOCATION.c.released_qty,
    )
    .order_by(_ALLOCATION.c.id)
)
_INSERT = sa.insert(_WORK)
_BY_ID = (
    sa.select(FulfillmentOrder)
    .where(FulfillmentOrder.id.in_(sa.bindparam("keys", expanding=True)))
    .order_by(FulfillmentOrder.id)
)
_LATEST = sa.select(sa.func.max(_DECISION.c.id)).where(_DECISION.c.order_id == sa.bindparam("order_id"))


def open_fulfillment_orders(
    session: Session, order_id: int, decision_id: int | None = None, *, actor: str = "system"
) -> list[FulfillmentOrder]:
    """Open one fulfilment order per location for allocations that have none yet.

    Parameters
    ----------
    decision_id : int, optional
        The routing decision behind them; the order's latest when left out.

    Returns
    -------
    list of FulfillmentOrder
        The new ones; empty when every allocation is in hand already.
    """
    connection = core(session)
    waiting = connection.execute(_WAITING, {"order_id": order_id}).all()
    if not waiting:
        return []
    decision = decision_id or connection.execute(_LATEST, {"order_id": order_id}).scalar_one()
    by_place: dict[int, list[Any]] = {}
    for row in waiting:
        by_place.setdefault(row.location_id, []).append(row)
    keys = next_ids(connection, "fulfillment_orders", len(by_place))
    now = clock.now()
    heads = [
        {
            "id": key, "number": f"FO-{key:06d}", "order_id": order_id, "location_id": place,
            "routing_decision_id": decision, "state": FULFILLMENT_ORDER.start, "ship_by_at": rows[0].ship_by_at,
            "created_at": now,
        }
        for key, (place, rows) in zip(keys, by_place.items(), strict=True)
    ]  # fmt: skip
    connection.execute(_INSERT, heads)
    lines = [
        (key, row.order_line_id, row.id, row.quantity)
        for key, rows in zip(keys, by_place.values(), strict=True)
        for row in rows
    ]
    columns = ("fulfillment_order_id", "order_line_id", "allocation_id", "quantity")
    bulk_insert(connection, _WORK_LINE, columns, lines)
    journal.record(session, "fulfillment_order.opened", "order", order_id, actor=actor, fulfillment_order_ids=keys)
    return list(session.scalars(_BY_ID, {"keys": keys}))
