"""What a model says about the next days of each history, before spend comes in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

if TYPE_CHECKING:
    from segmentation.clv.counting import Floats


@dataclass(frozen=True)
class Outlook:
    """Orders of one customer within the horizon, as moments.

    Attributes
    ----------
    alive : array, shape (n,)
        P(still a customer at the end of observation).
    mean : array, shape (n,)
        Expected orders.
    pairs : array, shape (n,)
        E[X (X − 1)], for the variance.
    active : array, shape (n,)
        P(at least one order).
    """

    alive: Floats
    mean: Floats
    pairs: Floats
    active: Floats

    @property
    def variance(self) -> Floats:
        """Variance of the orders of one customer (process and heterogeneity, not parameters)."""
        return np.maximum(self.pairs + self.mean - self.mean**2, 1e-12)

    def scaled(self, factor: Floats | float) -> Outlook:
        """Return the outlook with the means multiplied; the chance of any order follows its hazard."""
        active = -np.expm1(np.log1p(-np.minimum(self.active, 1 - 1e-12)) * factor)
        mean = self.mean * factor
        return Outlook(self.alive, mean, self.pairs * factor**2, np.minimum(active, mean))

    def take(self, where: np.ndarray) -> Outlook:
        """Spread an outlook by history to customers."""
        return Outlook(self.alive[where], self.mean[where], self.pairs[where], self.active[where])


def order_quantile(outlook: Outlook, level: Floats | float) -> Floats:
    """Return the smallest count k with P(orders ≤ k) ≥ `level`.

    A hurdle carries the exact chance of no order; the orders above the first follow a negative
    binomial with the exact mean and variance (a Poisson where those leave no over-dispersion).
    """
    active = np.clip(outlook.active, 1e-12, 1 - 1e-12)
    inside = 1 - (1 - level) / active
    points = np.zeros(len(active))
    # Most customers most likely order nothing: the costly part is for the others.
    rows = inside > 0
    share, mean, chance = inside[rows], outlook.mean[rows], active[rows]
    extra = np.maximum(mean / chance - 1, 1e-9)
    second = (outlook.pairs[rows] + mean) / chance
    spread = np.maximum(second - (extra + 1) ** 2, extra * 1.0001)
    shape = extra**2 / (spread - extra)
    points[rows] = 1 + stats.nbinom.ppf(np.minimum(share, 1 - 1e-9), shape, shape / (shape + extra))
    return points


def mixture(first: Outlook, second: Outlook, *, share: float) -> Outlook:
    """Return the outlook of a customer who follows the first with chance `share`, else the second."""
    rest = 1 - share
    return Outlook(
        first.alive,
        share * first.mean + rest * second.mean,
        share * first.pairs + rest * second.pairs,
        share * first.active + rest * second.active,
    )
