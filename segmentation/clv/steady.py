"""NBD: customers buy at random for ever. What remains when no dropout can be identified.

Purchases are Poisson with rate λ ~ Gamma(r, α) (Ehrenberg 1959)::

    L = Γ(r + x) α^r / (Γ(r) (α + T)^(r + x))
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from segmentation.clv.counting import rising
from segmentation.clv.outlook import Outlook

if TYPE_CHECKING:
    from segmentation.clv.counting import Counts, Floats, Ints


class Nbd:
    """Log-likelihood and gradient over the histories of one data set; `scale` is model time per day."""

    def __init__(self, counts: Counts, *, scale: float) -> None:
        age = counts.age + counts.head
        self.x_weight = np.bincount(counts.x, counts.weight)
        self.head_weight = np.bincount(counts.head, counts.weight)
        self.age_weight = np.bincount(age, counts.weight)
        self.age_x_weight = np.bincount(age, counts.weight * counts.x)
        self.steps = np.arange(len(self.x_weight))
        self.ages = np.arange(len(self.age_weight)) * scale
        self.heads = np.arange(len(self.head_weight)) * scale

    def __call__(self, log_params: Floats) -> tuple[float, Floats]:
        """Return the log-likelihood and its gradient by the logarithms of (r, α)."""
        params = np.exp(log_params)
        r, alpha = params
        heads = alpha + self.heads
        by_x, slope = (v[0, :-1] for v in rising((r,), self.steps))
        power, ages = r * self.age_weight + self.age_x_weight, alpha + self.ages
        start = self.head_weight @ np.log(heads)
        value = self.x_weight @ by_x + r * start - power @ np.log(ages)
        by_r = self.x_weight @ slope + start - self.age_weight @ np.log(ages)
        return float(value), np.array([by_r, r * (self.head_weight @ (1 / heads)) - power @ (1 / ages)]) * params


def outlook(params: Floats, x: Ints, age: Floats, *, horizon: float, head: Floats | float = 0.0) -> Outlook:
    """Return the outlook of every history: a negative binomial with shape r + x; everybody is alive."""
    r, alpha = params
    shape, ratio = r + x, horizon / (alpha + age + head)
    active = -np.expm1(-shape * np.log1p(ratio))
    mean = shape * ratio
    return Outlook(np.ones(len(x)), mean, shape * (shape + 1) * ratio**2, np.minimum(active, mean))
