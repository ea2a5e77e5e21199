"""A shop small enough to reckon on paper: one warehouse, one supplier, three variants."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from oms_core.catalog.tables import Product, Supplier, SupplierItem, Variant
from oms_core.fulfilment import commands as fulfilment
from oms_core.fulfilment.tables import FulfillmentOrder
from oms_core.intake import commands as intake
from oms_core.inventory import commands as inventory
from oms_core.inventory.tables import StockLevel, StockMovement
from oms_core.kernel import clock
from oms_core.kernel.settings import Shop
from oms_core.locations.tables import Channel, Location
from oms_core.orders.commands import NewAddress, NewCustomer, NewLine, NewOrder, NewPayment
from oms_core.orders.tables import Order, OrderLine

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


def stock(session: Session, shop: SmallShop, **units: int) -> None:
    """Count units in at the warehouse."""
    for sku, n in units.items():
        inventory.adjust(
            session, variant_id=shop.variants[sku], location_id=shop.warehouse, delta_qty=n, reason="counted", zone=ZONE
        )


def sell(session: Session, shop: SmallShop, name: str, *, paid: bool = True, adjustments=(), **units: int) -> Order:
    """Place, pay (unless told not to) and allocate an order of one customer; prices 10, 20, 30."""
    lines = [NewLine(sku=sku, quantity=n, unit_price_minor=1000 * (SKUS.index(sku) + 1)) for sku, n in units.items()]
    total = sum(line.gross_minor for line in lines) + sum(a.amount_minor for a in adjustments)
    new = NewOrder(
        channel="web", external_id=name, currency="PLN", lines=lines, adjustments=adjustments,
        customer=NewCustomer(email=f"{name}@example.com", name=name), address=NewAddress(country="PL"),
        payments=[NewPayment(gateway="card", amount_minor=total)] if paid else [],
    )  # fmt: skip
    answer = intake.place(session, Shop(zone=ZONE), new)
    return session.get_one(Order, answer["id"])


def deliver_all(session: Session, order: Order) -> None:
    """Ship every open fulfilment order of an order and say the parcels arrived."""
    work = sa.select(FulfillmentOrder.id).where(FulfillmentOrder.order_id == order.id, FulfillmentOrder.state == "open")
    for key in session.scalars(work).all():
        parcel = fulfilment.ship(session, fulfillment_order_id=key, carrier="inpost", zone=ZONE)
        fulfilment.deliver(session, shipment_id=parcel.id)


def line_ids(session: Session, order: Order) -> dict[str, int]:
    """Return an order's line ids by SKU."""
    return dict(session.execute(sa.select(OrderLine.sku, OrderLine.id).where(OrderLine.order_id == order.id)).all())
