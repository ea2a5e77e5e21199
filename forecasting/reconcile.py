"""Forecasts that add up across levels: SKU by channel (or place, country), SKU, category, channel, and the whole shop.

Each level is forecast by itself, then all are made coherent by one of

* *bottom-up*: the finest forecasts added up
* *top-down*: the forecasts of SKUs shared out by the finest forecasts
* *MinT* with a diagonal of error variances (Wickramasuriya, Athanasopoulos & Hyndman 2019, WLS): the least change, in
  units of each node's own error, that makes all add up: b + W_b A' (A W_b A' + W_a)⁻¹ (a - A b)

Which one is chosen by measure: the least mean over levels of the error of totals over the horizon at past origins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from scipy.sparse import csr_matrix, diags, vstack
from scipy.sparse.linalg import splu

from forecasting.backtest import cutoffs_of
from forecasting.engine import Ordersight
from forecasting.panel import Floats, Panel

METHODS = ("bottom_up", "top_down", "mint")
#: Level whose forecasts top-down shares out.
MIDDLE = "sku"


@dataclass(frozen=True)
class Tree:
    """Levels above the finest series: names of the nodes, and which series each adds up.

    Parameters
    ----------
    nodes : dict of str to sequence of str
        Names of each level's nodes.
    sums : dict of str to csr_matrix, shape (nodes, n)
        One where a finest series belongs to a node.
    """

    nodes: Mapping[str, Sequence[str]]
    sums: Mapping[str, csr_matrix]


def tree_of(labels: Mapping[str, Sequence[str]]) -> Tree:
    """Return the tree of labels: level to the name of each finest series' node; the whole is added as ``total``."""
    nodes, sums = {}, {}
    for level, names in {**labels, "total": ["total"] * len(next(iter(labels.values())))}.items():
        known, place = np.unique(np.asarray(names, dtype=str), return_inverse=True)
        count = len(place)
        nodes[level] = known.tolist()
        sums[level] = csr_matrix((np.ones(count), (place, np.arange(count))), shape=(len(known), count))
    return Tree(nodes, sums)


@dataclass(frozen=True)
class Base:
    """Forecasts before they are made to add up: of the finest series, and of each level; shape (nodes, h)."""

    finest: Floats
    levels: Mapping[str, Floats]


def base_of(panel: Panel, tree: Tree, horizon: int) -> Base:
    """Forecast the finest series and every level by themselves."""
    levels = {}
    for level, sums in tree.sums.items():
        seen = np.asarray(sums @ np.nan_to_num(panel.y))
        ids = pl.Series("series_id", list(tree.nodes[level]))
        added = replace(panel, ids=ids, y=seen, stock=np.ones(seen.shape), known={}, refused=[])
        levels[level] = _mean(added, horizon)
    return Base(_mean(panel, horizon), levels)


def _mean(panel: Panel, horizon: int) -> Floats:
    return np.maximum(Ordersight().fit(panel, horizon=horizon).predict().mean, 0.0)


def reconciled(base: Base, tree: Tree, method: str, variance: Base | None = None) -> Floats:
    """Return the finest forecasts, shape (n, h), that every level is added up from.

    Parameters
    ----------
    variance : Base, optional
        Error variance of each node's total in place of forecasts, shape (nodes,); needed by ``mint``.
    """
    if method == "top_down":
        sums = tree.sums[MIDDLE]
        below = np.asarray(sums @ base.finest)
        ratio = np.divide(base.levels[MIDDLE], below, out=np.ones_like(below), where=below > 1e-9)
        return np.asarray(base.finest * (sums.T @ ratio))
    if method == "bottom_up" or variance is None:
        return base.finest
    above = vstack([tree.sums[level] for level in tree.nodes]).tocsr()
    told = np.concatenate([base.levels[level] for level in tree.nodes])
    spread = np.concatenate([variance.levels[level] for level in tree.nodes])
    own = diags(variance.finest)
    system = (above @ own @ above.T + diags(spread)).tocsc()
    change = splu(system).solve(told - np.asarray(above @ base.finest))
    return np.asarray(np.maximum(base.finest + own @ (above.T @ change), 0.0))


@dataclass(frozen=True)
class Chosen:
    """Coherent forecasts and how each method did.

    Parameters
    ----------
    finest : ndarray, shape (n, h)
        Forecasts of the finest series; levels are sums of them.
    method : str
        The one with the least mean error over levels.
    error : dict
        Method to level to error of totals (WAPE); ``base`` before reconciliation.
    """

    finest: Floats
    method: str
    error: dict[str, dict[str, float]]


def choose(panel: Panel, tree: Tree, *, horizon: int, origins: int = 3) -> Chosen:
    """Return coherent forecasts by the method that did best at past origins.

    Error variances of an origin are learned from the origins before it (the first has bottom-up for MinT).
    """
    cutoffs = cutoffs_of(panel.length, horizon, origins)
    missed: list[Base] = []
    sums = {name: {level: [0.0, 0.0] for level in ("finest", *tree.nodes)} for name in ("base", *METHODS)}
    for cutoff in cutoffs:
        base = base_of(panel.until(cutoff, everyone=True), tree, horizon)
        came = np.nan_to_num(panel.y[:, cutoff : cutoff + horizon]).sum(axis=1)
        variance = _variance(missed)
        for method in METHODS:
            total = reconciled(base, tree, method, variance).sum(axis=1)
            _add(sums[method], tree, came, {"finest": total, **{k: s @ total for k, s in tree.sums.items()}})
        told = {"finest": base.finest.sum(axis=1), **{k: v.sum(axis=1) for k, v in base.levels.items()}}
        _add(sums["base"], tree, came, told)
        missed.append(
            Base(came - told["finest"], {level: tree.sums[level] @ came - told[level] for level in tree.nodes})
        )
    error = {
        name: {level: round(miss / max(units, 1e-9), 4) for level, (miss, units) in levels.items()}
        for name, levels in sums.items()
    }
    best = min(METHODS, key=lambda method: (np.mean(list(error[method].values())), METHODS.index(method)))
    base = base_of(panel, tree, horizon)
    return Chosen(reconciled(base, tree, best, _variance(missed)), best, error)


def _variance(missed: Sequence[Base]) -> Base | None:
    """Return the mean squared miss of each node, shrunk half-way (in logs) to its level's usual for its size."""
    if not missed:
        return None

    def of(rows: Sequence[Floats]) -> Floats:
        own = np.mean(np.square(rows), axis=0)
        return np.asarray(np.sqrt((own + 0.5) * (own.mean() + 0.5)))

    return Base(
        of([m.finest for m in missed]), {level: of([m.levels[level] for m in missed]) for level in missed[0].levels}
    )


def _add(sums: dict[str, list[float]], tree: Tree, came: Floats, told: Mapping[str, Floats]) -> None:
    for level, total in told.items():
        real = came if level == "finest" else tree.sums[level] @ came
        sums[level][0] += float(np.abs(real - total).sum())
        sums[level][1] += float(np.abs(real).sum())


def coherent(finest: Floats, tree: Tree) -> dict[str, Floats]:
    """Return every level's forecasts as sums of the finest, shape (nodes, h)."""
    return {level: np.asarray(sums @ finest) for level, sums in tree.sums.items()}
