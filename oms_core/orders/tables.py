"""Orders, order lines, order adjustments."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from oms_core.kernel.database import REPLICATED, Base, Code, Currency, Json, Minor, Pk, Qty, one_of
from oms_core.orders.states import DELIVERY, FULFILLMENT, ORDER, PAYMENT, RETURN

#: What an adjustment is. Only `gift_card`, `manual` and `rounding` are neither shipping, tax nor discount.
ADJUSTMENT_KINDS = ("shipping", "discount", "tax", "fee", "gift_card", "manual", "sample", "test")


class Order(Base):
    """One order of one customer in one channel and one currency.

    Money columns are minor units: ``total = gross - discount + shipping + tax + other``, where
    `gross` and `discount` are sums over lines and adjustments, `other` the remaining adjustments.
    Status axes are derived from facts by `orders.status` and checked against them.
    `is_history` marks an imported order whose stock and parcels happened before Ordersight.
    Until `release_at` (the channel's service window) its work is scheduled and may be changed freely.
    The bill's address is None where it is the one the goods go to. `version` moves with every change.
    """

    __tablename__ = "orders"
    __table_args__ = (
        sa.UniqueConstraint("channel_id", "external_id"),
        one_of("state", ORDER.states),
        one_of("payment_status", tuple(PAYMENT)),
        one_of("fulfillment_status", tuple(FULFILLMENT)),
        one_of("delivery_status", tuple(DELIVERY)),
        one_of("return_status", tuple(RETURN)),
        sa.CheckConstraint(
            "total_minor = gross_minor - discount_minor + shipping_minor + tax_minor + other_minor",
            name="total_adds_up",
        ),
        sa.CheckConstraint("(state = 'cancelled') = (cancelled_at IS NOT NULL)", name="cancelled_has_time"),
        sa.Index(None, "state", "placed_at"),
        sa.Index(None, "customer_id"),
        REPLICATED,
    )

    id: Mapped[Pk]
    number: Mapped[Code] = mapped_column(unique=True)
    channel_id: Mapped[int] = mapped_column(sa.ForeignKey("channels.id"))
    external_id: Mapped[Code]
    customer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("customers.id"))
    email: Mapped[str | None] = mapped_column(sa.String(254))
    currency: Mapped[Currency]
    state: Mapped[Code] = mapped_column(default="placed")
    placed_at: Mapped[datetime] = mapped_column(index=True)
    business_date: Mapped[date]
    ship_by_at: Mapped[datetime | None]
    release_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[Code] = mapped_column(default="")
    closed_at: Mapped[datetime | None]
    ship_name: Mapped[str] = mapped_column(sa.String(200), default="")
    ship_line1: Mapped[str] = mapped_column(sa.String(200), default="")
    ship_city: Mapped[Code] = mapped_column(default="")
    ship_region: Mapped[Code] = mapped_column(default="")
    ship_postal_code: Mapped[str] = mapped_column(sa.String(20), default="")
    ship_country: Mapped[str] = mapped_column(sa.String(2), default="")
    bill_name: Mapped[str | None] = mapped_column(sa.String(200))
    bill_line1: Mapped[str | None] = mapped_column(sa.String(200))
    bill_city: Mapped[Code | None]
    bill_postal_code: Mapped[str | None] = mapped_column(sa.String(20))
    bill_country: Mapped[str | None] = mapped_column(sa.String(2))
    gross_minor: Mapped[Minor] = mapped_column(default=0)
    discount_minor: Mapped[Minor] = mapped_column(default=0)
    shipping_minor: Mapped[Minor] = mapped_column(default=0)
    tax_minor: Mapped[Minor] = mapped_column(default=0)
    other_minor: Mapped[Minor] = mapped_column(default=0)
    total_minor: Mapped[Minor] = mapped_column(default=0)
    #: The shop's own money: total at the rate of the order's day; all empty when no rate was published.
    shop_currency: Mapped[Currency | None]
    shop_total_minor: Mapped[int | None]
    shop_rate: Mapped[str | None] = mapped_column(sa.String(40))
    shop_rate_on: Mapped[date | None]
    payment_status: Mapped[Code] = mapped_column(default="none")
    fulfillment_status: Mapped[Code] = mapped_column(default="unfulfilled")
    delivery_status: Mapped[Code] = mapped_column(default="pending")
    return_status: Mapped[Code] = mapped_column(default="none")
    is_history: Mapped[bool] = mapped_column(default=False)
    is_test: Mapped[bool] = mapped_column(default=False)
    is_simulated: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)


class OrderLine(Base):
    """One product line: ``gross = quantity x unit_price + rounding``.

    `rounding_minor` is what a source's sub-penny unit price adds to or takes from the product of
    quantity and the rounded unit price. `unit_cost_minor` is the cost known at sale, if any.

    A line that an edit took off whole keeps its quantity, all of it cancelled, and is worth nothing
    (`is_removed`). `stock_kind` is the variant's when it was sold; a component of a bundle names the
    bundle it was sold in and how many of it.
    """

    __tablename__ = "order_lines"
    __table_args__ = (
        sa.UniqueConstraint("order_id", "position"),
        sa.CheckConstraint("quantity > 0", name="quantity_positive"),
        sa.CheckConstraint("gross_minor = quantity * unit_price_minor + rounding_minor", name="gross_adds_up"),
        sa.CheckConstraint(
            "cancelled_qty >= 0 AND shipped_qty >= 0 AND cancelled_qty + shipped_qty <= quantity",
            name="shipped_within_quantity",
        ),
        sa.CheckConstraint("returned_qty >= 0 AND returned_qty <= shipped_qty", name="returned_within_shipped"),
        sa.CheckConstraint("discount_minor >= 0 AND discount_minor <= gross_minor", name="discount_within_gross"),
        REPLICATED,
    )

    id: Mapped[Pk]
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("orders.id"))
    position: Mapped[int]
    variant_id: Mapped[int] = mapped_column(sa.ForeignKey("variants.id"), index=True)
    sku: Mapped[Code]
    title: Mapped[str] = mapped_column(sa.String(300), default="")
    quantity: Mapped[Qty]
    unit_price_minor: Mapped[Minor]
    rounding_minor: Mapped[Minor] = mapped_column(default=0)
    gross_minor: Mapped[Minor]
    discount_minor: Mapped[Minor] = mapped_column(default=0)
    tax_minor: Mapped[Minor] = mapped_column(default=0)
    unit_cost_minor: Mapped[int | None]
    cancelled_qty: Mapped[Qty] = mapped_column(default=0)
    shipped_qty: Mapped[Qty] = mapped_column(default=0)
    returned_qty: Mapped[Qty] = mapped_column(default=0)
    is_removed: Mapped[bool] = mapped_column(default=False, server_default=sa.text("false"))
    stock_kind: Mapped[Code] = mapped_column(default="stocked", server_default=sa.text("'stocked'"))
    attributes: Mapped[dict[str, Any] | None] = mapped_column(Json)
    lead_time_days: Mapped[int | None]
    bundle_sku: Mapped[Code | None]
    bundle_qty: Mapped[int | None]


class OrderAdjustment(Base):
    """Money on an order that is not a product: carriage, discount, tax, fee, gift card and the like.

    Signed: positive raises what the customer owes (a discount is negative). One that an edit added names
    the change and its business date; a change never rewrites an older one.
    """

    __tablename__ = "order_adjustments"
    __table_args__ = (one_of("kind", ADJUSTMENT_KINDS), REPLICATED)

    id: Mapped[Pk]
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("orders.id"), index=True)
    kind: Mapped[Code]
    code: Mapped[Code] = mapped_column(default="")
    title: Mapped[str] = mapped_column(sa.String(300), default="")
    quantity: Mapped[Qty] = mapped_column(default=1)
    amount_minor: Mapped[Minor]
    order_change_id: Mapped[int | None]
    added_on: Mapped[date | None]


class OrderTag(Base):
    """One word put on an order by a person or a rule; the same tag twice is one."""

    __tablename__ = "order_tags"
    __table_args__ = (sa.UniqueConstraint("order_id", "tag"), sa.Index(None, "tag"), REPLICATED)

    id: Mapped[Pk]
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("orders.id"))
    tag: Mapped[str] = mapped_column(sa.String(60))
    added_by: Mapped[Code]
    added_at: Mapped[datetime]


class OrderNote(Base):
    """What somebody wrote about an order; append-only."""

    __tablename__ = "order_notes"

    id: Mapped[Pk]
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("orders.id"), index=True)
    body: Mapped[str] = mapped_column(sa.Text)
    author: Mapped[Code]
    at: Mapped[datetime]
