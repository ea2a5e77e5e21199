"""A shop small enough to reckon on paper: one warehouse, one supplier, three variants."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from oms_core.catalog.tables import Product, Supplier, SupplierItem, Variant
from oms_core.inventory.tables import StockLevel, StockMovement
from oms_core.kernel import clock
from oms_core.locations.tables import Channel, Location

ZONE = "Europe/Warsaw"
SKUS = ("MUG", "BAG", "TIN")


@dataclass(frozen=True)
class SmallShop:
    """Ids of what was made."""

    supplier: int
    warehouse: int
    store: int
    channel: int
    variants: dict[str, int]


def small_shop(session: Session, *, currency: str = "PLN") -> SmallShop:
    """Write the master data and return their ids; prices 10, 20, 30 and no known cost."""
    supplier = Supplier(
        code="ACME", name="Acme Ceramika Łódź", email="zamowienia@acme.example", country="PL", currency=currency,
        lead_time_days=5.5, lead_time_sd_days=1.0,
    )  # fmt: skip
    warehouse = Location(code="WRO", name="Wrocław", country="PL", postal_code="50-001", city="Wrocław", position=1)
    store = Location(code="WAW", name="Warszawa", kind="store", country="PL", postal_code="00-001", position=2)
    channel = Channel(code="web", name="Web", kind="web", position=1)
    session.add_all([supplier, warehouse, store, channel])
    session.flush()
    variants = {sku: _variant(session, sku, 1000 * n, supplier) for n, sku in enumerate(SKUS, start=1)}
    return SmallShop(supplier.id, warehouse.id, store.id, channel.id, variants)


def _variant(session: Session, sku: str, price: int, supplier: Supplier) -> int:
    product = Product(code=sku, title=sku.title())
    session.add(product)
    session.flush()
    variant = Variant(
        product_id=product.id, sku=sku, title=f"{sku.title()} żółty", price_minor=price, currency="PLN",
        created_at=clock.now(),
    )  # fmt: skip
    session.add(variant)
    session.flush()
    session.add(
        SupplierItem(
            supplier_id=supplier.id, variant_id=variant.id, supplier_sku=f"AC-{sku}", unit_cost_minor=price // 2,
            currency=supplier.currency, pack_qty=6,
        )
    )  # fmt: skip
    session.flush()
    return variant.id


def available(session: Session, variant_id: int, location_id: int, state: str = "available") -> int:
    """Return the units of a level in one state; zero when there is no level."""
    column = getattr(StockLevel, state)
    found = session.scalar(
        sa.select(column).where(StockLevel.variant_id == variant_id, StockLevel.location_id == location_id)
    )
    return found or 0


def movements(session: Session, variant_id: int) -> list[tuple[str, str, str, int]]:
    """Return a variant's ledger: kind, from state, to state, units."""
    m = StockMovement
    rows = session.execute(
        sa.select(m.kind, m.from_state, m.to_state, m.quantity).where(m.variant_id == variant_id).order_by(m.id)
    )
    return [tuple(row) for row in rows]
