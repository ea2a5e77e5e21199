"""Write the simulated shop's surroundings into a database: places, channels, goods, suppliers, exchange rates."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from app.demo.simulated.days import DAYS, days
from app.demo.simulated.frames import variants
from app.demo.simulated.places import CHANNELS, SUPPLIERS
from app.demo.simulated.scene import SIMULATED
from app.demo.surroundings import write_places
from oms_core.catalog.tables import Product, SupplierItem, Variant
from oms_core.imports.ingest import insert
from oms_core.kernel.rows import core
from oms_core.locations.tables import Channel
from oms_core.payments.rates import NewRate, publish

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.demo.simulated.assortment import Assortment

#: The simulated price of a euro: where it begins, and how far it moves in a day.
EURO, EURO_STEP = 4.25, 0.004
SOURCE = "simulated"


def write_masters(session: Session, goods: Assortment, *, seed: int) -> None:
    """Write everything trade refers to; ids are those the generator uses (1, 2, …)."""
    write_places(session, currency="PLN", scene=SIMULATED)
    connection = core(session)
    channels = [
        {"id": n, "code": c.code, "name": c.name, "kind": c.kind, "position": n - 1} for n, c in enumerate(CHANNELS, 1)
    ]
    insert(connection, Channel, pl.DataFrame(channels))
    frame = variants(goods)
    insert(connection, Product, frame.select(pl.col("product_id").alias("id"), "code", "title", "category"))
    insert(connection, Variant, frame)
    insert(connection, SupplierItem, _items(frame, goods))
    publish(session, rates(seed), source=SOURCE)


def _items(frame: pl.DataFrame, goods: Assortment) -> pl.DataFrame:
    codes = pl.Series([s.code for s in SUPPLIERS]).gather(goods.supplier)
    return frame.select(
        "id",
        pl.Series("supplier_id", goods.supplier + 1),
        pl.col("id").alias("variant_id"),
        pl.concat_str(pl.Series("code", codes), pl.lit("-"), "sku").alias("supplier_sku"),
        pl.col("cost_minor").alias("unit_cost_minor"),
        "currency",
        pl.Series("pack_qty", goods.pack),
        pl.Series("moq_qty", goods.pack),
        pl.lit(value=True).alias("is_preferred"),
    )


def rate_by_day(seed: int) -> list[tuple[date, int]]:
    """Return, by day, the last working day and its price of a euro in ten-thousandths of a zloty."""
    calendar = days()
    count = len(calendar.dates)
    walk = EURO + EURO_STEP * np.random.default_rng([seed, 6]).normal(0, 1, count).cumsum()
    works = np.zeros(count, dtype=bool)
    works[calendar.working_days] = True
    last = np.maximum.accumulate(np.where(works, np.arange(count), 0))
    return [(calendar.dates[d], round(float(walk[d]) * 10_000)) for d in last.tolist()]


def rates(seed: int) -> list[NewRate]:
    """Return the exchange rates of every working day of the shop's past."""
    known = sorted(set(rate_by_day(seed)[:DAYS]))
    return [NewRate("EUR", "PLN", day, f"{rate / 10_000:.4f}") for day, rate in known]
