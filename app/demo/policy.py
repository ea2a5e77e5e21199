"""A year of simulated buying around real sales: what was ordered, when it came, what was on the shelf.

The real sales are facts, so stock must have been there. Purchase orders follow an order-up-to policy
whose buyer guesses future demand with an error (see :data:`FORESIGHT`); where it would have run short on
a day with real sales, the last arrival before is made larger by what was missing. The shelf is then
empty from that evening until the next arrival: those are the demo's stock-outs, on days on which the
data shows no sale.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
#: Shop days used for the policy's mean demand, and its safety factor.
MEMORY_DAYS = 42
SAFETY = 0.7
#: The buyer expects this much of what will really be sold and the rest of what was sold lately.
FORESIGHT = 0.75
#: Pairs first sold this early are on the shelf when the year begins; later ones are launched by an order.
OPENING_DAYS = 60


@dataclass(frozen=True, slots=True)
class Pairs:
    """One row a (variant, location) pair; arrays of length P unless said.

    Parameters
    ----------
    demand : array (P, D)
        Real units sold a day.
    group : array
        Index of the (supplier, location) whose orders the pair joins.
    lead : array (G, D)
        Days from order to arrival, drawn for every group and order day.
    weekday : array (D,)
        Weekday (0 Monday) of each day.
    review_weekday, cover_days, pack, moq, mean_lead : arrays
        Policy terms; `mean_lead` in days.
    sold_out_from : array
        Day from which the pair gets no more arrivals and stays empty; D when never.
    """

    demand: Ints
    group: Ints
    lead: Ints
    weekday: Ints
    review_weekday: Ints
    cover_days: Ints
    pack: Ints
    moq: Ints
    mean_lead: NDArray[np.float64]
    sold_out_from: Ints


@dataclass(slots=True)
class Plan:
    """The simulated past: opening units by pair, and order lines as parallel lists."""

    opening: Ints
    pair: list[int] = field(default_factory=list)
    ordered_on: list[int] = field(default_factory=list)
    arrives_on: list[int] = field(default_factory=list)
    ordered: list[int] = field(default_factory=list)
    received: list[int] = field(default_factory=list)

    def add(self, pair: int, ordered_on: int, arrives_on: int, quantity: int) -> int:
        """Append an order line and return its index."""
        self.pair.append(pair)
        self.ordered_on.append(ordered_on)
        self.arrives_on.append(arrives_on)
        self.ordered.append(quantity)
        self.received.append(quantity)
        return len(self.pair) - 1


class Buyer:
    """Runs the policy day by day over all pairs at once."""

    def __init__(self, pairs: Pairs) -> None:
        self.pairs = pairs
        count, self.days = pairs.demand.shape
        self.plan = Plan(np.zeros(count, dtype=np.int64))
        self.on_hand = np.zeros(count, dtype=np.int64)
        self.on_order = np.zeros(count, dtype=np.int64)
        self.last = np.full(count, -1, dtype=np.int64)
        self.due: dict[int, list[int]] = defaultdict(list)
        self.sums = np.concatenate([np.zeros((count, 1), dtype=np.int64), pairs.demand.cumsum(axis=1)], axis=1)
        sold = pairs.demand > 0
        self.first = np.where(sold.any(axis=1), sold.argmax(axis=1), self.days)
        self.ends = int(np.flatnonzero(pairs.demand.any(axis=0)).max()) + 1

    def run(self) -> Plan:
        """Return the plan of the whole period."""
        self._open()
        for day in range(self.days):
            self._arrive(day)
            self._sell(day)
            self._order(day)
        return self.plan

    def _between(self, rows: Ints, start: Ints, stop: Ints) -> Ints:
        clipped = np.clip(stop, 0, self.days)
        found: Ints = self.sums[rows, clipped] - self.sums[rows, np.clip(start, 0, self.days)]
        return found

    def _packs(self, rows: Ints, units: NDArray[np.floating[Any]]) -> Ints:
        pack = self.pairs.pack[rows]
        whole = np.ceil(units / pack).astype(np.int64) * pack
        asked: Ints = np.maximum(whole, np.maximum(self.pairs.moq[rows], pack))
        return asked

    def _open(self) -> None:
        """Put what sold early on the shelf; launch the rest with an order that comes just in time."""
        early = np.flatnonzero(self.first < OPENING_DAYS)
        need = self._between(early, self.first[early], self.first[early] + 28)
        self.plan.opening[early] = self._packs(early, need * 1.3)
        self.on_hand[early] = self.plan.opening[early]
        late = np.flatnonzero((self.first >= OPENING_DAYS) & (self.first < self.days))
        quantity = self._packs(late, self._between(late, self.first[late], self.first[late] + 28) * 1.2)
        for pair, units in zip(late.tolist(), quantity.tolist(), strict=True):
            ordered_on, arrives_on = self._launch(pair)
            self._line(pair, ordered_on, arrives_on, units)

    def _launch(self, pair: int) -> tuple[int, int]:
        """Return the last review day whose order still arrives before the first sale."""
        first, group = int(self.first[pair]), self.pairs.group[pair]
        for day in range(first - 1, -1, -1):
            if self.pairs.weekday[day] != self.pairs.review_weekday[pair]:
                continue
            arrives_on = day + int(self.pairs.lead[group, day])
            if arrives_on <= first:
                return day, arrives_on
        return 0, first

    def _line(self, pair: int, ordered_on: int, arrives_on: int, units: int) -> None:
        self.due[arrives_on].append(self.plan.add(pair, ordered_on, arrives_on, units))
        self.on_order[pair] += units

    def _arrive(self, day: int) -> None:
        for line in self.due.pop(day, ()):
            pair, units = self.plan.pair[line], self.plan.ordered[line]
            if day >= self.pairs.sold_out_from[pair]:
                self.plan.arrives_on[line] = self.days + 2 + line % 5
                continue
            self.on_order[pair] -= units
            self.on_hand[pair] += units
            self.last[pair] = line

    def _sell(self, day: int) -> None:
        closing = np.flatnonzero(self.pairs.sold_out_from == day)
        self._correct(closing, self.on_hand[closing] * -1)
        demand = self.pairs.demand[:, day]
        missing = np.where(self.pairs.sold_out_from > day, np.maximum(demand - self.on_hand, 0), 0)
        short = np.flatnonzero(missing)
        self._correct(short, missing[short])
        self.on_hand -= np.minimum(demand, self.on_hand)

    def _correct(self, rows: Ints, units: Ints) -> None:
        """Make the last arrival (or the opening stock) of the rows larger or smaller, knowing better now."""
        for pair, delta in zip(rows.tolist(), units.tolist(), strict=True):
            line = int(self.last[pair])
            if line < 0:
                self.plan.opening[pair] += delta
                self.on_hand[pair] += delta
                continue
            changed = max(1, self.plan.received[line] + delta)
            self.on_hand[pair] += changed - self.plan.received[line]
            self.plan.received[line] = changed
            if changed > self.plan.ordered[line]:
                pack = int(self.pairs.pack[pair])
                self.plan.ordered[line] = -(-changed // pack) * pack

    def _expected(self, rows: Ints, day: int) -> NDArray[np.float64]:
        """Return the buyer's idea of units a day over the next lead time and cover."""
        now = np.full(len(rows), day + 1)
        memory = np.minimum(now - self.first[rows], MEMORY_DAYS)
        past = self._between(rows, now - memory, now) / memory
        ahead = np.minimum(self.pairs.mean_lead[rows].astype(np.int64) + self.pairs.cover_days[rows], self.ends - now)
        future = np.where(ahead > 20, self._between(rows, now, now + ahead) / np.maximum(ahead, 1), past)
        mixed: NDArray[np.float64] = FORESIGHT * future + (1 - FORESIGHT) * past
        return mixed

    def _order(self, day: int) -> None:
        p = self.pairs
        rows = np.flatnonzero((p.review_weekday == p.weekday[day]) & (self.first <= day))
        mean = self._expected(rows, day)
        horizon = p.mean_lead[rows] + 7
        point = mean * horizon + SAFETY * np.sqrt(mean * horizon * (1 + mean))
        position = self.on_hand[rows] + self.on_order[rows]
        low = (position < point) & (mean > 0.02)
        chosen, top = rows[low], (point + mean * p.cover_days[rows])[low]
        quantity = self._packs(chosen, top - position[low])
        for pair, units in zip(chosen.tolist(), quantity.tolist(), strict=True):
            self._line(pair, day, day + int(p.lead[p.group[pair], day]), units)
