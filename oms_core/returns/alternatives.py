"""What goods of an order may be exchanged for: other variants of the same product that are in stock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.catalog.tables import Variant
from oms_core.inventory.tables import StockLevel
from oms_core.locations.tables import Location
from oms_core.orders.tables import OrderLine

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy.orm import Session

    from oms_core.orders.tables import Order


def alternatives(session: Session, order: Order, line_ids: Collection[int]) -> dict[int, Sequence[Variant]]:
    """Return other variants of each line's product, by SKU: active, priced in the order's money, in stock somewhere.

    Lines without any are left out. Nothing is reserved: an exchange takes its goods when it is completed.
    """
    own, other = sa.orm.aliased(Variant), sa.orm.aliased(Variant)
    there = (
        sa.select(StockLevel.id)
        .join(Location, Location.id == StockLevel.location_id)
        .where(StockLevel.variant_id == other.id, StockLevel.available > 0, Location.is_active)
        .exists()
    )
    rows = session.execute(
        sa.select(OrderLine.id, other)
        .join(own, own.id == OrderLine.variant_id)
        .join(other, sa.and_(other.product_id == own.product_id, other.id != own.id))
        .where(
            OrderLine.order_id == order.id, OrderLine.id.in_(line_ids), other.is_active,
            other.currency == order.currency, other.stock_kind == "stocked", there,
        )
        .order_by(other.sku)
    )  # fmt: skip
    found: dict[int, list[Variant]] = {}
    for line_id, variant in rows:
        found.setdefault(line_id, []).append(variant)
    return dict(found)
