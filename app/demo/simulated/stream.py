"""The simulated shop as a stream: chunks of days, in time order, with bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from app.demo.simulated.days import DAYS, days
from app.demo.simulated.frames import Chunk, Tables
from app.demo.simulated.size import Size
from app.demo.simulated.trading import Shop, Today

#: Lines after which a chunk is handed over.
CHUNK_LINES = 120_000
#: Looks at every day while it passes (the truth is written from it).
Witness = Callable[[Today], object]


def trade(size: Size, *, seed: int) -> Iterator[Chunk]:
    """Return the shop's whole past as tables, some days at a time.

    Parameters
    ----------
    size : Size
        About how many orders.
    seed : int
        The same seed and size make the same shop.
    """
    shop = Shop(size, seed=seed)
    return chunks(shop, Tables(shop.goods, seed=seed, until=DAYS))


def chunks(shop: Shop, tables: Tables, *, until: int = DAYS, witness: Witness | None = None) -> Iterator[Chunk]:
    """Play the days before `until` of a shop that has just begun; no chunk holds days of two months."""
    waiting: list[Today] = []
    lines = 0
    for today in shop.days():
        if witness is not None:
            witness(today)
        if today.day < until:
            waiting.append(today)
            lines += len(today.basket.sku)
        if waiting and (lines >= CHUNK_LINES or days().dates[today.day + 1].day == 1):
            yield tables.chunk(waiting)
            waiting, lines = [], 0
    if waiting:
        yield tables.chunk(waiting)
