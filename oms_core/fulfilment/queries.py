"""Read an order's work and parcels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.fulfilment.tables import FulfillmentHold, FulfillmentOrder, FulfillmentOrderLine, Shipment
from oms_core.inventory.tables import Allocation
from oms_core.kernel.errors import InvalidInput, NotFound
from oms_core.kernel.money import to_decimal
from oms_core.locations.tables import Location
from oms_core.orders.tables import OrderLine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

#: States in which work can be shipped.
SHIPPABLE = ("open", "in_progress", "incomplete")
#: Conditions in the words of the tables' partial indexes, which the databases then use.
UNFINISHED_WORK = sa.literal_column("fulfillment_orders.state NOT IN ('closed', 'cancelled')", sa.Boolean)
SHIPMENT_UNDERWAY = sa.literal_column("shipments.state NOT IN ('delivered', 'voided')", sa.Boolean)


def open_work(session: Session, order_id: int, *, location_id: int | None = None) -> list[int]:
    """Return the ids of an order's fulfilment orders that can be shipped, of one location if given."""
    statement = (
        sa.select(FulfillmentOrder.id)
        .where(FulfillmentOrder.order_id == order_id, FulfillmentOrder.state.in_(SHIPPABLE))
        .order_by(FulfillmentOrder.id)
    )
    if location_id is not None:
        statement = statement.where(FulfillmentOrder.location_id == location_id)
    return list(session.scalars(statement))


def work_of(session: Session, order_id: int) -> list[dict[str, Any]]:
    """Return an order's fulfilment orders: location, state, units."""
    work, line = FulfillmentOrder, FulfillmentOrderLine
    rows = session.execute(
        sa.select(work, Location.code, sa.func.sum(line.quantity))
        .join(Location, Location.id == work.location_id)
        .join(line, line.fulfillment_order_id == work.id)
        .where(work.order_id == order_id)
        .group_by(work.id, Location.code)
        .order_by(work.id)
    )
    return [
        {"id": found.id, "number": found.number, "location": code, "state": found.state, "units": int(units)}
        for found, code, units in rows
    ]


def shipments_of(session: Session, order_id: int) -> list[dict[str, Any]]:
    """Return an order's parcels, oldest first."""
    rows = session.execute(
        sa.select(Shipment, Location.code)
        .join(Location, Location.id == Shipment.location_id)
        .where(Shipment.order_id == order_id)
        .order_by(Shipment.id)
    )
    return [
        {
            "id": s.id, "number": s.number, "location": code, "carrier": s.carrier, "service": s.service,
            "tracking_number": s.tracking_number, "state": s.state, "shipped_at": s.shipped_at,
            "delivered_at": s.delivered_at, "cost": to_decimal(s.cost_minor, s.currency), "currency": s.currency,
            "parent_shipment_id": s.parent_shipment_id,
        }
        for s, code in rows
    ]  # fmt: skip


def units_by_allocation(session: Session, work_id: int, units: Mapping[str, int]) -> dict[int, int]:
    """Share units by SKU over the open allocations of a fulfilment order, oldest first.

    Raises
    ------
    InvalidInput
        If it has fewer open units of a SKU than named (``fulfillment_order.units``).
    """
    open_qty = Allocation.quantity - Allocation.shipped_qty - Allocation.released_qty
    rows = session.execute(
        sa.select(OrderLine.sku, Allocation.id, open_qty.label("open"))
        .join(FulfillmentOrderLine, FulfillmentOrderLine.allocation_id == Allocation.id)
        .join(OrderLine, OrderLine.id == Allocation.order_line_id)
        .where(FulfillmentOrderLine.fulfillment_order_id == work_id, open_qty > 0)
        .order_by(Allocation.id)
    ).all()
    left, found = dict(units), dict[int, int]()
    for row in rows:
        n = min(left.get(row.sku, 0), row.open)
        if n:
            found[row.id] = n
            left[row.sku] -= n
    short = {sku: n for sku, n in left.items() if n}
    if short:
        there = ", ".join(f"{row.open} × {row.sku}" for row in rows) or "nothing"
        asked = ", ".join(f"{n} × {sku}" for sku, n in sorted(short.items()))
        raise InvalidInput("units", asked, f"units it has open: {there}", code="fulfillment_order.units")
    return found


def units_by_line(session: Session, work_id: int, units: Mapping[int, int]) -> dict[int, int]:
    """Return units by allocation of units by line of a fulfilment order, as its commands take them.

    Raises
    ------
    NotFound
        If a line is not of this fulfilment order.
    """
    line = FulfillmentOrderLine
    rows = session.execute(sa.select(line.id, line.allocation_id).where(line.fulfillment_order_id == work_id))
    allocation = {row.id: row.allocation_id for row in rows}
    for key in units:
        if key not in allocation:
            raise NotFound("fulfilment order line", key, [str(known) for known in allocation])
    return {allocation[key]: n for key, n in units.items()}


def holds_of(session: Session, order_id: int) -> list[dict[str, Any]]:
    """Return an order's holds, released ones too, oldest first."""
    names = (
        "id", "fulfillment_order_id", "reason", "note", "owner", "until_at", "guard_key", "held_by", "held_at",
        "released_by", "released_at", "released_how",
    )  # fmt: skip
    rows = session.scalars(
        sa.select(FulfillmentHold).where(FulfillmentHold.order_id == order_id).order_by(FulfillmentHold.id)
    )
    return [{name: getattr(row, name) for name in names} for row in rows]
