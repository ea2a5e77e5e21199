"""Simulated terms of trade of every variant: who supplies it, what it costs, in which packs."""

from __future__ import annotations

from dataclasses import dataclass

from app.demo.categories import category_of
from app.demo.chance import share
from app.demo.places import SUPPLIERS

#: Suppliers (indexes into SUPPLIERS) that may sell a category; any other category: all of them.
SELLERS: dict[str, tuple[int, ...]] = {
    "Christmas": (8, 5, 6), "Jewellery": (9, 7), "Bags and purses": (7, 8), "Candles and lights": (2, 3, 8),
    "Kitchen and table": (2, 3, 8), "Cards and paper": (1, 0), "Party": (1, 8), "Toys and games": (8, 0, 4),
    "Garden": (6, 2), "Storage": (8, 6, 5), "Textiles": (5, 7), "Bath and beauty": (4, 0),
    "Signs and wall art": (6, 4, 0), "Vases and glass": (3,), "Easter": (1, 8),
}  # fmt: skip
#: Price below (minor units) → usual pack sizes.
PACKS = ((100, (12, 24, 48)), (300, (6, 12, 24)), (800, (4, 6, 8)), (2_000, (2, 4)))


@dataclass(frozen=True, slots=True)
class Terms:
    """What the simulation says of one variant; costs in minor units of the shop's currency."""

    category: str
    supplier: int
    cost_minor: int
    pack_qty: int
    moq_qty: int
    weight_g: int


def terms(sku: str, title: str, price_minor: int, *, seed: int) -> Terms:
    """Return the terms of a variant; a fixed function of its SKU and the seed."""
    category = category_of(title)
    sellers = SELLERS.get(category, tuple(range(len(SUPPLIERS))))
    supplier = sellers[int(share(seed, "supplier", sku) * len(sellers))]
    cost = round(price_minor * (0.35 + 0.25 * share(seed, "cost", sku)))
    packs = next((sizes for below, sizes in PACKS if price_minor < below), (1, 2))
    pack = packs[int(share(seed, "pack", sku) * len(packs))]
    moq = pack * (1, 1, 2, 3)[int(share(seed, "moq", sku) * 4)]
    weight = 40 + int(900 * share(seed, "weight", sku) ** 2)
    return Terms(category, supplier, max(1, cost), pack, moq, weight)
