"""The shop that the intake benchmark sells from: 5,000 SKUs in three locations, never short."""

from __future__ import annotations

import random
import uuid
from functools import lru_cache
from typing import TYPE_CHECKING

from oms_core.catalog.tables import Product, Variant
from oms_core.inventory.commands import Move, post
from oms_core.kernel import clock
from oms_core.kernel.bulk import bulk_insert
from oms_core.kernel.database import make_engine, transaction
from oms_core.kernel.rows import core, table_of
from oms_core.kernel.settings import Shop
from oms_core.locations.tables import Channel, Location
from oms_core.migrations import upgrade
from oms_core.orders.commands import NewAddress, NewCustomer, NewLine, NewOrder

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

SHOP = Shop(zone="Europe/London", currency="GBP")
SKUS = 5_000
LINES = 2
CUSTOMERS = 2_000
_STOCK = 10_000_000
_PLACES = (("LDS", "Leeds", "LS1"), ("BRS", "Bristol", "BS1"), ("GLA", "Glasgow", "G1"))


@lru_cache
def _chance(writer: int) -> random.Random:
    """Return a writer's own draws: two writers that draw the same would meet at every level."""
    return random.Random(writer)  # noqa: S311 - a benchmark needs no unguessable numbers


def prepare(url: str) -> None:
    """Create the schema and the stock."""
    engine = make_engine(url)
    upgrade(engine)
    with transaction(engine) as session:
        _master_data(session)
        moves = [
            Move(variant, _STOCK, "opening", None, "supplier", place, "available")
            for variant in range(1, SKUS + 1)
            for place in range(1, len(_PLACES) + 1)
        ]
        post(session, moves, zone=SHOP.zone)
    engine.dispose()


def _master_data(session: Session) -> None:
    session.add(Channel(id=1, code="web", name="Web", kind="web"))
    session.add_all(
        Location(id=n, code=code, name=name, country="GB", postal_code=postal, position=n)
        for n, (code, name, postal) in enumerate(_PLACES, start=1)
    )
    session.add(Product(id=1, code="P", title="Product"))
    connection = core(session)
    columns = ("id", "product_id", "sku", "title", "price_minor", "currency", "cost_is_simulated", "is_active")
    now = clock.now()
    rows = ((n, 1, f"SKU-{n}", f"Product {n}", 500, "GBP", False, True, now) for n in range(1, SKUS + 1))
    bulk_insert(connection, table_of(Variant), (*columns, "created_at"), rows)


def new_order(writer: int, *, hot: bool = False) -> NewOrder:
    """Return an order by one of the customers: of two random SKUs, or of the one everybody wants."""
    chance = _chance(writer)
    wanted = [1] if hot else chance.sample(range(1, SKUS + 1), LINES)
    lines = [NewLine(sku=f"SKU-{n}", quantity=chance.randint(1, 3), unit_price_minor=500) for n in wanted]
    return NewOrder(
        channel="web",
        external_id=f"{writer}-{uuid.uuid4().hex}",
        currency="GBP",
        lines=lines,
        customer=NewCustomer(email=f"buyer{chance.randint(1, CUSTOMERS)}@example.com"),
        address=NewAddress(country="GB", postal_code="LS1 1AA"),
    )
