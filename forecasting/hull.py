"""The efficient part of every line's options: more value for more money, at falling returns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.options import Options
from forecasting.panel import Bools, Floats, Ints


@dataclass(frozen=True)
class Steps:
    """Increments between efficient options; within a line in order, returns falling.

    Parameters
    ----------
    line, option : ndarray of int, shape (k,)
        Line of each step, and the option it ends at; by line and rising cost.
    cost, value : ndarray, shape (k,)
        Money more, value more (net of volume's price).
    density : ndarray, shape (k,)
        Value for money.
    """

    line: Ints
    option: Ints
    cost: Floats
    value: Floats
    density: Floats


def efficient_steps(options: Options, value: Floats) -> Steps:
    """Return the steps of each line's upper concave hull in (cost, value), from nothing on.

    Parameters
    ----------
    options : Options
        Options by line, quantities ascending.
    value : ndarray, shape (m,)
        Value of each, e.g. net of the price of its volume.
    """
    active = _by_cost(options, value)
    straight: list[Ints] = []
    while len(active):
        bent = _bent(options, value, active)
        again = np.zeros(int(options.line.max()) + 1, dtype=bool)
        again[options.line[active[bent]]] = True
        busy = again[options.line[active]]
        straight.append(active[~busy])
        active = active[busy & ~_alternate(bent)]
    kept = np.concatenate([*straight, active])
    kept = kept[np.lexsort((options.cost[kept], options.line[kept]))]
    line = options.line[kept]
    more_cost, more_value = _increments(options.cost[kept], line), _increments(value[kept], line)
    return Steps(line, kept, more_cost, more_value, more_value / np.maximum(more_cost, 1e-12))


def _increments(amounts: Floats, line: Ints) -> Floats:
    """Return what each option adds to the one before it in its line."""
    before = np.concatenate([[0.0], amounts[:-1]])
    return amounts - np.where(np.concatenate([[-1], line[:-1]]) == line, before, 0.0)


def _bent(options: Options, value: Floats, kept: Ints) -> Bools:
    """Return the options whose next step gives more for the money than their own."""
    line = options.line[kept]
    density = _increments(value[kept], line) / np.maximum(_increments(options.cost[kept], line), 1e-12)
    bent = np.zeros(len(kept), dtype=bool)
    bent[:-1] = (line[1:] == line[:-1]) & (density[:-1] < density[1:] - 1e-9 * np.abs(density[1:]))
    return bent


def _by_cost(options: Options, value: Floats) -> Ints:
    """Return options by line and cost, of equal costs the best: a price break may make more units cheaper."""
    order = np.lexsort((-value, options.cost, options.line))
    line, cost = options.line[order], options.cost[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (line[1:] != line[:-1]) | (cost[1:] > cost[:-1] + 1e-12)
    return np.asarray(order[new])


def _alternate(bent: Bools) -> Bools:
    """Return every second of neighbouring bent points: removing one may straighten the next."""
    run = np.arange(len(bent)) - np.maximum.accumulate(np.where(~bent, np.arange(len(bent)), -1))
    return np.asarray(bent & (run % 2 == 1))
