"""History import against the same rows written one by one through the ORM.

Ours is the whole of `ordersight import`: reading the file, understanding every cell, matching returns,
and one transaction with every constraint, trigger and change log. The peer is what is usually
written first: a loop that reads the same rows, makes an `Order` with its lines and adjustments through
SQLAlchemy's session and flushes each order; it matches nothing and refuses nothing. Both write into
the same schema on the same server. The peer is given a tenth of the rows, since it is slow; both are
compared as rows a second.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
from sqlalchemy.orm import Session

from app.bench.postgres import server
from oms_core.catalog.tables import Product, Variant
from oms_core.channels.history import DATA, import_history
from oms_core.kernel.database import make_engine, transaction
from oms_core.kernel.settings import Shop
from oms_core.locations.tables import Channel
from oms_core.migrations import upgrade
from oms_core.orders.tables import Order, OrderAdjustment, OrderLine

if TYPE_CHECKING:
    import sqlalchemy as sa

FILE = DATA / "online_retail_ii_2009_2010.parquet"
SHOP = Shop(zone="Europe/London", currency="GBP")
PAIRS = 5
OURS_ROWS, PEER_ROWS = 50_000, 5_000


def run() -> list[dict[str, Any]]:
    """Return rows a second of ours and of the ORM loop, on SQLite and on PostgreSQL."""
    with tempfile.TemporaryDirectory() as folder, server() as postgres:
        place = Path(folder)
        for rows in (OURS_ROWS, PEER_ROWS):
            pl.read_parquet(FILE).head(rows).write_parquet(place / f"{rows}.parquet")
        numbers = iter(range(1_000))
        return [
            _compare("SQLite", place, lambda: f"sqlite:///{place / f'{next(numbers)}.db'}"),
            _compare("PostgreSQL", place, lambda: postgres.create(f"import_{next(numbers)}")),
        ]


def _compare(name: str, place: Path, address: Callable[[], str]) -> dict[str, Any]:
    """Measure both in turn, each into an empty, migrated database."""
    speeds: tuple[list[float], list[float]] = ([], [])
    for _ in range(PAIRS):
        for kept, work, rows in zip(speeds, (_ours, _peer), (OURS_ROWS, PEER_ROWS), strict=True):
            with _empty(address()) as engine:
                begun = time.perf_counter()
                work(engine, place / f"{rows}.parquet")
                kept.append(rows / (time.perf_counter() - begun))
    ours, peer = (statistics.median(kept) for kept in speeds)
    ratio = statistics.median(a / b for a, b in zip(*speeds, strict=True))
    return {
        "name": f"{name}: import against row-by-row ORM", "ours": round(ours), "peer": round(peer),
        "ratio": round(ratio, 2), "unit": "rows/s", "n": PAIRS,
    }  # fmt: skip


@contextmanager
def _empty(url: str) -> Iterator[sa.Engine]:
    engine = make_engine(url)
    upgrade(engine)
    yield engine
    engine.dispose()


def _ours(engine: sa.Engine, file: Path) -> None:
    import_history(engine, SHOP, source="online-retail", files=[file])


def _peer(engine: sa.Engine, file: Path) -> None:
    """Write every row as a line or an adjustment of its invoice, one flush an invoice."""
    with transaction(engine) as session:
        channel = Channel(code="shop", name="Shop", kind="web")
        session.add(channel)
        session.flush()
        variants: dict[str, int] = {}
        for _, rows in pl.read_parquet(file).group_by("Invoice", maintain_order=True):
            _write(session, channel.id, variants, rows.to_dicts())


def _write(session: Session, channel: int, variants: dict[str, int], rows: list[dict[str, Any]]) -> None:
    at = rows[0]["InvoiceDate"].replace(tzinfo=UTC)
    number = rows[0]["Invoice"]
    order = Order(
        number=number, channel_id=channel, external_id=number, currency="GBP", placed_at=at, business_date=at.date(),
        is_history=True,
    )  # fmt: skip
    session.add(order)
    session.flush()
    for position, row in enumerate(rows, start=1):
        price = round(row["Price"] * 100)
        if row["Quantity"] <= 0 or price < 0:
            amount = row["Quantity"] * price
            session.add(OrderAdjustment(order_id=order.id, kind="manual", code=row["StockCode"], amount_minor=amount))
            continue
        session.add(
            OrderLine(
                order_id=order.id, position=position, variant_id=_variant(session, variants, row["StockCode"], at),
                sku=row["StockCode"], title=row["Description"] or "", quantity=row["Quantity"],
                unit_price_minor=price, gross_minor=row["Quantity"] * price, shipped_qty=row["Quantity"],
            )
        )  # fmt: skip
    session.flush()


def _variant(session: Session, variants: dict[str, int], sku: str, at: Any) -> int:
    if sku not in variants:
        product = Product(code=sku, title=sku)
        session.add(product)
        session.flush()
        made = Variant(product_id=product.id, sku=sku, title=sku, price_minor=0, currency="GBP", created_at=at)
        session.add(made)
        session.flush()
        variants[sku] = made.id
    return variants[sku]
