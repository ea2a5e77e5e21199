"""Negative binomial demand: likelihood, pooled dispersion, quantiles of whole matrices at once.

Parametrised by mean `m` and dispersion `phi`: variance = m + phi m². `phi` = 0 is Poisson; sparse
and bulky demand has `phi` well above 1.
"""

from __future__ import annotations

import numpy as np
from scipy.special import betainc, gammaincinv, gammaln

from forecasting.panel import Floats, Ints

#: Dispersions considered.
GRID: Floats = np.concatenate([np.geomspace(1e-4, 5e-3, 6), np.geomspace(0.01, 80.0, 24)])
#: Whole units up to which log Γ is looked up.
TABLED = 512
#: Cells worked on at once, so that their arrays stay in the cache.
CELLS = 20_000
#: Where the pooled prior is centred before any series speaks, and its weight in series.
FIRST_GUESS, GUESS_WEIGHT = 1.0, 2.0
#: Longest table of probabilities; above it the gamma limit is within a unit in a thousand.
LONGEST_TABLE = 1024


def evidence(units: Floats, mean: Floats, rows: Ints, series: int) -> Floats:
    """Return each series' log-likelihood of its demand at each dispersion of the grid, up to a constant.

    Parameters
    ----------
    units, mean : ndarray, shape (m,)
        Demand that came and its forecast, above zero.
    rows : ndarray of int, shape (m,)
        Series of each.
    series : int
        Number of series [n].

    Returns
    -------
    ndarray, shape (n, len(GRID))
        Sums of log Γ(y + r) - log Γ(r) - y log r - (r + y) log(1 + m phi), with r = 1 / phi.
    """
    found = np.zeros((series, len(GRID)))
    tables = [gammaln(np.arange(TABLED + 1) + 1.0 / phi) - gammaln(1.0 / phi) for phi in GRID]
    for start in range(0, len(units), CELLS):
        at = slice(start, start + CELLS)
        _add_evidence(found, units[at], mean[at], rows[at], tables)
    return found


def _add_evidence(found: Floats, units: Floats, mean: Floats, rows: Ints, tables: list[Floats]) -> None:
    """Add the log-likelihood of some cells to that of their series."""
    place = np.minimum(units, TABLED).astype(np.int64)
    odd = np.flatnonzero((units > TABLED) | (units != place))
    first = int(rows.min())
    own, count = rows - first, int(rows.max()) - first + 1
    for column, dispersion in enumerate(GRID):
        r = 1.0 / dispersion
        each = tables[column][place]
        if len(odd):
            each[odd] = gammaln(units[odd] + r) - gammaln(r)
        each -= units * np.log(r) + (r + units) * np.log1p(mean * dispersion)
        found[first : first + count, column] += np.bincount(own, weights=each, minlength=count)


def cdf(units: Floats, mean: Floats, dispersion: Floats) -> Floats:
    """Return P(demand <= units), elementwise; 0 below zero."""
    r = 1.0 / dispersion
    whole = np.floor(units)
    inside = betainc(r, np.maximum(whole, 0.0) + 1.0, 1.0 / (1.0 + mean * dispersion))
    return np.where(whole < 0, 0.0, inside)


def pooled_prior(likelihood: Floats, rounds: int = 40) -> Floats:
    """Return how often each dispersion of the grid occurs among series, shape (len(GRID),).

    Parameters
    ----------
    likelihood : ndarray, shape (n, len(GRID))
        Log-likelihood of each series' demand at each dispersion of the grid; zeros for no evidence.
    rounds : int
        Steps of the EM.

    Notes
    -----
    Non-parametric empirical Bayes: the maximum likelihood estimate of the prior over the grid
    (Kiefer & Wolfowitz 1956, by EM), smoothed between neighbours, plus a faint first guess.
    """
    own = np.exp(likelihood - likelihood.max(axis=1, keepdims=True))
    guess = np.exp(-0.5 * (np.log(GRID / FIRST_GUESS) / 1.5) ** 2)
    guess /= guess.sum()
    prior = guess.copy()
    speaks = np.ptp(likelihood, axis=1) > 1e-9
    own = own[speaks]
    for _ in range(rounds if speaks.any() else 0):
        shares = own * prior
        total = (shares / shares.sum(axis=1, keepdims=True)).sum(axis=0) + GUESS_WEIGHT * guess
        total = np.convolve(np.pad(total, 1, mode="edge"), [0.25, 0.5, 0.25], "valid")
        prior = total / total.sum()
    return prior


def posterior_dispersion(likelihood: Floats, prior: Floats | None = None) -> Floats:
    """Return each series' dispersion, its own evidence weighed against all series'.

    Parameters
    ----------
    likelihood : ndarray, shape (…, len(GRID))
        Log-likelihood of each series' demand at each dispersion of the grid; zeros for no evidence.
    prior : ndarray, shape (len(GRID),), optional
        From :func:`pooled_prior`; without it that of these series.

    Returns
    -------
    ndarray, shape (…,)
        exp(E[log phi]) under the posterior.
    """
    prior = pooled_prior(likelihood) if prior is None else prior
    shares = np.exp(likelihood - likelihood.max(axis=-1, keepdims=True)) * prior
    shares /= shares.sum(axis=-1, keepdims=True)
    return np.asarray(np.exp(shares @ np.log(GRID)))


def quantiles(mean: Floats, dispersion: Floats, probabilities: Floats) -> Floats:
    """Return the smallest whole units with P(demand <= units) >= p.

    Parameters
    ----------
    mean, dispersion : ndarray, shape (m,)
        Units; dimensionless.
    probabilities : ndarray, shape (m, q)
        In (0, 1), per row.

    Returns
    -------
    ndarray, shape (m, q)
        Whole units.
    """
    reach = 2.0 * _smooth(mean, dispersion, probabilities.max(axis=1, initial=0.0)[:, None])[:, 0] + 12.0 + mean
    small = (reach < LONGEST_TABLE) & (mean > 0) & (np.log1p(mean * dispersion) / dispersion < 600.0)
    found = np.zeros(probabilities.shape)
    large = ~small & (mean > 0)
    if large.any():
        smooth = _smooth(mean[large], dispersion[large], probabilities[large])
        found[large] = np.maximum(np.ceil(smooth - 0.5), 0.0)
    for low, high in ((0, 16), (16, 48), (48, 128), (128, 384), (384, LONGEST_TABLE)):
        rows = np.flatnonzero(small & (reach > low) & (reach <= high))
        if len(rows):
            found[rows] = _by_table(mean[rows], dispersion[rows], probabilities[rows], high)
    return found


def _smooth(mean: Floats, dispersion: Floats, probabilities: Floats) -> Floats:
    """Return quantiles of the gamma distribution with the same mean and variance."""
    variance = mean + dispersion * mean**2
    shape = np.divide(mean**2, variance, out=np.ones_like(mean), where=variance > 0)
    scale = np.divide(variance, mean, out=np.ones_like(mean), where=mean > 0)
    return np.asarray(gammaincinv(np.maximum(shape, 1e-9)[:, None], probabilities) * scale[:, None])


def _by_table(mean: Floats, dispersion: Floats, probabilities: Floats, length: int) -> Floats:
    """Return quantiles by summing P(0), P(1), … along rows: P(k) = P(k-1) (k-1+r)/k m/(m+r)."""
    r = 1.0 / dispersion
    odds = (mean / (mean + r))[:, None]
    k = np.arange(1, length)
    steps = np.concatenate([np.exp(-r * np.log1p(mean * dispersion))[:, None], (k - 1 + r[:, None]) / k * odds], axis=1)
    table = np.cumsum(np.cumprod(steps, axis=1), axis=1)
    found = [(table < p[:, None] - 1e-12).sum(axis=1) for p in probabilities.T]
    return np.asarray(np.stack(found, axis=1), dtype=np.float64)
