"""Products, variants, suppliers, supplier items."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from oms_core.kernel.database import REPLICATED, Base, Code, Currency, Minor, Pk, Qty


class Product(Base):
    """A thing in the catalogue; its variants are what is stocked and sold."""

    __tablename__ = "products"
    __table_args__ = (REPLICATED,)

    id: Mapped[Pk]
    code: Mapped[Code] = mapped_column(unique=True)
    title: Mapped[str] = mapped_column(sa.String(300))
    category: Mapped[Code] = mapped_column(default="")


class Variant(Base):
    """A stock-keeping unit. `cost_minor` is the latest unit cost; None when unknown.

    `oversell_policy` says what happens when it is sold out: ``deny`` refuses, ``backorder``
    promises, ``preorder`` promises what open purchase orders bring and no more.
    """

    __tablename__ = "variants"
    __table_args__ = (
        sa.CheckConstraint("price_minor >= 0", name="price_not_negative"),
        sa.CheckConstraint("cost_minor IS NULL OR cost_minor >= 0", name="cost_not_negative"),
        REPLICATED,
    )

    id: Mapped[Pk]
    product_id: Mapped[int] = mapped_column(sa.ForeignKey("products.id"), index=True)
    sku: Mapped[Code] = mapped_column(unique=True)
    barcode: Mapped[Code | None] = mapped_column(unique=True)
    title: Mapped[str] = mapped_column(sa.String(300))
    price_minor: Mapped[Minor]
    currency: Mapped[Currency]
    cost_minor: Mapped[int | None]
    cost_is_simulated: Mapped[bool] = mapped_column(default=False)
    weight_g: Mapped[int | None]
    volume_cm3: Mapped[int | None]
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    oversell_policy: Mapped[Code] = mapped_column(default="deny", server_default=sa.text("'deny'"))
    stock_kind: Mapped[Code] = mapped_column(default="stocked", server_default=sa.text("'stocked'"))
    lead_time_days: Mapped[int | None]
    tracks_lots: Mapped[bool] = mapped_column(default=False, server_default=sa.text("false"))


class BundleComponent(Base):
    """How many units of a component one unit of a bundle holds; a bundle has no stock of its own."""

    __tablename__ = "bundle_components"
    __table_args__ = (
        sa.UniqueConstraint("bundle_variant_id", "component_variant_id"),
        sa.CheckConstraint("quantity > 0", name="quantity_positive"),
        sa.CheckConstraint("bundle_variant_id <> component_variant_id", name="not_itself"),
        REPLICATED,
    )

    id: Mapped[Pk]
    bundle_variant_id: Mapped[int] = mapped_column(sa.ForeignKey("variants.id"))
    component_variant_id: Mapped[int] = mapped_column(sa.ForeignKey("variants.id"), index=True)
    quantity: Mapped[Qty]


class Supplier(Base):
    """Who we buy from. Lead time in days: mean and standard deviation, order to receipt."""

    __tablename__ = "suppliers"
    __table_args__ = (
        sa.CheckConstraint("lead_time_days > 0 AND lead_time_sd_days >= 0", name="lead_time_positive"),
        REPLICATED,
    )

    id: Mapped[Pk]
    code: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Code]
    email: Mapped[str] = mapped_column(sa.String(200), default="")
    country: Mapped[str] = mapped_column(sa.String(2), default="")
    currency: Mapped[Currency]
    lead_time_days: Mapped[float]
    lead_time_sd_days: Mapped[float] = mapped_column(default=0.0)
    review_days: Mapped[int] = mapped_column(default=7)
    cover_days: Mapped[int] = mapped_column(default=28)
    min_order_minor: Mapped[Minor] = mapped_column(default=0)
    fixed_cost_minor: Mapped[Minor] = mapped_column(default=0)
    payment_days: Mapped[int] = mapped_column(default=30)
    is_simulated: Mapped[bool] = mapped_column(default=False)


class SupplierItem(Base):
    """A variant as one supplier sells it: pack, minimum quantity, unit cost."""

    __tablename__ = "supplier_items"
    __table_args__ = (
        sa.UniqueConstraint("supplier_id", "variant_id"),
        sa.CheckConstraint("pack_qty > 0 AND moq_qty >= 0", name="pack_positive"),
        sa.CheckConstraint("unit_cost_minor >= 0", name="cost_not_negative"),
        REPLICATED,
    )

    id: Mapped[Pk]
    supplier_id: Mapped[int] = mapped_column(sa.ForeignKey("suppliers.id"))
    variant_id: Mapped[int] = mapped_column(sa.ForeignKey("variants.id"), index=True)
    supplier_sku: Mapped[Code] = mapped_column(default="")
    unit_cost_minor: Mapped[Minor]
    currency: Mapped[Currency]
    pack_qty: Mapped[Qty] = mapped_column(default=1)
    moq_qty: Mapped[Qty] = mapped_column(default=0)
    is_preferred: Mapped[bool] = mapped_column(default=True)
