"""Ship a fulfilment order: named allocations become parcels, committed units go to the customer."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from oms_core.fulfilment.states import FULFILLMENT_ORDER, SHIPMENT
from oms_core.fulfilment.tables import FulfillmentOrder, FulfillmentOrderLine, Shipment, ShipmentLine, TrackingEvent
from oms_core.inventory.commands import Move, post
from oms_core.inventory.tables import Allocation
from oms_core.kernel import clock, journal
from oms_core.kernel.bulk import bulk_insert
from oms_core.kernel.errors import Conflict, InvalidInput, NotFound
from oms_core.kernel.rows import core, loaded, next_ids, packed, table_of, unpacked
from oms_core.orders.status import refresh
from oms_core.orders.tables import Order, OrderLine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

_WORK, _WORK_LINE = table_of(FulfillmentOrder), table_of(FulfillmentOrderLine)
_ALLOCATION, _LINE, _ORDER = table_of(Allocation), table_of(OrderLine), table_of(Order)
_SHIPMENT, _SHIPMENT_LINE, _EVENT = table_of(Shipment), table_of(ShipmentLine), table_of(TrackingEvent)
_HEAD = (
    sa.select(_WORK.c.number, _WORK.c.order_id, _WORK.c.location_id, _WORK.c.state, _ORDER.c.currency)
    .join(_ORDER, _ORDER.c.id == _WORK.c.order_id)
    .where(_WORK.c.id == sa.bindparam("work"))
)
#: Every command on an order locks its row first and reads afterwards (PostgreSQL; SQLite has one writer).
_LOCK = (
    sa.select(_ORDER.c.id)
    .where(_ORDER.c.id == sa.select(_WORK.c.order_id).where(_WORK.c.id == sa.bindparam("work")).scalar_subquery())
    .with_for_update()
)
_ROWS = (
    sa.select(
        _WORK_LINE.c.allocation_id,
        _WORK_LINE.c.order_line_id,
        _ALLOCATION.c.variant_id,
        (_ALLOCATION.c.quantity - _ALLOCATION.c.shipped_qty - _ALLOCATION.c.released_qty).label("open"),
    )
    .join(_ALLOCATION, _ALLOCATION.c.id == _WORK_LINE.c.allocation_id)
    .where(_WORK_LINE.c.fulfillment_order_id == sa.bindparam("work"))
    .order_by(_WORK_LINE.c.allocation_id)
)
_ADVANCE = (
    sa.update(_WORK)
    .where(_WORK.c.id == sa.bindparam("work"))
    .values(
        state=sa.bindparam("new_state"), closed_at=sa.bindparam("now", type_=_WORK.c.closed_at.type),
        version=_WORK.c.version + 1,
    )
)  # fmt: skip
_INSERT_SHIPMENT, _INSERT_EVENT = sa.insert(_SHIPMENT), sa.insert(_EVENT)
_LINE_COLUMNS = ("id", "shipment_id", "order_line_id", "allocation_id", "quantity")
#: External id of the tracking event we write ourselves when the label is bought.
LABEL_EVENT = "label"


def ship(
    session: Session,
    *,
    fulfillment_order_id: int,
    carrier: str,
    tracking_number: str | None = None,
    lines: Mapping[int, int] | None = None,
    cost_minor: int = 0,
    promised_at: datetime | None = None,
    service: str = "",
    zone: str,
    actor: str = "system",
    simulated: bool = False,
) -> Shipment:
    """Hand units of a fulfilment order to a carrier as one parcel.

    Parameters
    ----------
    lines : mapping of int to int, optional
        Units by allocation id; everything still open when left out. What is left keeps the
        fulfilment order in progress.
    cost_minor : int
        What the carrier charges us, minor units of the order's currency.

    Raises
    ------
    TransitionRefused
        If the fulfilment order is on hold, closed or cancelled.
    InvalidInput
        If an allocation is not of this fulfilment order, or more than its open units are asked for.
    Conflict
        If the carrier's tracking number is another shipment's.
    """
    connection = core(session)
    if connection.dialect.name != "sqlite":
        connection.execute(_LOCK, {"work": fulfillment_order_id})
    head = connection.execute(_HEAD, {"work": fulfillment_order_id}).one_or_none()
    if head is None:
        raise NotFound("fulfilment order", fulfillment_order_id)
    rows = connection.execute(_ROWS, {"work": fulfillment_order_id}).all()
    picked = _picked(head.number, rows, lines)
    state = "closed" if sum(picked.values()) == sum(row.open for row in rows) else "in_progress"
    if head.state != state:
        FULFILLMENT_ORDER.check(head.number, head.state, state)
    (shipment_id,) = next_ids(connection, "shipments")
    _write_shipment(
        connection,
        {
            "id": shipment_id, "number": f"SH-{shipment_id:06d}", "order_id": head.order_id,
            "fulfillment_order_id": fulfillment_order_id, "location_id": head.location_id, "carrier": carrier,
            "service": service, "tracking_number": tracking_number, "state": SHIPMENT.start,
            "shipped_at": clock.now(), "promised_at": promised_at, "cost_minor": cost_minor,
            "currency": head.currency, "is_simulated": simulated,
        },
    )  # fmt: skip
    _consume(session, shipment_id, head.location_id, rows, picked, zone=zone, actor=actor, simulated=simulated)
    closed_at = clock.now() if state == "closed" else None
    connection.execute(_ADVANCE, {"work": fulfillment_order_id, "new_state": state, "now": closed_at})
    journal.record(
        session, "shipment.shipped", "order", head.order_id, actor=actor, shipment_id=shipment_id, carrier=carrier,
        tracking_number=tracking_number, units=sum(picked.values()),
    )  # fmt: skip
    refresh(session, [head.order_id])
    return loaded(session, Shipment, shipment_id)


def _picked(number: str, rows: Sequence[Any], lines: Mapping[int, int] | None) -> dict[int, int]:
    """Return units by allocation id, checked against what is open."""
    still = {row.allocation_id: row.open for row in rows if row.open > 0}
    picked = dict(still) if lines is None else {key: n for key, n in lines.items() if n}
    for key, n in picked.items():
        if n < 0 or n > still.get(key, 0):
            expectation = f"at most the {still.get(key, 0)} open units of allocation {key} on {number}"
            raise InvalidInput("quantity", n, expectation, code="shipment.more_than_open")
    if not picked:
        raise InvalidInput("lines", {}, f"at least one open unit of {number}", code="shipment.empty")
    return picked


def _write_shipment(connection: sa.Connection, values: Mapping[str, Any]) -> None:
    try:
        connection.execute(_INSERT_SHIPMENT, values)
    except IntegrityError as error:
        raise Conflict(
            "shipment.duplicate",
            f"{values['carrier']} tracking number {values['tracking_number']!r} is another shipment's.",
            "Check the label; a number names one parcel.",
        ) from error
    event = {
        "shipment_id": values["id"], "at": values["shipped_at"], "state": values["state"], "external_id": LABEL_EVENT,
    }  # fmt: skip
    connection.execute(_INSERT_EVENT, event)


@lru_cache
def _statements(dialect: str) -> tuple[sa.Update, sa.Update]:
    """Build: units consumed of allocations, units shipped of order lines."""
    rows = unpacked(dialect, order_line_id=int, allocation_id=int, quantity=int)
    consume = (
        sa.update(_ALLOCATION)
        .values(shipped_qty=_ALLOCATION.c.shipped_qty + rows.c.quantity)
        .where(_ALLOCATION.c.id == rows.c.allocation_id)
    )
    # two allocations of one line may ship together: an UPDATE takes one row only, so they are added up first
    per_line = (
        sa.select(rows.c.order_line_id, sa.cast(sa.func.sum(rows.c.quantity), sa.BigInteger).label("quantity"))
        .group_by(rows.c.order_line_id)
        .subquery()
    )
    count = (
        sa.update(_LINE)
        .values(shipped_qty=_LINE.c.shipped_qty + per_line.c.quantity)
        .where(_LINE.c.id == per_line.c.order_line_id)
    )
    return consume, count


def _consume(
    session: Session,
    shipment_id: int,
    location_id: int,
    rows: Sequence[Any],
    picked: Mapping[int, int],
    *,
    zone: str,
    actor: str,
    simulated: bool,
) -> None:
    connection = session.connection()
    taken = [row for row in rows if row.allocation_id in picked]
    keys = next_ids(connection, "shipment_lines", len(taken))
    lines = [(row.order_line_id, row.allocation_id, picked[row.allocation_id]) for row in taken]
    rows_written = ((key, shipment_id, *line) for key, line in zip(keys, lines, strict=True))
    bulk_insert(connection, _SHIPMENT_LINE, _LINE_COLUMNS, rows_written, keys_drawn=True)
    for statement in _statements(connection.dialect.name):
        connection.execute(statement, {"batch": packed(lines)})
    moves = [
        Move(
            row.variant_id, picked[row.allocation_id], "shipped", location_id, "committed", None, "customer",
            allocation_id=row.allocation_id, shipment_line_id=key,
        )
        for key, row in zip(keys, taken, strict=True)
    ]  # fmt: skip
    post(session, moves, zone=zone, actor=actor, simulated=simulated)
