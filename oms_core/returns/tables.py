"""Returns, their lines and money corrections."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from oms_core.kernel.database import REPLICATED, Base, Code, Currency, Minor, Pk, Qty, one_of
from oms_core.orders.tables import ADJUSTMENT_KINDS
from oms_core.returns.states import RETURN

DISPOSITIONS = ("pending", "restock", "damaged", "quality_control", "scrap", "not_received")
#: How a customer may wish a return to be settled; empty when nobody asked.
WISHES = ("", "refund", "store_credit")
#: A unit that is counted and not looked at yet is ``counted``: it is here, and in no stock until somebody decides.
UNIT_DISPOSITIONS = ("counted", "restock", "damaged", "quality_control", "scrap", "not_received")
#: How good a unit came back: a as new, b opened, c used, d beyond selling; empty when nobody said.
GRADES = ("", "a", "b", "c", "d")


class Return(Base):
    """A return of goods, or a stand-alone credit when no sale is known (`order_id` empty).

    Dated on the day it was accounted (`business_date`): metrics on the event clock use it.
    `goods_minor` is the value of goods returned (positive), `other_minor` signed corrections of
    carriage, fees or discounts; ``total = goods + other`` is what the customer is owed.
    `wish` is how the customer would like it settled. `send_to` is the address the customer was told
    (lines), `send_to_why` the reason as ``kind:scope`` (see `returns.places`).
    """

    __tablename__ = "returns"
    __table_args__ = (
        one_of("state", RETURN.states),
        sa.UniqueConstraint("channel_id", "external_id"),
        sa.CheckConstraint("total_minor = goods_minor + other_minor", name="total_adds_up"),
        REPLICATED,
    )

    id: Mapped[Pk]
    number: Mapped[Code] = mapped_column(unique=True)
    order_id: Mapped[int | None] = mapped_column(sa.ForeignKey("orders.id"), index=True)
    channel_id: Mapped[int] = mapped_column(sa.ForeignKey("channels.id"))
    customer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("customers.id"), index=True)
    external_id: Mapped[Code]
    state: Mapped[Code] = mapped_column(default="requested")
    reason: Mapped[Code] = mapped_column(default="")
    currency: Mapped[Currency]
    ship_country: Mapped[str] = mapped_column(sa.String(2), default="")
    requested_at: Mapped[datetime]
    business_date: Mapped[date]
    received_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    goods_minor: Mapped[Minor] = mapped_column(default=0)
    other_minor: Mapped[Minor] = mapped_column(default=0)
    total_minor: Mapped[Minor] = mapped_column(default=0)
    is_history: Mapped[bool] = mapped_column(default=False)
    is_simulated: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    wish: Mapped[Code] = mapped_column(default="", server_default="")
    send_to: Mapped[str] = mapped_column(sa.String(400), default="", server_default="")
    send_to_location_id: Mapped[int | None]
    send_to_why: Mapped[Code] = mapped_column(default="", server_default="")


class ReturnLine(Base):
    """Units of one variant that come back; `order_line_id` is the sale it reverses, if known."""

    __tablename__ = "return_lines"
    __table_args__ = (
        sa.CheckConstraint("quantity > 0", name="quantity_positive"),
        sa.CheckConstraint("received_qty >= 0 AND received_qty <= quantity", name="received_within_quantity"),
        one_of("disposition", DISPOSITIONS),
        REPLICATED,
    )

    id: Mapped[Pk]
    return_id: Mapped[int] = mapped_column(sa.ForeignKey("returns.id"), index=True)
    order_line_id: Mapped[int | None] = mapped_column(sa.ForeignKey("order_lines.id"), index=True)
    variant_id: Mapped[int] = mapped_column(sa.ForeignKey("variants.id"))
    sku: Mapped[Code]
    title: Mapped[str] = mapped_column(sa.String(300), default="")
    quantity: Mapped[Qty]
    received_qty: Mapped[Qty] = mapped_column(default=0)
    amount_minor: Mapped[Minor]
    rounding_minor: Mapped[Minor] = mapped_column(default=0)
    disposition: Mapped[Code] = mapped_column(default="pending")
    location_id: Mapped[int | None] = mapped_column(sa.ForeignKey("locations.id"))
    reason: Mapped[Code] = mapped_column(default="")


class ReturnAdjustment(Base):
    """A correction on a return that is not goods: carriage given back, fee kept and the like.

    Signed: positive raises what the customer is owed.
    """

    __tablename__ = "return_adjustments"
    __table_args__ = (one_of("kind", ADJUSTMENT_KINDS), REPLICATED)

    id: Mapped[Pk]
    return_id: Mapped[int] = mapped_column(sa.ForeignKey("returns.id"), index=True)
    kind: Mapped[Code]
    code: Mapped[Code] = mapped_column(default="")
    title: Mapped[str] = mapped_column(sa.String(300), default="")
    quantity: Mapped[Qty] = mapped_column(default=1)
    amount_minor: Mapped[Minor]


class ReturnUnit(Base):
    """One unit that came back: what the person who looked at it decided, and in what condition it was.

    `location_id` is where it lies; `moved_at` is when it entered our stock, empty while it is only
    counted (`moves_at` of the count said ``inspection``) or when it turned out not to be there.
    """

    __tablename__ = "return_units"
    __table_args__ = (
        sa.UniqueConstraint("return_line_id", "position"),
        one_of("disposition", UNIT_DISPOSITIONS),
        one_of("grade", GRADES),
        sa.CheckConstraint(
            "(moved_at IS NULL) = (disposition IN ('counted', 'not_received'))", name="in_stock_once_decided"
        ),
        REPLICATED,
    )

    id: Mapped[Pk]
    return_line_id: Mapped[int] = mapped_column(sa.ForeignKey("return_lines.id"))
    position: Mapped[int]
    location_id: Mapped[int] = mapped_column(sa.ForeignKey("locations.id"))
    disposition: Mapped[Code] = mapped_column(default="counted")
    grade: Mapped[Code] = mapped_column(default="")
    note: Mapped[str] = mapped_column(sa.String(500), default="")
    counted_at: Mapped[datetime]
    counted_by: Mapped[Code]
    moved_at: Mapped[datetime | None]
    inspected_at: Mapped[datetime | None]
    inspected_by: Mapped[Code] = mapped_column(default="")
