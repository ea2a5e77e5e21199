"""Fulfilment orders, shipments, tracking events."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from oms_core.fulfilment.states import FULFILLMENT_ORDER, SHIPMENT
from oms_core.kernel.database import REPLICATED, Base, Code, Currency, Minor, Pk, Qty, one_of

#: How a hold ended: by a person, by its date, or with its order.
RELEASED = ("person", "due", "order_ended")
#: Work with something left to do; parcels that are not there yet. Queries that repeat the words use the index.
UNFINISHED = sa.text("state NOT IN ('closed', 'cancelled')")
UNDERWAY = sa.text("state NOT IN ('delivered', 'voided')")
_ACTIVE = sa.text("released_at IS NULL")
_RIDING = sa.text("parent_shipment_id IS NOT NULL")


class FulfillmentOrder(Base):
    """Work for one location: what it is to ship for one order.

    Work on hold remembers in `held_from` the state it goes back to.
    """

    __tablename__ = "fulfillment_orders"
    __table_args__ = (
        one_of("state", FULFILLMENT_ORDER.states),
        # queues and the worker ask every few seconds what is still to be done: little of all there ever was
        sa.Index("ix_fulfillment_orders_unfinished", "state", sqlite_where=UNFINISHED, postgresql_where=UNFINISHED),
        REPLICATED,
    )

    id: Mapped[Pk]
    number: Mapped[Code] = mapped_column(unique=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("orders.id"), index=True)
    location_id: Mapped[int] = mapped_column(sa.ForeignKey("locations.id"), index=True)
    routing_decision_id: Mapped[int | None] = mapped_column(sa.ForeignKey("routing_decisions.id"))
    state: Mapped[Code] = mapped_column(default="open")
    ship_by_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    held_from: Mapped[Code | None]
    version: Mapped[int] = mapped_column(default=1)


class FulfillmentOrderLine(Base):
    """One allocation to be shipped by this fulfilment order."""

    __tablename__ = "fulfillment_order_lines"
    __table_args__ = (sa.UniqueConstraint("allocation_id"), REPLICATED)

    id: Mapped[Pk]
    fulfillment_order_id: Mapped[int] = mapped_column(sa.ForeignKey("fulfillment_orders.id"), index=True)
    order_line_id: Mapped[int] = mapped_column(sa.ForeignKey("order_lines.id"))
    allocation_id: Mapped[int] = mapped_column(sa.ForeignKey("allocations.id"))
    quantity: Mapped[Qty]


class Shipment(Base):
    """One parcel (or pallet) of a fulfilment order. `state` is that of its last tracking event.

    With a `parent_shipment_id` its units ride in the parcel of another order of the same buyer: that
    shipment has the label, and its news are the news of both.
    """

    __tablename__ = "shipments"
    __table_args__ = (
        one_of("state", SHIPMENT.states),
        sa.UniqueConstraint("carrier", "tracking_number"),
        sa.CheckConstraint("(state = 'delivered') = (delivered_at IS NOT NULL)", name="delivered_has_time"),
        sa.Index("ix_shipments_underway", "state", sqlite_where=UNDERWAY, postgresql_where=UNDERWAY),
        sa.Index(
            "ix_shipments_riding",
            "parent_shipment_id",
            sqlite_where=_RIDING,
            postgresql_where=_RIDING,
        ),
        REPLICATED,
    )

    id: Mapped[Pk]
    number: Mapped[Code] = mapped_column(unique=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("orders.id"), index=True)
    fulfillment_order_id: Mapped[int] = mapped_column(sa.ForeignKey("fulfillment_orders.id"), index=True)
    location_id: Mapped[int] = mapped_column(sa.ForeignKey("locations.id"))
    carrier: Mapped[Code]
    service: Mapped[Code] = mapped_column(default="")
    tracking_number: Mapped[Code | None]
    state: Mapped[Code] = mapped_column(default="label_purchased")
    shipped_at: Mapped[datetime]
    promised_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    cost_minor: Mapped[Minor] = mapped_column(default=0)
    currency: Mapped[Currency]
    is_simulated: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    parent_shipment_id: Mapped[int | None]


class ShipmentLine(Base):
    """Units of one named allocation inside a shipment."""

    __tablename__ = "shipment_lines"
    __table_args__ = (sa.CheckConstraint("quantity > 0", name="quantity_positive"), REPLICATED)

    id: Mapped[Pk]
    shipment_id: Mapped[int] = mapped_column(sa.ForeignKey("shipments.id"), index=True)
    order_line_id: Mapped[int] = mapped_column(sa.ForeignKey("order_lines.id"), index=True)
    allocation_id: Mapped[int] = mapped_column(sa.ForeignKey("allocations.id"))
    quantity: Mapped[Qty]


class TrackingEvent(Base):
    """What a carrier said about a shipment; the same event twice is one row."""

    __tablename__ = "tracking_events"
    __table_args__ = (
        one_of("state", SHIPMENT.states),
        sa.UniqueConstraint("shipment_id", "external_id"),
        REPLICATED,
    )

    id: Mapped[Pk]
    shipment_id: Mapped[int] = mapped_column(sa.ForeignKey("shipments.id"))
    at: Mapped[datetime]
    state: Mapped[Code]
    message: Mapped[str] = mapped_column(sa.String(300), default="")
    external_id: Mapped[Code]


class FulfillmentHold(Base):
    """Why an order (or one fulfilment order of it) may not be shipped: reason, owner, until when.

    It is active until `released_at`. What a person released is not held again under the same
    `guard_key`, whatever a rule says (`released_how`).
    """

    __tablename__ = "fulfillment_holds"
    __table_args__ = (
        one_of("released_how", ("", *RELEASED)),
        sa.CheckConstraint("(released_at IS NULL) = (released_how = '')", name="released_has_how"),
        sa.Index(
            "ix_fulfillment_holds_active",
            "order_id",
            "until_at",
            sqlite_where=_ACTIVE,
            postgresql_where=_ACTIVE,
        ),
        REPLICATED,
    )

    id: Mapped[Pk]
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("orders.id"), index=True)
    fulfillment_order_id: Mapped[int | None] = mapped_column(sa.ForeignKey("fulfillment_orders.id"))
    reason: Mapped[Code]
    note: Mapped[str] = mapped_column(sa.String(500), default="")
    owner: Mapped[Code] = mapped_column(default="")
    until_at: Mapped[datetime | None]
    guard_key: Mapped[Code] = mapped_column(default="")
    held_by: Mapped[Code]
    held_at: Mapped[datetime]
    released_by: Mapped[Code] = mapped_column(default="")
    released_at: Mapped[datetime | None]
    released_how: Mapped[Code] = mapped_column(default="")
