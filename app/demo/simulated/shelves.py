"""Stock that censors sales: shelves by SKU and warehouse, and a buyer who sees only what was sold."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.demo.policy import Plan
from app.demo.simulated.assortment import PLACES, Assortment
from app.demo.simulated.days import Floats, Ints, days
from app.demo.simulated.places import SUPPLIERS

#: Days of sales the buyer looks back on, and the safety he adds in standard deviations.
MEMORY_DAYS, SAFETY = 42, 1.8
#: Variance of demand over its mean, as the buyer believes.
SCATTER = 3.0


@dataclass(frozen=True, eq=False)
class Wanted:
    """Lines of one day in the order of their time: pair, units, and when in the day (0-1)."""

    pair: Ints
    units: Ints
    moment: Floats


@dataclass(frozen=True, eq=False)
class Sold:
    """What a day brought: units of each line that were there, and by pair demand, sales, share of the day in stock."""

    units: Ints
    demand: Ints
    sold: Ints
    in_stock: Floats


class Shelves:
    """Runs stock day by day; pair = SKU x warehouse (``sku * PLACES + place``).

    Parameters
    ----------
    goods : Assortment
    expected : array (P,)
        Mean units a day at the beginning: what the shelves are filled for.
    """

    def __init__(self, goods: Assortment, expected: Floats, *, seed: int) -> None:
        self.goods, self.seed = goods, seed
        count = goods.count * PLACES
        self.supplier = np.repeat(goods.supplier, PLACES)
        self.place = np.tile(np.arange(PLACES), goods.count)
        self.pack = np.repeat(goods.pack, PLACES)
        self.launched = np.repeat(goods.launched, PLACES)
        self.lead = np.array([s.lead_days for s in SUPPLIERS])[self.supplier]
        self.cover = np.array([s.cover_days for s in SUPPLIERS])[self.supplier]
        self.review = np.array([s.review_weekday for s in SUPPLIERS])[self.supplier]
        self.expected = expected
        first = np.ceil(expected * (self.lead + self.cover) / self.pack).astype(np.int64) * self.pack
        self.plan = Plan(np.where(self.launched == 0, np.maximum(first, self.pack), 0))
        self.on_hand = self.plan.opening.copy()
        self.on_order = np.zeros(count, dtype=np.int64)
        self.due: dict[int, list[int]] = defaultdict(list)
        self.recent = np.zeros((MEMORY_DAYS, count), dtype=np.float32)
        self.recent_in = np.zeros((MEMORY_DAYS, count), dtype=np.float32)
        self.sold_sum, self.in_sum = np.zeros(count), np.zeros(count)
        self._launch(first)

    def _launch(self, first: Ints) -> None:
        """Order what is launched later so that it comes on its first day."""
        for pair in np.flatnonzero(self.launched > 0).tolist():
            day = int(self.launched[pair])
            # on the last review day that leaves the usual lead time
            asked = max(0, day - int(self.lead[pair]) - 3)
            asked = max(0, asked - (days().dates[asked].weekday() - int(self.review[pair])) % 7)
            units = int(max(first[pair], self.pack[pair]))
            self.due[day].append(self.plan.add(pair, asked, day, units))
            self.on_order[pair] += units

    def trade(self, day: int, wanted: Wanted) -> Sold:
        """Take in what arrives, serve the day's lines in the order of their time, and let the buyer order."""
        for line in self.due.pop(day, ()):
            self.on_hand[self.plan.pair[line]] += self.plan.received[line]
            self.on_order[self.plan.pair[line]] -= self.plan.ordered[line]
        demand = np.bincount(wanted.pair, weights=wanted.units, minlength=len(self.on_hand)).astype(np.int64)
        in_stock = (self.on_hand > 0).astype(np.float64)
        served = wanted.units.copy()
        short = (demand >= self.on_hand) & (demand > 0)
        if short.any():
            self._ration(wanted, short, served, in_stock)
        sold = np.minimum(demand, self.on_hand)
        self.on_hand -= sold
        in_stock[self.launched > day] = 0.0
        self._remember(day, sold, in_stock)
        self._order(day)
        return Sold(served, demand, sold, in_stock)

    def _ration(self, wanted: Wanted, short: NDArray[np.bool_], served: Ints, in_stock: Floats) -> None:
        """Serve scarce goods first come, first served; note when in the day they ran out."""
        lines = np.flatnonzero(short[wanted.pair])
        lines = lines[np.argsort(wanted.pair[lines], kind="stable")]
        pair, units = wanted.pair[lines], wanted.units[lines]
        total = units.cumsum()
        starts = np.flatnonzero(np.concatenate([[True], pair[1:] != pair[:-1]]))
        before = total - units
        before -= np.repeat(before[starts], np.diff(np.append(starts, len(pair))))
        left = self.on_hand[pair] - before
        served[lines] = np.clip(left, 0, units)
        last = (left > 0) & (left <= units)
        in_stock[pair[last]] = wanted.moment[lines[last]]

    def _remember(self, day: int, sold: Ints, in_stock: Floats) -> None:
        slot = day % MEMORY_DAYS
        self.sold_sum += sold - self.recent[slot]
        self.in_sum += in_stock - self.recent_in[slot]
        self.recent[slot], self.recent_in[slot] = sold, in_stock

    def _order(self, day: int) -> None:
        """Let the buyer review today's suppliers: order up to a level made from recent sales."""
        weekday = days().dates[day].weekday()
        rows = np.flatnonzero((self.review == weekday) & (self.launched <= day))
        seen = np.maximum(self.in_sum[rows], 0.0)
        # sales of days in stock; of a SKU hardly seen, what was expected of it counts for a week
        mean = (self.sold_sum[rows] + 7 * self.expected[rows]) / (seen + 7)
        horizon = self.lead[rows] + 7
        point = mean * horizon + SAFETY * np.sqrt(mean * horizon * SCATTER)
        position = self.on_hand[rows] + self.on_order[rows]
        low = position < point
        rows, top = rows[low], (point + mean * self.cover[rows])[low]
        quantity = np.ceil((top - position[low]) / self.pack[rows]).astype(np.int64) * self.pack[rows]
        random = np.random.default_rng([self.seed, 3, day])
        lead = self._leads(random, day)
        for pair, units in zip(rows.tolist(), quantity.tolist(), strict=True):
            arrives = day + lead[self.supplier[pair], self.place[pair]]
            line = self.plan.add(pair, day, int(arrives), units)
            if random.random() < 0.06 and units > self.pack[pair]:
                # the supplier sends a pack less
                self.plan.received[line] = units - int(self.pack[pair])
            self.due[int(arrives)].append(line)
            self.on_order[pair] += units

    def _leads(self, random: np.random.Generator, day: int) -> Ints:
        """Draw the lead times of a day's purchase orders: gamma, arriving on working days."""
        mean = np.array([s.lead_days for s in SUPPLIERS])[:, None]
        spread = np.array([s.lead_sd_days for s in SUPPLIERS])[:, None]
        drawn = random.gamma((mean / spread) ** 2, spread**2 / mean, (len(SUPPLIERS), PLACES))
        arrival = day + np.maximum(2, np.rint(drawn)).astype(np.int64)
        weekday = np.array([d.weekday() for d in days().dates])[np.minimum(arrival, len(days().dates) - 1)]
        return np.asarray(arrival + np.where(weekday >= 5, 7 - weekday, 0) - day, dtype=np.int64)
