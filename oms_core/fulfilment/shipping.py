"""Ship fulfilment orders: named allocations become parcels, committed units go to the customer.

A wave of parcels costs the statements of one (:func:`ship_all`); one parcel is a wave of one.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from oms_core.fulfilment.packing import NewParcel, Packed, label_taken, labels_taken, pack, works_of
from oms_core.fulfilment.states import SHIPMENT
from oms_core.fulfilment.tables import FulfillmentOrder, FulfillmentOrderLine, Shipment, ShipmentLine, TrackingEvent
from oms_core.inventory.commands import Move, post
from oms_core.inventory.tables import Allocation
from oms_core.kernel import clock, journal
from oms_core.kernel.bulk import bulk_insert
from oms_core.kernel.errors import OmsError
from oms_core.kernel.rows import core, loaded, next_ids, packed, table_of, unpacked
from oms_core.orders.status import refresh
from oms_core.orders.tables import Order, OrderLine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

_WORK, _WORK_LINE = table_of(FulfillmentOrder), table_of(FulfillmentOrderLine)
_ALLOCATION, _LINE, _ORDER = table_of(Allocation), table_of(OrderLine), table_of(Order)
_SHIPMENT, _SHIPMENT_LINE, _EVENT = table_of(Shipment), table_of(ShipmentLine), table_of(TrackingEvent)
#: External id of the tracking event we write ourselves when the label is bought.
LABEL_EVENT = "label"
_SHIPMENT_COLUMNS = (
    "id", "number", "order_id", "fulfillment_order_id", "location_id", "carrier", "service", "tracking_number",
    "state", "shipped_at", "promised_at", "cost_minor", "currency", "is_simulated", "version", "parent_shipment_id",
)  # fmt: skip
_LINE_COLUMNS = ("id", "shipment_id", "order_line_id", "allocation_id", "quantity")


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
        If the fulfilment order is closed or cancelled.
    Refused
        If it is on hold (``shipment.on_hold``, naming who holds it and why) or not released to the
        warehouse yet (``shipment.scheduled``).
    InvalidInput
        If an allocation is not of this fulfilment order, or more than its open units are asked for.
    Conflict
        If the carrier's tracking number is another shipment's.
    """
    new = NewParcel(
        fulfillment_order_id=fulfillment_order_id, carrier=carrier, tracking_number=tracking_number, lines=lines,
        cost_minor=cost_minor, promised_at=promised_at, service=service,
    )  # fmt: skip
    (shipped,) = ship_all(session, [new], zone=zone, actor=actor, simulated=simulated)
    if isinstance(shipped, OmsError):
        raise shipped
    return loaded(session, Shipment, shipped)


def ship_all(
    session: Session, parcels: Sequence[NewParcel], *, zone: str, actor: str = "system", simulated: bool = False
) -> list[int | OmsError]:
    """Hand many parcels to carriers, each for itself, in the order given.

    Returns
    -------
    list of int or OmsError
        For each parcel the id of its shipment, or why it stays (see :func:`ship`).
    """
    connection = core(session)
    works = works_of(connection, {new.fulfillment_order_id for new in parcels})
    taken = labels_taken(connection, [(new.carrier, new.tracking_number) for new in parcels if new.tracking_number])
    outcome = [pack(new, works.get(new.fulfillment_order_id), taken) for new in parcels]
    packs = [found for found in outcome if isinstance(found, Packed)]
    keys = iter(_send(session, packs, zone=zone, actor=actor, simulated=simulated) if packs else [])
    return [next(keys) if isinstance(found, Packed) else found for found in outcome]


def ship_together(
    session: Session, parcels: Sequence[NewParcel], *, zone: str, actor: str = "system", simulated: bool = False
) -> list[int]:
    """Hand the units of several fulfilment orders to a carrier as one parcel, all or nothing.

    The first is the parcel: it has the label and the cost. The others ride in it: shipments of their
    own orders without a label, which the parcel's news move too (`tracking.track_all`).

    Returns
    -------
    list of int
        Ids of the shipments, the parcel first.
    """
    connection = core(session)
    works = works_of(connection, {new.fulfillment_order_id for new in parcels})
    taken = labels_taken(connection, [(new.carrier, new.tracking_number) for new in parcels if new.tracking_number])
    packs = list[Packed]()
    for new in parcels:
        found = pack(new, works.get(new.fulfillment_order_id), taken)
        if isinstance(found, OmsError):
            raise found
        packs.append(found)
    return _send(session, packs, zone=zone, actor=actor, simulated=simulated, together=True)


def _send(
    session: Session, packs: Sequence[Packed], *, zone: str, actor: str, simulated: bool, together: bool = False
) -> list[int]:
    """Write shipments, consume allocations, move the stock, advance the work; return the ids."""
    connection, now = session.connection(), clock.now()
    keys = next_ids(connection, "shipments", len(packs))
    try:
        rides = [None, *[keys[0] if together else None] * (len(keys) - 1)]
        rows = [
            (*_shipment(key, p, now, simulated=simulated), parent)
            for key, p, parent in zip(keys, packs, rides, strict=True)
        ]
        bulk_insert(connection, _SHIPMENT, _SHIPMENT_COLUMNS, rows, keys_drawn=True)
    except IntegrityError as error:
        # another transaction used the number in the same moment
        raise label_taken(packs[0].new.carrier, packs[0].new.tracking_number) from error
    scans = [(key, now, SHIPMENT.start, "", LABEL_EVENT) for key in keys]
    bulk_insert(connection, _EVENT, ("shipment_id", "at", "state", "message", "external_id"), scans)
    _consume(session, dict(zip(keys, packs, strict=True)), zone=zone, actor=actor, simulated=simulated)
    works = {p.work.id: (p.work.id, p.work.state, now if p.work.state == "closed" else None) for p in packs}
    connection.execute(_advance(connection.dialect.name), {"batch": packed(works.values())})
    events = [("shipment.shipped", p.work.order_id, _fact(key, p)) for key, p in zip(keys, packs, strict=True)]
    if together:
        parcel = {"parent": f"SH-{keys[0]:06d}", "parent_order": packs[0].work.order_number}
        events[1:] = [("shipment.riding", order, fact | parcel) for _, order, fact in events[1:]]
    journal.record_all(session, "order", events, actor=actor)
    refresh(session, {p.work.order_id for p in packs})
    return keys


def _shipment(key: int, p: Packed, now: datetime, *, simulated: bool) -> tuple[Any, ...]:
    return (
        key, f"SH-{key:06d}", p.work.order_id, p.work.id, p.work.location_id, p.new.carrier, p.new.service,
        p.new.tracking_number, SHIPMENT.start, now, p.new.promised_at, p.new.cost_minor, p.work.currency, simulated, 1,
    )  # fmt: skip


def _fact(key: int, p: Packed) -> dict[str, Any]:
    return {
        "shipment_id": key, "carrier": p.new.carrier, "tracking_number": p.new.tracking_number,
        "units": sum(p.units.values()), "before": {p.work.number: p.work.before},
        "after": {p.work.number: p.work.state},
    }  # fmt: skip


@lru_cache
def _advance(dialect: str) -> sa.Update:
    new = unpacked(dialect, id=int, state=str, closed_at=datetime)
    values = {"state": new.c.state, "closed_at": new.c.closed_at, "version": _WORK.c.version + 1}
    return sa.update(_WORK).where(_WORK.c.id == new.c.id).values(values)


@lru_cache
def _counts(dialect: str) -> tuple[sa.Update, sa.Update]:
    """Build: units consumed of allocations, units shipped of order lines.

    An UPDATE takes one row of its source only, so units of one allocation or line are added up first.
    """
    rows = unpacked(dialect, order_line_id=int, allocation_id=int, quantity=int)

    def summed(key: sa.ColumnElement[Any]) -> sa.Subquery:
        total = sa.cast(sa.func.sum(rows.c.quantity), sa.BigInteger).label("quantity")
        return sa.select(key.label("id"), total).group_by(key).subquery()

    consumed, counted = summed(rows.c.allocation_id), summed(rows.c.order_line_id)
    return (
        sa.update(_ALLOCATION)
        .values(shipped_qty=_ALLOCATION.c.shipped_qty + consumed.c.quantity)
        .where(_ALLOCATION.c.id == consumed.c.id),
        sa.update(_LINE).values(shipped_qty=_LINE.c.shipped_qty + counted.c.quantity).where(_LINE.c.id == counted.c.id),
    )


def _consume(session: Session, packs: Mapping[int, Packed], *, zone: str, actor: str, simulated: bool) -> None:
    """Write shipment lines, count them on allocations and order lines, move the units to the customer."""
    connection = session.connection()
    taken = [(key, p.work, allocation, n) for key, p in packs.items() for allocation, n in sorted(p.units.items())]
    keys = next_ids(connection, "shipment_lines", len(taken))
    counted = [(work.rows[allocation].order_line_id, allocation, n) for _, work, allocation, n in taken]
    lines = [(key, took[0], *row) for key, took, row in zip(keys, taken, counted, strict=True)]
    bulk_insert(connection, _SHIPMENT_LINE, _LINE_COLUMNS, lines, keys_drawn=True)
    for statement in _counts(connection.dialect.name):
        connection.execute(statement, {"batch": packed(counted)})
    moves = [
        Move(
            work.rows[allocation].variant_id, n, "shipped", work.location_id, "committed", None, "customer",
            allocation_id=allocation, shipment_line_id=key,
        )
        for key, (_, work, allocation, n) in zip(keys, taken, strict=True)
    ]  # fmt: skip
    post(session, moves, zone=zone, actor=actor, simulated=simulated)
