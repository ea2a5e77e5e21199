"""Feasible purchases: built from the priced answer, completed within every limit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.bounds import Curves, Response
from forecasting.hull import Steps
from forecasting.options import Lines, Options
from forecasting.panel import Bools, Floats, Ints

#: Most single changes tried while money is left.
MOST_CHANGES = 200
#: Slack for sums of money in floating point.
CENT = 1e-7


@dataclass(frozen=True)
class Limits:
    """Budget for goods and fixed costs, most volume, and each supplier's least order and fixed cost."""

    budget: float
    volume: float
    minimum: Floats
    fixed: Floats


@dataclass
class Plan:
    """The option each line takes (-1 for none), and the running sums.

    Parameters
    ----------
    option : ndarray of int, shape (n,)
        Index into the options.
    goods : ndarray, shape (s,)
        Goods value by supplier.
    volume, fixed_costs : float
        Of the whole plan.
    """

    option: Ints
    goods: Floats
    volume: float
    fixed_costs: float

    def spend(self) -> float:
        """Return money for goods and fixed costs."""
        return float(self.goods.sum()) + self.fixed_costs


def start_plan(
    curves: Curves, steps: Steps, answer: Response, on: Bools, *, lines: Lines, options: Options, limits: Limits
) -> Plan:
    """Return the plan of the priced answer: each supplier's steps, in order of value for money."""
    last = np.full(len(lines.mean), -1, dtype=np.int64)
    for s in np.flatnonzero(on):
        taken = curves.order[curves.starts[s] : curves.starts[s] + answer.taken[s]]
        np.maximum.at(last, steps.line[taken], taken)
    option = np.where(last >= 0, steps.option[last], -1)
    return measured(option, lines, options, limits)


def measured(option: Ints, lines: Lines, options: Options, limits: Limits) -> Plan:
    """Return a plan with its sums."""
    bought = np.flatnonzero(option >= 0)
    picked = option[bought]
    goods: Floats = np.bincount(
        lines.supplier[bought], weights=options.cost[picked], minlength=len(limits.minimum)
    ).astype(np.float64)
    volume = float((options.quantity[picked] * lines.volume[bought]).sum())
    return Plan(option, goods, volume, float(limits.fixed[goods > 0].sum()))


def complete(plan: Plan, lines: Lines, options: Options, limits: Limits) -> Plan:
    """Return a feasible plan: what breaks a limit is given back, then money left buys what it can."""
    return improved(_within(plan, lines, options, limits), lines, options, limits)


def worth_having(plan: Plan, lines: Lines, options: Options, limits: Limits) -> Plan:
    """Return the plan, or buying nothing if that is worth more."""
    empty = measured(np.full(len(plan.option), -1, dtype=np.int64), lines, options, limits)
    return plan if worth(plan, options) > 0 else empty


def worth(plan: Plan, options: Options) -> float:
    """Return the value of a plan less its fixed costs, money."""
    return float(options.value[plan.option[plan.option >= 0]].sum()) - plan.fixed_costs


def _within(plan: Plan, lines: Lines, options: Options, limits: Limits) -> Plan:
    """Give back the worst packs until budget and volume hold; drop suppliers left under their minimum."""
    while True:
        over_money = plan.spend() - limits.budget > CENT
        over_volume = plan.volume - limits.volume > CENT
        short = (plan.goods > 0) & (plan.goods < limits.minimum - CENT)
        if short.any():
            option = np.where(short[lines.supplier], -1, plan.option)
        elif over_money or over_volume:
            option = _one_back(plan, lines, options, limits, by_volume=over_volume and not over_money)
        else:
            return plan
        plan = measured(option, lines, options, limits)


def _one_back(plan: Plan, lines: Lines, options: Options, limits: Limits, *, by_volume: bool) -> Ints:
    """Return the plan's options with the pack given back that is worth least for what it frees.

    A supplier at its minimum is spared while another can give.
    """
    bought = np.flatnonzero(plan.option >= 0)
    here = plan.option[bought]
    has_before = (here > 0) & (options.line[np.maximum(here - 1, 0)] == bought)
    before = np.where(has_before, here - 1, -1)
    value = options.value[here] - np.where(has_before, options.value[before], 0.0)
    money = options.cost[here] - np.where(has_before, options.cost[before], 0.0)
    units = options.quantity[here] - np.where(has_before, options.quantity[before], 0.0)
    freed = units * lines.volume[bought] if by_volume else money
    supplier = lines.supplier[bought]
    breaks = plan.goods[supplier] - money < limits.minimum[supplier] - CENT
    worth = np.where(freed > 0, value / np.maximum(freed, 1e-12), np.inf)
    worth = np.where(breaks, worth + 1e6 * (1.0 + np.abs(worth)), worth)
    worst = int(np.argmin(worth))
    option = plan.option.copy()
    option[bought[worst]] = before[worst]
    return option


def improved(plan: Plan, lines: Lines, options: Options, limits: Limits) -> Plan:
    """Move one line at a time to a better option that still fits, best value for money first."""
    if not len(options.line):
        return plan
    volume = options.quantity * lines.volume[options.line]
    supplier = lines.supplier[options.line]
    for _ in range(MOST_CHANGES):
        now = plan.option[options.line]
        has = now >= 0
        more_value = options.value - np.where(has, options.value[now], 0.0)
        more_money = options.cost - np.where(has, options.cost[now], 0.0)
        more_volume = volume - np.where(has, volume[now], 0.0)
        fits = (more_money <= limits.budget - plan.spend()) & (plan.volume + more_volume <= limits.volume)
        fits &= (more_value > 1e-9) & (plan.goods[supplier] > 0)
        fits &= plan.goods[supplier] + more_money >= limits.minimum[supplier]
        places = np.flatnonzero(fits)
        if not len(places):
            break
        best = places[np.argmax(more_value[places] / np.maximum(more_money[places], 1e-9))]
        option = plan.option.copy()
        option[options.line[best]] = best
        plan = measured(option, lines, options, limits)
    return plan
