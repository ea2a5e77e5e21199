"""Cancel an order: release what was promised to it and stop the work on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.inventory.commands import Move, post
from oms_core.inventory.tables import Allocation
from oms_core.inventory.waiting import free_order
from oms_core.kernel import clock, journal
from oms_core.kernel.errors import NotFound, OmsError, Refused
from oms_core.kernel.rows import core, table_of
from oms_core.kernel.settings import Shop
from oms_core.orders.facts import FULFILLMENT_HOLDS, FULFILLMENT_ORDERS
from oms_core.orders.states import ORDER
from oms_core.orders.status import refresh
from oms_core.orders.tables import Order, OrderLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

_ALLOCATION, _LINE, _ORDER = table_of(Allocation), table_of(OrderLine), table_of(Order)
_OPEN = _ALLOCATION.c.quantity - _ALLOCATION.c.shipped_qty - _ALLOCATION.c.released_qty


def cancel_order(
    session: Session, order_id: int, *, reason: str, actor: str = "system", zone: str | None = None
) -> Order:
    """Cancel an order: its allocations are released and its open fulfilment orders cancelled.

    Money already taken stays until it is refunded (`payments.commands.pay`).

    Parameters
    ----------
    zone : str, optional
        The shop's time zone; read from the shop's settings when left out.

    Raises
    ------
    TransitionRefused
        If the order is closed, cancelled or expired.
    Refused
        If something was shipped (``order.shipped``): that comes back as a return.
    """
    order = locked_order(session, order_id)
    ORDER.check(order.number, order.state, "cancelled")
    _refuse_shipped(session, order)
    connection = core(session)
    allocations = _open_allocations(connection, order_id)
    moves = [
        Move(
            a.variant_id,
            a.open,
            "released",
            a.location_id,
            "committed",
            a.location_id,
            "available",
            a.id,
            reason=reason,
        )
        for a in allocations
    ]
    post(session, moves, zone=zone or shop_zone(session), actor=actor)
    before = order.state
    free_order(session, order_id, reason=reason, actor=actor)
    _write(connection, order_id, reason)
    _end_holds(connection, order_id, actor)
    session.refresh(order)
    journal.record(
        session, "order.cancelled", "order", order_id, actor=actor, reason=reason, released=len(moves),
        before={"state": before}, after={"state": order.state},
    )  # fmt: skip
    refresh(session, [order_id])
    return order


def cancel_orders(
    session: Session, order_ids: Sequence[int], *, reason: str, actor: str = "system", zone: str | None = None
) -> list[OmsError | None]:
    """Cancel many orders, each for itself; see :func:`cancel_order`.

    Returns
    -------
    list of OmsError or None
        For each order None when it is cancelled, or why it stands.
    """
    place, keys = zone or shop_zone(session), sorted(set(order_ids))
    # orders before levels, as every command locks
    session.execute(
        sa.select(_ORDER.c.id).where(_ORDER.c.id.in_(keys)).order_by(_ORDER.c.id).with_for_update(key_share=True)
    )
    said: dict[int, OmsError | None] = {}
    for key in keys:
        try:
            cancel_order(session, key, reason=reason, actor=actor, zone=place)
            said[key] = None
        except OmsError as refused:
            said[key] = refused
    return [said[key] for key in order_ids]


def locked_order(session: Session, order_id: int) -> Order:
    """Return the order, its row locked until the transaction ends (PostgreSQL), freshly read."""
    statement = sa.select(Order).where(Order.id == order_id).with_for_update(key_share=True)
    order = session.scalars(statement, execution_options={"populate_existing": True}).one_or_none()
    if order is None:
        raise NotFound("order", order_id)
    return order


def shop_zone(session: Session) -> str:
    """Return the shop's time zone as stored, or the default of a new shop."""
    from oms_core.kernel.journal import ShopSetting

    stored = session.scalar(sa.select(ShopSetting.value).where(ShopSetting.key == "zone"))
    return str(stored["value"]) if stored else Shop().zone


def _refuse_shipped(session: Session, order: Order) -> None:
    statement = sa.select(OrderLine.sku, OrderLine.shipped_qty).where(
        OrderLine.order_id == order.id, OrderLine.shipped_qty > 0
    )
    shipped = session.execute(statement).all()
    if shipped:
        facts = ", ".join(f"{row.shipped_qty} × {row.sku}" for row in shipped)
        raise Refused(
            "order.shipped",
            f"Order {order.number} cannot be cancelled: {facts} already shipped.",
            "Wait for the goods to come back and book a return.",
        )


def _open_allocations(connection: sa.Connection, order_id: int) -> Sequence[Any]:
    """Return the allocations with open units, in the order levels are locked."""
    statement = (
        sa.select(_ALLOCATION.c.id, _ALLOCATION.c.variant_id, _ALLOCATION.c.location_id, _OPEN.label("open"))
        .join(_LINE, _LINE.c.id == _ALLOCATION.c.order_line_id)
        .where(_LINE.c.order_id == order_id, _OPEN > 0)
        .order_by(_ALLOCATION.c.variant_id, _ALLOCATION.c.location_id, _ALLOCATION.c.id)
    )
    return connection.execute(statement).all()


def _write(connection: sa.Connection, order_id: int, reason: str) -> None:
    now = clock.now()
    lines = sa.select(_LINE.c.id).where(_LINE.c.order_id == order_id)
    connection.execute(
        sa.update(_ALLOCATION)
        .where(_ALLOCATION.c.order_line_id.in_(lines), _OPEN > 0)
        .values(released_qty=_ALLOCATION.c.quantity - _ALLOCATION.c.shipped_qty)
    )
    connection.execute(
        sa.update(_LINE)
        .where(_LINE.c.order_id == order_id)
        .values(cancelled_qty=_LINE.c.quantity - _LINE.c.shipped_qty)
    )
    work = FULFILLMENT_ORDERS
    connection.execute(
        sa.update(work)
        .where(work.c.order_id == order_id, work.c.state.not_in(("closed", "cancelled")))
        .values(state="cancelled", closed_at=sa.literal(now, Order.cancelled_at.type), version=work.c.version + 1)
    )
    connection.execute(
        sa.update(_ORDER)
        .where(_ORDER.c.id == order_id)
        .values(state="cancelled", cancelled_at=now, cancel_reason=reason, version=_ORDER.c.version + 1)
    )


def _end_holds(connection: sa.Connection, order_id: int, actor: str) -> None:
    """End the holds of the order: there is nothing left to hold back."""
    holds, now = FULFILLMENT_HOLDS, sa.literal(clock.now(), Order.cancelled_at.type)
    connection.execute(
        sa.update(holds)
        .where(holds.c.order_id == order_id, holds.c.released_at.is_(None))
        .values(released_at=now, released_by=actor, released_how="order_ended")
    )
