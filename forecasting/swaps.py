"""Exchanges between lines: one gives a pack back, another takes more, and the plan is worth more.

Minimum orders leave a priced plan a little off: the last pack that lifts a supplier over its minimum
overshoots, and money runs out elsewhere. Exchanges find the packs that fit better.
"""

from __future__ import annotations

import numpy as np

from forecasting.options import Lines, Options
from forecasting.panel import Floats, Ints
from forecasting.plans import Limits, Plan, improved, measured, worth

#: Options looked at in all rounds together, and most rounds.
MOST_WORK, MOST_ROUNDS = 2_000_000, 80
#: Lines asked to give in one round: those that lose least.
MOST_OFFERS = 60


def exchanged(plan: Plan, lines: Lines, options: Options, limits: Limits, price: float) -> Plan:
    """Return a plan worth at least as much, after exchanges of two lines, the best one first.

    Parameters
    ----------
    price : float
        Value of money elsewhere: an exchange that frees money is worth that money too, since
        :func:`forecasting.plans.improved` spends it again.
    """
    best = plan
    for _ in range(min(MOST_ROUNDS, MOST_WORK // max(len(options.line), 1))):
        found = _best(plan, lines, options, limits, price)
        if found is None:
            break
        giver, before, taken = found
        option = plan.option.copy()
        option[giver] = before
        option[options.line[taken]] = taken
        plan = measured(option, lines, options, limits)
    for tried in (plan, improved(plan, lines, options, limits)):
        best = tried if worth(tried, options) > worth(best, options) else best
    return best


def _best(plan: Plan, lines: Lines, options: Options, limits: Limits, price: float) -> tuple[int, int, int] | None:
    """Return the best exchange: the line that gives, its option then, and the option another line takes."""
    now = plan.option[options.line]
    has = now >= 0
    money = options.cost - np.where(has, options.cost[now], 0.0)
    value = options.value - np.where(has, options.value[now], 0.0)
    volume = (options.quantity - np.where(has, options.quantity[now], 0.0)) * lines.volume[options.line]
    supplier = lines.supplier[options.line]
    upgrades = np.flatnonzero((plan.goods > 0)[supplier] & (money > 0))
    givers = np.flatnonzero(plan.option >= 0)
    if not len(upgrades) or not len(givers):
        return None
    net, left = value - price * money, limits.budget - plan.spend()
    best, gain = None, 1e-6 * (1.0 + float(np.abs(value[upgrades]).max()))
    for giver, before, freed, lost, room in _offers(plan, givers, lines, options, price):
        at = lines.supplier[giver]
        short = limits.minimum[at] - (plan.goods[at] - freed)
        fits = upgrades[(money[upgrades] <= left + freed) & (options.line[upgrades] != giver)]
        fits = fits[plan.volume - room + volume[fits] <= limits.volume]
        if short > 0:
            fits = fits[(supplier[fits] == at) & (money[fits] >= short)]
        if len(fits):
            taken = int(fits[np.argmax(net[fits])])
            won = float(net[taken]) - (lost - price * freed)
            if won > gain:
                best, gain = (giver, before, taken), won
    return best


def _offers(
    plan: Plan, givers: Ints, lines: Lines, options: Options, price: float
) -> list[tuple[int, int, float, float, float]]:
    """Return what lines may give back: line, option then, money, value and volume; least net loss first."""
    here = plan.option[givers]
    has_before = (here > 0) & (options.line[np.maximum(here - 1, 0)] == givers)
    before = np.where(has_before, here - 1, -1)

    def given(amounts: Floats) -> Floats:
        return amounts[here] - np.where(has_before, amounts[before], 0.0)

    money, value, units = given(options.cost), given(options.value), given(options.quantity)
    order = np.argsort(value - price * money, kind="stable")[:MOST_OFFERS]
    order = order[money[order] > 0]
    rooms = units * lines.volume[givers]
    return [(int(givers[i]), int(before[i]), float(money[i]), float(value[i]), float(rooms[i])) for i in order]
