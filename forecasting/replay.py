"""Inventory day by day on known demand: arrivals, reviews, sales from stock, the rest lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from forecasting.panel import Floats, Ints
from forecasting.stocking import Levels, Terms


@dataclass(frozen=True)
class Run:
    """What happened in one simulation, series by series.

    Parameters
    ----------
    initial, final, received, sold : ndarray, shape (n,)
        Units over the whole simulation.
    demand, lost, on_hand : ndarray, shape (n,)
        Units over the counted days; `on_hand` is the mean over days of the closing stock.
    orders : ndarray of int, shape (n,)
        Order lines placed on counted days.
    by_review : ndarray, shape (2, reviews)
        Units asked for and lost between each review and the next, all series and days.
    """

    initial: Floats
    final: Floats
    received: Floats
    sold: Floats
    demand: Floats
    lost: Floats
    on_hand: Floats
    orders: Ints
    by_review: Floats

    @property
    def fill_rate(self) -> float:
        """Return the share of demand met from stock, units."""
        asked = float(self.demand.sum())
        return 1.0 - float(self.lost.sum()) / asked if asked else 1.0


#: The knob of a review, given its number and the units asked for and lost on the days counted until then.
Steer = Callable[[int, float, float], float]


def replay(demand: Floats, levels: Levels, knob: float | Steer, terms: Terms, leads: Ints) -> Run:
    """Return what happens when a policy runs over known demand.

    Parameters
    ----------
    demand : ndarray, shape (n, T)
        Units asked for each day.
    levels : Levels
        Order-up-to and reorder levels of each review, given the knob.
    knob : float or callable
        One knob for all reviews, or what chooses it at each.
    leads : ndarray of int, shape (n, reviews)
        Days each order takes.

    Notes
    -----
    A day: arrivals are received, on review days orders go out, demand is met as far as stock goes,
    the rest is lost. The first stock is the first order-up-to level. Orders may overtake each other.
    """
    series, length = demand.shape
    steer = knob if callable(knob) else lambda _review, _asked, _lost: knob
    stock = initial = np.ceil(levels.at(steer(0, 0.0, 0.0), 0)[0])
    due = np.zeros((series, length + int(leads.max(initial=1)) + 1))
    on_order, received, sold, asked, lost, held = (np.zeros(series) for _ in range(6))
    by_review = np.zeros((2, -(-length // terms.review_days)))
    orders, rows = np.zeros(series, dtype=np.int64), np.arange(series)
    for day in range(length):
        arrived = due[:, day]
        stock = stock + arrived
        on_order = on_order - arrived
        received += arrived
        count = day >= terms.burn_in_days
        review = day // terms.review_days
        if day % terms.review_days == 0:
            up_to, reorder = levels.at(steer(review, float(asked.sum()), float(lost.sum())), review)
            wanted = _ordered(up_to, reorder, stock + on_order, terms)
            due[rows, day + leads[:, review]] += wanted
            on_order = on_order + wanted
            orders += (wanted > 0) * count
        met = np.minimum(stock, demand[:, day])
        stock = stock - met
        sold += met
        short = demand[:, day] - met
        by_review[:, review] += demand[:, day].sum(), short.sum()
        if count:
            asked += demand[:, day]
            lost += short
            held += stock
    days = max(length - terms.burn_in_days, 1)
    return Run(initial, stock, received, sold, asked, lost, held / days, orders, by_review)


def _ordered(up_to: Floats, reorder: Floats, position: Floats, terms: Terms) -> Floats:
    """Return whole packs that bring the position to its level, where it is below its reorder level."""
    missing = np.where(position < reorder, np.maximum(up_to - position, 0.0), 0.0)
    packs = np.ceil(np.round(missing / terms.pack, 9)) * terms.pack
    least = np.ceil(terms.moq / terms.pack) * terms.pack
    return np.where(packs > 0, np.maximum(packs, least), 0.0)


def lead_times(series: int, length: int, terms: Terms, seed: int) -> Ints:
    """Return the days each order of each review takes, the same draws for every policy, shape (n, reviews)."""
    low, high = np.reshape(terms.lead_low, (-1, 1)), np.reshape(terms.lead_high, (-1, 1))
    drawn = np.random.default_rng(seed).integers(low, high + 1, (series, -(-length // terms.review_days)))
    return np.asarray(drawn, dtype=np.int64)
