"""What the purchase model misses, learned from the shop's own past by gradient boosting.

At rolling origins the model's forecast stands beside what happened. Three boosted models learn from that:

* a factor on the expected orders (Poisson deviance with the forecast as offset). It is applied by half (its
  square root): the geometric mean of the model and its correction, because drift of one season is not
  drift of the next;
* the orders themselves, used for ranking value only;
* the chance of any order, averaged with the model's.

Below `MIN_CUSTOMERS` customers or `MIN_ORDERS` orders at the origins nothing is learned.

References
----------
scikit-learn's histogram gradient boosting; the setting is one fixed configuration, chosen
after trying variants on the CDNOW sample and on one year of a gift wholesaler: expect less elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from threadpoolctl import threadpool_limits

from segmentation.clv.outlook import Outlook
from segmentation.clv.spend import spend_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from segmentation.clv.counting import Floats
    from segmentation.clv.rolling import Origin
    from segmentation.clv.selection import Trial

MIN_CUSTOMERS, MIN_ORDERS = 1000, 300
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
    """Three fitted models; see the module."""

    factor: Any
    orders: Any
    active: Any


@dataclass(frozen=True)
class Corrected:
    """A corrected outlook, and orders whose order of customers is best for value.

    Attributes
    ----------
    ranked : array, shape (n,)
        Expected orders by direct boosting, scaled to the same total.
    """

    outlook: Outlook
    ranked: Floats


def learn(origins: Sequence[Origin], trials: Sequence[Trial]) -> Boosted | None:
    """Learn from the looks back; None when they hold too little.

    Parameters
    ----------
    origins : sequence of Origin
    trials : sequence of Trial
        The chosen model at each of them.
    """
    enough = [(o, t) for o, t in zip(origins, trials, strict=True) if o.customers.height >= MIN_CUSTOMERS]
    orders = np.concatenate([o.orders for o, _ in enough]) if enough else np.zeros(0)
    if orders.sum() < MIN_ORDERS:
        return None
    features = np.vstack([features_of(o.customers, t.outlook, spend_at(o.customers)) for o, t in enough])
    forecast = np.maximum(np.concatenate([t.outlook.mean for _, t in enough]), TINY)
    return _boost(features, forecast, orders, leaf=max(20, len(enough[0][0].orders) // 60))


def _boost(features: Floats, forecast: Floats, orders: Floats, *, leaf: int) -> Boosted:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    # sklearn's threads exist only now, after its import: limits set earlier do not reach them.
    with threadpool_limits(limits=1):
        return _fitted(HistGradientBoostingRegressor, HistGradientBoostingClassifier, features, forecast, orders, leaf)


def _fitted(regressor: Any, classifier: Any, features: Floats, forecast: Floats, orders: Floats, leaf: int) -> Boosted:
    given = {**SETTINGS, "min_samples_leaf": leaf}
    factor = regressor(loss="poisson", **given)
    direct = regressor(loss="poisson", **given)
    active = classifier(**given)
    return Boosted(
        factor.fit(features, orders / forecast, sample_weight=forecast),
        direct.fit(features, orders),
        active.fit(features, orders > 0),
    )


def correct(boosted: Boosted, outlook: Outlook, *, window: Outlook, features: Floats) -> Corrected:
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
    """
    with threadpool_limits(limits=1 if len(features) < MANY else None):
        factor, orders = boosted.factor.predict(features), boosted.orders.predict(features)
        chance = boosted.active.predict_proba(features)[:, 1]
    longer = outlook.mean / np.maximum(window.mean, 1e-9)
    scaled = outlook.scaled(np.sqrt(factor))
    chance = -np.expm1(np.log1p(-np.minimum(chance, 1 - 1e-9)) * longer)
    active = np.minimum((scaled.active + chance) / 2, scaled.mean)
    ranked = orders * longer
    total = scaled.mean.sum() / max(float(ranked.sum()), 1e-12)
    return Corrected(Outlook(scaled.alive, scaled.mean, scaled.pairs, active), ranked * total)


def features_of(customers: pl.DataFrame, outlook: Outlook, spend: Floats) -> Floats:
    """Return the features of each customer: the model's view, recency, frequency, age, spend."""
    x, t_x, age = (customers.get_column(c).to_numpy().astype(np.float64) for c in ("x", "t_x", "age"))
    age = np.maximum(age, 1.0)
    silence = age - t_x
    usual = np.where(x > 0, t_x / np.maximum(x, 1), age)
    return np.column_stack(
        [
            np.log(np.maximum(outlook.mean, 1e-6)),
            outlook.alive,
            outlook.active,
            x,
            np.log1p(age),
            t_x / age,
            silence / np.maximum(usual, 1),
            np.log1p(silence),
            np.log(np.maximum(spend, 0.01)),
            x / age,
        ]
    )
