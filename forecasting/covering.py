"""The best order that just reaches a supplier's minimum: a knapsack that must be full, by dynamic programming.

The priced answer stops between packs at the minimum; a plan cannot. Which packs fill an order to its
minimum best is a small problem for each supplier, solved on a grid of costs rounded down, so that
what the grid calls full is full.
"""

from __future__ import annotations

import numpy as np

from forecasting.bounds import Response
from forecasting.options import Lines, Options
from forecasting.panel import Bools, Floats, Ints
from forecasting.plans import Limits, Plan, measured

#: Cells of the grid of costs up to the minimum.
CELLS = 256
#: Options of all suppliers at their minimum together up to which they are filled anew.
MOST_OPTIONS = 20_000


def filled(
    plan: Plan, answer: Response, on: Bools, *, lines: Lines, options: Options, limits: Limits, price: float
) -> Plan:
    """Return the plan with the orders that stopped at their minimum filled as well as can be.

    Parameters
    ----------
    answer : Response
        Priced answer the plan was made from.
    on : ndarray of bool, shape (s,)
        Suppliers that order.
    price : float
        Price of money it was priced at.
    """
    stopped = on & (limits.minimum > 0) & (answer.spend - limits.fixed <= limits.minimum + 1e-9)
    supplier = lines.supplier[options.line]
    if not stopped.any() or stopped[supplier].sum() > MOST_OPTIONS:
        return plan
    option = plan.option.copy()
    for s in np.flatnonzero(stopped):
        mine = np.flatnonzero(supplier == s)
        best = _cover(options.line[mine], options.cost[mine], options.value[mine], limits.minimum[s], price)
        if best is not None:
            option[lines.supplier == s] = -1
            option[options.line[mine[best]]] = mine[best]
    return measured(option, lines, options, limits)


def _cover(line: Ints, cost: Floats, value: Floats, minimum: float, price: float) -> Ints | None:
    """Return the options, one a line at most, with the best value less price times cost that cost the minimum."""
    net, steps = value - price * cost, np.minimum(np.floor(cost / minimum * CELLS), CELLS).astype(np.int64)
    best = np.full(CELLS + 1, -np.inf)
    best[0] = 0.0
    starts = np.flatnonzero(np.concatenate([[True], line[1:] != line[:-1]]))
    taken = []
    for low, high in zip(starts, [*starts[1:], len(line)], strict=True):
        after, chosen, source = best.copy(), np.full(CELLS + 1, -1), np.arange(CELLS + 1)
        for place in range(low, high):
            reach = np.minimum(np.arange(CELLS + 1) + steps[place], CELLS)
            gained = best + net[place]
            last = CELLS - steps[place]
            better = np.flatnonzero(gained[:last] > after[reach[:last]])
            after[reach[better]], chosen[reach[better]], source[reach[better]] = gained[better], place, better
            top = last + int(np.argmax(gained[last:]))
            if gained[top] > after[CELLS]:
                after[CELLS], chosen[CELLS], source[CELLS] = gained[top], place, top
        best = after
        taken.append((chosen, source))
    if not np.isfinite(best[CELLS]):
        return None
    found, state = [], CELLS
    for chosen, source in reversed(taken):
        if chosen[state] >= 0:
            found.append(int(chosen[state]))
        state = int(source[state])
    return np.array(found[::-1], dtype=np.int64)
