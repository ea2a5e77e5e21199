"""Lots beyond one item at one price: prices that fall by the unit, goods ordered together, horizons that end.

References: Snyder & Shen, *Fundamentals of Supply Chain Theory*, 2nd ed. (2019), chapters 3 and 4;
Silver (1976) for joint replenishment.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from forecasting.panel import Floats, Ints
from forecasting.policies import Lot, loss_normal, newsvendor_normal
from forecasting.reordering import Costs
from oms_core.kernel.errors import InvalidInput

#: Standard deviations of demand looked at, as the textbook's tables do; beyond lies 6 in 100,000, left out.
WIDEST = 4.0


def incremental_discount(
    *, fixed_cost: float, holding_rate: float, demand_rate: float, breaks: Sequence[tuple[float, float]]
) -> Lot:
    """Return the best quantity when only the units beyond a break get its price.

    Parameters
    ----------
    holding_rate : float
        Holding cost per period as a share of the unit cost [i].
    breaks : sequence of (min_quantity, unit_cost)
        Ascending; the first starts at 0.
    """
    best: Lot | None = None
    saved = 0.0
    for place, (least, price) in enumerate(breaks):
        if place:
            saved += (breaks[place - 1][1] - price) * least
        quantity = math.sqrt(2.0 * (fixed_cost + saved) * demand_rate / (holding_rate * price))
        most = breaks[place + 1][0] if place + 1 < len(breaks) else math.inf
        if not least <= quantity < most:
            continue
        yearly = price * demand_rate + holding_rate * saved / 2.0
        cost = yearly + (fixed_cost + saved) * demand_rate / quantity + holding_rate * price * quantity / 2.0
        if best is None or cost < best.cost:
            best = Lot(quantity, cost)
    if best is None:
        raise InvalidInput("breaks", breaks, "prices that fall from 0 items on were expected")
    return best


@dataclass(frozen=True, slots=True)
class Together:
    """Items ordered together: periods between orders, and every how many orders each item joins."""

    cycle: float
    every: Ints
    cost: float


def joint_replenishment(
    *, shared_cost: float, own_costs: Floats, holding_costs: Floats, demand_rates: Floats
) -> Together:
    """Return how to order items that share the cost of an order (Silver's heuristic).

    Parameters
    ----------
    shared_cost : float
        Of every order [K].
    own_costs, holding_costs, demand_rates : ndarray, shape (n,)
        Of putting an item on it [k], of holding an item for a period [h], items per period [lambda].

    Notes
    -----
    The item with the smallest k / (h lambda) is on every order; another on every m-th, m the whole number
    nearest (by ratio) to sqrt(k / (h lambda) · h₁ lambda₁ / (K + k₁)).
    """
    worth = holding_costs * demand_rates
    first = int(np.argmin(own_costs / worth))
    wanted = np.sqrt(own_costs / worth * worth[first] / (shared_cost + own_costs[first]))
    every = np.maximum(np.ceil(np.sqrt(0.25 + wanted**2) - 0.5), 1).astype(np.int64)
    every[first] = 1
    fixed, held = shared_cost + float((own_costs / every).sum()), float((worth * every).sum())
    return Together(math.sqrt(2.0 * fixed / held), every, math.sqrt(2.0 * fixed * held))


def newsvendor_profit(*, price: float, unit_cost: float, salvage: float, mean: float, sd: float) -> tuple[float, float]:
    """Return the base stock and the expected profit of goods that are sold once, normal demand.

    What is short costs price less unit cost, what is left unit cost less salvage.
    """
    lot = newsvendor_normal(mean=mean, sd=sd, stockout_cost=price - unit_cost, holding_cost=unit_cost - salvage)
    return lot.quantity, (price - unit_cost) * mean - lot.cost


@dataclass(frozen=True)
class Horizon:
    """Reorder and order-up-to levels of each period, items, and the expected cost from the first stock on."""

    reorder: Ints
    up_to: Ints
    cost: float


def finite_horizon(
    costs: Costs, *, unit_cost: float, mean: float, sd: float, periods: int, discount: float = 1.0, stock: int = 0
) -> Horizon:
    """Return (s, S) of each period of a horizon by dynamic programming, normal demand in whole items, backorders.

    Notes
    -----
    theta_t(x) = min over y >= x of K [y > x] + c (y - x) + g(y) + gamma E theta_(t+1)(y - D); after the end
    what is left costs h and what is owed p an item. Demand d has the chance F(d + 1/2) - F(d - 1/2),
    up to :data:`WIDEST`.
    """
    reach = math.ceil(mean + WIDEST * sd)
    demand = np.arange(max(math.floor(mean - WIDEST * sd), 0), reach + 1)
    chance = ndtr((demand + 0.5 - mean) / sd) - ndtr((demand - 0.5 - mean) / sd)
    low, high = -reach * 2, reach * (periods + 1)
    level = np.arange(low, high + 1)
    rate = np.array([_expected(costs, float(y), mean, sd) for y in level])
    later = np.where(level >= 0, costs.holding * level, -costs.stockout * level).astype(np.float64)
    reorder, up_to = np.zeros(periods, dtype=np.int64), np.zeros(periods, dtype=np.int64)
    for period in range(periods - 1, -1, -1):
        after = np.clip(level[:, None] - demand[None, :] - low, 0, len(level) - 1)
        # below the grid what is owed goes on costing in proportion
        beyond = np.maximum(low - (level[:, None] - demand[None, :]), 0) * (costs.stockout + unit_cost)
        total = unit_cost * level + rate + discount * ((later[after] + beyond) @ chance)
        best = int(np.argmin(total))
        orders = np.flatnonzero(total[: best + 1] > total[best] + costs.fixed)
        reorder[period] = level[orders[-1]] if len(orders) else low
        up_to[period] = level[best]
        later = np.where(level <= reorder[period], total[best] + costs.fixed, total) - unit_cost * level
    return Horizon(reorder, up_to, float(later[stock - low]))


def _expected(costs: Costs, position: float, mean: float, sd: float) -> float:
    short, over = loss_normal(position, mean, sd)
    return costs.holding * over + costs.stockout * short
