"""Which quantities to buy with one budget: exact values, certified bound, never an infeasible plan."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from forecasting.bounds import Curves, make_curves, price_of_money, respond
from forecasting.covering import filled
from forecasting.hull import Steps, efficient_steps
from forecasting.options import Lines, Options, make_options
from forecasting.panel import Bools, Floats, Ints
from forecasting.plans import Limits, Plan, complete, start_plan, worth, worth_having
from forecasting.purchase_lines import read_lines
from forecasting.swaps import exchanged
from oms_core.kernel.errors import InvalidInput

#: Suppliers up to which all their sets are compared, most suppliers flipped in turn, and how finely each is priced.
ENUMERATED, FLIPPED, COMPARING_ROUNDS = 5, 24, 24
#: Share of the bound within which a plan is left as it is.
NEAR = 2e-4
#: Prices of volume tried while the cap binds.
VOLUME_ROUNDS = 14


@dataclass(frozen=True)
class Solution:
    """A feasible plan and what is known about the best one.

    Parameters
    ----------
    quantity, unit_cost, marginal_value : ndarray, shape (n,)
        Items; money an item; money the last pack adds.
    objective, bound : float
        Value of the plan less fixed costs; the most any plan can reach.
    spend : float
        Money for goods and fixed costs.
    price : float
        Value of one more unit of money in the budget (shadow price).
    """

    quantity: Ints
    unit_cost: Floats
    marginal_value: Floats
    objective: float
    bound: float
    spend: float
    fixed_costs: float
    volume: float
    price: float

    @property
    def gap(self) -> float:
        """Return how far the plan may be from the best, as a share of the bound."""
        return max(self.bound - self.objective, 0.0) / max(abs(self.bound), 1e-9) if self.bound else 0.0


def optimise(frame: pl.DataFrame, *, budget: float, volume_cap: float | None = None) -> dict[str, Any]:
    """Return the best purchase of a frame's lines within a budget.

    Parameters
    ----------
    frame : polars.DataFrame
        ``sku, supplier, unit_cost, pack, moq, position, demand_mean, demand_sd, margin, holding,
        volume`` and optionally ``supplier_min_order, supplier_fixed_cost, price_breaks`` (JSON).
    budget : float
        Money for goods and fixed costs together.
    volume_cap : float, optional
        Most volume of all lines.

    Returns
    -------
    dict
        ``objective, bound, gap, spend, fixed_costs, volume, shadow_price, seconds, lines``.
    """
    begun = time.perf_counter()
    for name, value in (("budget", budget), ("volume_cap", volume_cap)):
        if value is not None and not (np.isfinite(value) and value >= 0):
            raise InvalidInput(name, value, "a number of zero or more was expected")
    lines, minimum, fixed = read_lines(frame)
    found = solve(lines, minimum, fixed, budget=budget, volume_cap=volume_cap)
    bought = np.flatnonzero(found.quantity)
    skus = frame["sku"].to_list()
    rows = [
        {
            "sku": skus[i],
            "quantity": int(found.quantity[i]),
            "unit_cost": round(float(found.unit_cost[i]), 6),
            "marginal_value": round(float(found.marginal_value[i]), 6),
        }
        for i in bought
    ]
    return {
        "objective": round(found.objective, 6), "bound": round(found.bound, 6), "gap": round(found.gap, 8),
        "spend": round(found.spend, 6), "fixed_costs": round(found.fixed_costs, 6), "volume": round(found.volume, 6),
        "shadow_price": round(found.price, 6), "seconds": round(time.perf_counter() - begun, 4), "lines": rows,
    }  # fmt: skip


def solve(lines: Lines, minimum: Floats, fixed: Floats, *, budget: float, volume_cap: float | None = None) -> Solution:
    """Return a feasible plan with its certified bound.

    Parameters
    ----------
    minimum, fixed : ndarray, shape (s,)
        Least goods value of an order with each supplier, and what an order costs besides.
    """
    options = make_options(lines)
    limits = Limits(budget, np.inf if volume_cap is None else volume_cap, minimum, fixed)
    starts, bound, price = _at_volume_price(lines, options, limits, 0.0)
    if starts[0].volume > limits.volume:
        nu, bound = _volume_price(lines, options, limits, bound)
        starts, _, price = _at_volume_price(lines, options, limits, nu)
    plans = [_finished(start, lines, options, limits, bound=bound, price=price) for start in starts]
    plan = worth_having(max(plans, key=lambda p: worth(p, options)), lines, options, limits)
    return _solution(plan, lines, options, max(bound + options.unoffered, 0.0), price)


def _finished(plan: Plan, lines: Lines, options: Options, limits: Limits, *, bound: float, price: float) -> Plan:
    """Return a feasible plan after exchanges that free money, then after those that only add value.

    A plan that near its bound is left alone: what is left to win is not worth the seconds.
    """
    plan = complete(plan, lines, options, limits)
    for value_of_money in (price, 0.0):
        if bound - worth(plan, options) > NEAR * bound:
            plan = exchanged(plan, lines, options, limits, value_of_money)
    return plan


def _curves_at(lines: Lines, options: Options, limits: Limits, nu: float) -> tuple[Steps, Curves]:
    """Return the steps and curves when a unit of volume costs `nu`."""
    volume = options.quantity * lines.volume[options.line]
    steps = efficient_steps(options, options.value - nu * volume if nu else options.value)
    return steps, make_curves(steps, lines.supplier, limits.minimum, limits.fixed)


def _at_volume_price(
    lines: Lines, options: Options, limits: Limits, nu: float
) -> tuple[tuple[Plan, Plan], float, float]:
    """Return two plans to start from, the bound and the price of money when a unit of volume costs `nu`."""
    steps, curves = _curves_at(lines, options, limits, nu)
    price, bound = price_of_money(curves, limits.budget)
    on = _suppliers(curves, limits.budget, price)
    price_on, _ = price_of_money(curves, limits.budget, on)
    answer = respond(curves, price_on)
    plan = start_plan(curves, steps, answer, on, lines=lines, options=options, limits=limits)
    full = filled(plan, answer, on, lines=lines, options=options, limits=limits, price=price_on)
    return (plan, full), bound + (nu * limits.volume if nu else 0.0), price


def _volume_price(lines: Lines, options: Options, limits: Limits, bound: float) -> tuple[float, float]:
    """Return the lowest price of volume at which the plan fits, and the least bound met on the way."""

    def tried(nu: float) -> tuple[bool, float]:
        steps, curves = _curves_at(lines, options, limits, nu)
        price, here = price_of_money(curves, limits.budget)
        answer = respond(curves, price)
        plan = start_plan(curves, steps, answer, answer.gain > 0, lines=lines, options=options, limits=limits)
        return plan.volume <= limits.volume, here + nu * limits.volume

    low, high = 0.0, 0.1 * max(bound, 1e-9) / max(limits.volume, 1e-9)
    for _ in range(60):
        fits, here = tried(high)
        bound = min(bound, here)
        if fits:
            break
        low, high = high, 4.0 * high
    for _ in range(VOLUME_ROUNDS):
        middle = (low + high) / 2.0
        fits, here = tried(middle)
        bound = min(bound, here)
        low, high = (low, middle) if fits else (middle, high)
    return high, bound


def _suppliers(curves: Curves, budget: float, price: float) -> Bools:
    """Return which suppliers should order: those that gain, improved by flips while the bound of the set rises."""
    answer = respond(curves, price)
    usable = np.isfinite(curves.least_value)
    on = (answer.gain > 0) & usable
    if not (curves.minimum + curves.fixed)[usable].any():
        return on
    candidates = np.flatnonzero(usable)
    if len(candidates) <= ENUMERATED:
        sets = [_subset(len(usable), candidates, code) for code in range(1 << len(candidates))]
        return max(sets, key=lambda s: price_of_money(curves, budget, s, COMPARING_ROUNDS)[1])
    near = candidates[np.argsort(np.abs(answer.gain[candidates]), kind="stable")][:FLIPPED]
    worth = price_of_money(curves, budget, on, COMPARING_ROUNDS)[1]
    for _ in range(3):
        moved = False
        for s in near:
            flipped = on.copy()
            flipped[s] = not flipped[s]
            here = price_of_money(curves, budget, flipped, COMPARING_ROUNDS)[1]
            if here > worth + 1e-9:
                on, worth, moved = flipped, here, True
        if not moved:
            break
    return on


def _subset(size: int, candidates: Ints, code: int) -> Bools:
    chosen = np.zeros(size, dtype=bool)
    chosen[candidates[[bool(code >> bit & 1) for bit in range(len(candidates))]]] = True
    return chosen


def _solution(plan: Plan, lines: Lines, options: Options, bound: float, price: float) -> Solution:
    bought = plan.option >= 0
    picked = np.maximum(plan.option, 0)
    quantity = np.where(bought, options.quantity[picked] if len(options.quantity) else 0.0, 0.0)
    cost = np.where(bought, options.cost[picked] if len(options.cost) else 0.0, 0.0)
    value = np.where(bought, options.value[picked] if len(options.value) else 0.0, 0.0)
    has_before = bought & (picked > 0) & (options.line[np.maximum(picked - 1, 0)] == options.line[picked])
    before = np.where(has_before, options.value[np.maximum(picked - 1, 0)], 0.0)
    fixed = float(plan.fixed_costs)
    return Solution(
        quantity=quantity.astype(np.int64),
        unit_cost=np.divide(cost, quantity, out=lines.unit_cost.copy(), where=quantity > 0),
        marginal_value=np.where(bought, value - before, 0.0),
        objective=float(value.sum()) - fixed,
        bound=bound,
        spend=float(cost.sum()) + fixed,
        fixed_costs=fixed,
        volume=float((quantity * lines.volume).sum()),
        price=price,
    )
