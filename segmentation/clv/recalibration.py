"""The chance of any order, set right by how often it came true at the rolling origins.

Orders come more regularly than a mixture of Poisson customers allows, so the models' chance of at least one order is
too low where their number of orders is right. On the scale where the hazard of an order is additive (complementary
log-log) four numbers move the chance: all of it, with the chance itself, with the expected orders, and for one-time
buyers.
Each is held near 0 by a prior worth `PRIOR` customers, so that a small shop keeps its model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from segmentation.clv.counting import Floats
    from segmentation.clv.outlook import Outlook
    from segmentation.clv.selection import Trial

PRIOR = np.array([100.0, 200.0, 200.0, 200.0])
TINY = 1e-6


@dataclass(frozen=True)
class Recalibration:
    """What moves the chance of an order: the features' centre, and the move by each feature."""

    centre: Floats
    moved: Floats

    def applied(self, outlook: Outlook, x: np.ndarray) -> Floats:
        """Return the corrected chances of an order; `x` counts purchase days after the first."""
        return -np.expm1(-np.exp(_hazard(outlook.active) + (_features(outlook, x) - self.centre) @ self.moved))


def learn(trials: Sequence[Trial]) -> Recalibration:
    """Learn from what happened at the rolling origins; without any nothing is moved."""
    if not trials:
        return Recalibration(np.zeros(len(PRIOR)), np.zeros(len(PRIOR)))
    features = np.vstack([_features(t.outlook, t.origin.customers.get_column("x").to_numpy()) for t in trials])
    centre = features.mean(axis=0) * (0, 1, 1, 1)
    offset = np.concatenate([_hazard(t.outlook.active) for t in trials])
    came = np.concatenate([t.orders > 0 for t in trials]).astype(np.float64)
    return Recalibration(centre, _fit(features - centre, offset, came, share=1 / len(trials)))


def _hazard(chance: Floats) -> Floats:
    """Return the complementary log-log of a chance."""
    hazard: Floats = np.log(-np.log1p(-np.clip(chance, TINY, 1 - TINY)))
    return hazard


def _features(outlook: Outlook, x: np.ndarray) -> Floats:
    return np.column_stack([np.ones(len(x)), _hazard(outlook.active), np.log(np.maximum(outlook.mean, TINY)), x == 0])


def _fit(features: Floats, offset: Floats, came: Floats, *, share: float) -> Floats:
    """Fit the moves; overlapping windows count once, therefore `share`."""

    def objective(moved: Floats) -> tuple[float, Floats]:
        hazard = np.exp(np.clip(offset + features @ moved, -30, 4))
        chance = np.clip(-np.expm1(-hazard), 1e-9, 1 - 1e-9)
        value = float(came @ np.log(chance) - (1 - came) @ hazard)
        slope = features.T @ ((came * (1 - chance) / chance - (1 - came)) * hazard)
        return -share * value + float(PRIOR @ moved**2) / 2, -share * slope + PRIOR * moved

    found: Floats = minimize(objective, np.zeros(len(PRIOR)), jac=True, method="L-BFGS-B").x
    return found
