"""What the simulated shop sells, and the known effects on the demand of every SKU."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import i0

from app.demo.simulated.days import BEYOND, DAYS, FIRST, Floats, Ints, days
from app.demo.simulated.places import SUPPLIERS, WAREHOUSES, goods

#: One zloty's worth of EUR when price lists were made (minor units are converted once, then rounded).
EUR_PER_PLN = 1 / 4.25
PLACES = len(WAREHOUSES)
#: Days of a block in which a SKU has at most one promotion, its odds, and how long and how deep it is.
BLOCK_DAYS, PROMOTED = 183, 0.6
DISCOUNTS = (0.10, 0.15, 0.20, 0.25, 0.30)
#: Share of SKUs sold from the first day on; the others are launched until day `LAST_LAUNCH`.
FROM_THE_START, LAST_LAUNCH = 0.85, 600
#: One SKU of so many has a partner that is bought with it.
PARTNERS_OF = 8
PACKS = ((3_000, (12, 24)), (8_000, (6, 12)), (20_000, (4, 6)), (1 << 40, (2, 4)))


@dataclass(frozen=True, eq=False)
class Assortment:
    """Arrays by SKU unless said; money in minor units.

    Attributes
    ----------
    base : array
        Share of the reference demand; sums to 1.
    trend, season, peak, elasticity, display : arrays
        Growth a year (log), seasonal amplitude (log), day of the year of its peak, price elasticity, lift of a
        display beside the price's.
    rise : array
        Price rise on every 1 January.
    taste : array (S, L)
        Factor on the share by warehouse region.
    promo_from, promo_until, promo_discount : arrays (S, B)
        Promotion of each block of days; `promo_from` is -1 where there is none; until is inclusive.
    units : array
        Mean units of a line.
    partner, attach : arrays
        SKU bought with it (-1: none) and with what probability.
    """

    sku: list[str]
    title: list[str]
    category: Ints
    supplier: Ints
    launched: Ints
    base: Floats
    trend: Floats
    season: Floats
    peak: Floats
    elasticity: Floats
    display: Floats
    rise: Floats
    taste: Floats
    price: Ints
    cost: Ints
    weight_g: Ints
    pack: Ints
    promo_from: Ints
    promo_until: Ints
    promo_discount: Floats
    units: Floats
    partner: Ints
    attach: Floats

    @property
    def count(self) -> int:
        """Return how many SKUs there are."""
        return len(self.sku)

    def list_price(self, day: int) -> Ints:
        """Return the regular price of a day, zł."""
        risen = self.price * (1 + self.rise) ** (days().dates[day].year - FIRST.year)
        return np.asarray(np.maximum(1, np.rint(risen)), dtype=np.int64)

    def promoted(self, day: int) -> Floats:
        """Return the discount of a day's promotions; 0 where there is none."""
        block = day // BLOCK_DAYS
        runs = (self.promo_from[:, block] <= day) & (day <= self.promo_until[:, block])
        return np.where(runs & (self.promo_from[:, block] >= 0), self.promo_discount[:, block], 0.0)

    def attraction(self, day: int, price: Ints, promoted: Floats) -> Floats:
        """Return the attraction (S, L) of a day at the prices paid; the reference is about 1 in sum by place."""
        calendar = days()
        season = np.exp(self.season * np.cos(2 * np.pi * (calendar.day_of_year[day] - self.peak) / 365.25))
        effect = (
            self.base
            * np.exp(self.trend * calendar.years[day])
            * season / i0(self.season)
            * (price / self.price) ** -self.elasticity
            * np.where(promoted > 0, self.display, 1.0)
            * (self.launched <= day)
        )  # fmt: skip
        return np.asarray(effect[:, None] * self.taste)

    @cached_property
    def reference(self) -> Floats:
        """Attraction (L,) of the whole assortment at list prices, in the mean of the season."""
        return np.asarray((self.base[:, None] * self.taste).sum(axis=0))

    @cached_property
    def basket(self) -> Floats:
        """Mean value (L,) of one drawn line and what is attached to it, at list prices, minor zł."""
        share = self.base[:, None] * self.taste / self.reference
        own = self.units * self.price
        with_partner = own + np.where(self.partner >= 0, self.attach * own[self.partner], 0.0)
        return np.asarray((share * with_partner[:, None]).sum(axis=0))


def assortment(count: int, *, seed: int) -> Assortment:
    """Draw an assortment; the same seed and count draw the same one."""
    random = np.random.default_rng([seed, 1])
    kinds = goods()["category"]
    category = random.integers(0, len(kinds), count)
    low = np.array([kind["prices"][0] for kind in kinds])[category]
    high = np.array([kind["prices"][1] for kind in kinds])[category]
    price = np.rint(low * (high / low) ** random.random(count)).astype(np.int64) * 100 - 1
    base = np.exp(random.normal(0, 1.0, count)) / (price / 100) ** 0.3
    packs = [next(sizes for below, sizes in PACKS if p < below) for p in price.tolist()]
    promo_from, promo_until, discount = _promotions(random, count)
    partner, attach = _partners(random, count)
    launched = np.where(random.random(count) < FROM_THE_START, 0, random.integers(30, LAST_LAUNCH, count))
    return Assortment(
        sku=[f"{kinds[c]['code']}-{n:05d}" for n, c in enumerate(category.tolist(), start=1)],
        title=_titles(random, category),
        category=category,
        supplier=random.integers(0, len(SUPPLIERS), count),
        launched=launched,
        base=base / base.sum(),
        trend=random.normal(0.0, 0.15, count),
        season=np.array([kind["season"] for kind in kinds])[category] * random.uniform(0.7, 1.3, count),
        peak=np.array([kind["peak"] for kind in kinds])[category] + random.normal(0, 8, count),
        elasticity=random.uniform(1.4, 2.8, count),
        display=random.uniform(1.05, 1.35, count),
        rise=random.choice([0.0, 0.03, 0.05, 0.08], count),
        taste=np.exp(random.normal(0, 0.2, (count, PLACES))),
        price=price,
        cost=np.maximum(1, np.rint(price * random.uniform(0.34, 0.56, count) / 1.23)).astype(np.int64),
        weight_g=random.integers(60, 2_400, count),
        pack=np.array([sizes[n] for sizes, n in zip(packs, random.integers(0, 2, count).tolist(), strict=True)]),
        promo_from=promo_from,
        promo_until=promo_until,
        promo_discount=discount,
        units=random.uniform(1.05, 2.2, count),
        partner=partner,
        attach=attach,
    )


def _titles(random: np.random.Generator, category: Ints) -> list[str]:
    words = goods()
    kinds, colours = words["goods"]["kinds"].split(","), words["goods"]["colours"].split(",")
    things = [kind["things"].split(",") for kind in words["category"]]
    drawn = random.integers(0, 1 << 30, (len(category), 3)).tolist()
    return [
        f"{things[c][a % len(things[c])]} {kinds[b % len(kinds)]}, {colours[d % len(colours)]}"
        for c, (a, b, d) in zip(category.tolist(), drawn, strict=True)
    ]


def _promotions(random: np.random.Generator, count: int) -> tuple[Ints, Ints, Floats]:
    blocks = (DAYS + BEYOND) // BLOCK_DAYS + 1
    length = random.integers(7, 15, (count, blocks))
    start = random.integers(0, BLOCK_DAYS - 15, (count, blocks)) + np.arange(blocks) * BLOCK_DAYS
    runs = random.random((count, blocks)) < PROMOTED
    return (
        np.where(runs, start, -1),
        np.where(runs, start + length - 1, -1),
        random.choice(DISCOUNTS, (count, blocks)),
    )


def _partners(random: np.random.Generator, count: int) -> tuple[NDArray[np.int64], Floats]:
    """Pair SKUs; a partner has no partner of its own, so that nothing chains."""
    order = random.permutation(count)
    pairs = max(1, count // PARTNERS_OF)
    partner = np.full(count, -1, dtype=np.int64)
    partner[order[:pairs]] = order[pairs : 2 * pairs]
    return partner, np.where(partner >= 0, random.uniform(0.15, 0.45, count), 0.0)


def sku_truth(goods_of: Assortment) -> pl.DataFrame:
    """Return the constants of every SKU."""
    names = [kind["name"] for kind in goods()["category"]]
    return pl.DataFrame({
        "sku": goods_of.sku,
        "category": [names[c] for c in goods_of.category.tolist()],
        "supplier": [SUPPLIERS[s].code for s in goods_of.supplier.tolist()],
        "launched_on": [days().dates[d] for d in goods_of.launched.tolist()],
        "base_share": goods_of.base,
        "trend_per_year": goods_of.trend,
        "season_amplitude": goods_of.season,
        "season_peak_day": goods_of.peak,
        "elasticity": goods_of.elasticity,
        "display_lift": goods_of.display,
        "base_price": goods_of.price / 100,
        "price_rise_per_year": goods_of.rise,
        "units_per_line": goods_of.units,
    })  # fmt: skip


def promotion_truth(goods_of: Assortment, until: int) -> pl.DataFrame:
    """Return every promotion that began before day `until`, with the factor it puts on demand."""
    at = np.argwhere((goods_of.promo_from >= 0) & (goods_of.promo_from < until))
    rows = []
    for s, block in at.tolist():
        start, discount = int(goods_of.promo_from[s, block]), float(goods_of.promo_discount[s, block])
        before = int(goods_of.list_price(start)[s])
        after = paid(np.array([before]), np.array([discount]))[0]
        lift = (after / before) ** -goods_of.elasticity[s] * goods_of.display[s]
        end = days().dates[int(goods_of.promo_until[s, block])]
        rows.append((goods_of.sku[s], days().dates[start], end, discount, float(lift)))
    return pl.DataFrame(rows, schema=["sku", "since", "until", "discount", "lift"], orient="row")


def paid(price: Ints, discount: Floats) -> Ints:
    """Return prices less their discount, rounded to the minor unit."""
    return np.asarray(np.rint(price * (1 - discount)), dtype=np.int64)
