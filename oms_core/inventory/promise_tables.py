"""What is held or promised besides allocations: reservations, channel rules, backorders."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from oms_core.inventory.states import BACKORDER, RESERVATION
from oms_core.kernel.database import REPLICATED, Base, Code, Pk, Qty, one_of

#: What may be done when a variant is sold out: refuse; promise beyond what is on order; promise only what is on order.
OVERSELL_POLICIES = ("deny", "backorder", "preorder")


class Reservation(Base):
    """Units held for a checkout until `expires_at`; the buyer's side knows it by its `token`.

    Its open units are in the state ``reserved``; no other units are. `order_id` is the order that
    it became.
    """

    __tablename__ = "reservations"
    __table_args__ = (
        one_of("state", RESERVATION.states),
        sa.CheckConstraint("(state = 'converted') = (order_id IS NOT NULL)", name="converted_has_order"),
        sa.Index(None, "state", "expires_at"),
        REPLICATED,
    )

    id: Mapped[Pk]
    number: Mapped[Code] = mapped_column(unique=True)
    token: Mapped[Code] = mapped_column(unique=True)
    channel_id: Mapped[int] = mapped_column(sa.ForeignKey("channels.id"))
    state: Mapped[Code] = mapped_column(default="active")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    order_id: Mapped[int | None]
    reason: Mapped[Code] = mapped_column(default="")
    actor: Mapped[Code] = mapped_column(default="system")


class ReservationLine(Base):
    """Units of one level that a reservation holds: ``quantity - converted_qty - released_qty`` are still held."""

    __tablename__ = "reservation_lines"
    __table_args__ = (
        sa.UniqueConstraint("reservation_id", "variant_id", "location_id"),
        sa.CheckConstraint("quantity > 0", name="quantity_positive"),
        sa.CheckConstraint(
            "converted_qty >= 0 AND released_qty >= 0 AND converted_qty + released_qty <= quantity",
            name="consumed_within_quantity",
        ),
        REPLICATED,
    )

    id: Mapped[Pk]
    reservation_id: Mapped[int] = mapped_column(sa.ForeignKey("reservations.id"))
    variant_id: Mapped[int] = mapped_column(sa.ForeignKey("variants.id"))
    location_id: Mapped[int] = mapped_column(sa.ForeignKey("locations.id"))
    quantity: Mapped[Qty]
    converted_qty: Mapped[Qty] = mapped_column(default=0)
    released_qty: Mapped[Qty] = mapped_column(default=0)


class ChannelStockRule(Base):
    """What a channel may take of a level; the most specific rule of the channel counts, alone.

    No variant or no location means every one. `buffer_qty` available units of each level the
    channel never sees; `protected_qty` available units of each level no *other* channel may take;
    a level that is not offered gives the channel nothing.
    """

    __tablename__ = "channel_stock_rules"
    __table_args__ = (
        sa.CheckConstraint("buffer_qty >= 0 AND protected_qty >= 0", name="units_not_negative"),
        # NULLs are distinct in a unique constraint: the scope says the same as text
        sa.UniqueConstraint("channel_id", "scope"),
        REPLICATED,
    )

    id: Mapped[Pk]
    channel_id: Mapped[int] = mapped_column(sa.ForeignKey("channels.id"))
    scope: Mapped[Code]
    variant_id: Mapped[int | None] = mapped_column(sa.ForeignKey("variants.id"), index=True)
    location_id: Mapped[int | None] = mapped_column(sa.ForeignKey("locations.id"))
    buffer_qty: Mapped[Qty] = mapped_column(default=0)
    protected_qty: Mapped[Qty] = mapped_column(default=0)
    is_offered: Mapped[bool] = mapped_column(default=True)


class Backorder(Base):
    """Units of an order line promised from goods that are still to come.

    ``quantity - allocated_qty - cancelled_qty`` units still wait. They come with
    `purchase_order_line_id` on `promised_on`; both are None when nobody knows yet.
    """

    __tablename__ = "backorders"
    __table_args__ = (
        one_of("state", BACKORDER.states),
        one_of("kind", OVERSELL_POLICIES[1:]),
        sa.CheckConstraint("quantity > 0", name="quantity_positive"),
        sa.CheckConstraint(
            "allocated_qty >= 0 AND cancelled_qty >= 0 AND allocated_qty + cancelled_qty <= quantity",
            name="consumed_within_quantity",
        ),
        sa.CheckConstraint(
            "(state = 'waiting') = (allocated_qty + cancelled_qty < quantity)", name="waits_for_something"
        ),
        sa.Index(None, "variant_id", "state"),
        REPLICATED,
    )

    id: Mapped[Pk]
    order_line_id: Mapped[int] = mapped_column(sa.ForeignKey("order_lines.id"), index=True)
    variant_id: Mapped[int] = mapped_column(sa.ForeignKey("variants.id"))
    quantity: Mapped[Qty]
    allocated_qty: Mapped[Qty] = mapped_column(default=0)
    cancelled_qty: Mapped[Qty] = mapped_column(default=0)
    kind: Mapped[Code]
    purchase_order_line_id: Mapped[int | None] = mapped_column(index=True)
    first_promised_on: Mapped[date | None]
    promised_on: Mapped[date | None]
    state: Mapped[Code] = mapped_column(default="waiting")
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
