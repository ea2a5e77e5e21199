"""Read what waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.catalog.tables import Variant
from oms_core.inventory.waiting import BACKORDERS, OPEN
from oms_core.kernel.rows import table_of
from oms_core.orders.tables import Order, OrderLine
from oms_core.purchasing.tables import PurchaseOrder, PurchaseOrderLine

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def backorders_list(
    session: Session,
    *,
    variant_id: int | None = None,
    order_id: int | None = None,
    state: str = "waiting",
    limit: int = 200,
) -> list[dict[str, Any]]:
    """Return promises, the oldest first: order, SKU, units, days, purchase order, and how far the day has slipped."""
    b, po, po_line = BACKORDERS.c, table_of(PurchaseOrder), table_of(PurchaseOrderLine)
    line, order, variant = table_of(OrderLine), table_of(Order), table_of(Variant)
    statement = (
        sa.select(
            b.id, order.c.number.label("order"), variant.c.sku, b.kind, b.quantity, OPEN.label("waiting"),
            b.first_promised_on, b.promised_on, po.c.number.label("purchase_order"), b.state, b.created_at,
        )
        .select_from(BACKORDERS)
        .join(line, line.c.id == b.order_line_id)
        .join(order, order.c.id == line.c.order_id)
        .join(variant, variant.c.id == b.variant_id)
        .outerjoin(po_line, po_line.c.id == b.purchase_order_line_id)
        .outerjoin(po, po.c.id == po_line.c.purchase_order_id)
        .where(b.state == state)
        .order_by(b.id)
        .limit(limit)
    )  # fmt: skip
    if variant_id is not None:
        statement = statement.where(b.variant_id == variant_id)
    if order_id is not None:
        statement = statement.where(line.c.order_id == order_id)
    return [_told(dict(row)) for row in session.execute(statement).mappings()]


def _told(row: dict[str, Any]) -> dict[str, Any]:
    first, now = row["first_promised_on"], row["promised_on"]
    return {**row, "slipped_days": (now - first).days if first and now else None}
