"""Populations of customers whose truth is known: the ways of buying that shops have."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl

START = date(2021, 1, 1)


@dataclass(frozen=True)
class Population:
    """How customers come, buy and leave.

    Attributes
    ----------
    rate_shape, rate_days : float
        Orders come at rate Gamma(rate_shape) with a mean of one in `rate_days` days.
    leaving : tuple of float or None
        a, b of the chance to leave after an order; None: nobody does.
    life_days : float or None
        Mean of an exponential life that ends whether they buy or not.
    growth : float
        How many times as many come at the end as at the start.
    before : float
        Share who were customers before the first day: the file does not show their first order.
    season : float
        Amplitude of the yearly wave of orders, in logs; its top is in late November.
    regular : int
        1: orders at random; k: the waiting time is the sum of k random ones.
    once : float
        Share who never come back at all.
    """

    customers: int = 2000
    days: int = 540
    rate_shape: float = 0.8
    rate_days: float = 60.0
    leaving: tuple[float, float] | None = (0.8, 2.5)
    life_days: float | None = None
    growth: float = 1.0
    arrive_within: float = 1.0
    before: float = 0.0
    season: float = 0.0
    regular: int = 1
    once: float = 0.0


PLAIN = Population()
REGIMES = {
    "plain": PLAIN,
    "high churn": replace(PLAIN, leaving=(1.2, 1.5)),
    "no churn": replace(PLAIN, leaving=None, rate_days=80),
    "one cohort": replace(PLAIN, arrive_within=0.17, rate_shape=0.5, life_days=300, leaving=None),
    "seasonal": replace(PLAIN, days=900, season=0.5, rate_days=80),
    "growing": replace(PLAIN, growth=8.0, leaving=None, life_days=250),
    "wholesale": replace(
        PLAIN, before=0.7, leaving=None, life_days=900, regular=2, rate_shape=1.2, rate_days=45, days=380
    ),
    "few": replace(PLAIN, customers=180),
    "once": replace(PLAIN, once=0.85),
}  # fmt: skip


def transactions(shop: Population, *, seed: int) -> pl.DataFrame:
    """Return ``customer_id, date, amount`` of a population, in no order."""
    draw = np.random.default_rng(seed)
    n, days = shop.customers, shop.days
    comes = _arrivals(shop, draw)
    rate = draw.gamma(shop.rate_shape, 1 / (shop.rate_shape * shop.rate_days), n)
    rate[draw.random(n) < shop.once] = 0.0
    leave = np.zeros(n) if shop.leaving is None else draw.beta(*shop.leaving, n)
    ends = comes + (np.inf if shop.life_days is None else shop.life_days * draw.exponential(size=n))
    clock, here, found = comes.copy(), np.arange(n), []
    while len(here):
        found.append(np.column_stack([here, clock[here]]))
        here = here[draw.random(len(here)) >= leave[here]]
        wait = draw.gamma(shop.regular, 1 / shop.regular, len(here)) / np.maximum(rate[here], 1e-12)
        clock[here] = _season_at(clock[here], wait, shop.season)
        here = here[clock[here] < np.minimum(days, ends[here])]
    rows = np.vstack(found)
    rows = rows[rows[:, 1] >= 0]
    who = rows[:, 0].astype(np.int64)
    spends = draw.gamma(3.7, 1.0, n)
    amounts = np.round(draw.gamma(6.0, 15.0, len(rows)) / spends[who], 2)
    stamps = np.datetime64(START) + rows[:, 1].astype(np.int64).astype("timedelta64[D]")
    frame = pl.DataFrame({"customer_id": who, "date": stamps, "amount": amounts})
    return frame.with_columns(pl.col("customer_id").cast(pl.Utf8), pl.col("date").cast(pl.Date)).sample(
        fraction=1.0, shuffle=True, seed=seed
    )


def _arrivals(shop: Population, draw: np.random.Generator) -> np.ndarray:
    """Return the day each customer comes; those from before, up to three years ahead of the first day."""
    even = draw.random(shop.customers)
    if shop.growth != 1.0:
        even = np.log1p(even * (shop.growth - 1)) / np.log(shop.growth)
    comes = even * shop.days * shop.arrive_within
    old = draw.random(shop.customers) < shop.before
    return np.where(old, -1095 * draw.random(shop.customers), comes)


def _season_at(clock: np.ndarray, wait: np.ndarray, amplitude: float) -> np.ndarray:
    """Return when `wait` days of average business have passed; the wave is followed day by day."""
    if amplitude == 0:
        return clock + wait
    days = np.arange(-1096, 4000)
    wave = np.exp(amplitude * np.cos(2 * np.pi * (days - 330) / 365.25))
    passed = np.concatenate([[0.0], np.cumsum(wave / wave[:1461].mean())])
    edges = np.append(days, 4000.0)
    return np.interp(np.interp(clock, edges, passed) + wait, passed, edges)
