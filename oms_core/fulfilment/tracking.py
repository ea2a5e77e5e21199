"""What carriers say about shipments: the shipment machine, moved by tracking events."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.fulfilment.states import SHIPMENT
from oms_core.fulfilment.tables import Shipment, TrackingEvent
from oms_core.kernel import clock, journal
from oms_core.kernel.errors import InvalidInput, NotFound
from oms_core.kernel.rows import core, loaded, table_of
from oms_core.orders.status import refresh

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

_SHIPMENT, _EVENT = table_of(Shipment), table_of(TrackingEvent)
_HEAD = (
    sa.select(_SHIPMENT.c.number, _SHIPMENT.c.order_id, _SHIPMENT.c.state)
    .where(_SHIPMENT.c.id == sa.bindparam("shipment"))
    .with_for_update()
)
_SEEN = sa.select(_EVENT.c.id).where(
    _EVENT.c.shipment_id == sa.bindparam("shipment"), _EVENT.c.external_id == sa.bindparam("external")
)
_INSERT_EVENT = sa.insert(_EVENT)
_ADVANCE = (
    sa.update(_SHIPMENT)
    .where(_SHIPMENT.c.id == sa.bindparam("shipment"))
    .values(
        state=sa.bindparam("new_state"),
        delivered_at=sa.bindparam("delivered", type_=_SHIPMENT.c.delivered_at.type),
        version=_SHIPMENT.c.version + 1,
    )
)


def track(
    session: Session,
    *,
    shipment_id: int,
    state: str,
    at: datetime | None = None,
    message: str = "",
    external_id: str | None = None,
    actor: str = "system",
) -> Shipment:
    """Take one tracking event; the same carrier's event twice is one.

    Parameters
    ----------
    state : str
        A state of the shipment machine. The state it is in already is kept as news without a move.
    at : datetime, optional
        When it happened, aware; now when left out.
    external_id : str, optional
        The carrier's id of the event; made of state and time when left out.

    Raises
    ------
    TransitionRefused
        If the shipment cannot become `state` from where it is.
    """
    if state not in SHIPMENT.states:
        raise InvalidInput("state", state, f"one of {', '.join(SHIPMENT.states)}")
    happened = at or clock.now()
    event = external_id or f"{state}@{happened.isoformat()}"
    connection = core(session)
    head = connection.execute(_HEAD, {"shipment": shipment_id}).one_or_none()
    if head is None:
        raise NotFound("shipment", shipment_id)
    if connection.execute(_SEEN, {"shipment": shipment_id, "external": event}).first() is not None:
        return loaded(session, Shipment, shipment_id)
    if state != head.state:
        SHIPMENT.check(head.number, head.state, state)
    row = {"shipment_id": shipment_id, "at": happened, "state": state, "message": message, "external_id": event}
    connection.execute(_INSERT_EVENT, row)
    if state != head.state:
        delivered = happened if state == "delivered" else None
        connection.execute(_ADVANCE, {"shipment": shipment_id, "new_state": state, "delivered": delivered})
        journal.record(
            session, f"shipment.{state}", "order", head.order_id, actor=actor, shipment_id=shipment_id,
            before=head.state, message=message,
        )  # fmt: skip
        refresh(session, [head.order_id])
    return loaded(session, Shipment, shipment_id)


def deliver(
    session: Session,
    *,
    shipment_id: int,
    at: datetime | None = None,
    external_id: str | None = None,
    actor: str = "system",
) -> Shipment:
    """Book the delivery of a shipment; twice is once."""
    return track(
        session, shipment_id=shipment_id, state="delivered", at=at, external_id=external_id or "delivered", actor=actor
    )
