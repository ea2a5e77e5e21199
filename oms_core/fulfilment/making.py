"""Made to order: units that were made come in and are promised to their line at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.fulfilment.opening import open_work_for
from oms_core.inventory.commands import Move, post, require
from oms_core.inventory.tables import Allocation
from oms_core.kernel import clock, journal
from oms_core.kernel.errors import InvalidInput, NotFound, Refused
from oms_core.kernel.rows import core, next_ids, table_of
from oms_core.locations.tables import Location
from oms_core.orders.commands import locked_order
from oms_core.orders.status import refresh
from oms_core.orders.tables import OrderLine
from oms_core.routing.tables import RoutingDecision

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from oms_core.orders.tables import Order

_ALLOCATION = table_of(Allocation)
REASON = "made to order"


def book_made(
    session: Session, order_line_id: int, *, quantity: int, location_id: int, zone: str, actor: str = "system"
) -> Allocation:
    """Book units of a made-to-order line as made: they come in at a location and are this line's.

    Raises
    ------
    Refused
        ``order_line.not_made_to_order``; ``order_line.made_too_many``: more than is wanted and not made
        yet; ``order.not_open``.
    """
    line = session.get(OrderLine, order_line_id)
    if line is None:
        raise NotFound("order line", order_line_id)
    order = locked_order(session, line.order_id)
    session.refresh(line)
    require(session, location_ids=(location_id,))
    _check(session, order, line, quantity)
    allocation = _promise(session, line, quantity, location_id)
    _decide(session, order, line, quantity, location_id)
    moves = [
        Move(line.variant_id, quantity, "received", None, "supplier", location_id, "available", reason=REASON),
        Move(
            line.variant_id, quantity, "allocated", location_id, "available", location_id, "committed", allocation.id,
            reason=REASON,
        ),
    ]  # fmt: skip
    post(session, moves, zone=zone, actor=actor)
    journal.record(
        session, "order.made", "order", order.id, actor=actor, sku=line.sku, quantity=quantity, location_id=location_id
    )
    open_work_for(session, [order.id], actor=actor)
    refresh(session, [order.id])
    return allocation


def _check(session: Session, order: Order, line: OrderLine, quantity: int) -> None:
    if order.state != "placed":
        raise Refused("order.not_open", f"Order {order.number} is {order.state}: nothing is made for it.")
    if line.stock_kind != "made_to_order":
        raise Refused("order_line.not_made_to_order", f"{line.sku} on {order.number} is {line.stock_kind}.")
    if quantity < 1:
        raise InvalidInput("quantity", quantity, "at least one unit")
    held = sa.select(sa.func.coalesce(sa.func.sum(_ALLOCATION.c.quantity - _ALLOCATION.c.released_qty), 0))
    made = int(core(session).execute(held.where(_ALLOCATION.c.order_line_id == line.id)).scalar_one())
    left = line.quantity - line.cancelled_qty - made
    if quantity > left:
        raise Refused(
            "order_line.made_too_many",
            f"Order {order.number}: {quantity} × {line.sku} made, {left} still to be made.",
            "Book what was made beyond the order as found stock.",
            left=left,
        )


def _promise(session: Session, line: OrderLine, quantity: int, location_id: int) -> Allocation:
    (key,) = next_ids(core(session), "allocations")
    allocation = Allocation(
        id=key, order_line_id=line.id, variant_id=line.variant_id, location_id=location_id, quantity=quantity,
        created_at=clock.now(),
    )  # fmt: skip
    session.add(allocation)
    session.flush()
    return allocation


def _decide(session: Session, order: Order, line: OrderLine, quantity: int, location_id: int) -> None:
    """Keep the receipt of the routing: the workshop's own location, for it has the units."""
    name = session.scalar(sa.select(Location.name).where(Location.id == location_id)) or ""
    chosen: dict[str, Any] = {"location_id": location_id, "name": name, "decided_by": "made", "units": quantity}
    session.add(
        RoutingDecision(
            order_id=order.id, at=clock.now(), rules=[], candidates=[], chosen=[chosen], decided_by="made",
            reason=f"{quantity} × {line.sku} made to order at {name}",
        )
    )  # fmt: skip
    session.flush()
