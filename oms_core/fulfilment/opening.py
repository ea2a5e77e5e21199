"""Open the fulfilment orders of orders: one for each location that ships."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.fulfilment.states import FULFILLMENT_ORDER
from oms_core.fulfilment.tables import FulfillmentHold, FulfillmentOrder, FulfillmentOrderLine
from oms_core.inventory.tables import Allocation
from oms_core.kernel import clock, journal
from oms_core.kernel.bulk import bulk_insert
from oms_core.kernel.rows import core, next_ids, packed, table_of, unpacked
from oms_core.orders.status import refresh
from oms_core.orders.tables import Order, OrderLine
from oms_core.routing.tables import RoutingDecision

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

_WORK, _WORK_LINE = table_of(FulfillmentOrder), table_of(FulfillmentOrderLine)
_ALLOCATION, _LINE, _ORDER = table_of(Allocation), table_of(OrderLine), table_of(Order)
_DECISION, _HOLD = table_of(RoutingDecision), table_of(FulfillmentHold)
_WORK_COLUMNS = (
    "id", "number", "order_id", "location_id", "routing_decision_id", "ship_by_at", "created_at", "version", "state",
    "held_from",
)  # fmt: skip
_WORK_LINE_COLUMNS = ("fulfillment_order_id", "order_line_id", "allocation_id", "quantity")
_BY_ID = (
    sa.select(FulfillmentOrder)
    .where(FulfillmentOrder.id.in_(sa.bindparam("keys", expanding=True)))
    .order_by(FulfillmentOrder.id)
)


@lru_cache
def _waiting(dialect: str) -> sa.Select[Any]:
    """Build: allocations with open units that no fulfilment order has in hand."""
    wanted = unpacked(dialect, order_id=int)
    open_qty = _ALLOCATION.c.quantity - _ALLOCATION.c.shipped_qty - _ALLOCATION.c.released_qty
    return (
        sa.select(
            _LINE.c.order_id, _ALLOCATION.c.id, _ALLOCATION.c.order_line_id, _ALLOCATION.c.location_id,
            open_qty.label("quantity"), _ORDER.c.ship_by_at, _ORDER.c.release_at,
            sa.exists()
            .where(
                _HOLD.c.order_id == _ORDER.c.id,
                _HOLD.c.released_at.is_(None),
                _HOLD.c.fulfillment_order_id.is_(None),
            )
            .label("is_held"),
        )
        .join(_LINE, _LINE.c.id == _ALLOCATION.c.order_line_id)
        .join(_ORDER, _ORDER.c.id == _LINE.c.order_id)
        .join(wanted, wanted.c.order_id == _ORDER.c.id)
        .outerjoin(_WORK_LINE, _WORK_LINE.c.allocation_id == _ALLOCATION.c.id)
        .where(_WORK_LINE.c.id.is_(None), open_qty > 0)
        .order_by(_LINE.c.order_id, _ALLOCATION.c.id)
    )  # fmt: skip


@lru_cache
def _latest(dialect: str) -> sa.Select[Any]:
    """Build: the latest routing decision of each order."""
    wanted = unpacked(dialect, order_id=int)
    return (
        sa.select(_DECISION.c.order_id, sa.func.max(_DECISION.c.id))
        .join(wanted, wanted.c.order_id == _DECISION.c.order_id)
        .group_by(_DECISION.c.order_id)
    )


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
    keys = open_work_for(session, [order_id], decisions={order_id: decision_id} if decision_id else None, actor=actor)
    return list(session.scalars(_BY_ID, {"keys": keys})) if keys else []


def open_work_for(
    session: Session, order_ids: Sequence[int], *, decisions: Mapping[int, int] | None = None, actor: str = "system"
) -> list[int]:
    """Open the fulfilment orders of many orders; return their ids (see :func:`open_fulfillment_orders`).

    Work of an order on hold opens on hold; work of one that may still be changed opens scheduled. The
    status of such orders is derived anew.
    """
    connection = core(session)
    dialect, batch = connection.dialect.name, {"batch": packed((key,) for key in sorted(set(order_ids)))}
    by_work: dict[tuple[int, int], list[Any]] = {}
    for row in connection.execute(_waiting(dialect), batch):
        by_work.setdefault((row.order_id, row.location_id), []).append(row)
    if not by_work:
        return []
    behind = {row[0]: row[1] for row in connection.execute(_latest(dialect), batch)} | dict(decisions or {})
    keys, now = next_ids(connection, "fulfillment_orders", len(by_work)), clock.now()
    heads = [
        (key, f"FO-{key:06d}", order, place, behind.get(order), rows[0].ship_by_at, now, 1, *_place(rows[0], now))
        for key, ((order, place), rows) in zip(keys, by_work.items(), strict=True)
    ]
    bulk_insert(connection, _WORK, _WORK_COLUMNS, heads, keys_drawn=True)
    lines = [
        (key, row.order_line_id, row.id, row.quantity)
        for key, rows in zip(keys, by_work.values(), strict=True)
        for row in rows
    ]
    bulk_insert(connection, _WORK_LINE, _WORK_LINE_COLUMNS, lines)
    facts: dict[int, dict[str, list[int]]] = {}
    for key, (order, _) in zip(keys, by_work, strict=True):
        facts.setdefault(order, {"fulfillment_order_ids": []})["fulfillment_order_ids"].append(key)
    events = (("fulfillment_order.opened", order, fact) for order, fact in facts.items())
    journal.record_all(session, "order", events, actor=actor)
    waiting = {rows[0].order_id for rows in by_work.values() if _place(rows[0], now) != (FULFILLMENT_ORDER.start, None)}
    if waiting:
        refresh(session, waiting)
    return keys


def _place(row: Any, now: datetime) -> tuple[str, str | None]:
    """Return the first state of work, and where it goes back to when its order is on hold.

    It is scheduled while the order may still be changed (the channel's service window).
    """
    waits = row.release_at is not None and row.release_at > now
    state = "scheduled" if waits else FULFILLMENT_ORDER.start
    return ("on_hold", state) if row.is_held else (state, None)
