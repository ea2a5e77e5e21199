"""The purchase models by name, fitted and asked in the same way.

Adding one is one entry in `MODELS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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
#: A mean dropout chance below this, or parameters beyond `HUGE` (in scaled time), is the edge.
NO_DROPOUT, HUGE = 1e-4, 5e4

NO_DROPOUT_SENTENCE = (
    "no dropout identifiable: the best fit lies at the edge where nobody ever leaves, so the model without "
    "dropout (NBD) is used and p_alive is 1 for everybody"
)


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
        ``outlook(params, x, t_x, age, horizon=)``.
    """

    name: str
    names: tuple[str, ...]
    is_time: tuple[bool, ...]
    likelihood: Callable[..., Any]
    outlook: Callable[..., Outlook]


def _steady(params: Floats, x: Any, t_x: Any, age: Floats, *, horizon: float) -> Outlook:  # noqa: ARG001 - same form
    return steady.outlook(params, x, age, horizon=horizon)


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
        return self.model.outlook(
            given, counts.x, counts.t_x.astype(float), counts.age.astype(float), horizon=float(horizon_days)
        )

    def in_unit(self, days: float) -> tuple[dict[str, float], float]:
        """Return the parameters by name and the log-likelihood with `days` as the unit of time."""
        shown = self.params / np.where(self.model.is_time, days, 1.0)
        return dict(zip(self.model.names, map(float, shown), strict=True)), float(
            self.log_likelihood + self.repeats * np.log(days)
        )


def fit_model(name: str, counts: Counts, *, start: Fitted | None = None) -> Fitted:
    """Fit a model; one whose dropout cannot be identified becomes the NBD, and says so.

    Parameters
    ----------
    name : str
        Key of `MODELS`.
    start : Fitted, optional
        A fit of the same model to like data: the search starts there.
    """
    fitted = _fit(MODELS[name], counts, start)
    if name == "nbd" or not _suspicious(fitted):
        return fitted
    plain = _fit(MODELS["nbd"], counts, None)
    if not _at_edge(fitted) and fitted.log_likelihood - plain.log_likelihood > NEEDED_GAIN:
        return fitted
    return Fitted(
        plain.model,
        plain.params,
        plain.covariance,
        plain.log_likelihood,
        plain.customers,
        plain.repeats,
        f"{name}: {NO_DROPOUT_SENTENCE}",
    )


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


def _leaving(fitted: Fitted) -> float:
    """Return the mean chance to leave (BG, MBG), or the mean rate of leaving a day (Pareto)."""
    _, _, third, fourth = fitted.params
    return float(third / fourth if fitted.model.name == "paretonbd" else third / (third + fourth))


def _suspicious(fitted: Fitted) -> bool:
    return _leaving(fitted) < 0.02 or _at_edge(fitted)


def _at_edge(fitted: Fitted) -> bool:
    """Tell whether the fit ran to a limit: a → 0, b → ∞, or the like."""
    huge = HUGE * (1000 if fitted.model.name == "paretonbd" else 1)
    return _leaving(fitted) < NO_DROPOUT * (0.01 if fitted.model.name == "paretonbd" else 1) or bool(
        fitted.params[3] > huge
    )
