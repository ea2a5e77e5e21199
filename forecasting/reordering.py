"""Reorder point and quantity (r, Q), and reorder and order-up-to levels (s, S): approximations and exact answers.

Symbols as in :mod:`forecasting.policies`; n and n2 are the first and second loss functions. References:
Snyder & Shen, *Fundamentals of Supply Chain Theory*, 2nd ed. (2019), chapters 4 and 5; Federgruen & Zheng (1992)
for the exact (r, Q); Zheng & Federgruen (1991) for the exact (s, S); Ehrhardt & Mosier (1984) for the power
approximation.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri
from scipy.stats import poisson

from forecasting.policies import ReorderPolicy, critical_ratio, economic_order_quantity, loss_normal, loss_poisson

#: Share of Poisson demand that is left out of sums.
NEGLIGIBLE = 1e-12


@dataclass(frozen=True, slots=True)
class Costs:
    """What ordering, holding and being short cost, money of one kind.

    Parameters
    ----------
    fixed : float
        Of an order [K].
    holding, stockout : float
        Of an item and period, in stock [h] and backordered [p].
    """

    fixed: float
    holding: float
    stockout: float

    @property
    def ratio(self) -> float:
        """Return p / (p + h)."""
        return critical_ratio(stockout_cost=self.stockout, holding_cost=self.holding)


def safety_stock_policy(costs: Costs, *, demand_rate: float, lead_mean: float, lead_sd: float) -> ReorderPolicy:
    """Return (r, Q) with the economic quantity and a newsvendor's safety stock (EOQ+SS)."""
    quantity = economic_order_quantity(
        fixed_cost=costs.fixed, holding_cost=costs.holding, demand_rate=demand_rate
    ).quantity
    point = lead_mean + float(ndtri(costs.ratio)) * lead_sd
    return _priced(costs, point, quantity, demand_rate, lead_mean, lead_sd)


def backorder_policy(costs: Costs, *, demand_rate: float, lead_mean: float, lead_sd: float) -> ReorderPolicy:
    """Return (r, Q) with the quantity of known demand with backorders, and the best r for it (EOQB)."""
    quantity = economic_order_quantity(
        fixed_cost=costs.fixed, holding_cost=costs.holding, demand_rate=demand_rate, stockout_cost=costs.stockout
    ).quantity

    def uneven(point: float) -> float:
        return _rate(costs, point, lead_mean, lead_sd) - _rate(costs, point + quantity, lead_mean, lead_sd)

    point = brentq(uneven, lead_mean - quantity - 10 * lead_sd, lead_mean + 10 * lead_sd, xtol=1e-10)
    return _priced(costs, float(point), quantity, demand_rate, lead_mean, lead_sd)


def loss_policy(costs: Costs, *, demand_rate: float, lead_mean: float, lead_sd: float) -> ReorderPolicy:
    """Return (r, Q) that neglects what a full cycle leaves short.

    Notes
    -----
    Q = sqrt(2 (K lambda + (h + p) n2(r)) / h) and n(r) = h Q / (h + p) until neither moves.
    """
    quantity = economic_order_quantity(
        fixed_cost=costs.fixed, holding_cost=costs.holding, demand_rate=demand_rate
    ).quantity
    both, point = costs.holding + costs.stockout, lead_mean
    for _ in range(200):
        wanted = costs.holding * quantity / both

        def over(level: float, wanted: float = wanted) -> float:
            return loss_normal(level, lead_mean, lead_sd)[0] - wanted

        point = float(brentq(over, lead_mean - wanted - 10 * lead_sd, lead_mean + 20 * lead_sd, xtol=1e-12))
        second = second_loss_normal(point, lead_mean, lead_sd)
        better = math.sqrt(2.0 * (costs.fixed * demand_rate + both * second) / costs.holding)
        if abs(better - quantity) < 1e-11 * quantity:
            break
        quantity = better
    return _priced(costs, point, quantity, demand_rate, lead_mean, lead_sd)


def second_loss_normal(x: float, mean: float, sd: float) -> float:
    """Return E[((X - x)+)²] / 2 of normal X."""
    z = (x - mean) / sd
    density = math.exp(-z * z / 2.0) / math.sqrt(2.0 * math.pi)
    return sd * sd * ((z * z + 1.0) * (1.0 - float(ndtr(z))) - z * density) / 2.0


def exact_cost(
    costs: Costs, *, reorder_point: float, quantity: float, demand_rate: float, lead_mean: float, lead_sd: float
) -> float:
    """Return the exact expected cost of (r, Q) per period, normal lead-time demand, backorders.

    Notes
    -----
    (K lambda + ∫ g) / Q over positions r to r + Q, g(y) = h (y - mu) + (h + p) n(y), integrated by the second loss.
    """
    end = reorder_point + quantity
    held = costs.holding * ((end - lead_mean) ** 2 - (reorder_point - lead_mean) ** 2) / 2.0
    short = second_loss_normal(reorder_point, lead_mean, lead_sd) - second_loss_normal(end, lead_mean, lead_sd)
    return (costs.fixed * demand_rate + held + (costs.holding + costs.stockout) * short) / quantity


def _priced(
    costs: Costs, point: float, quantity: float, demand_rate: float, lead_mean: float, lead_sd: float
) -> ReorderPolicy:
    cost = exact_cost(
        costs, reorder_point=point, quantity=quantity, demand_rate=demand_rate, lead_mean=lead_mean, lead_sd=lead_sd
    )
    return ReorderPolicy(point, quantity, cost)


def _rate(costs: Costs, position: float, mean: float, sd: float) -> float:
    short, over = loss_normal(position, mean, sd)
    return costs.holding * over + costs.stockout * short


def _poisson_rate(costs: Costs, mean: float) -> Callable[[int], float]:
    def rate(position: int) -> float:
        short, over = loss_poisson(position, mean) if position >= 0 else (mean - position, 0.0)
        return costs.holding * over + costs.stockout * short

    return rate


def exact_reorder_policy(costs: Costs, *, demand_rate: float, lead_time: float) -> ReorderPolicy:
    """Return the best whole (r, Q) for Poisson demand with backorders.

    Notes
    -----
    Federgruen & Zheng (1992): positions are added in the order of their cost while the mean cost falls.
    """
    rate = _poisson_rate(costs, demand_rate * lead_time)
    low = high = int(poisson.ppf(costs.ratio, demand_rate * lead_time))
    total = costs.fixed * demand_rate + rate(low)
    while True:
        cheaper = min(rate(low - 1), rate(high + 1))
        size = high - low + 1
        if cheaper >= total / size:
            return ReorderPolicy(low - 1.0, float(size), total / size)
        low, high = (low - 1, high) if rate(low - 1) <= rate(high + 1) else (low, high + 1)
        total += cheaper


@dataclass(frozen=True, slots=True)
class Levels:
    """Reorder level and order-up-to level, items, with the expected cost per period."""

    reorder: float
    up_to: float
    cost: float = math.nan


def exact_levels(costs: Costs, *, mean: float) -> Levels:
    """Return the best whole (s, S) for Poisson demand a period, review every period, backorders, no lead time.

    Notes
    -----
    The cost of (s, S) is (K + sum_(j < S - s) m(j) g(S - j)) / M(S - s), m the renewal density of demand. s rises to
    where waiting costs as much as the cycle; S only where g does not pass the best cost yet (Zheng & Federgruen 1991).
    """
    rate = _poisson_rate(costs, mean)
    reach = int(poisson.ppf(1.0 - NEGLIGIBLE, mean)) + 2
    chance = poisson.pmf(np.arange(reach + 1), mean)
    best_up_to = int(poisson.ppf(costs.ratio, mean))

    density = [1.0 / (1.0 - chance[0])]

    def cycle(up_to: int, reorder: int) -> float:
        while len(density) < up_to - reorder:
            j = len(density)
            most = min(j, reach)
            density.append(sum(chance[d] * density[j - d] for d in range(1, most + 1)) / (1.0 - chance[0]))
        spans = range(up_to - reorder)
        return float((costs.fixed + sum(density[j] * rate(up_to - j) for j in spans)) / sum(density[j] for j in spans))

    reorder, up_to = best_up_to - 1, best_up_to
    while cycle(up_to, reorder) > rate(reorder):
        reorder -= 1
    best = cycle(up_to, reorder)
    later = up_to + 1
    while rate(later) <= best:
        if cycle(later, reorder) < best:
            up_to = later
            while cycle(up_to, reorder) <= rate(reorder + 1):
                reorder += 1
            best = cycle(up_to, reorder)
        later += 1
    return Levels(float(reorder), float(up_to), best)


def power_levels(costs: Costs, *, mean: float, sd: float, lead_time: float = 0.0) -> Levels:
    """Return (s, S) by the power approximation, review every period.

    Parameters
    ----------
    mean, sd : float
        Demand of a period.
    lead_time : float
        Periods [L].
    """
    lead_mean, lead_sd = (lead_time + 1.0) * mean, math.sqrt(lead_time + 1.0) * sd
    size = 1.30 * mean**0.494 * (costs.fixed / costs.holding) ** 0.506 * (1.0 + lead_sd**2 / mean**2) ** 0.116
    z = math.sqrt(size * costs.holding / (lead_sd * costs.stockout))
    reorder = 0.973 * lead_mean + lead_sd * (0.183 / z + 1.063 - 2.192 * z)
    return Levels(reorder, reorder + size)
