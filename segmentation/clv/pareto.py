"""Pareto/NBD: customers buy at random and leave at a random moment, whether they buy or not.

Purchases are Poisson with rate λ ~ Gamma(r, α); the lifetime is exponential with rate
μ ~ Gamma(s, β). With G(y) = (α + y)^(−(r + x)) (β + y)^(−s)::

    L = Γ(r + x) α^r β^s / Γ(r) · ( G(T) + s ∫ G(y) / (β + y) dy,  y from t_x to T )

References
----------
Schmittlein, Morrison & Colombo (1987); Fader & Hardie (2005), "A note on deriving the Pareto/NBD
model", eq. 18 before the hypergeometric functions come in. The integral is taken by Gauss-Legendre
quadrature: it has one form for α ≥ β and α < β, cannot overflow, and its gradient costs nothing more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import roots_legendre

from segmentation.clv.counting import rising
from segmentation.clv.outlook import Outlook

if TYPE_CHECKING:
    from segmentation.clv.counting import Counts, Floats, Ints, Numbers

CHUNK = 4_096
NODES, WEIGHTS = (np.asarray(v, dtype=np.float64) for v in roots_legendre(20))
UNIT, UNIT_WEIGHTS = (NODES + 1) / 2, WEIGHTS / 2


class ParetoNbd:
    """Log-likelihood and gradient over the histories of one data set.

    Parameters
    ----------
    counts : Counts
        Histories; days.
    scale : float
        Model time per day.
    """

    def __init__(self, counts: Counts, *, scale: float) -> None:
        self.counts = counts
        self.x = counts.x.astype(np.float64)
        self.t_x, self.age, self.head = counts.t_x * scale, counts.age * scale, counts.head * scale
        self.x_weight = np.bincount(counts.x, counts.weight)
        self.steps = np.arange(len(self.x_weight))
        self.head_weight = np.bincount(counts.head, counts.weight)
        self.heads = np.arange(len(self.head_weight)) * scale

    def __call__(self, log_params: Floats) -> tuple[float, Floats]:
        """Return the log-likelihood and its gradient by the logarithms of (r, α, s, β)."""
        params = np.exp(log_params)
        r, alpha, s, beta = params
        n = self.counts.customers
        by_x, rate_slope = (v[0, :-1] for v in rising((r,), self.steps))
        start = self.head_weight @ np.log(alpha + self.heads)
        value = self.x_weight @ by_x + r * start + n * s * np.log(beta)
        gradient = np.array(
            [
                self.x_weight @ rate_slope + start,
                r * (self.head_weight @ (1 / (alpha + self.heads))),
                n * np.log(beta),
                n * s / beta,
            ]
        )
        for begin in range(0, len(self.x), CHUNK):
            more, slope = self._rows(params, slice(begin, begin + CHUNK))
            value, gradient = value + more, gradient + slope
        return float(value), gradient * params

    def _rows(self, params: Floats, part: slice) -> tuple[float, Floats]:
        """Sum the logarithm of the bracket and its derivatives over some histories."""
        x, t_x, age, weight = self.x[part], self.t_x[part], self.age[part], self.counts.weight[part]
        head = self.head[part]
        points, logs, derivative = _terms(params, x, t_x, age, head)
        top = logs.max(axis=1, keepdims=True)
        shares = np.exp(logs - top)
        total = shares.sum(axis=1)
        shares *= (weight / total)[:, None]
        r, alpha, s, beta = params
        up, down = (alpha + head)[:, None] + points, beta + points
        power = s + derivative
        slope = np.array(
            [
                -np.sum(shares * np.log(up)),
                -np.sum(shares * (r + x)[:, None] / up),
                -np.sum(shares * np.log(down)) + shares[:, 1:].sum() / s,
                -np.sum(shares * power / down),
            ]
        )
        return float(weight @ (np.log(total) + top[:, 0])), slope


def _terms(params: Floats, x: Numbers, t_x: Numbers, age: Numbers, head: Numbers) -> tuple[Floats, Floats, Floats]:
    """Return the points T, y_1 … y_n, the logarithms of their terms, and the extra power of (β + y).

    The y follow the integrand's steep part: y = (α + t_x) e^v − α, because with many purchases the
    integrand falls like e^(−(r + x) v); the nodes are crowded towards t_x by a cubic.
    """
    r, start, s, beta = params
    alpha = (start + head)[:, None]
    span = np.log((alpha + age[:, None]) / (alpha + t_x[:, None]))
    v = span * UNIT**3
    y = np.minimum((alpha + t_x[:, None]) * np.exp(v) - alpha, age[:, None])
    y = np.maximum(y, t_x[:, None])
    step = np.log(span * 3 * UNIT**2 * UNIT_WEIGHTS + 1e-300) + np.log(alpha + y)
    points = np.concatenate([age[:, None], y], axis=1)
    logs = -(r + x)[:, None] * np.log(alpha + points) - s * np.log(beta + points)
    logs[:, 1:] += step + np.log(s) - np.log(beta + y)
    extra = np.ones(points.shape[1])
    extra[0] = 0.0
    return points, logs, extra


def odds_gone(params: Floats, x: Numbers, t_x: Numbers, age: Numbers, head: Numbers) -> Floats:
    """Return the log odds that the customer has left."""
    _, logs, _ = _terms(params, x, t_x, age, head)
    top = logs.max(axis=1, keepdims=True)
    gone = np.exp(logs[:, 1:] - top).sum(axis=1)
    odds: Floats = np.log(np.maximum(gone, 1e-300)) + top[:, 0] - logs[:, 0]
    return odds


def outlook(
    params: Floats, x: Ints, t_x: Floats, age: Floats, *, horizon: float, head: Floats | float = 0.0
) -> Outlook:
    """Return the outlook of every history.

    Notes
    -----
    `head` is silence before the first purchase seen: it says something about the purchase rate, nothing about the life.

    Given alive at T: λ ~ Gamma(r + x, α + T), μ ~ Gamma(s, β + T), independent. With the chance
    S(y) = ((β + T) / (β + T + y))^s to be still there after y::

        E[X] = E[λ] ∫ S          E[X (X − 1)] = 2 E[λ²] ∫ y S
        P(no order) = P(λ alone gives none) S(h) + ∫ P(none by y) (−S'(y)) dy      over 0 … h
    """
    r, alpha, s, beta = params
    heads = np.broadcast_to(np.asarray(head, dtype=np.float64), age.shape)
    parts = [slice(b, b + CHUNK) for b in range(0, len(x), CHUNK)]
    alive, mean, pairs, active = (np.empty(len(x)) for _ in range(4))
    y, weight = UNIT * horizon, UNIT_WEIGHTS * horizon
    for part in parts:
        known = alpha + heads[part] + age[part]
        shape, rate, life = (r + x[part])[:, None], known[:, None], (beta + age[part])[:, None]
        here = 1 / (1 + np.exp(np.minimum(odds_gone(params, x[part], t_x[part], age[part], heads[part]), 700)))
        stay = np.exp(-s * np.log1p(y / life))
        quiet = np.exp(-shape * np.log1p(y / rate))
        leaving = (quiet * stay * s / (life + y)) @ weight
        none = np.exp(-shape * np.log1p(horizon / rate) - s * np.log1p(horizon / life))[:, 0] + leaving
        alive[part] = here
        mean[part] = here * (shape / rate)[:, 0] * (stay @ weight)
        pairs[part] = here * 2 * (shape * (shape + 1) / rate**2)[:, 0] * ((stay * y) @ weight)
        active[part] = here * (1 - np.minimum(none, 1))
    return Outlook(alive, mean, pairs, np.minimum(active, mean))
