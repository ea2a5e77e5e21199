"""The Lagrangian bound: what the budget is worth, and the most any plan can reach.

Relaxing the budget with price `lam` (and the volume cap with price `nu`, inside the steps' values)
splits the problem by supplier. A supplier's steps, sorted by value for money, form a concave curve
of value against spend; its best order at that price is read off the curve, from its minimum on. Every
price gives a bound (weak duality); the least is certified. Dyer (1984), Zemel (1984); Everett (1963).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.hull import Steps
from forecasting.panel import Bools, Floats, Ints


@dataclass(frozen=True)
class Curves:
    """Value against spend of each supplier, steps sorted by supplier and falling value for money.

    Parameters
    ----------
    order : ndarray of int, shape (k,)
        Steps in that order.
    starts : ndarray of int, shape (s + 1,)
        Where each supplier's steps begin.
    key : ndarray, shape (k,)
        Supplier and falling value for money in one rising number, to look prices up.
    density, spend, value : ndarray
        Of the steps in that order; running sums within a supplier.
    minimum, fixed : ndarray, shape (s,)
        Least spend of an order and its fixed cost, money.
    least_value, least_taken : ndarray, shape (s,)
        Bound on the value of spending the minimum, and the steps that reach it.
    scale : float
        Highest value for money, as a size.
    """

    order: Ints
    starts: Ints
    key: Floats
    density: Floats
    spend: Floats
    value: Floats
    minimum: Floats
    fixed: Floats
    least_value: Floats
    least_taken: Ints

    scale: float


def make_curves(steps: Steps, supplier_of_line: Ints, minimum: Floats, fixed: Floats) -> Curves:
    """Return the suppliers' curves."""
    supplier = supplier_of_line[steps.line]
    order = np.lexsort((steps.line, -steps.density, supplier))
    starts = np.searchsorted(supplier[order], np.arange(len(minimum) + 1))
    spend, value = _within(steps.cost[order], starts), _within(steps.value[order], starts)
    density = steps.density[order]
    scale = max(float(np.abs(density).max(initial=0.0)), 1e-12)
    least = [
        _least(density[a:b], spend[a:b], value[a:b], float(m))
        for a, b, m in zip(starts[:-1], starts[1:], minimum, strict=True)
    ]
    return Curves(
        order, starts, _key(supplier[order], density, scale), density, spend, value, minimum, fixed,
        np.array([worth for worth, _ in least]), np.array([taken for _, taken in least], dtype=np.int64), scale,
    )  # fmt: skip


def _within(amounts: Floats, starts: Ints) -> Floats:
    """Return running sums that begin anew at each start."""
    sums = np.concatenate([[0.0], np.cumsum(amounts)])
    return np.asarray(sums[1:] - np.repeat(sums[starts[:-1]], np.diff(starts)))


def _key(supplier: Ints, density: Floats | float, scale: float) -> Floats:
    return np.asarray(4.0 * supplier - np.minimum(np.maximum(density / scale, -1.5), 1.5))


def _least(density: Floats, spend: Floats, value: Floats, minimum: float) -> tuple[float, int]:
    """Return the curve's value at the minimum (flat after its last useful step) and the steps to reach it."""
    if not len(spend):
        return -np.inf, 0
    useful = int((density >= 0).sum())
    at = np.concatenate([[0.0], spend[:useful]])
    worth = float(np.interp(minimum, at, np.concatenate([[0.0], value[:useful]])))
    return worth, min(int(np.searchsorted(spend, minimum - 1e-9)) + (minimum > 0), len(spend))


@dataclass(frozen=True)
class Response:
    """What suppliers order at one price: gain net of the price, spend (with the fixed cost), steps taken."""

    gain: Floats
    spend: Floats
    taken: Ints


def respond(curves: Curves, price: float) -> Response:
    """Return each supplier's best order when a unit of money costs `price`.

    Notes
    -----
    ``g_s = max over x >= minimum of value_s(x) - price x, less (1 + price) fixed``. The relaxation
    lets x lie between steps, so g_s is a bound.
    """
    suppliers = np.arange(len(curves.minimum))
    asked = _key(suppliers, price, curves.scale)
    reach = np.clip(np.searchsorted(curves.key, asked, side="right"), curves.starts[:-1], curves.starts[1:])
    taken, last = reach - curves.starts[:-1], np.maximum(reach - 1, 0)
    spend = np.where(taken > 0, curves.spend[last], 0.0)
    value = np.where(taken > 0, curves.value[last], 0.0)
    low = (spend < curves.minimum) | ~np.isfinite(curves.least_value)
    spend, value = np.where(low, curves.minimum, spend), np.where(low, curves.least_value, value)
    gain = value - price * spend - (1.0 + price) * curves.fixed
    return Response(gain, spend + curves.fixed, np.where(low, curves.least_taken, taken))


def price_of_money(curves: Curves, budget: float, on: Bools | None = None, rounds: int = 44) -> tuple[float, float]:
    """Return the price at which spending fits the budget, and the least bound met on the way.

    Parameters
    ----------
    on : ndarray of bool, optional
        Suppliers that must order, all others must not; without it each orders if it gains.
    """

    def at(price: float) -> tuple[float, float]:
        answer = respond(curves, price)
        chosen = answer.gain > 0 if on is None else on
        return price * budget + float(answer.gain[chosen].sum()), float(answer.spend[chosen].sum())

    bound, spend = at(0.0)
    if spend <= budget:
        return 0.0, bound
    low, high = 0.0, curves.scale * 1.001 + 1e-9
    for _ in range(rounds):
        middle = (low + high) / 2.0
        here, spend = at(middle)
        bound = min(bound, here)
        low, high = (middle, high) if spend > budget else (low, middle)
    return high, bound
