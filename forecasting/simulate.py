"""Inventory on real demand: periodic review, random lead times, lost sales; policies tuned to one fill rate.

Each policy has one knob. It is turned until the simulated fill rate is the target asked for, so
that policies are compared by what they cost at the same service; what a policy reaches without
knowing the end stands beside it (:mod:`forecasting.steering`). Lead times are drawn once and shared.
All policies see demand as it was, also what they lost: a ledger that knows when it was sold out
knows about that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from forecasting.panel import Panel
from forecasting.replay import Run, lead_times, replay
from forecasting.steering import foreseen, rehearsed
from forecasting.stocking import LEVELS, Terms
from oms_core.kernel.errors import InvalidInput, NotFound

#: Days learned from before the simulation starts; a shorter panel gives its first 40 %.
LEARNED, LEARNED_SHARE = 140, 0.4
#: How near the fill rate must come to the target, and most turns of the knob.
NEAR, TURNS = 5e-4, 24


def simulate(
    panel: Panel, *, policy: str, target_fill: float, terms: Terms | None = None, seed: int = 0
) -> dict[str, Any]:
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
        demand_units, knob, reached, series, days``, and under ``without_hindsight`` the same sums of the policy
        that sets its knob at each review from the past alone.
    """
    terms = terms or Terms()
    check(panel, policy, target_fill, terms)
    demand = np.nan_to_num(panel.y)
    begin = start_of(panel)
    leads = lead_times(len(panel.ids), panel.length - begin, terms, seed)
    levels = LEVELS[policy](panel, begin, terms)
    future = demand[:, begin:]
    knob, run = tuned(lambda k: replay(future, levels, k, terms, leads), levels.range, target_fill)
    known = rehearsed(panel, demand, begin, maker=LEVELS[policy], terms=terms, leads=leads, seed=seed + 1)
    alone = foreseen(known, future, target=target_fill, terms=terms, leads=leads)
    return {
        "policy": policy, "target_fill": target_fill, **told(run), "knob": round(knob, 6),
        "reached": abs(run.fill_rate - target_fill) < 0.005, "without_hindsight": told(alone),
        "series": len(panel.ids), "days": panel.length - begin - terms.burn_in_days,
    }  # fmt: skip


def start_of(panel: Panel) -> int:
    """Return the first simulated column; those before it are learned from."""
    return min(LEARNED, int(LEARNED_SHARE * panel.length))


def told(run: Run) -> dict[str, float | int]:
    """Return the sums of a run: ``fill_rate, avg_on_hand, orders, lost_units, demand_units``."""
    return {
        "fill_rate": round(run.fill_rate, 6), "avg_on_hand": round(float(run.on_hand.sum()), 3),
        "orders": int(run.orders.sum()), "lost_units": round(float(run.lost.sum()), 3),
        "demand_units": round(float(run.demand.sum()), 3),
    }  # fmt: skip


def tuned(run: Callable[[float], Run], between: tuple[float, float], target: float) -> tuple[float, Run]:
    """Return the knob at which the fill rate is nearest to its target, by bisection, and its run."""
    low, high = between
    best_knob, best = high, run(high)
    if best.fill_rate < target:
        return _cheapest(run, between, best)
    for _ in range(TURNS):
        knob = (low + high) / 2.0
        tried = run(knob)
        if abs(tried.fill_rate - target) < abs(best.fill_rate - target):
            best_knob, best = knob, tried
        if abs(best.fill_rate - target) < NEAR:
            break
        low, high = (knob, high) if tried.fill_rate < target else (low, knob)
    return best_knob, best


def _cheapest(run: Callable[[float], Run], between: tuple[float, float], best: Run) -> tuple[float, Run]:
    """Return the lowest knob that serves as well as the highest: what cannot be reached need not be stocked for."""
    (low, high), most = between, best.fill_rate
    for _ in range(TURNS):
        knob = (low + high) / 2.0
        tried = run(knob)
        if tried.fill_rate >= most - NEAR:
            high, best = knob, tried
        else:
            low = knob
    return high, best


def check(panel: Panel, policy: str, target_fill: float, terms: Terms) -> None:
    """Refuse what cannot be simulated, with the reason."""
    if policy not in LEVELS:
        raise NotFound("policy", policy, LEVELS, hint=f"Known: {', '.join(LEVELS)}.")
    if not 0.0 < target_fill < 1.0:
        raise InvalidInput("target_fill", target_fill, "a share above 0 and below 1 was expected")
    if panel.calendar.freq != "D":
        raise InvalidInput("panel", panel.calendar.freq, "stock is simulated by days; the panel has longer periods")
    if (np.nan_to_num(panel.y) < 0).any():
        raise InvalidInput("panel", "y", "demand below zero cannot be served from stock")
    least = min(np.min(terms.lead_low), terms.review_days, np.min(terms.pack))
    if least < 1 or min(np.min(terms.moq), terms.burn_in_days) < 0:
        raise InvalidInput("terms", terms, "lead time, review and pack from 1, minimum and burn-in from 0")
    if np.any(np.asarray(terms.lead_high) < terms.lead_low):
        raise InvalidInput("lead_time_days", f"{terms.lead_low}-{terms.lead_high}", "the longest is below the shortest")
    left = panel.length - start_of(panel) - terms.burn_in_days
    if left < terms.review_days:
        raise InvalidInput("panel", panel.length, "too few days are left after learning and burn-in")
