"""A simulated shop as Parquet files of any size: the data of benches that need no database."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path

import polars as pl

from app.demo.simulated.days import DAYS
from app.demo.simulated.frames import Chunk, Tables, variants
from app.demo.simulated.places import CHANNELS, WAREHOUSES
from app.demo.simulated.size import Size, Sizes
from app.demo.simulated.stream import chunks
from app.demo.simulated.trading import Shop
from app.demo.simulated.truth import Growing, Truth

#: Tables partitioned by the month of the order's business date.
BY_MONTH = ("orders", "order_lines", "order_adjustments", "returns", "return_lines", "shipments", "tracking_events")


def write_parquet(folder: Path, *, lines: int, seed: int) -> Sizes:
    """Write a shop of about `lines` order lines.

    Parameters
    ----------
    folder : Path
        Gets ``<table>/month=YYYY-MM/part-N.parquet`` for tables of trade, ``<table>/part-0.parquet`` for the
        others and ``truth/``; columns are the core's.
    lines : int
        Order lines wanted, 272 to 50 million; chance decides how many there are.
    seed : int
        The same seed and size write the same bytes.

    Returns
    -------
    Sizes
        What was written, and the seconds it took.

    Raises
    ------
    InvalidInput
        ``demo.size`` when `lines` is outside its range.
    """
    begun = time.perf_counter()
    shop = Shop(Size.of_lines(lines), seed=seed)
    tables = Tables(shop.goods, seed=seed, until=DAYS)
    count = dict.fromkeys(Chunk.names(), 0)
    customers = Growing(_made(folder / "customers") / "part-0.parquet")
    with Truth(folder / "truth", shop, until=DAYS) as truth:
        for chunk in chunks(shop, tables, witness=truth.see):
            customers.add(chunk.customers)
            _write_months(folder, chunk)
            for name in count:
                count[name] += getattr(chunk, name).height
        truth.finish({"seed": seed, "orders_wanted": shop.size.orders, "counts": count})
    customers.close()
    _write_masters(folder, shop)
    return Sizes(
        orders=count["orders"],
        lines=count["order_lines"],
        customers=count["customers"],
        skus=shop.goods.count,
        returns=count["returns"],
        seconds=round(time.perf_counter() - begun, 3),
    )


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _write_months(folder: Path, chunk: Chunk) -> None:
    if not chunk.orders.height:
        return
    month = f"{chunk.orders['business_date'][0]:%Y-%m}"
    for name in BY_MONTH:
        place = _made(folder / name / f"month={month}")
        part = sum(1 for _ in place.iterdir())
        getattr(chunk, name).write_parquet(place / f"part-{part}.parquet", compression="lz4", statistics=True)


def _write_masters(folder: Path, shop: Shop) -> None:
    """Write the tables that do not grow with trade."""
    goods = variants(shop.goods)
    masters = {
        "variants": goods.drop("code", "category", "supplier"),
        "products": goods.select(pl.col("product_id").alias("id"), "code", "title", "category"),
        "channels": pl.DataFrame([
            {"id": n, "code": c.code, "name": c.name, "kind": c.kind, "position": n - 1}
            for n, c in enumerate(CHANNELS, start=1)
        ]),
        "locations": pl.DataFrame([
            {k: v for k, v in {"id": n, **asdict(w), "kind": "warehouse"}.items() if k != "reach"}
            for n, w in enumerate(WAREHOUSES, start=1)
        ]),
    }  # fmt: skip
    for name, frame in masters.items():
        frame.write_parquet(_made(folder / name) / "part-0.parquet")
