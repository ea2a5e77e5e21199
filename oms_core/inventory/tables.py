"""Levels, movements, allocations, transfers.

A movement takes `quantity` units of a variant out of one place and puts them into another. A
place is a pair *location, state*; places outside our walls have no location and one of the
states in :data:`OUTSIDE` (``supplier``, ``customer``, ``loss`` for counted differences and scrap,
``transit`` between locations). The sum over all places is zero for ever, and a level is the sum
of its movements. ``incoming`` is not physical and is not part of on hand.
"""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from oms_core.inventory.states import TRANSFER
from oms_core.kernel.database import REPLICATED, Base, Code, Pk, Qty, one_of

#: States of units within a location that add up to on hand (Shopify's names).
ON_HAND_STATES = ("available", "committed", "reserved", "damaged", "safety_stock", "quality_control")
OUTSIDE = ("supplier", "customer", "loss", "transit")
MOVEMENT_KINDS = (
    "opening", "received", "allocated", "released", "shipped", "returned", "adjusted",
    "transferred_out", "transferred_in", "state_changed",
)  # fmt: skip

_level_columns = ", ".join(f"{state} >= 0" for state in ON_HAND_STATES[1:]).replace(", ", " AND ")


class StockLevel(Base):
    """Units of one variant at one location, by state; equals the sum of its movements.

    `available` may go below zero only down to `-backorder_limit_qty`, a typed policy. Of a level
    that `is_binned` every unit on hand lies in a bin (see `inventory.bin_tables`).
    """

    __tablename__ = "stock_levels"
    __table_args__ = (
        sa.UniqueConstraint("variant_id", "location_id"),
        sa.CheckConstraint("available >= -backorder_limit_qty", name="available_not_oversold"),
        sa.CheckConstraint(_level_columns, name="states_not_negative"),
        sa.CheckConstraint("backorder_limit_qty >= 0", name="backorder_limit_not_negative"),
        REPLICATED,
    )

    id: Mapped[Pk]
    variant_id: Mapped[int] = mapped_column(sa.ForeignKey("variants.id"))
    location_id: Mapped[int] = mapped_column(sa.ForeignKey("locations.id"), index=True)
    available: Mapped[Qty] = mapped_column(default=0)
    committed: Mapped[Qty] = mapped_column(default=0)
    reserved: Mapped[Qty] = mapped_column(default=0)
    damaged: Mapped[Qty] = mapped_column(default=0)
    safety_stock: Mapped[Qty] = mapped_column(default=0)
    quality_control: Mapped[Qty] = mapped_column(default=0)
    backorder_limit_qty: Mapped[Qty] = mapped_column(default=0)
    is_binned: Mapped[bool] = mapped_column(default=False, server_default=sa.text("false"))


class StockMovement(Base):
    """One line of the ledger; append-only. Links say what caused it."""

    __tablename__ = "stock_movements"
    __table_args__ = (
        sa.CheckConstraint("quantity > 0", name="quantity_positive"),
        one_of("kind", MOVEMENT_KINDS),
        one_of("from_state", (*ON_HAND_STATES, *OUTSIDE)),
        one_of("to_state", (*ON_HAND_STATES, *OUTSIDE)),
        sa.CheckConstraint(
            "(from_location_id IS NULL) = (from_state IN ('supplier', 'customer', 'loss', 'transit'))",
            name="from_place_whole",
        ),
        sa.CheckConstraint(
            "(to_location_id IS NULL) = (to_state IN ('supplier', 'customer', 'loss', 'transit'))",
            name="to_place_whole",
        ),
        sa.Index(None, "variant_id", "at"),
        REPLICATED,
    )

    id: Mapped[Pk]
    variant_id: Mapped[int] = mapped_column(sa.ForeignKey("variants.id"))
    at: Mapped[datetime]
    business_date: Mapped[date]
    kind: Mapped[Code]
    quantity: Mapped[Qty]
    from_location_id: Mapped[int | None] = mapped_column(sa.ForeignKey("locations.id"))
    from_state: Mapped[Code]
    to_location_id: Mapped[int | None] = mapped_column(sa.ForeignKey("locations.id"))
    to_state: Mapped[Code]
    allocation_id: Mapped[int | None]
    shipment_line_id: Mapped[int | None]
    return_line_id: Mapped[int | None]
    receipt_line_id: Mapped[int | None]
    transfer_line_id: Mapped[int | None]
    reservation_line_id: Mapped[int | None]
    count_line_id: Mapped[int | None]
    reason: Mapped[Code] = mapped_column(default="")
    actor: Mapped[Code] = mapped_column(default="system")
    is_simulated: Mapped[bool] = mapped_column(default=False)


class Allocation(Base):
    """Units of a level promised to one order line; a fulfilment consumes exactly this.

    Open units are ``quantity - shipped_qty - released_qty``; their sum per level is `committed`.
    """

    __tablename__ = "allocations"
    __table_args__ = (
        sa.CheckConstraint("quantity > 0", name="quantity_positive"),
        sa.CheckConstraint(
            "shipped_qty >= 0 AND released_qty >= 0 AND shipped_qty + released_qty <= quantity",
            name="consumed_within_quantity",
        ),
        sa.Index(None, "variant_id", "location_id"),
        REPLICATED,
    )

    id: Mapped[Pk]
    order_line_id: Mapped[int] = mapped_column(sa.ForeignKey("order_lines.id"), index=True)
    variant_id: Mapped[int] = mapped_column(sa.ForeignKey("variants.id"))
    location_id: Mapped[int] = mapped_column(sa.ForeignKey("locations.id"))
    quantity: Mapped[Qty]
    shipped_qty: Mapped[Qty] = mapped_column(default=0)
    released_qty: Mapped[Qty] = mapped_column(default=0)
    created_at: Mapped[datetime]


class Transfer(Base):
    """Units on their way between two of our locations."""

    __tablename__ = "transfers"
    __table_args__ = (
        one_of("state", TRANSFER.states),
        sa.CheckConstraint("from_location_id <> to_location_id", name="two_places"),
    )

    id: Mapped[Pk]
    number: Mapped[Code] = mapped_column(unique=True)
    from_location_id: Mapped[int] = mapped_column(sa.ForeignKey("locations.id"))
    to_location_id: Mapped[int] = mapped_column(sa.ForeignKey("locations.id"))
    state: Mapped[Code] = mapped_column(default="draft")
    created_at: Mapped[datetime]
    shipped_at: Mapped[datetime | None]
    received_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class TransferLine(Base):
    """One variant of a transfer. What neither arrived nor was lost is still in transit.

    `found_qty` units were lost and turned up later; `over_qty` arrived beyond what was sent.
    """

    __tablename__ = "transfer_lines"
    __table_args__ = (
        sa.CheckConstraint("quantity > 0", name="quantity_positive"),
        sa.CheckConstraint(
            "received_qty >= 0 AND lost_qty >= 0 AND received_qty + lost_qty <= quantity",
            name="received_within_quantity",
        ),
    )

    id: Mapped[Pk]
    transfer_id: Mapped[int] = mapped_column(sa.ForeignKey("transfers.id"), index=True)
    variant_id: Mapped[int] = mapped_column(sa.ForeignKey("variants.id"))
    quantity: Mapped[Qty]
    received_qty: Mapped[Qty] = mapped_column(default=0)
    lost_qty: Mapped[Qty] = mapped_column(default=0)
    found_qty: Mapped[Qty] = mapped_column(default=0, server_default=sa.text("0"))
    over_qty: Mapped[Qty] = mapped_column(default=0, server_default=sa.text("0"))
