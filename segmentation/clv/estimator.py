"""Fit and predict: purchase days in, one row a customer out."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from oms_core.kernel.errors import InvalidInput, NotFound
from oms_core.kernel.threads import single_threaded
from segmentation.clv import boosting, coverage
from segmentation.clv import spend as spending
from segmentation.clv.acquaintance import known_before
from segmentation.clv.counting import count, position
from segmentation.clv.gate import require_enough
from segmentation.clv.history import purchase_days, summarise
from segmentation.clv.lasting import with_lasting
from segmentation.clv.models import MODELS, Fitted, fit_model
from segmentation.clv.outlook import Outlook
from segmentation.clv.rolling import origins, sample
from segmentation.clv.selection import CANDIDATES, Past, look_back
from segmentation.clv.totals import Total, drifts, parameter_share, total
from segmentation.clv.worth import order_bounds, value_bounds, value_variance
from segmentation.clv.yearly import year_ago

if TYPE_CHECKING:
    from collections.abc import Sequence

    from segmentation.clv.counting import Counts, Floats
    from segmentation.clv.spend import Spend

AUTO = "auto"
#: Below this P(alive) no date of a next order is given: more likely there is none.
DATED_ABOVE = 0.5
#: A next order further away than this is no date anybody plans with.
FAR_DAYS = 3650
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
    past : Past or None
        The rolling origins the model was chosen at, which also correct it; None for a model asked for by name.
    steady : Fitted or None
        The model nobody ever leaves (NBD), fitted to the same; None for a model asked for by name.
    seconds : float
        What the maximum likelihood took, counting of histories included.
    """

    until: date
    days: pl.DataFrame
    customers: pl.DataFrame
    counts: Counts
    fitted: Fitted
    spend: Spend | None
    past: Past | None = None
    steady: Fitted | None = None
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
    past = _looked_back(days, until, horizon_days, CANDIDATES) if model == AUTO else None
    begun = time.perf_counter()
    counts = count(customers) if past is None else known_before(count(customers))
    steady = None if past is None else fit_model("nbd", counts)
    fitted = fit_model(model if past is None else past.winner, counts, steady=steady)
    seconds = time.perf_counter() - begun
    spend = spending.fit(customers.get_column("spent_n").to_numpy(), customers.get_column("spent").to_numpy())
    return Fit(until, days, customers, counts, fitted, spend, past, steady, seconds)


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
    check_horizon(horizon_days)
    past = past_of(fit, horizon_days)
    view = view_of(fit, horizon_days, past)
    parameters = parameter_share(fit.fitted, fit.counts, horizon_days)
    drift, value_drift = drifts(past, int(fit.counts.age.max()))
    levels = coverage.order_level(past.trials), coverage.value_level(past.trials)
    variance = value_variance(view.outlook, view.spend, view.spend_variance)
    return Prediction(
        rows_of(fit, view, levels),
        total(view.outlook.mean, view.outlook.variance, parameters=parameters, drift=drift),
        total(view.value, variance, parameters=parameters, drift=value_drift),
        fit.fitted.model.name + ("+boosting" if view.is_boosted else ""),
    )


def check_horizon(days: int) -> None:
    """Refuse a horizon that is none: ``clv.horizon``."""
    if not 1 <= days <= MAX_HORIZON_DAYS:
        raise InvalidInput("horizon-days", days, "1 to 3650 days were expected", code="clv.horizon")


def past_of(fit: Fit, horizon_days: int) -> Past:
    """Return the rolling origins of this horizon: those of the fit when it was made for the same."""
    if fit.past is not None and fit.past.horizon_days == horizon_days:
        return fit.past
    return _looked_back(fit.days, fit.until, horizon_days, (fit.fitted.model.name,), as_is=fit.past is None)


def _looked_back(
    days: pl.DataFrame, until: date, horizon_days: int, names: Sequence[str], *, as_is: bool = False
) -> Past:
    few = sample(days)
    then = None if as_is else year_ago(few, until, horizon_days)
    return look_back(origins(few, until, horizon_days), horizon_days, names, year_ago=then, as_is=as_is)


@dataclass(frozen=True)
class View:
    """What is said of every customer, before it becomes a frame."""

    outlook: Outlook
    spend: Floats
    spend_variance: Floats
    is_boosted: bool

    @property
    def value(self) -> Floats:
        """Expected value of each customer."""
        return self.outlook.mean * self.spend


def view_of(fit: Fit, horizon_days: int, past: Past) -> View:
    """Return what is said of the fit's customers, by what was learned from all of them."""
    spend, spread = _spend(fit)
    where = position(fit.customers, fit.counts)
    if fit.past is None:
        return View(fit.fitted.outlook(fit.counts, horizon_days).take(where), spend, spread, is_boosted=False)
    outlook, _ = _mixed(fit, horizon_days, past.share)
    outlook = outlook.take(where)
    x = fit.customers.get_column("x").to_numpy()
    active = past.recalibration.applied(outlook, x) if past.recalibration else outlook.active
    season = float(np.exp(past.season))
    if past.boosted is None:
        levelled = boosting.level(outlook, past.off, active)
        return View(levelled.scaled(season), spend, spread, is_boosted=False)
    window, staying = (view.take(where) for view in _mixed(fit, past.window_days, past.share))
    features = boosting.features_of(fit.customers, window, staying, spend)
    corrected = boosting.correct(past.boosted, outlook, window=window, features=features, active=active)
    return View(corrected.scaled(season), spend, spread, is_boosted=True)


def _mixed(fit: Fit, days: int, share: float) -> tuple[Outlook, Outlook]:
    """Return the outlook by history with the share that lasts, and that of the model nobody ever leaves."""
    staying = (fit.steady or fit.fitted).outlook(fit.counts, days)
    return with_lasting(fit.fitted.outlook(fit.counts, days), staying, share), staying


def _spend(fit: Fit) -> tuple[Floats, Floats]:
    """Return mean and variance of each customer's spend on one day."""
    if fit.spend is None:
        return np.zeros(fit.customers.height), np.zeros(fit.customers.height)
    n, spent = (fit.customers.get_column(c).to_numpy() for c in ("spent_n", "spent"))
    return fit.spend.mean(n, spent), fit.spend.variance(n, spent)


def rows_of(fit: Fit, view: View, levels: tuple[float, float]) -> pl.DataFrame:
    """Return one row a customer of the fit, with intervals at these levels of orders and value."""
    outlook = view.outlook
    orders = order_bounds(outlook, levels[0])
    value = value_bounds(view.outlook, view.spend, view.spend_variance, levels[1])
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
    x = fit.customers.get_column("x").to_numpy()
    age = (fit.counts.age + fit.counts.head)[position(fit.customers, fit.counts)]
    ahead = np.minimum((alpha + age) * np.expm1(np.minimum(np.log(2) / (r + x), 50.0)), FAR_DAYS)
    known = (outlook.alive >= DATED_ABOVE) & (ahead < FAR_DAYS)
    days = pl.DataFrame({"ahead": np.where(known, np.ceil(ahead), 0).astype(np.int64)})
    date_then = pl.lit(fit.until) + pl.duration(days="ahead")
    return days.select(pl.when(pl.col("ahead") > 0).then(date_then).otherwise(None).cast(pl.Date)).to_series()
