"""BG/NBD and MBG/NBD: customers buy at random and may drop out after a purchase.

Purchases of a living customer are Poisson with rate λ ~ Gamma(r, α); after each purchase
the customer leaves with probability p ~ Beta(a, b). In the modified model (MBG/NBD) the first purchase
already gives the chance to leave.

With k = x chances survived (BG) or k = x + 1 (MBG), and D the odds that the last purchase was
the end::

    D = a / (b + k − 1) · ((α + T) / (α + t_x))^(r + x)          (0 when k = 0)
    L = Γ(r + x) α^r / (Γ(r) (α + T)^(r + x)) · B(a, b + k) / B(a, b) · (1 + D)
    P(alive) = 1 / (1 + D)

References
----------
Fader, Hardie & Lee (2005), "Counting your customers the easy way", eq. 6; Batislam, Denizel &
Filiztekin (2007); Hardie, note 027, on the numerically safe form.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from segmentation.clv.counting import DENSE, rising
from segmentation.clv.outlook import Outlook

if TYPE_CHECKING:
    from segmentation.clv.counting import Counts, Floats, Ints, Numbers

#: Rows worked on at a time: temporaries stay in the processor's cache, and dot products stay below the
#: length from which BLAS starts threads (10,000), which costs more than it gives here.
CHUNK = 8_192
NODES = 24
#: Below this many histories nothing is gained by looking for equal ones.
FEW = 1_000


class BetaGeometric:
    """Log-likelihood and gradient over the histories of one data set.

    Parameters
    ----------
    counts : Counts
        Histories; days.
    scale : float
        Model time per day.
    first_counts : bool
        True for MBG/NBD: the first purchase already gives the chance to leave.
    """

    # Everything that depends on x, T or t_x alone is looked up in a table, because there are few distinct
    # values; per history only one exponential and one logarithm remain.

    def __init__(self, counts: Counts, *, scale: float, first_counts: bool) -> None:
        self.scale, self.shift = scale, int(first_counts)
        age, t_x = counts.age + counts.head, counts.t_x + counts.head
        self.x_weight = np.bincount(counts.x, counts.weight)
        self.head_weight = np.bincount(counts.head, counts.weight)
        self.age_weight = np.bincount(age, counts.weight)
        self.age_x_weight = np.bincount(age, counts.weight * counts.x)
        self.steps = np.arange(len(self.x_weight) + self.shift)
        self.days = np.arange(max(len(self.age_weight), len(self.head_weight))) * scale
        rows = (counts.x + self.shift) > 0
        small = np.int32
        self.x, self.t_x, self.age = (v[rows].astype(small) for v in (counts.x, t_x, age))
        self.weight = counts.weight[rows]

    def __call__(self, log_params: Floats) -> tuple[float, Floats]:
        """Return the log-likelihood and its gradient by the logarithms of (r, α, a, b)."""
        params = np.exp(log_params)
        value, gradient = self._by_tables(params)
        more, slope = self._by_rows(params)
        return value + more, (gradient + slope) * params

    def _by_tables(self, params: Floats) -> tuple[float, Floats]:
        """Sum the terms of x alone and of T alone."""
        r, alpha, a, b = params
        sums, slopes = rising((r, b, a + b), self.steps)
        first, k = slice(len(self.x_weight)), slice(self.shift, len(self.x_weight) + self.shift)
        per_x, both = sums[0, first] + sums[1, k] - sums[2, k], -slopes[2, k]
        ages = alpha + self.days[: len(self.age_weight)]
        heads = alpha + self.days[: len(self.head_weight)]
        power = r * self.age_weight + self.age_x_weight
        log_ages = np.log(ages)
        start = self.head_weight @ np.log(heads)
        value = self.x_weight @ per_x + r * start - power @ log_ages
        gradient = np.array(
            [
                self.x_weight @ slopes[0, first] + start - self.age_weight @ log_ages,
                r * (self.head_weight @ (1 / heads)) - power @ (1 / ages),
                self.x_weight @ both,
                self.x_weight @ (both + slopes[1, k]),
            ]
        )
        return float(value), gradient

    def _by_rows(self, params: Floats) -> tuple[float, Floats]:
        """Sum log(1 + D), the part that mixes x, t_x and T."""
        r, alpha, a, b = params
        days = alpha + self.days
        log_days, inverse = np.log(days), 1 / days
        left = b + self.steps[: len(self.x_weight)] + self.shift - 1.0
        left[0] = left[0] if self.shift else 1.0  # BG has no rows with x = 0
        log_odds = np.log(a) - np.log(left)
        value, slope = 0.0, np.zeros(4)
        for begin in range(0, len(self.x), CHUNK):
            part = slice(begin, begin + CHUNK)
            x, t_x, age, weight = self.x[part], self.t_x[part], self.age[part], self.weight[part]
            gap, power = log_days[age] - log_days[t_x], r + x
            odds = log_odds[x] + power * gap
            shrunk = np.exp(-np.abs(odds))
            value += float(weight @ (np.maximum(odds, 0) + np.log1p(shrunk)))
            gone = weight * np.where(odds > 0, 1.0, shrunk) / (1 + shrunk)
            slope += (
                gone @ gap,
                (gone * power) @ (inverse[age] - inverse[t_x]),
                gone.sum() / a,
                -(gone @ (1 / left)[x]),
            )
        return value, slope


def odds_gone(params: Floats, x: Numbers, t_x: Numbers, age: Numbers, *, shift: int) -> Floats:
    """Return log D, the log odds that the customer has left; −∞ where leaving was impossible."""
    r, alpha, a, b = params
    k = x + shift
    with np.errstate(divide="ignore"):
        odds: Floats = (
            np.log(a) - np.log(np.maximum(b + k - 1, 1e-300)) + (r + x) * np.log((alpha + age) / (alpha + t_x))
        )
    return np.where(k > 0, odds, -np.inf)


@dataclass(frozen=True)
class _Rule:
    """Gauss-Jacobi nodes of p ~ Beta(a, b + k) for each k that occurs."""

    p: Floats
    weight: Floats
    row: Ints


def _leaving(a: float, b: float, k: Ints) -> _Rule:
    kinds, row = np.unique(k, return_inverse=True)
    return _Rule(*beta_rule(a, b + kinds.astype(np.float64)), row)


def beta_rule(a: float, b: Floats) -> tuple[Floats, Floats]:
    """Return Gauss-Jacobi nodes in (0, 1) and weights that add up to 1 for Beta(a, b), a row for each b.

    Notes
    -----
    Golub & Welsch (1969): eigenvalues and first components of the recurrence's matrix. Unlike formulas for the
    weights themselves this neither over- nor underflows for large a or b.
    """
    n = np.arange(1.0, NODES)
    left, right = b[:, None] - 1.0, a - 1.0
    both = left + right
    matrix = np.zeros((len(b), NODES, NODES))
    here, below = np.arange(NODES), np.arange(NODES - 1)
    matrix[:, 0, 0] = ((right - left) / (both + 2))[:, 0]
    matrix[:, here[1:], here[1:]] = (right - left) * both / ((2 * n + both) * (2 * n + both + 2))
    aside = 4 * n * (n + left) * (n + right) / ((2 * n + both) ** 2 * (2 * n + both + 1))
    # At n = 1 the factor (n + both) cancels with (2 n + both - 1).
    aside[:, 1:] *= (n[1:] + both) / (2 * n[1:] + both - 1)
    matrix[:, below + 1, below] = np.sqrt(aside)  # eigh reads the lower half only
    nodes, vectors = np.linalg.eigh(matrix)
    return np.clip((1 + nodes) / 2, 1e-300, 1.0), vectors[:, 0, :] ** 2


def outlook(
    params: Floats, x: Ints, t_x: Floats, age: Floats, *, horizon: float, shift: int, head: Floats | float = 0.0
) -> Outlook:
    """Return the outlook of BG/NBD (`shift` 0) or MBG/NBD (`shift` 1).

    Parameters
    ----------
    params : array
        r, α, a, b in the unit of the times.
    x, t_x, age : arrays, shape (n,)
        Histories.
    horizon : float
        In the same unit.
    head : array or float
        Silence before the first purchase seen: moves both times of the purchase rate.

    Notes
    -----
    Given alive, λ ~ Gamma(r + x, α + T) and p ~ Beta(a, b + k) are independent, so the orders'
    moments are one integral over p: E[X] = E[(1 − e^(−λ p h)) / p]. It has no 2F1 to lose digits and no
    singularity at a = 1.
    """
    r, alpha, a, b = params
    t_x, age = t_x + head, age + head
    alive = 1 / (1 + np.exp(np.minimum(odds_gone(params, x, t_x, age, shift=shift), 700)))
    # What a living customer does depends on x and T alone: far fewer pairs than histories.
    x_of, age_of, where = _pairs(x, age)
    mean, pairs = np.empty(len(x_of)), np.empty(len(x_of))
    rule = _leaving(a, b, x_of + shift)
    for begin in range(0, len(x_of), CHUNK):
        part = slice(begin, begin + CHUNK)
        p, weight = rule.p[rule.row[part]], rule.weight[rule.row[part]]
        shape, rate = (r + x_of[part])[:, None], (alpha + age_of[part])[:, None]
        mean[part], pairs[part] = _moments(p, weight, shape, horizon / rate)
    none = -np.expm1(-(r + x_of) * np.log1p(horizon / (alpha + age_of)))
    return Outlook(alive, alive * mean[where], alive * pairs[where], alive * none[where])


def _pairs(x: Ints, age: Floats) -> tuple[Ints, Floats, Ints]:
    """Return the pairs of x and T that occur, and which pair each history has."""
    if len(x) < FEW:
        return x, age, np.arange(len(x))
    whole = age.astype(np.int64)
    width = int(whole.max()) + 1
    cells = (int(x.max()) + 1) * width
    if cells > DENSE or (whole != age).any():
        ages, row = np.unique(age, return_inverse=True)
        there, where = np.unique(x * len(ages) + row, return_inverse=True)
        return there // len(ages), ages[there % len(ages)], where
    # Whole days: a table of the pairs that occur needs no sorting.
    cell, index = x * width + whole, np.zeros(cells, dtype=np.int64)
    index[cell] = 1
    there = np.flatnonzero(index)
    index[there] = np.arange(len(there))
    return there // width, (there % width).astype(np.float64), index[cell]


def _moments(p: Floats, weight: Floats, shape: Floats, ratio: Floats) -> tuple[Floats, Floats]:
    """Return E[X] and E[X (X − 1)] of living customers; `ratio` is horizon / (α + T)."""
    stay = np.log1p(p * ratio)
    once = -np.expm1(-shape * stay) / p
    slow = shape * ratio * np.exp(-(shape + 1) * stay)
    # Where leaving hardly matters the difference of two near equals is replaced by its limit.
    tiny = shape * ratio * p < 1e-4
    twice = np.where(tiny, shape * (shape + 1) * ratio**2, 2 * (1 - p) / p * (once - slow))
    return (weight * once).sum(axis=1), (weight * np.maximum(twice, 0)).sum(axis=1)
