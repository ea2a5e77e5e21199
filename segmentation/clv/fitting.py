"""Maximum likelihood: L-BFGS on log-parameters, warm start, a Newton polish, the covariance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from scipy.optimize import minimize

if TYPE_CHECKING:
    from collections.abc import Callable

    from segmentation.clv.counting import Counts, Floats

    Objective = Callable[[Floats], tuple[float, Floats]]

#: Above this many histories the search starts from the optimum of a sample of as many customers.
SAMPLE = 1_500
#: How exact the search is on the sample, which only needs the neighbourhood, and on everything.
ROUGH = {"maxiter": 300, "maxcor": 12, "ftol": 1e-8, "gtol": 1e-4}
KNOWN = {"maxiter": 300, "maxcor": 12, "ftol": 1e-13, "gtol": 5e-5}
EXACT = {"maxiter": 300, "maxcor": 12, "ftol": 1e-13, "gtol": 1e-7}
#: Log-parameters are kept in this range; an optimum at its edge is a boundary solution.
LIMIT = 12.0
#: Time is measured so that the longest history has this length: all parameters are near 1 then.
SPAN = 10.0


class Likelihood(Protocol):
    """A model prepared for one set of histories."""

    def __call__(self, log_params: Floats) -> tuple[float, Floats]:
        """Return the log-likelihood and its gradient by the log-parameters."""
        ...  # pragma: no cover - a protocol


@dataclass(frozen=True)
class Optimum:
    """Where a likelihood is highest.

    Attributes
    ----------
    log_params : array, shape (k,)
        Logarithms of the parameters, in scaled time.
    value : float
        Log-likelihood in scaled time.
    covariance : array, shape (k, k)
        Inverse of the negative Hessian of the log-parameters (Laplace).
    evaluations : int
        Passes over the data.
    """

    log_params: Floats
    value: float
    covariance: Floats
    evaluations: int


def maximise(
    prepare: Callable[[Counts], Likelihood], counts: Counts, start: Floats, *, spread: Floats | None = None
) -> Optimum:
    """Find the maximum of a likelihood over histories.

    Parameters
    ----------
    prepare : callable
        Makes the likelihood of some histories.
    counts : Counts
        All histories.
    start : array, shape (k,)
        First guess of the log-parameters.
    spread : array, shape (k, k), optional
        Covariance known from an earlier fit: the search runs in its coordinates and needs few passes.
    """
    # Two parameters (NBD) are looked up in tables only: a sample would save nothing.
    if spread is None and len(counts.weight) > SAMPLE and len(start) > 2:
        sample = counts.thinned(SAMPLE)
        first = _climb(prepare, sample, start, None, ROUGH)
        start, spread = first.log_params, first.covariance * (sample.customers / counts.customers)
    return _climb(prepare, counts, start, spread, EXACT if spread is None else KNOWN)


def _climb(
    prepare: Callable[[Counts], Likelihood], counts: Counts, start: Floats, spread: Floats | None, given: dict[str, Any]
) -> Optimum:
    objective = _per_customer(prepare(counts), counts.customers)
    point, value, gradient, searched = _search(objective, start, spread, counts.customers, given)
    point, value, covariance, more = _polish(objective, (point, value, gradient), counts.customers, spread)
    return Optimum(point, -value * counts.customers, covariance, searched + more)


def _per_customer(likelihood: Likelihood, customers: float) -> Objective:
    """Return minus the mean log-likelihood, with the parameters held in their range."""

    def objective(point: Floats) -> tuple[float, Floats]:
        value, gradient = likelihood(np.clip(point, -LIMIT, LIMIT))
        over = point - np.clip(point, -LIMIT, LIMIT)
        return -value / customers + float(over @ over), -gradient / customers + 2 * over

    return objective


def _search(
    objective: Objective, start: Floats, spread: Floats | None, customers: float, given: dict[str, Any]
) -> tuple[Floats, float, Floats, int]:
    """Minimise from `start`; with a known covariance the first step is already Newton's.

    Returns
    -------
    tuple
        The point, its value and gradient, and the passes over the data.
    """
    axes = np.eye(len(start)) if spread is None else np.linalg.cholesky(spread * customers)

    def turned(z: Floats) -> tuple[float, Floats]:
        value, gradient = objective(start + axes @ z)
        return value, axes.T @ gradient

    found = minimize(turned, np.zeros(len(start)), jac=True, method="L-BFGS-B", options=given)
    gradient = np.linalg.solve(axes.T, found.jac)
    return start + axes @ found.x, float(found.fun), gradient, int(found.nfev)


def _polish(
    objective: Objective, found: tuple[Floats, float, Floats], customers: float, spread: Floats | None
) -> tuple[Floats, float, Floats, int]:
    """Take one Newton step; return the point, its value, the covariance, and the passes over the data."""
    point, value, gradient = found
    if spread is not None:
        # The sample's Hessian is as good as a new one, and free.
        step = spread * customers @ gradient
        stepped = objective(point - step)[0]
        return (point - step, stepped, spread, 1) if stepped <= value else (point, value, spread, 1)
    hessian = hessian_of(objective, point)
    covariance = _inverse(hessian)
    step = covariance @ gradient
    if np.abs(step).max() < 0.1:
        stepped = objective(point - step)[0]
        if stepped <= value:
            point, value = point - step, stepped
    return point, value, covariance / customers, 2 * len(point) + 1


def hessian_of(objective: Objective, point: Floats, width: float = 1e-4) -> Floats:
    """Return the Hessian from central differences of the gradient."""
    units = np.eye(len(point)) * width
    hessian = np.array([(objective(point + u)[1] - objective(point - u)[1]) / (2 * width) for u in units])
    symmetric: Floats = (hessian + hessian.T) / 2
    return symmetric


def _inverse(hessian: Floats) -> Floats:
    """Invert with eigenvalues held above a floor: a flat direction becomes a wide one, not infinite."""
    values, vectors = np.linalg.eigh(hessian)
    inverse: Floats = vectors @ np.diag(1 / np.maximum(values, 1e-6)) @ vectors.T
    return inverse
