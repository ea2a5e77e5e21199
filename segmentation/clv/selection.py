"""Which purchase model fits this shop: tried at rolling origins inside its own data.

Rule: at every origin each model is fitted to what was known then and forecasts the window after it. Its loss
is the mean absolute error of orders per customer, relative to the best model's, plus the absolute bias of
the total. The lowest mean loss wins; without origins (history too short) it is the BG/NBD.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from segmentation.clv.counting import count, position
from segmentation.clv.models import Fitted, fit_model
from segmentation.clv.spend import spend_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from segmentation.clv.counting import Floats
    from segmentation.clv.outlook import Outlook
    from segmentation.clv.rolling import Origin

CANDIDATES = ("bgnbd", "mbgnbd", "paretonbd")
DEFAULT = "bgnbd"


@dataclass(frozen=True)
class Trial:
    """One model at one origin."""

    name: str
    fitted: Fitted
    outlook: Outlook
    mae: float
    log_ratio: float
    log_value_ratio: float


def try_model(name: str, origin: Origin) -> Trial:
    """Fit a model at an origin and hold its forecast against what happened.

    The ratios are log(actual / expected) of the totals, with one average customer's added to both.
    """
    counts = count(origin.customers)
    fitted = fit_model(name, counts)
    outlook = fitted.outlook(counts, origin.horizon_days).take(position(origin.customers, counts))
    value = outlook.mean * spend_at(origin.customers)
    mae = float(np.abs(outlook.mean - origin.orders).mean())
    return Trial(name, fitted, outlook, mae, _ratio(origin.orders, outlook.mean), _ratio(origin.value, value))


def _ratio(actual: Floats, expected: Floats) -> float:
    one = max(float(expected.mean()), 1e-9)
    return float(np.log((actual.sum() + one) / (expected.sum() + one)))


def choose(origins: Sequence[Origin], names: Sequence[str] = CANDIDATES) -> tuple[str, list[Trial]]:
    """Return the winning model by the rule above and its trials."""
    if not origins:
        return DEFAULT if DEFAULT in names else names[0], []
    trials = {name: [try_model(name, origin) for origin in origins] for name in names}
    best = np.min([[t.mae for t in trials[name]] for name in names], axis=0)
    losses = {name: float(np.mean(_losses(trials[name], best))) for name in names}
    winner = min(names, key=lambda name: (losses[name], names.index(name)))
    return winner, trials[winner]


def _losses(trials: Sequence[Trial], best: Floats) -> Floats:
    mae, ratio = np.array([(t.mae, t.log_ratio) for t in trials]).T
    loss: Floats = mae / np.maximum(best, 1e-12) + np.abs(ratio)
    return loss
