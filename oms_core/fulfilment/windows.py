"""The service window of an order, ended early by a person: the customer has said that it is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.fulfilment import held
from oms_core.fulfilment.holding import settle
from oms_core.kernel import clock, journal
from oms_core.kernel.errors import NotFound, OmsError, Refused
from oms_core.kernel.rows import core, table_of
from oms_core.orders.tables import Order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

_ORDER = table_of(Order)


def release_now(session: Session, order_ids: Sequence[int], *, actor: str = "system") -> list[OmsError | None]:
    """End the service window of orders: their scheduled work opens at once; what is held stays held.

    Returns
    -------
    list of OmsError or None
        For each order None when its window is over (now or before), NotFound, or Refused when the
        order is not open any more (``order.not_open``).
    """
    connection, now = core(session), clock.now()
    orders = held.locked(connection, set(order_ids))
    early = {
        key: one for key, one in orders.items() if one.release_at and one.release_at > now and one.state == "placed"
    }
    connection.execute(sa.update(_ORDER).where(_ORDER.c.id.in_(sorted(early))).values(release_at=now))
    planned = {key: one.release_at.isoformat() for key, one in early.items() if one.release_at}
    for one in early.values():
        one.release_at = now
    settle(session, early)
    events = [
        ("order.window_ended", key, {"before": {"release_at": at}, "after": {"release_at": now.isoformat()}})
        for key, at in planned.items()
    ]
    if events:
        journal.record_all(session, "order", events, actor=actor)
    return [_refused(orders.get(key), key) for key in order_ids]


def _refused(order: held.Order | None, order_id: int) -> OmsError | None:
    if order is None:
        return NotFound("order", order_id)
    if order.state != "placed":
        return Refused("order.not_open", f"Order {order.number} is {order.state}: it has nothing to release.")
    return None
