"""A shop with three locations, for stories about orders: Leeds first, then Bristol, then Łódź."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from oms_core.catalog.tables import Product, Variant
from oms_core.fulfilment.commands import open_fulfillment_orders, ship
from oms_core.fulfilment.tables import Shipment
from oms_core.inventory.commands import Move, post
from oms_core.inventory.tables import ON_HAND_STATES, Allocation, StockLevel, StockMovement
from oms_core.kernel import clock
from oms_core.kernel.settings import Shop
from oms_core.locations.tables import Channel, Location
from oms_core.orders.commands import NewAddress, NewCustomer, NewLine, NewOrder, place_order
from oms_core.routing.commands import allocate_order

ZONE = "Europe/London"
PLACES = ("Leeds", "Bristol", "Łódź")
SHOP = Shop(zone=ZONE, currency="GBP")
STOCK = {"MUG": {"Leeds": 5, "Łódź": 5}, "TIN": {"Leeds": 1, "Bristol": 3}}


@dataclass(frozen=True)
class OrderShop:
    """Ids by name."""

    places: dict[str, int]
    variants: dict[str, int]

    def units(self, session: Session, sku: str, place: str, state: str = "available") -> int:
        """Return the units of a level in one state."""
        found = session.scalar(
            sa.select(getattr(StockLevel, state)).where(
                StockLevel.variant_id == self.variants[sku], StockLevel.location_id == self.places[place]
            )
        )
        return found or 0


def order_shop(session: Session, stock: Mapping[str, Mapping[str, int]] | None = None) -> OrderShop:
    """Write master data and opening stock: units by place for each SKU (prices 10.00, 20.00, …)."""
    rows = [
        Location(code="LDS", name="Leeds", country="GB", postal_code="LS1 1AA", position=1),
        Location(code="BRS", name="Bristol", country="GB", postal_code="BS1 1AA", position=2),
        Location(code="LDZ", name="Łódź", country="PL", postal_code="90-001", position=3),
    ]
    session.add_all([*rows, Channel(code="web", name="Web", kind="web", position=1)])
    session.flush()
    places = {row.name: row.id for row in rows}
    stock = stock or {}
    variants = {sku: _variant(session, sku, n) for n, sku in enumerate(stock, start=1)}
    opening = [
        Move(variants[sku], n, "opening", None, "supplier", places[place], "available")
        for sku, by_place in stock.items()
        for place, n in by_place.items()
        if n
    ]
    post(session, opening, zone=ZONE)
    return OrderShop(places, variants)


def _variant(session: Session, sku: str, n: int) -> int:
    product = Product(code=sku, title=sku.title())
    session.add(product)
    session.flush()
    variant = Variant(
        product_id=product.id, sku=sku, title=f"{sku} title", price_minor=1000 * n, currency="GBP", cost_minor=400 * n,
        created_at=clock.now(),
    )  # fmt: skip
    session.add(variant)
    session.flush()
    return variant.id


def new_order(
    lines: Mapping[str, int],
    *,
    external_id: str = "1",
    email: str = "ala@example.com",
    country: str = "GB",
    postal_code: str = "LS1 1AA",
    price: int = 1000,
    **more: object,
) -> NewOrder:
    """Return an order of units by SKU at one price."""
    return NewOrder(
        channel="web",
        external_id=external_id,
        currency="GBP",
        lines=[NewLine(sku=sku, quantity=n, unit_price_minor=price) for sku, n in lines.items()],
        customer=NewCustomer(email=email, name="Ala"),
        address=NewAddress(country=country, postal_code=postal_code, city="Leeds", name="Ala"),
        **more,  # type: ignore[arg-type]
    )


def assert_ledger_whole(session: Session) -> None:
    """Assert the laws of stock: levels are the sum of movements, open allocations are what is committed."""
    movement, level = StockMovement, StockLevel
    sums: dict[tuple[int, int, str], int] = {}
    for m in session.execute(
        sa.select(
            movement.variant_id, movement.quantity, movement.from_location_id, movement.from_state,
            movement.to_location_id, movement.to_state,
        )
    ):  # fmt: skip
        for place, state, sign in ((m[2], m[3], -1), (m[4], m[5], 1)):
            if place is not None:
                sums[m[0], place, state] = sums.get((m[0], place, state), 0) + sign * m[1]
    stored = {
        (row.variant_id, row.location_id, state): getattr(row, state)
        for row in session.scalars(sa.select(level), execution_options={"populate_existing": True})
        for state in ON_HAND_STATES
    }
    assert {k: n for k, n in stored.items() if n} == {k: n for k, n in sums.items() if n}
    promised = session.execute(
        sa.select(
            Allocation.variant_id,
            Allocation.location_id,
            sa.func.sum(Allocation.quantity - Allocation.shipped_qty - Allocation.released_qty),
        ).group_by(Allocation.variant_id, Allocation.location_id)
    )
    committed = {(v, p): n for (v, p, state), n in stored.items() if state == "committed" and n}
    assert {(v, p): int(n) for v, p, n in promised if n} == committed


def count(session: Session, model: type[Any]) -> int:
    """Return the rows of a table."""
    return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def shipped(session: Session, **lines: int) -> Shipment:
    """Return the parcel of an order that was placed, allocated and shipped whole."""
    order = place_order(session, new_order(lines, external_id="shipped"), zone=ZONE)
    allocate_order(session, order.id, zone=ZONE)
    (work,) = open_fulfillment_orders(session, order.id)
    return ship(session, fulfillment_order_id=work.id, carrier="dpd", tracking_number="T1", zone=ZONE)
