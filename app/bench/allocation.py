"""Allocation: an order of two SKUs placed and promised in a shop of 1,000 locations, against one of 10.

`ratio` is the time at 10 locations over the time at 1,000: near 1 means that places which do not
hold the goods cost nothing. In the last rows every location holds every SKU, which no shop does:
there each of the 1,000 is a candidate that is locked, compared and told in the receipt.
"""

from __future__ import annotations

import itertools
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from app.bench.intake_shop import SHOP
from app.bench.postgres import server
from app.bench.registry import pairs
from oms_core.catalog.tables import Product, Variant
from oms_core.intake.commands import place
from oms_core.inventory.commands import Move, post
from oms_core.kernel import clock
from oms_core.kernel.database import make_engine, transaction
from oms_core.locations.tables import Channel, Location
from oms_core.migrations import upgrade
from oms_core.orders.commands import NewAddress, NewLine, NewOrder, place_orders
from oms_core.routing.commands import allocate_orders

if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlalchemy.orm import Session

FEW, MANY, HOLDING, SKUS = 10, 1_000, 3, 50
#: Orders of one measured run, and runs of each side.
ORDERS, RUNS = 10, 9
_STOCK = 1_000_000


def prepare(url: str, *, locations: int, holding: int) -> sa.Engine:
    """Make a shop whose every SKU lies at `holding` of its locations, spread over all of them."""
    engine = make_engine(url)
    upgrade(engine)
    with transaction(engine) as session:
        _master_data(session, locations)
        moves = [
            Move(sku, _STOCK, "opening", None, "supplier", _place(sku, n, locations, holding), "available")
            for sku in range(1, SKUS + 1)
            for n in range(holding)
        ]
        post(session, moves, zone=SHOP.zone)
    return engine


def _place(sku: int, n: int, locations: int, holding: int) -> int:
    """Return the nth location of a SKU; SKUs ten apart lie together, so that an order ships from one place."""
    return 1 + (sku % 10 * (locations // 10) + n * (locations // holding)) % locations


def _master_data(session: Session, locations: int) -> None:
    session.add(Channel(id=1, code="web", name="Web", kind="web"))
    session.add(Product(id=1, code="P", title="Product"))
    session.add_all(
        Location(id=n, code=f"L{n}", name=f"Place {n}", country="GB", postal_code="LS1", position=n)
        for n in range(1, locations + 1)
    )
    session.flush()
    now = clock.now()
    session.add_all(
        Variant(id=n, product_id=1, sku=f"SKU-{n}", title="x", price_minor=500, currency="GBP", created_at=now)
        for n in range(1, SKUS + 1)
    )


def new_order(n: int) -> NewOrder:
    """Return an order of two SKUs that lie together."""
    skus = (1 + n % (SKUS - 10), 11 + n % (SKUS - 10))
    return NewOrder(
        channel="web", external_id=str(n), currency="GBP", address=NewAddress(country="GB", postal_code="LS1"),
        lines=[NewLine(sku=f"SKU-{sku}", quantity=1, unit_price_minor=500) for sku in skus],
    )  # fmt: skip


def take(engine: sa.Engine, names: Callable[[], int]) -> None:
    """Take orders in, each in a transaction of its own."""
    for _ in range(ORDERS):
        with transaction(engine) as session:
            place(session, SHOP, new_order(names()))


def allocate(engine: sa.Engine, names: Callable[[], int]) -> float:
    """Place orders, then promise their stock, each in a transaction of its own; return the seconds of promising."""
    with transaction(engine) as session:
        placed = place_orders(session, [new_order(names()) for _ in range(ORDERS)], zone=SHOP.zone)
    begun = time.perf_counter()
    for key in placed:
        with transaction(engine) as session:
            allocate_orders(session, [cast("int", key)], zone=SHOP.zone)
    return time.perf_counter() - begun


def compare(name: str, urls: tuple[str, str], holding: tuple[int, int]) -> list[dict[str, Any]]:
    """Return seconds at many locations (ours) and at few (peer): of promising alone, and of the whole intake."""
    many = prepare(urls[0], locations=MANY, holding=holding[0])
    few = prepare(urls[1], locations=FEW, holding=holding[1])
    names = partial(next, itertools.count(1))
    times = [(allocate(many, names), allocate(few, names)) for _ in range(RUNS + 1)][1:]
    ours, peer = (statistics.median(side) for side in zip(*times, strict=True))
    ratio = statistics.median(b / a for a, b in times)
    promised = {"ours": round(ours, 6), "peer": round(peer, 6), "ratio": round(ratio, 2), "unit": "s", "n": RUNS}
    taken = pairs(f"{name}: taken in", lambda: take(many, names), lambda: take(few, names), n=RUNS)
    for engine in (many, few):
        engine.dispose()
    return [{"name": f"{name}: promised"} | promised, taken]


def run() -> list[dict[str, Any]]:
    """Compare on both databases, and where every location holds everything."""
    rows, spread, everywhere = [], (HOLDING, HOLDING), (MANY, FEW)
    with tempfile.TemporaryDirectory() as folder:
        urls = [f"sqlite:///{Path(folder) / f'{n}.db'}" for n in range(4)]
        name = f"{ORDERS} orders"
        rows += compare(f"{name}, SQLite", (urls[0], urls[1]), spread)
        with server() as running:
            pair = (running.create("many"), running.create("few"))
            rows += compare(f"{name}, PostgreSQL", pair, spread)
        rows += compare(f"{name}, SQLite, every SKU everywhere", (urls[2], urls[3]), everywhere)
    return rows
