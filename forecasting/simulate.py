"""Inventory on real demand: periodic review, random lead times, lost sales; policies tuned to one fill rate.

Each policy has one knob. It is turned until the simulated fill rate is the target asked for, so
that policies are compared by what they cost at the same service. Lead times are drawn once and
shared. All policies see demand as it was, also what they lost: a ledger that knows when it was sold
out knows about that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from forecasting.panel import Floats, Ints, Panel
from forecasting.stocking import LEVELS, Levels, Terms
from oms_core.kernel.errors import InvalidInput, NotFound

#: Days learned from before the simulation starts; a shorter panel gives its first 40 %.
LEARNED, LEARNED_SHARE = 140, 0.4
#: How near the fill rate must come to the target, and most turns of the knob.
NEAR, TURNS = 5e-4, 24


@dataclass(frozen=True)
class Run:
    """What happened in one simulation; sums over series unless said otherwise.

    Parameters
    ----------
    initial, final, received, sold : float
        Units over the whole simulation.
    demand, lost, on_hand : float
        Units over the counted days; `on_hand` is the mean over days of the closing stock.
    orders : int
        Order lines placed on counted days.
    """

    initial: float
    final: float
    received: float
    sold: float
    demand: float
    lost: float
    on_hand: float
    orders: int

    @property
    def fill_rate(self) -> float:
        """Return the share of demand met from stock, units."""
        return 1.0 - self.lost / self.demand if self.demand else 1.0


def simulate(
    panel: Panel, *, policy: str, target_fill: float, terms: Terms | None = None, seed: int = 0
) -> dict[str, float | int | bool | str]:
    """Return what a policy costs at a fill rate.

    Parameters
    ----------
    panel : Panel
        Daily demand.
    policy : str
        ``ordersight, cover, minmax`` or ``static``.
    target_fill : float
        Share of units to be met from stock, in (0, 1).
    seed : int
        Of the lead times.

    Returns
    -------
    dict
        ``policy, target_fill, fill_rate, avg_on_hand`` (units, all series), ``orders, lost_units,
        demand_units, knob, reached, series, days``.
    """
    terms = terms or Terms()
    _check(panel, policy, target_fill, terms)
    demand = np.nan_to_num(panel.y)
    begin = min(LEARNED, int(LEARNED_SHARE * panel.length))
    leads = _leads(len(panel.ids), panel.length - begin, terms, seed)
    levels = LEVELS[policy](panel, begin, terms, target_fill)
    future = demand[:, begin:]
    knob, run = _tuned(lambda k: replay(future, levels, k, terms, leads), levels.range, target_fill)
    return {
        "policy": policy, "target_fill": target_fill, "fill_rate": round(run.fill_rate, 6),
        "avg_on_hand": round(run.on_hand, 3), "orders": run.orders, "lost_units": round(run.lost, 3),
        "demand_units": round(run.demand, 3), "knob": round(knob, 6),
        "reached": abs(run.fill_rate - target_fill) < 0.005, "series": len(panel.ids),
        "days": panel.length - begin - terms.burn_in_days,
    }  # fmt: skip


def replay(demand: Floats, levels: Levels, knob: float, terms: Terms, leads: Ints) -> Run:
    """Return what happens when a policy runs over known demand.

    Parameters
    ----------
    demand : ndarray, shape (n, T)
        Units asked for each day.
    levels : Levels
        Order-up-to and reorder levels of each review, given the knob.
    leads : ndarray of int, shape (n, reviews)
        Days each order takes.

    Notes
    -----
    A day: arrivals are received, on review days orders go out, demand is met as far as stock goes,
    the rest is lost. The first stock is the first order-up-to level.
    """
    series, length = demand.shape
    up_to, reorder = levels.at(knob)
    stock = np.ceil(up_to[:, 0])
    initial = float(stock.sum())
    due = np.zeros((series, length + int(leads.max(initial=1)) + 1))
    on_order, received, sold = np.zeros(series), 0.0, 0.0
    counted = {"demand": 0.0, "lost": 0.0, "stock": 0.0}
    orders, rows = 0, np.arange(series)
    for day in range(length):
        arrived = due[:, day]
        stock = stock + arrived
        on_order = on_order - arrived
        received += float(arrived.sum())
        count = day >= terms.burn_in_days
        if day % terms.review_days == 0:
            review = day // terms.review_days
            wanted = _ordered(up_to[:, review], reorder[:, review], stock + on_order, terms)
            due[rows, day + leads[:, review]] += wanted
            on_order = on_order + wanted
            orders += int((wanted > 0).sum()) * count
        met = np.minimum(stock, demand[:, day])
        stock = stock - met
        sold += float(met.sum())
        if count:
            counted["demand"] += float(demand[:, day].sum())
            counted["lost"] += float((demand[:, day] - met).sum())
            counted["stock"] += float(stock.sum())
    days = max(length - terms.burn_in_days, 1)
    return Run(
        initial, float(stock.sum()), received, sold, counted["demand"], counted["lost"], counted["stock"] / days, orders
    )


def _ordered(up_to: Floats, reorder: Floats, position: Floats, terms: Terms) -> Floats:
    """Return whole packs that bring the position to its level, where it is below its reorder level."""
    missing = np.where(position < reorder, np.maximum(up_to - position, 0.0), 0.0)
    packs = np.ceil(np.round(missing / terms.pack, 9)) * terms.pack
    least = np.ceil(terms.moq / terms.pack) * terms.pack
    return np.where(packs > 0, np.maximum(packs, least), 0.0)


def _tuned(run: Callable[[float], Run], between: tuple[float, float], target: float) -> tuple[float, Run]:
    """Return the knob at which the fill rate is nearest to its target, by bisection, and its run."""
    low, high = between
    best_knob, best = high, run(high)
    if best.fill_rate < target:
        return best_knob, best
    for _ in range(TURNS):
        knob = (low + high) / 2.0
        tried = run(knob)
        if abs(tried.fill_rate - target) < abs(best.fill_rate - target):
            best_knob, best = knob, tried
        if abs(best.fill_rate - target) < NEAR:
            break
        low, high = (knob, high) if tried.fill_rate < target else (low, knob)
    return best_knob, best


def _leads(series: int, length: int, terms: Terms, seed: int) -> Ints:
    reviews = -(-length // terms.review_days)
    drawn = np.random.default_rng(seed).integers(terms.lead_low, terms.lead_high + 1, (series, reviews))
    return np.asarray(drawn, dtype=np.int64)


def _check(panel: Panel, policy: str, target_fill: float, terms: Terms) -> None:
    if policy not in LEVELS:
        raise NotFound("policy", policy, LEVELS, hint=f"Known: {', '.join(LEVELS)}.")
    if not 0.0 < target_fill < 1.0:
        raise InvalidInput("target_fill", target_fill, "a share above 0 and below 1 was expected")
    if panel.calendar.freq != "D":
        raise InvalidInput("panel", panel.calendar.freq, "stock is simulated by days; the panel has longer periods")
    if (np.nan_to_num(panel.y) < 0).any():
        raise InvalidInput("panel", "y", "demand below zero cannot be served from stock")
    if min(terms.lead_low, terms.review_days, terms.pack) < 1 or min(terms.moq, terms.burn_in_days) < 0:
        raise InvalidInput("terms", terms, "lead time, review and pack from 1, minimum and burn-in from 0")
    if terms.lead_high < terms.lead_low:
        raise InvalidInput("lead_time_days", f"{terms.lead_low}-{terms.lead_high}", "the longest is below the shortest")
    left = panel.length - min(LEARNED, int(LEARNED_SHARE * panel.length)) - terms.burn_in_days
    if left < terms.review_days:
        raise InvalidInput("panel", panel.length, "too few days are left after learning and burn-in")
