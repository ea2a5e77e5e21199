"""The purchase models by name, fitted and asked in the same way.

Adding one is one entry in `MODELS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from segmentation.clv import dropout, pareto, steady
from segmentation.clv.fitting import SPAN, Optimum, maximise

if TYPE_CHECKING:
    from segmentation.clv.counting import Counts, Floats
    from segmentation.clv.outlook import Outlook

#: A dropout model must beat the model without dropout by this much log-likelihood to be believed
#: (half the 90 % point of χ² with two degrees of freedom).
NEEDED_GAIN = 2.3
#: Both dropout parameters beyond this: customers do not differ in it.
HUGE = 1e3

NO_DROPOUT = (
    "no dropout identifiable: the best fit lies at the edge where nobody ever leaves (a → 0, b → ∞), so the model "
    "without dropout (NBD) is used and p_alive is 1 for everybody"
)
SAME_DROPOUT = "customers do not differ in dropout: both its parameters run to infinity with their ratio fixed"


@dataclass(frozen=True, slots=True)
class Model:
    """One purchase model.

    Parameters
    ----------
    names : tuple of str
        Its parameters in order.
    is_time : tuple of bool
        Which parameters have the unit of time (α, β).
    likelihood : callable
        ``likelihood(counts, scale=)``.
    outlook : callable
        ``outlook(params, x, t_x, age, horizon=, head=)``.
    """

    name: str
    names: tuple[str, ...]
    is_time: tuple[bool, ...]
    likelihood: Callable[..., Any]
    outlook: Callable[..., Outlook]


def _steady(params: Floats, x: Any, t_x: Any, age: Floats, *, horizon: float, head: Floats) -> Outlook:  # noqa: ARG001 - same form
    return steady.outlook(params, x, age, horizon=horizon, head=head)


MODELS = {
    m.name: m
    for m in (
        Model(
            "bgnbd",
            ("r", "alpha", "a", "b"),
            (False, True, False, False),
            partial(dropout.BetaGeometric, first_counts=False),
            partial(dropout.outlook, shift=0),
        ),
        Model(
            "mbgnbd",
            ("r", "alpha", "a", "b"),
            (False, True, False, False),
            partial(dropout.BetaGeometric, first_counts=True),
            partial(dropout.outlook, shift=1),
        ),
        Model(
            "paretonbd",
            ("r", "alpha", "s", "beta"),
            (False, True, False, True),
            pareto.ParetoNbd,
            pareto.outlook,
        ),
        Model("nbd", ("r", "alpha"), (False, True), steady.Nbd, _steady),
    )
}


@dataclass(frozen=True)
class Fitted:
    """A purchase model with its parameters.

    Attributes
    ----------
    params : array
        In days.
    covariance : array
        Of the logarithms of the parameters (Laplace).
    log_likelihood : float
        With time in days.
    repeats : float
        Repeat purchases in the data; moves the log-likelihood to another unit of time.
    boundary : str
        Why another model than the one asked for was used; empty when none was.
    """

    model: Model
    params: Floats
    covariance: Floats
    log_likelihood: float
    customers: int
    repeats: float
    boundary: str = ""

    def outlook(self, counts: Counts, horizon_days: float, params: Floats | None = None) -> Outlook:
        """Return the next days of each history."""
        given = self.params if params is None else params
        t_x, age, head = (v.astype(float) for v in (counts.t_x, counts.age, counts.head))
        return self.model.outlook(given, counts.x, t_x, age, horizon=float(horizon_days), head=head)

    def in_unit(self, days: float) -> tuple[dict[str, float], float]:
        """Return the parameters by name and the log-likelihood with `days` as the unit of time."""
        shown = self.params / np.where(self.model.is_time, days, 1.0)
        return dict(zip(self.model.names, map(float, shown), strict=True)), float(
            self.log_likelihood + self.repeats * np.log(days)
        )


def fit_model(name: str, counts: Counts, *, start: Fitted | None = None, steady: Fitted | None = None) -> Fitted:
    """Fit a model; one whose dropout cannot be identified becomes the NBD, and says so.

    Parameters
    ----------
    name : str
        Key of `MODELS`.
    start : Fitted, optional
        A fit of the same model to like data: the search starts there.
    steady : Fitted, optional
        The NBD fitted to the same histories, if it is there already.
    """
    fitted = _fit(MODELS[name], counts, start)
    if name == "nbd":
        return fitted
    plain = steady or _fit(MODELS["nbd"], counts, None)
    if fitted.log_likelihood - plain.log_likelihood < NEEDED_GAIN:
        return replace(plain, boundary=f"{name}: {NO_DROPOUT}")
    third, fourth = fitted.params[2:]
    if min(third, fourth) > HUGE:
        return replace(fitted, boundary=f"{name}: {SAME_DROPOUT}")
    return fitted


def _fit(model: Model, counts: Counts, start: Fitted | None) -> Fitted:
    scale = SPAN / max(int(counts.age.max()), 1)
    unit = np.where(model.is_time, np.log(scale), 0.0)
    guess = np.zeros(len(model.names)) if start is None else np.log(start.params) + unit
    found: Optimum = maximise(partial(model.likelihood, scale=scale), counts, guess)
    repeats = float(counts.weight @ counts.x)
    return Fitted(
        model,
        np.exp(found.log_params - unit),
        found.covariance,
        found.value + repeats * np.log(scale),
        round(counts.customers),
        repeats,
    )
