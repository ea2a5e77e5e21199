"""Fit and predict: purchase days in, one row a customer out."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from oms_core.kernel.errors import InvalidInput, NotFound
from segmentation.clv import boosting, coverage
from segmentation.clv import spend as spending
from segmentation.clv.counting import count, position
from segmentation.clv.gate import require_enough
from segmentation.clv.history import purchase_days, summarise
from segmentation.clv.models import MODELS, Fitted, fit_model
from segmentation.clv.outlook import Outlook, mixture
from segmentation.clv.rolling import Origin, origins, sample
from segmentation.clv.selection import CANDIDATES, Trial, choose
from segmentation.clv.threads import single_threaded
from segmentation.clv.totals import Total, drift_of, parameter_share, total
from segmentation.clv.worth import order_bounds, value_bounds, value_variance

if TYPE_CHECKING:
    from segmentation.clv.counting import Counts, Floats, Ints
    from segmentation.clv.spend import Spend

AUTO = "auto"
#: Below this P(alive) no date of a next order is given: more likely there is none.
DATED_ABOVE = 0.5
#: A next order further away than this is no date anybody plans with.
FAR_DAYS = 3650
YEAR_DAYS = 365
MAX_HORIZON_DAYS = 3650


@dataclass(frozen=True)
class Fit:
    """A fitted history.

    Attributes
    ----------
    days : polars.DataFrame
        Purchase days it was fitted to.
    customers : polars.DataFrame
        Summary by customer, as from `history.summarise`.
    fitted : Fitted
        The purchase model.
    spend : Spend or None
        The spend model; None when nobody spent anything.
    is_auto : bool
        The model was chosen at rolling origins, and is corrected by what was learned there.
    seconds : float
        What the maximum likelihood took, counting of histories included.
    """

    until: date
    days: pl.DataFrame
    customers: pl.DataFrame
    counts: Counts
    fitted: Fitted
    spend: Spend | None
    is_auto: bool = False
    seconds: float = 0.0


@dataclass(frozen=True)
class Prediction:
    """One row a customer, and the totals; `model` says what made them."""

    customers: pl.DataFrame
    orders: Total
    value: Total
    model: str


@single_threaded
def fit(lines: pl.DataFrame, *, until: date, model: str = AUTO, horizon_days: int = 90) -> Fit:
    """Fit a purchase and a spend model to tidy transaction lines.

    Parameters
    ----------
    lines : polars.DataFrame
        As from `history.tidy`.
    until : date
        Last day used, included.
    model : str
        ``auto`` (chosen at rolling origins), ``bgnbd``, ``mbgnbd``, ``paretonbd`` or ``nbd``.
    horizon_days : int
        What will be asked for; the windows of the rolling origins follow it.

    Raises
    ------
    DataNotReady
        ``clv.too_little_data``.
    NotFound
        ``model.not_found``.
    """
    if model not in {AUTO, *MODELS}:
        raise NotFound("model", model, [AUTO, *MODELS], f"Known: {', '.join((AUTO, *MODELS))}.")
    days = purchase_days(lines, until)
    customers = summarise(days, until)
    require_enough(customers, until)
    winner = model
    if model == AUTO:
        winner, _ = choose(origins(sample(days), until, horizon_days), CANDIDATES)
    begun = time.perf_counter()
    counts = count(customers)
    fitted = fit_model(winner, counts)
    seconds = time.perf_counter() - begun
    spend = spending.fit(customers.get_column("spent_n").to_numpy(), customers.get_column("spent").to_numpy())
    return Fit(until, days, customers, counts, fitted, spend, model == AUTO, seconds)


@single_threaded
def predict(fit: Fit, horizon_days: int) -> Prediction:
    """Predict each customer's next `horizon_days` days.

    Returns
    -------
    Prediction
        Rows: ``customer_id, expected_orders, orders_lo_90, orders_hi_90, expected_value, value_lo_90,
        value_hi_90, p_active`` (at least one order within the horizon), ``p_alive, next_order_date``
        (the day by which the next order is as likely as not to have come, given that the customer is
        still one; none below a P(alive) of one half or beyond ten years).

    Raises
    ------
    InvalidInput
        ``clv.horizon`` unless 1 to 3650 days.
    """
    if not 1 <= horizon_days <= MAX_HORIZON_DAYS:
        raise InvalidInput("horizon-days", horizon_days, "1 to 3650 days were expected", code="clv.horizon")
    looks = origins(sample(fit.days), fit.until, horizon_days)
    _, trials = choose(looks, (fit.fitted.model.name,))
    view = _view(fit, horizon_days, looks, trials)
    has_season = int(fit.customers.get_column("age").max() or 0) >= YEAR_DAYS  # type: ignore[arg-type]
    parameters = parameter_share(fit.fitted, fit.counts, horizon_days)
    drift = drift_of([t.log_ratio for t in trials], has_season=has_season)
    value_drift = drift_of([t.log_value_ratio for t in trials], has_season=has_season)
    levels = coverage.order_level(looks, trials), coverage.value_level(looks, trials)
    return Prediction(
        _frame(fit, view, levels),
        total(view.outlook.mean, view.outlook.variance, parameters=parameters, drift=drift),
        total(
            view.value,
            value_variance(view.valued, view.spend, view.spend_variance),
            parameters=parameters,
            drift=value_drift,
        ),
        fit.fitted.model.name + ("+boosting" if view.is_corrected else ""),
    )


@dataclass(frozen=True)
class _View:
    """What is said of every customer, before it becomes a frame."""

    outlook: Outlook
    valued: Outlook
    spend: Floats
    spend_variance: Floats
    is_corrected: bool

    @property
    def value(self) -> Floats:
        """Expected value of each customer."""
        return self.valued.mean * self.spend


def _view(fit: Fit, horizon_days: int, looks: list[Origin], trials: list[Trial]) -> _View:
    where = position(fit.customers, fit.counts)
    outlook = fit.fitted.outlook(fit.counts, horizon_days).take(where)
    spend, spread = _spend(fit)
    boosted = boosting.learn(looks, trials) if fit.is_auto and looks else None
    if boosted is None:
        return _View(outlook, outlook, spend, spread, is_corrected=False)
    window = fit.fitted.outlook(fit.counts, looks[0].horizon_days).take(where)
    features = boosting.features_of(fit.customers, window, spend)
    corrected = boosting.correct(boosted, outlook, window=window, features=features)
    valued = _valued(fit, corrected, where, horizon_days)
    return _View(corrected.outlook, valued, spend, spread, is_corrected=True)


def _valued(fit: Fit, corrected: boosting.Corrected, where: Ints, horizon_days: int) -> Outlook:
    """Return the orders that value is made of: the mean of three views with one total.

    Dropout models rank a good customer's silence too low and a model without dropout too high; their
    mean with the boosted view ranks value best, and leaves the total as it is.
    """
    steady = fit_model("nbd", fit.counts).outlook(fit.counts, horizon_days).take(where)
    scale = corrected.outlook.mean.sum() / max(float(steady.mean.sum()), 1e-12)
    others = (corrected.ranked + steady.mean * scale) / 2
    return mixture(corrected.outlook, steady.scaled(others / np.maximum(steady.mean, 1e-12)), share=1 / 3)


def _spend(fit: Fit) -> tuple[Floats, Floats]:
    """Return mean and variance of each customer's spend on one day."""
    if fit.spend is None:
        return np.zeros(fit.customers.height), np.zeros(fit.customers.height)
    n, spent = (fit.customers.get_column(c).to_numpy() for c in ("spent_n", "spent"))
    return fit.spend.mean(n, spent), fit.spend.variance(n, spent)


def _frame(fit: Fit, view: _View, levels: tuple[float, float]) -> pl.DataFrame:
    outlook = view.outlook
    orders = order_bounds(outlook, levels[0])
    value = value_bounds(view.valued, view.spend, view.spend_variance, levels[1])
    return pl.DataFrame(
        {
            "customer_id": fit.customers.get_column("customer_id"),
            "expected_orders": outlook.mean,
            "orders_lo_90": orders.lo,
            "orders_hi_90": orders.hi,
            "expected_value": view.value,
            "value_lo_90": value.lo,
            "value_hi_90": value.hi,
            "p_active": outlook.active,
            "p_alive": outlook.alive,
            "next_order_date": _next_dates(fit, outlook),
        }
    )


def _next_dates(fit: Fit, outlook: Outlook) -> pl.Series:
    """Return the median day of the next order given alive, from the purchase rate's posterior.

    Given alive, P(no order by t) = ((α + T) / (α + T + t))^(r + x), so the median is
    (α + T) (2^(1 / (r + x)) − 1) days ahead.
    """
    r, alpha = fit.fitted.params[:2]
    x, age = (fit.customers.get_column(c).to_numpy() for c in ("x", "age"))
    ahead = np.minimum((alpha + age) * np.expm1(np.minimum(np.log(2) / (r + x), 50.0)), FAR_DAYS)
    known = (outlook.alive >= DATED_ABOVE) & (ahead < FAR_DAYS)
    days = pl.DataFrame({"ahead": np.where(known, np.ceil(ahead), 0).astype(np.int64)})
    date_then = pl.lit(fit.until) + pl.duration(days="ahead")
    return days.select(pl.when(pl.col("ahead") > 0).then(date_then).otherwise(None).cast(pl.Date)).to_series()
