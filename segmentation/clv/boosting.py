"""What the purchase model misses, learned from the shop's own past by gradient boosting.

At rolling origins the model's forecast stands beside what happened. Two boosted models learn from that:

* a factor on the expected orders (Poisson deviance with the forecast as offset). Only its power `TRUST` is applied:
  what was missed in one window is missed in the next one in part only;
* the chance of any order, averaged with the recalibrated one of the model.

Below `MIN_CUSTOMERS` customers or `MIN_ORDERS` orders at the origins nothing is learned; the total alone is then moved
by `LEVEL` of how far it was off.

References
----------
scikit-learn's histogram gradient boosting; one fixed configuration, see docs/clv.md for what was tried.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from threadpoolctl import threadpool_limits

from segmentation.clv.outlook import Outlook

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from segmentation.clv.counting import Floats
    from segmentation.clv.selection import Trial

MIN_CUSTOMERS, MIN_ORDERS = 1000, 300
TRUST, LEVEL = 0.35, 0.3
SETTINGS: dict[str, Any] = {
    "max_leaf_nodes": 8,
    "learning_rate": 0.05,
    "max_iter": 80,
    "l2_regularization": 1.0,
    "early_stopping": False,
    "max_bins": 127,
    "random_state": 0,
}
#: From this many rows threads are worth their start.
MANY = 50_000
#: Forecasts below this are taken as this when they divide.
TINY = 1e-4


@dataclass(frozen=True)
class Boosted:
    """Two fitted models; see the module."""

    factor: Any
    active: Any


def learn(trials: Sequence[Trial]) -> Boosted | None:
    """Learn from the looks back; None when they hold too little.

    Parameters
    ----------
    trials : sequence of Trial
        The chosen model at the rolling origins.
    """
    enough = [t for t in trials if t.origin.customers.height >= MIN_CUSTOMERS]
    orders = np.concatenate([t.orders for t in enough]) if enough else np.zeros(0)
    if orders.sum() < MIN_ORDERS:
        return None
    features = np.vstack([features_of(t.origin.customers, t.outlook, t.steady, t.spend) for t in enough])
    forecast = np.maximum(np.concatenate([t.outlook.mean for t in enough]), TINY)
    return _boost(features, forecast, orders, leaf=max(20, len(enough[0].orders) // 60))


def _boost(features: Floats, forecast: Floats, orders: Floats, *, leaf: int) -> Boosted:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    given = {**SETTINGS, "min_samples_leaf": leaf}
    # sklearn's threads exist only now, after its import: limits set earlier do not reach them.
    with threadpool_limits(limits=1):
        factor = HistGradientBoostingRegressor(loss="poisson", **given)
        active = HistGradientBoostingClassifier(**given)
        return Boosted(
            factor.fit(features, orders / forecast, sample_weight=forecast), active.fit(features, orders > 0)
        )


def correct(boosted: Boosted, outlook: Outlook, *, window: Outlook, features: Floats, active: Floats) -> Outlook:
    """Correct an outlook.

    Parameters
    ----------
    outlook : Outlook
        The model's, over the horizon asked for.
    window : Outlook
        The model's over the window the correction was learned on; the ratio of both carries what was
        learned to the horizon.
    features : array
        From :func:`features_of` with `window`.
    active : array
        Another view of the chance of an order, averaged with the learned one.
    """
    with threadpool_limits(limits=1 if len(features) < MANY else None):
        factor = boosted.factor.predict(features)
        chance = boosted.active.predict_proba(features)[:, 1]
    longer = outlook.mean / np.maximum(window.mean, 1e-9)
    scaled = outlook.scaled(factor**TRUST)
    chance = -np.expm1(np.log1p(-np.minimum(chance, 1 - 1e-9)) * longer)
    return Outlook(scaled.alive, scaled.mean, scaled.pairs, np.minimum((active + chance) / 2, scaled.mean))


def level(outlook: Outlook, off: float, active: Floats) -> Outlook:
    """Move the total by a part of `off`, the mean log ratio at the rolling origins; `active` is used as it is."""
    moved = outlook.scaled(float(np.exp(LEVEL * off)))
    return Outlook(moved.alive, moved.mean, moved.pairs, np.minimum(active, moved.mean))


def moved(trials: Sequence[Trial], boosted: Boosted | None, off: float) -> float:
    """Return the log of the factor by which the correction moves the totals of these looks back.

    Parameters
    ----------
    boosted : Boosted or None
        What was learned; None: the total alone is moved, by a part of `off`.
    """
    if boosted is None or not trials:
        return LEVEL * off
    said = np.concatenate([t.outlook.mean for t in trials])
    features = np.vstack([features_of(t.origin.customers, t.outlook, t.steady, t.spend) for t in trials])
    with threadpool_limits(limits=1):
        factor = boosted.factor.predict(features)
    return float(np.log((said * factor**TRUST).sum() / said.sum()))


def features_of(customers: pl.DataFrame, outlook: Outlook, steady: Outlook, spend: Floats) -> Floats:
    """Return the features of each customer: two models' views, recency, frequency, age, spend."""
    x, t_x, age = (customers.get_column(c).to_numpy().astype(np.float64) for c in ("x", "t_x", "age"))
    age = np.maximum(age, 1.0)
    silence = age - t_x
    usual = np.where(x > 0, t_x / np.maximum(x, 1), age)
    return np.column_stack(
        [
            np.log(np.maximum(outlook.mean, 1e-6)),
            np.log(np.maximum(steady.mean, 1e-6)),
            outlook.alive,
            outlook.active,
            x,
            np.log1p(age),
            age / age.max(initial=1.0),
            t_x / age,
            silence / np.maximum(usual, 1),
            np.log1p(silence),
            np.log(np.maximum(spend, 0.01)),
            x / age,
        ]
    )
