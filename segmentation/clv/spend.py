"""Gamma-Gamma: what a customer spends on a purchase day.

A day's spend is Gamma(p, ν) within a customer and ν ~ Gamma(q, v) among them, whatever the number
of days. With mean m over n days::

    log L = log Γ(p n + q) − log Γ(p n) − log Γ(q) + q log v + (p n − 1) log m + p n log n
            − (p n + q) log(n m + v)
    E[spend | m, n] = p (v + n m) / (p n + q − 1)

All purchase days with a net amount above zero count, the first one too: it ranks customers better than
repeat days only, and gives one-time buyers an estimate of their own.

References
----------
Fader & Hardie (2013), "The Gamma-Gamma model of monetary value", eq. 1a and 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln, psi

if TYPE_CHECKING:
    import polars as pl

    from segmentation.clv.counting import Floats, Ints

#: Customers the three parameters are fitted on at most, every k-th one: more changes nothing visible.
SAMPLE = 200_000
NEAR = 3_000
CHUNK = 8_192
#: q must stay above 1 for a mean to exist.
BOUNDS = ((-6.0, 9.0), (0.05, 9.0), (-9.0, 9.0))


@dataclass(frozen=True)
class Spend:
    """A fitted Gamma-Gamma model.

    Attributes
    ----------
    p, q, v : float
        Parameters; v in the currency of the amounts.
    value : float
        Log-likelihood.
    correlation : float
        Between the number of days and their mean spend; the model assumes 0.
    """

    p: float
    q: float
    v: float
    value: float
    correlation: float

    def mean(self, n: Ints, spent: Floats) -> Floats:
        """Return the expected spend on a purchase day of customers with `n` days and their sum."""
        expected: Floats = self.p * (self.v + spent) / (self.p * n + self.q - 1)
        return expected

    def variance(self, n: Ints, spent: Floats) -> Floats:
        """Return the variance of one day's spend (of a new day, given the past ones)."""
        # Given ν ~ Gamma(p n + q, v + spent): E[p/ν²] + Var[p/ν]; without a variance the mean's square.
        shape = self.p * n + self.q
        rate = self.v + spent
        second = rate**2 / np.maximum((shape - 1) * (shape - 2), 0.05)
        wide: Floats = self.p * (self.p + 1) * second - self.mean(n, spent) ** 2
        return np.maximum(wide, 0.0)


def fit(n: Ints, spent: Floats) -> Spend | None:
    """Fit the model to customers with at least one day of positive spend; None when nobody has one.

    Parameters
    ----------
    n : array of int
        Purchase days with positive spend.
    spent : array
        Their sum, in the currency's units.
    """
    has = n > 0
    n, spent = n[has], spent[has]
    if len(n) == 0:
        return None
    step = -(-len(n) // SAMPLE)
    n, spent = n[::step], spent[::step]
    unit = float(np.median(spent / n))
    point = np.log([2.0, 2.5, 1.5])
    # A small sample finds the neighbourhood; a few passes over everything finish.
    for part in dict.fromkeys((-(-len(n) // NEAR), 1)):
        objective = _Likelihood(n[::part], spent[::part] / unit)
        found = minimize(objective, point, jac=True, method="L-BFGS-B", bounds=BOUNDS)
        point = found.x
    p, q, v = np.exp(point)
    value = -float(found.fun) * len(n) - len(n) * np.log(unit)
    return Spend(float(p), float(q), float(v * unit), value, _correlation(n, spent / n))


def spend_at(customers: pl.DataFrame) -> Floats:
    """Return each customer's expected spend on a day, by a model fitted to these customers."""
    n, spent = (customers.get_column(c).to_numpy() for c in ("spent_n", "spent"))
    fitted = fit(n, spent)
    return np.zeros(customers.height) if fitted is None else fitted.mean(n, spent)


def _correlation(n: Ints, mean: Floats) -> float:
    """Return Pearson's correlation, 0 where one side does not vary."""
    if len(n) < 3 or n.std() == 0 or mean.std() == 0:
        return 0.0
    return float(np.corrcoef(n, mean)[0, 1])


class _Likelihood:
    """Minus the mean log-likelihood and its gradient by the logarithms of (p, q, v)."""

    def __init__(self, n: Ints, spent: Floats) -> None:
        self.n, self.spent, self.days = n, spent, np.bincount(n).astype(float)
        self.log_mean = np.log(spent / n)

    def __call__(self, log_params: Floats) -> tuple[float, Floats]:
        params = np.exp(log_params)
        p, q, v = params
        value, slope = self._by_days(p, q, v)
        for begin in range(0, len(self.n), CHUNK):
            part = slice(begin, begin + CHUNK)
            n, log_mean, total = self.n[part], self.log_mean[part], self.spent[part] + v
            log_total, shape = np.log(total), p * n + q
            value += float((p * n - 1) @ log_mean - shape @ log_total)
            slope += (n @ (log_mean - log_total), -log_total.sum(), -(shape @ (1 / total)))
        return -value / len(self.n), -slope * params / len(self.n)

    def _by_days(self, p: float, q: float, v: float) -> tuple[float, Floats]:
        n = np.arange(1, len(self.days))
        weight, customers = self.days[1:], len(self.n)
        value = weight @ (gammaln(p * n + q) - gammaln(p * n) + p * n * np.log(n))
        value += customers * (q * np.log(v) - gammaln(q))
        by_p = weight @ (n * (psi(p * n + q) - psi(p * n) + np.log(n)))
        by_q = weight @ psi(p * n + q) + customers * (np.log(v) - psi(q))
        return float(value), np.array([by_p, by_q, customers * q / v])
