"""Policies compared over the whole range of service: stock and money at equal fill, with intervals.

Each policy runs at several knobs over the same days and lead times. Between its runs stock is interpolated in the fill
rate. Intervals are of a paired bootstrap over series: the same SKUs are drawn for both policies, so that a SKU that
is hard for one is hard for the other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.panel import Bools, Floats, Ints
from forecasting.replay import Run

#: Draws of the bootstrap, and its seed.
DRAWS, SEED = 400, 7
#: Bisections of the knob towards each wanted fill rate.
TURNS = 9


@dataclass(frozen=True)
class Curve:
    """One policy at k knobs, series by series.

    Parameters
    ----------
    demand : ndarray, shape (n,)
        Units asked for on the counted days.
    lost, held, orders : ndarray, shape (k, n)
        Units lost, mean units in stock and order lines; knobs rising.
    """

    demand: Floats
    lost: Floats
    held: Floats
    orders: Floats

    def fill(self, weight: Floats) -> Floats:
        """Return the fill rate at each knob, shape (..., k), of series weighted, shape (..., n)."""
        asked = np.asarray(weight @ self.demand)[..., None]
        return np.asarray(
            1.0
            - np.divide(weight @ self.lost.T, asked, out=np.zeros((*asked.shape[:-1], len(self.lost))), where=asked > 0)
        )

    def stock_at(self, target: float | Floats, weight: Floats, worth: Floats | None = None) -> Floats:
        """Return mean stock (units, or money with `worth` a unit) at a fill rate, shape (...); NaN if out of reach.

        Parameters
        ----------
        target : float or ndarray, shape (...)
            Fill rate, one or one for each weighting.
        weight : ndarray, shape (..., n)
            How often each series counts.
        """
        fill = np.maximum.accumulate(self.fill(weight), axis=-1)
        stock = weight @ (self.held if worth is None else self.held * worth).T
        return _crossing(fill, stock, target)

    def orders_at(self, target: float, weight: Floats) -> Floats:
        """Return order lines at a fill rate, shape (...)."""
        return _crossing(np.maximum.accumulate(self.fill(weight), axis=-1), weight @ self.orders.T, target)


def _crossing(fill: Floats, value: Floats, target: float | Floats) -> Floats:
    """Return `value` where rising `fill` passes the target, linear between knobs; along the last axis."""
    right = np.asarray((fill < np.asarray(target)[..., None]).sum(axis=-1))
    reached = right < fill.shape[-1]
    right = np.clip(right, 1, fill.shape[-1] - 1)
    low, high = _pick(fill, right - 1), _pick(fill, right)
    share = np.clip(np.divide(target - low, high - low, out=np.ones_like(low), where=high > low), 0.0, 1.0)
    found = (1.0 - share) * _pick(value, right - 1) + share * _pick(value, right)
    return np.where(reached, found, np.nan)


def _pick(values: Floats, at: Ints) -> Floats:
    return np.asarray(np.take_along_axis(values, at[..., None], axis=-1)[..., 0])


def trace(run: Callable[[float], Run], between: tuple[float, float], targets: Sequence[float]) -> Curve:
    """Return the curve of a policy, with runs close to each wanted fill rate."""
    runs = {knob: run(knob) for knob in between}
    for target in sorted(targets):
        for _ in range(TURNS):
            below = max((k for k in runs if runs[k].fill_rate < target), default=None)
            above = min((k for k in runs if runs[k].fill_rate >= target), default=None)
            if below is None or above is None or below >= above:
                break
            if runs[above].fill_rate - runs[below].fill_rate < 0.002:
                break
            middle = (below + above) / 2.0
            runs[middle] = run(middle)
    kept = [runs[knob] for knob in sorted(runs)]
    return Curve(
        kept[0].demand, np.stack([r.lost for r in kept]), np.stack([r.on_hand for r in kept]),
        np.stack([r.orders for r in kept]).astype(np.float64),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """Ours over theirs minus one, with a 95 % interval; NaN where a policy does not reach the fill rate."""

    middle: float
    low: float
    high: float


def change(
    ours: Curve, theirs: Curve, target: float, *, rows: Bools | None = None, worth: Floats | None = None
) -> Change:
    """Return how much more stock ours holds at a fill rate.

    Parameters
    ----------
    rows : ndarray of bool, shape (n,), optional
        Series that count.
    worth : ndarray, shape (n,), optional
        Money a unit, to compare money instead of units.
    """
    every, draws = _weights(len(ours.demand), rows)
    middle, spread = (
        _more(ours.stock_at(target, weight, worth), theirs.stock_at(target, weight, worth)) for weight in (every, draws)
    )
    return _interval(middle, spread)


def change_from(ours: Curve, held: Floats, lost: Floats, worth: Floats | None = None) -> Change:
    """Return how much more stock ours holds than what was held, at the fill rate that was reached with it.

    Parameters
    ----------
    held, lost : ndarray, shape (n,)
        Mean units in stock, and units lost of the demand the curve speaks of.
    """
    money = held if worth is None else held * worth
    middle, spread = (
        _more(ours.stock_at(-_more(weight @ lost, weight @ ours.demand), weight, worth), weight @ money)
        for weight in _weights(len(held), None)
    )
    return _interval(middle, spread)


def _more(ours: Floats, theirs: Floats) -> Floats:
    """Return ours over theirs minus one; NaN where there is nothing to compare with."""
    found = np.full(np.broadcast(ours, theirs).shape, np.nan)
    return np.asarray(np.divide(ours, theirs, out=found, where=np.asarray(theirs) > 0) - 1.0)


def _weights(series: int, rows: Bools | None) -> tuple[Floats, Floats]:
    """Return weights that count every series once, shape (n,), and those of the draws, shape (draws, n)."""
    some = np.arange(series) if rows is None else np.flatnonzero(rows)
    every, draws = np.zeros(series), np.zeros((DRAWS, series))
    every[some] = 1.0
    draws[:, some] = np.random.default_rng(SEED).multinomial(len(some), np.full(len(some), 1.0 / len(some)), DRAWS)
    return every, draws


def _interval(middle: Floats, spread: Floats) -> Change:
    inner = spread[np.isfinite(spread)]
    low, high = np.quantile(inner, [0.025, 0.975]) if len(inner) >= DRAWS // 2 else (np.nan, np.nan)
    return Change(float(middle), float(low), float(high))
