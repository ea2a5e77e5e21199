"""What is true of a simulated shop, written beside it; see docs/simulated-shop.md for every column."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from app.demo.simulated import assortment, days, lives, places, shelves, trading
from app.demo.simulated.assortment import PLACES

if TYPE_CHECKING:
    from types import TracebackType

    from app.demo.simulated.trading import Shop, Today

#: Rows of demand kept before they are written.
ROWS = 400_000
#: Constants of a process are its module's numbers and names in capitals.
_PROCESSES = (assortment, days, lives, shelves, trading)


class Growing:
    """One Parquet file that is written as its frames come."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.writer: pq.ParquetWriter | None = None

    def add(self, frame: pl.DataFrame) -> None:
        """Write a frame as a row group."""
        table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
        if self.writer is None:
            self.writer = pq.ParquetWriter(self.path, table.schema, compression="zstd")
        self.writer.write_table(table)

    def close(self) -> None:
        """Finish the file."""
        if self.writer is not None:
            self.writer.close()


class Truth:
    """Writes the truth of one shop into a folder while its days pass.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    until : int
        Days of the shop's past.
    """

    def __init__(self, folder: Path, shop: Shop, *, until: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.shop, self.until = folder, shop, until
        self.demand = Growing(folder / "demand.parquet")
        self.customers = Growing(folder / "customers.parquet")
        self.waiting: list[Today] = []
        goods = shop.goods
        self.sku = pl.Series(goods.sku).gather(np.repeat(np.arange(goods.count), PLACES))
        codes = pl.Series([w.code for w in places.WAREHOUSES])
        self.place = codes.gather(np.tile(np.arange(PLACES), goods.count))

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the files, whatever happened."""
        self.demand.close()
        self.customers.close()

    def see(self, today: Today) -> None:
        """Take a day in."""
        if today.day >= self.until:
            return
        self.waiting.append(today)
        if len(self.waiting) * len(self.sku) >= ROWS:
            self._write_demand()
        self._write_customers()

    def _write_demand(self) -> None:
        """Write the waiting days, from each SKU's launch."""
        parts = [self._demand(today) for today in self.waiting]
        if parts:
            self.demand.add(pl.concat(parts))
        self.waiting = []

    def _demand(self, today: Today) -> pl.DataFrame:
        sold = today.outcome
        launched = np.repeat(self.shop.goods.launched <= today.day, PLACES)
        return pl.DataFrame({
            "sku": self.sku,
            "location": self.place,
            "day": pl.repeat(days.days().dates[today.day], len(self.sku), dtype=pl.Date, eager=True),
            "expected": today.expected.astype(np.float32),
            "demand": sold.demand.astype(np.int32),
            "sold": sold.sold.astype(np.int32),
            "in_stock": sold.in_stock.astype(np.float32),
            "promo": np.repeat((today.promoted > 0).astype(np.int8), PLACES),
            "price": np.repeat(today.price / 100, PLACES),
        }).filter(pl.Series(launched))  # fmt: skip

    def _write_customers(self) -> None:
        for people in self.shop.lives.done:
            self.customers.add(lives.truth(people, self.shop.goods, self.until))
        self.shop.lives.done.clear()

    def finish(self, facts: dict[str, Any]) -> None:
        """Write what is left and every small table; `facts` (sizes, seed) go to ``settings.json``."""
        self._write_demand()
        self.shop.lives.compact(everybody=True)
        self._write_customers()
        for name, frame in small(self.shop, self.until).items():
            frame.write_parquet(self.folder / f"{name}.parquet")
        settings = {
            "first_day": days.FIRST.isoformat(),
            "last_day": days.days().dates[self.until - 1].isoformat(),
            "zone": days.ZONE,
            **facts,
            "processes": processes(),
        }
        text = json.dumps(settings, indent=1, ensure_ascii=False, sort_keys=True)
        (self.folder / "settings.json").write_text(text + "\n", encoding="utf-8")


def small(shop: Shop, until: int) -> dict[str, pl.DataFrame]:
    """Return the tables that do not grow with the shop."""
    goods, pairs = shop.goods, shop.pairings
    first = np.flatnonzero(goods.partner >= 0)
    second = goods.partner[first]
    n_a, n_b, n_ab = pairs.having[first], pairs.having[second], pairs.together[first]
    return {
        "skus": assortment.sku_truth(goods),
        "promotions": assortment.promotion_truth(goods, until),
        "calendar": days.days().frame(until),
        "carriers": pl.DataFrame([
            {
                "carrier": lane.carrier, "lane": lane.name, "promised_days": lane.promised_days, "p_late": lane.p_late,
                "late_days_mean": lane.late_days_mean, "p_failed": lane.p_failed,
            }
            for lane in places.lanes()
        ]),
        "baskets": pl.DataFrame({
            "sku_a": pl.Series(goods.sku).gather(first), "sku_b": pl.Series(goods.sku).gather(second),
            "attach": goods.attach[first],
            "lift": np.where((n_a > 0) & (n_b > 0), n_ab * pairs.orders / np.maximum(n_a * n_b, 1), np.nan),
            "n_a": n_a, "n_b": n_b, "n_ab": n_ab,
        }),
        "returns": pl.DataFrame([
            {"category": kind["name"], "rate": kind["returns"], "delay_days_mean": trading.RETURN_DELAY_MEAN}
            for kind in places.goods()["category"]
        ]),
    }  # fmt: skip


def processes() -> dict[str, Any]:
    """Return every constant of every process, by module."""
    return {
        module.__name__.rpartition(".")[2]: {
            name: value
            for name, value in vars(module).items()
            if name.isupper() and not name.startswith("_") and _is_plain(value)
        }
        for module in _PROCESSES
    }


def _is_plain(value: object) -> bool:
    if isinstance(value, tuple):
        return all(_is_plain(one) for one in value)
    return value is None or isinstance(value, (int, float, str))
