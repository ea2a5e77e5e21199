"""The simulated shop, day by day: who comes, what they want, what is there, what comes back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.demo.simulated.assortment import PLACES, Assortment, assortment, paid
from app.demo.simulated.campaigns import Campaigns
from app.demo.simulated.days import DAYS, Floats, Ints
from app.demo.simulated.lives import ANONYMOUS, BUSINESS_UNITS, LINES, ORDERS_PER_ARRIVAL, Lives
from app.demo.simulated.places import ALLEGRO, CHANNELS, STORES, WEB, goods, towns
from app.demo.simulated.shelves import Shelves, Sold, Wanted
from app.demo.simulated.size import Size

#: Share of orders that known web buyers place on Allegro, and the other way round.
SWITCH = 0.12
#: Customers who may order again, above which the others are put away now and then.
PUT_AWAY = 200_000
#: Delay of a return after its order: days until the goods are there, then gamma (shape, scale).
RETURN_AFTER, RETURN_SHAPE, RETURN_SCALE = 4, 2.0, 4.0
RETURN_DELAY_MEAN = RETURN_AFTER + RETURN_SHAPE * RETURN_SCALE


@dataclass(frozen=True, eq=False)
class Buyers:
    """Orders wanted on a day, in the order of their time; arrays by order.

    `number` is the customer's (0: anonymous), `moment` when in the day (0-1), `lines` the mean of the basket;
    `is_answer`: the order would not be there without a message.
    """

    number: Ints
    channel: Ints
    town: Ints
    place: Ints
    is_business: NDArray[np.bool_]
    joined: NDArray[np.bool_]
    lines: Floats
    moment: Floats
    is_answer: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Basket:
    """Lines wanted on a day, sorted by order: index of the order, SKU, units."""

    order: Ints
    sku: Ints
    units: Ints


@dataclass(frozen=True, eq=False)
class Today:
    """Everything about one day. `served` are units of each line that were there; prices are zł minor units."""

    day: int
    buyers: Buyers
    basket: Basket
    outcome: Sold
    list_price: Ints
    promoted: Floats
    price: Ints
    expected: Floats
    #: Days until each line comes back; 0: it does not.
    back_after: Ints


@dataclass
class Pairings:
    """Counts of what was wanted together, for the truth about baskets."""

    goods: Assortment
    orders: int = 0
    having: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    together: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def __post_init__(self) -> None:
        """Begin with nothing."""
        self.having = np.zeros(self.goods.count, dtype=np.int64)
        self.together = np.zeros(self.goods.count, dtype=np.int64)

    def count(self, basket: Basket, orders: int) -> None:
        """Add a day's wanted baskets (each SKU once an order)."""
        count = self.goods.count
        self.orders += orders
        self.having += np.bincount(basket.sku, minlength=count)
        first = np.flatnonzero(self.goods.partner[basket.sku] >= 0)
        if not len(first):
            return
        keys = basket.order * count + basket.sku
        wanted = basket.order[first] * count + self.goods.partner[basket.sku[first]]
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        self.together += np.bincount(basket.sku[first][keys[at] == wanted], minlength=count)


class Shop:
    """The running simulation of one size and seed.

    Parameters
    ----------
    horizon : int
        Days that will be asked for (customers who only order later are put away).
    campaigns : Campaigns, optional
        Messages customers get, and answer with orders.
    """

    def __init__(self, size: Size, *, seed: int, horizon: int = DAYS, campaigns: Campaigns | None = None) -> None:
        self.size, self.seed, self.horizon, self.campaigns = size, seed, horizon, campaigns
        self.goods = assortment(size.skus, seed=seed)
        self.lives = Lives(size.orders / ORDERS_PER_ARRIVAL, seed, horizon)
        self.pairings = Pairings(self.goods)
        self.returned = np.array([kind["returns"] for kind in goods()["category"]])[self.goods.category]
        self.shelves = Shelves(self.goods, self._first_expected(), seed=seed)

    def _first_expected(self) -> Floats:
        """Return roughly the mean units a day of every pair at the beginning."""
        by_place = np.bincount(towns().warehouse[: towns().polish], minlength=PLACES) / towns().polish
        orders = self.size.orders / DAYS * 0.85 * by_place
        share = self.goods.base[:, None] * self.goods.taste / self.goods.reference
        return np.asarray((share * orders * LINES * self.goods.units[:, None] * 1.25).ravel())

    def days(self) -> Iterator[Today]:
        """Play the days one after the other."""
        for day in range(self.horizon):
            yield self._play(day)
            if day % 30 == 29 and self.campaigns is None and len(self.lives.state["number"]) > PUT_AWAY:
                self.lives.compact()

    def _play(self, day: int) -> Today:
        random = np.random.default_rng([self.seed, 4, day])
        buyers = self._buyers(day, random)
        list_price, promoted = self.goods.list_price(day), self.goods.promoted(day)
        price = paid(list_price, promoted)
        attraction = self.goods.attraction(day, price, promoted)
        basket, expected = self._fill(buyers, attraction, random)
        self.pairings.count(basket, len(buyers.number))
        pair = basket.sku * PLACES + buyers.place[basket.order]
        outcome = self.shelves.trade(day, Wanted(pair, basket.units, buyers.moment[basket.order]))
        return Today(day, buyers, basket, outcome, list_price, promoted, price, expected, self._returns(basket, random))

    def _buyers(self, day: int, random: np.random.Generator) -> Buyers:
        """Return who orders today, in the order of the day; anonymous store buyers among them."""
        known, answers = self._known(day)
        channel = known["channel"].astype(np.int64)
        switch = random.random(len(channel)) < SWITCH
        channel = np.where(switch & (channel <= ALLEGRO), WEB + ALLEGRO - channel, channel)
        in_store = np.isin(channel, STORES)
        strangers = random.poisson(ANONYMOUS * in_store.sum()) if in_store.any() else 0
        stores = random.choice(channel[in_store], strangers) if strangers else np.empty(0, dtype=np.int64)
        number = np.concatenate([known["number"].astype(np.int64), np.zeros(strangers, dtype=np.int64)])
        channel = np.concatenate([channel, stores])
        town = np.concatenate([known["town"].astype(np.int64), np.zeros(strangers, dtype=np.int64)])
        at_store = np.array([c.warehouse for c in CHANNELS])[channel]
        moment = random.random(len(number))
        order = np.argsort(moment, kind="stable")
        return Buyers(
            number=number[order],
            channel=channel[order],
            town=town[order],
            place=np.where(at_store >= 0, at_store, towns().warehouse[town])[order],
            is_business=np.concatenate([known["is_business"], np.zeros(strangers, dtype=bool)]).astype(bool)[order],
            joined=np.concatenate([_first_today(known, day), np.zeros(strangers, dtype=bool)])[order],
            lines=np.concatenate([known["lines"].astype(np.float64), np.full(strangers, LINES * 0.8)])[order],
            moment=moment[order],
            is_answer=(np.arange(len(number)) >= len(known["number"]) - answers)[order]
            & (np.arange(len(number)) < len(known["number"]))[order],
        )

    def _known(self, day: int) -> tuple[dict[str, NDArray[Any]], int]:
        """Return the known customers who order today, and how many of the last ones answer a message."""
        own = self.lives.orders(day)
        if self.campaigns is None:
            return own, 0
        self.campaigns.send(day, self.lives)
        more = self.campaigns.answers(day, self.lives)
        both = {name: np.concatenate([values, more[name]]) for name, values in own.items()}
        return both, len(more["number"])

    def _fill(self, buyers: Buyers, attraction: Floats, random: np.random.Generator) -> tuple[Basket, Floats]:
        """Draw the baskets; return them and the mean of the demand by pair, given who came."""
        g, count = self.goods, self.goods.count
        pull = attraction.sum(axis=0)
        mean = np.maximum(1.0, buyers.lines * (pull / g.reference)[buyers.place])
        drawn = 1 + random.poisson(mean - 1)
        order = np.repeat(np.arange(len(drawn)), drawn)
        place = buyers.place[order]
        sku = np.empty(len(order), dtype=np.int64)
        chance = random.random(len(order))
        for at in range(PLACES):
            mine = place == at
            upto = attraction[:, at].cumsum()
            sku[mine] = np.searchsorted(upto, chance[mine] * upto[-1], side="right")
        with_partner = np.flatnonzero(g.partner[sku] >= 0)
        added = with_partner[random.random(len(with_partner)) < g.attach[sku[with_partner]]]
        order, sku = np.concatenate([order, order[added]]), np.concatenate([sku, g.partner[sku[added]]])
        units = random.geometric(1 / g.units[sku]) * np.where(buyers.is_business[order], BUSINESS_UNITS, 1)
        key, inverse = np.unique(order * count + sku, return_inverse=True)
        together = np.bincount(inverse, weights=units, minlength=len(key)).astype(np.int64)
        weight = mean * np.where(buyers.is_business, BUSINESS_UNITS, 1)
        lines = np.bincount(buyers.place, weights=weight, minlength=PLACES) * attraction / pull
        partnered = np.flatnonzero(g.partner >= 0)
        lines[g.partner[partnered]] += g.attach[partnered, None] * lines[partnered]
        return Basket(key // count, key % count, together), (lines * g.units[:, None]).ravel()

    def _returns(self, basket: Basket, random: np.random.Generator) -> Ints:
        """Draw which lines come back, and after how many days."""
        back = random.random(len(basket.sku)) < self.returned[basket.sku]
        delay = RETURN_AFTER + random.gamma(RETURN_SHAPE, RETURN_SCALE, len(basket.sku))
        return np.where(back, np.maximum(1, np.rint(delay)), 0).astype(np.int64)


def _first_today(known: dict[str, NDArray[Any]], day: int) -> NDArray[np.bool_]:
    """Say of each order whether it is the first its customer ever placed."""
    is_new = known["joined"] == day
    _, first = np.unique(known["number"], return_index=True)
    is_first = np.zeros(len(is_new), dtype=bool)
    is_first[first] = True
    return np.asarray(is_new & is_first)
