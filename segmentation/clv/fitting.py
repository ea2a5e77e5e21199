"""Maximum likelihood: L-BFGS on log-parameters, warm start, a Newton polish, the covariance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from scipy.optimize import minimize

if TYPE_CHECKING:
    from collections.abc import Callable

    from segmentation.clv.counting import Counts, Floats

    Objective = Callable[[Floats], tuple[float, Floats]]

#: Above this many histories the search starts from the optimum of a sample of as many customers.
SAMPLE = 4_000
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
    passes = 0
    if spread is None and len(counts.weight) > SAMPLE:
        sample = counts.thinned(SAMPLE)
        first = maximise(prepare, sample, start)
        start, spread, passes = first.log_params, first.covariance * (sample.customers / counts.customers), 0
    likelihood = prepare(counts)
    objective = _per_customer(likelihood, counts.customers)
    point, more = _search(objective, start, spread, counts.customers)
    point, covariance, again = _polish(objective, point, counts.customers, spread)
    return Optimum(point, float(likelihood(point)[0]), covariance, passes + more + again + 1)


def _per_customer(likelihood: Likelihood, customers: float) -> Objective:
    """Return minus the mean log-likelihood, with the parameters held in their range."""

    def objective(point: Floats) -> tuple[float, Floats]:
        value, gradient = likelihood(np.clip(point, -LIMIT, LIMIT))
        over = point - np.clip(point, -LIMIT, LIMIT)
        return -value / customers + float(over @ over), -gradient / customers + 2 * over

    return objective


def _search(objective: Objective, start: Floats, spread: Floats | None, customers: float) -> tuple[Floats, int]:
    """Minimise from `start`; with a known covariance the first step is already Newton's."""
    axes = np.eye(len(start)) if spread is None else np.linalg.cholesky(spread * customers)

    def turned(z: Floats) -> tuple[float, Floats]:
        value, gradient = objective(start + axes @ z)
        return value, axes.T @ gradient

    tolerance = {"maxiter": 300, "maxcor": 12, "ftol": 1e-13, "gtol": 1e-7 if spread is None else 1e-5}
    found = minimize(turned, np.zeros(len(start)), jac=True, method="L-BFGS-B", options=tolerance)
    return start + axes @ found.x, int(found.nfev)


def _polish(objective: Objective, point: Floats, customers: float, spread: Floats | None) -> tuple[Floats, Floats, int]:
    """Take one Newton step with the Hessian of gradient differences; return the covariance too."""
    value, gradient = objective(point)
    if spread is not None:
        # The sample's Hessian is as good as a new one, and free.
        step = spread * customers @ gradient
        better = objective(point - step)[0] <= value
        return (point - step if better else point), spread, 2
    hessian = hessian_of(objective, point)
    covariance = _inverse(hessian)
    step = covariance @ gradient
    if np.abs(step).max() < 0.1 and objective(point - step)[0] <= value:
        point = point - step
    return point, covariance / customers, 2 * len(point) + 2


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
