"""Laws of the catalogue."""

from __future__ import annotations

import sqlalchemy as sa

from oms_core.audit.law import Law, by_query, count_of
from oms_core.catalog.tables import SupplierItem, Variant
from oms_core.kernel.rows import table_of

ITEM, VARIANT = table_of(SupplierItem), table_of(Variant)


def _preferred_twice() -> sa.Select[*tuple[object, ...]]:
    """Return SKUs of which more than one supplier is the preferred one."""
    suppliers = sa.func.count().label("suppliers")
    return (
        sa.select(VARIANT.c.sku, suppliers)
        .join(ITEM, ITEM.c.variant_id == VARIANT.c.id)
        .where(ITEM.c.is_preferred)
        .group_by(VARIANT.c.sku)
        .having(suppliers > 1)
    )


LAWS: tuple[Law, ...] = (
    Law(
        "supplier_items.one_preferred",
        "A SKU has at most one preferred supplier.",
        by_query(count_of(ITEM), _preferred_twice(), "{sku}: {suppliers} preferred suppliers"),
    ),
)
