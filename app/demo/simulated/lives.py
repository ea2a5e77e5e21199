"""Customers with known lives: when they come, how often they order, when they stop for good."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from app.demo.simulated.assortment import EUR_PER_PLN, Assortment
from app.demo.simulated.days import ONLINE, SEASONAL, STORE, Ints, days
from app.demo.simulated.places import CHANNELS, STORES, towns

KINDS = ("bgnbd", "pareto", "regular", "seasonal", "once")
BGNBD, PARETO, REGULAR, SEASONAL_KIND, ONCE = range(5)
KIND_SHARES = (0.55, 0.15, 0.10, 0.08, 0.12)
#: Orders a year while alive: shape and mean of a gamma distribution, by kind.
RATE = ((1.1, 5.5), (1.1, 5.0), (6.0, 9.0), (4.0, 1.6), (1.0, 0.0))
#: Probability of dying after an order: beta parameters by kind (none: never so).
DEATH = ((1.0, 4.5), None, (1.0, 24.0), (1.0, 4.0), None)
#: Lifetimes of `pareto` customers: rates of dying a year, gamma (shape, mean).
DEATH_RATE = (2.0, 0.9)
#: Events until an order: 3 makes gaps regular.
STAGES = (1, 1, 3, 1, 1)
GROWTH_PER_YEAR = 0.15
#: More newcomers in the first weeks, as a factor of the usual, and the days in which that fades away (by e).
OPENING, OPENING_DAYS = 3.0, 60.0
BUSINESS, BUSINESS_UNITS = 0.12, 3
#: Mean lines of a basket, of consumers and of firms; what goes beyond one line varies by customer (gamma shape).
LINES, LINES_BUSINESS, LINES_SHAPE = 2.9, 4.2, 4.0
#: Orders of anonymous store buyers for each order of a known one.
ANONYMOUS = 1.5
#: Added probability of an order after a message: beta by kind.
RESPONSE = ((2.0, 30.0), (2.0, 30.0), (3.0, 22.0), (1.0, 60.0), (1.0, 120.0))
NEVER = 1 << 30
#: Orders that one unit of `arrivals` brings in the whole past, anonymous ones included; measured.
ORDERS_PER_ARRIVAL = 5_050.0

_COLUMNS: dict[str, type[np.generic]] = {
    "number": np.int64, "kind": np.int8, "channel": np.int8, "is_business": np.bool_, "town": np.int32,
    "joined": np.int32, "dies": np.int32, "next": np.int32, "rate": np.float64, "death": np.float64,
    "position": np.float64, "lines": np.float64, "response": np.float64,
}  # fmt: skip


@dataclass
class Lives:
    """Everybody who may order again, as parallel arrays; those who are done are handed over as truth.

    `arrivals` is the mean number of new customers on a day of rate 1 at the beginning.
    """

    arrivals: float
    seed: int
    horizon: int
    state: dict[str, NDArray[Any]] = field(default_factory=dict)
    born: int = 0
    done: list[dict[str, NDArray[Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin with nobody."""
        self.state = {name: np.empty(0, dtype) for name, dtype in _COLUMNS.items()}

    def orders(self, day: int) -> dict[str, NDArray[Any]]:
        """Return the state of those who order on a day, one row an order; the day's new customers last.

        Days must be asked for one after the other.
        """
        random = np.random.default_rng([self.seed, 2, day])
        self._arrive(day, random)
        found = []
        while True:
            rows = np.flatnonzero(self.state["next"] == day)
            if not len(rows):
                break
            found.append({name: values[rows] for name, values in self.state.items()})
            self._go_on(rows, day, random)
        if not found:
            return {name: values[:0] for name, values in self.state.items()}
        return {name: np.concatenate([part[name] for part in found]) for name in _COLUMNS}

    def rows(self, numbers: Ints) -> dict[str, NDArray[Any]]:
        """Return the state of customers by number; those nobody knows any more are left out."""
        wanted = np.unique(numbers)
        at = np.searchsorted(self.state["number"], wanted)
        at = at[at < len(self.state["number"])] if len(at) else at
        rows = at[np.isin(self.state["number"][at], wanted)]
        return {name: values[rows] for name, values in self.state.items()}

    def _arrive(self, day: int, random: np.random.Generator) -> None:
        calendar = days()
        growth = (1 + GROWTH_PER_YEAR) ** calendar.years[day] + OPENING * np.exp(-day / OPENING_DAYS)
        means = [self.arrivals * c.share * growth * calendar.rate[c.group, day] for c in CHANNELS]
        counts = random.poisson(means)
        count = int(counts.sum())
        if not count:
            return
        new = _people(random, counts)
        new["number"] = np.arange(self.born + 1, self.born + count + 1)
        new["joined"] = np.full(count, day)
        new["next"] = np.full(count, day)
        # an arrival is somewhere within its day, also in shop time
        group = _group(new["kind"], new["channel"])
        new["position"] = calendar.passed[group, day] + random.random(count) * calendar.rate[group, day] / 365.25
        drawn = random.exponential(1.0, count) / random.gamma(DEATH_RATE[0], DEATH_RATE[1] / DEATH_RATE[0], count)
        lasts = np.minimum(drawn * 365.25, NEVER / 2).astype(np.int64)
        new["dies"] = np.where(new["kind"] == PARETO, np.minimum(day + lasts, NEVER), NEVER)
        self.born += count
        self.state = {
            name: np.concatenate([values, new[name].astype(_COLUMNS[name])]) for name, values in self.state.items()
        }

    def _go_on(self, rows: Ints, day: int, random: np.random.Generator) -> None:
        """Let those who ordered die or come to their next order."""
        s, calendar = self.state, days()
        kind = s["kind"][rows]
        dead = random.random(len(rows)) < s["death"][rows]
        stages = np.array(STAGES)[kind]
        rate = s["rate"][rows].astype(np.float64)
        gap = random.gamma(stages, 1.0) / (stages * np.maximum(rate, 1e-9))
        position = s["position"][rows].astype(np.float64) + gap
        group = _group(kind, s["channel"][rows])
        after = np.empty(len(rows), dtype=np.int64)
        for g in (ONLINE, STORE, SEASONAL):
            mine = group == g
            after[mine] = np.searchsorted(calendar.passed[g], position[mine], side="right") - 1
        after = np.maximum(after, day)
        dead |= after > s["dies"][rows]
        s["dies"][rows] = np.where(
            dead, np.minimum(s["dies"][rows], np.where(kind == PARETO, NEVER, day)), s["dies"][rows]
        )
        s["next"][rows] = np.where(dead | (after >= len(calendar.dates)), NEVER, after)
        s["position"][rows] = position

    def compact(self, *, everybody: bool = False) -> None:
        """Move those who will not order again within the horizon to `done`."""
        over = self.state["next"] >= self.horizon
        if everybody:
            over = np.ones(len(over), dtype=bool)
        if over.any():
            self.done.append({name: values[over] for name, values in self.state.items()})
            self.state = {name: values[~over] for name, values in self.state.items()}


def _people(random: np.random.Generator, counts: Ints) -> dict[str, NDArray[Any]]:
    """Draw who the new customers are, by channel."""
    channel = np.repeat(np.arange(len(CHANNELS)), counts)
    count = len(channel)
    kind = random.choice(len(KINDS), count, p=KIND_SHARES)
    # store buyers cannot be seasonal on the shop time of the web: they live as the others
    kind = np.where((kind == SEASONAL_KIND) & np.isin(channel, STORES), BGNBD, kind)
    rate_shape, rate_mean = np.array(RATE).T
    rate = random.gamma(rate_shape[kind], rate_mean[kind] / rate_shape[kind])
    death_a = np.array([d[0] if d else 1.0 for d in DEATH])[kind]
    death_b = np.array([d[1] if d else 1.0 for d in DEATH])[kind]
    death = random.beta(death_a, death_b)
    death = np.where(kind == ONCE, 1.0, np.where(kind == PARETO, 0.0, death))
    is_business = random.random(count) < BUSINESS
    mean = np.where(is_business, LINES_BUSINESS, LINES)
    places = towns()
    abroad = random.integers(places.polish, places.table.height, count)
    home = random.integers(0, places.polish, count)
    response_a, response_b = np.array(RESPONSE).T
    return {
        "kind": kind,
        "channel": channel,
        "is_business": is_business,
        "town": np.where(channel == len(CHANNELS) - 1, abroad, home),
        "rate": rate,
        "death": death,
        "lines": 1 + (mean - 1) * random.gamma(LINES_SHAPE, 1 / LINES_SHAPE, count),
        "response": random.beta(response_a[kind], response_b[kind]),
    }


def _group(kind: NDArray[Any], channel: NDArray[Any]) -> Ints:
    """Return whose calendar somebody follows."""
    groups = np.array([c.group for c in CHANNELS])[channel.astype(np.int64)]
    return np.where(kind == SEASONAL_KIND, SEASONAL, groups)


def truth(people: dict[str, NDArray[Any]], goods: Assortment, until: int) -> pl.DataFrame:
    """Return what is true of customers, as far as it lies before day `until`."""
    places, dates = towns(), pl.Series(days().dates, dtype=pl.Date)
    dies = people["dies"].astype(np.int64)
    channel = people["channel"].astype(np.int64)
    stores = np.array([c.warehouse for c in CHANNELS])[channel]
    place = np.where(stores >= 0, stores, places.warehouse[people["town"].astype(np.int64)])
    worth = people["lines"] * np.where(people["is_business"], BUSINESS_UNITS, 1) * goods.basket[place] / 100
    currency = np.array([c.currency for c in CHANNELS])[channel]
    return pl.DataFrame({
        "number": customer_numbers(pl.Series(people["number"])),
        "kind": np.array(KINDS)[people["kind"].astype(np.int64)],
        "channel": np.array([c.code for c in CHANNELS])[channel],
        "is_business": people["is_business"],
        "joined_on": dates.gather(people["joined"].astype(np.int64)),
        "died_on": dates.gather(np.minimum(dies, until - 1)).set(pl.Series(dies >= until), None),
        "orders_per_year": people["rate"],
        "spend_mean": np.where(currency == "EUR", worth * EUR_PER_PLN, worth),
        "currency": currency,
        "campaign_response": people["response"],
    })  # fmt: skip


def customer_numbers(ids: pl.Series) -> pl.Series:
    """Return customers' numbers of their ids."""
    return "K" + ids.cast(pl.String).str.zfill(7)
