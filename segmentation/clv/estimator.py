"""Fit and predict: purchase days in, one row a customer out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from oms_core.kernel.errors import NotFound
from segmentation.clv import spend as spending
from segmentation.clv.counting import count, position
from segmentation.clv.gate import require_enough
from segmentation.clv.history import purchase_days, summarise
from segmentation.clv.models import MODELS, Fitted, fit_model
from segmentation.clv.rolling import origins, sample
from segmentation.clv.selection import choose
from segmentation.clv.totals import Total, drift_of, parameter_share, total
from segmentation.clv.worth import order_bounds, value_bounds, value_variance

if TYPE_CHECKING:
    from segmentation.clv.counting import Counts, Floats
    from segmentation.clv.outlook import Outlook
    from segmentation.clv.spend import Spend

AUTO = "auto"
#: Below this P(alive) no date of a next order is given: more likely there is none.
DATED_ABOVE = 0.5


@dataclass(frozen=True)
class Fit:
    """A fitted history.

    Attributes
    ----------
    customers : polars.DataFrame
        Summary by customer, as from `history.summarise`.
    fitted : Fitted
        The purchase model.
    spend : Spend or None
        The spend model; None when nobody spent anything.
    days : polars.DataFrame
        Purchase days it was fitted to.
    """

    until: date
    days: pl.DataFrame
    customers: pl.DataFrame
    counts: Counts
    fitted: Fitted
    spend: Spend | None


@dataclass(frozen=True)
class Prediction:
    """One row a customer, and the totals."""

    customers: pl.DataFrame
    orders: Total
    value: Total


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
        raise NotFound("model", model, [AUTO, *MODELS])
    days = purchase_days(lines, until)
    customers = summarise(days, until)
    require_enough(customers, until)
    counts = count(customers)
    if model == AUTO:
        model, _ = choose(origins(sample(days), until, horizon_days))
    spend = spending.fit(customers.get_column("spent_n").to_numpy(), customers.get_column("spent").to_numpy())
    return Fit(until, days, customers, counts, fit_model(model, counts), spend)


def predict(fit: Fit, horizon_days: int) -> Prediction:
    """Predict each customer's next `horizon_days` days.

    Returns
    -------
    Prediction
        Rows: ``customer_id, expected_orders, orders_lo_90, orders_hi_90, expected_value, value_lo_90,
        value_hi_90, p_active`` (at least one order within the horizon), ``p_alive, next_order_date``
        (the day by which the next order is as likely as not to have come, given that the customer is
        still one; none below a P(alive) of one half or beyond ten years).
    """
    outlook = fit.fitted.outlook(fit.counts, horizon_days).take(position(fit.customers, fit.counts))
    mean, variance = _spend(fit)
    orders, value = order_bounds(outlook), value_bounds(outlook, mean, variance)
    frame = pl.DataFrame(
        {
            "customer_id": fit.customers.get_column("customer_id"),
            "expected_orders": outlook.mean,
            "orders_lo_90": orders.lo,
            "orders_hi_90": orders.hi,
            "expected_value": outlook.mean * mean,
            "value_lo_90": value.lo,
            "value_hi_90": value.hi,
            "p_active": outlook.active,
            "p_alive": outlook.alive,
            "next_order_date": _next_dates(fit, outlook),
        }
    )
    _, trials = choose(origins(sample(fit.days), fit.until, horizon_days), (fit.fitted.model.name,))
    spread = {
        "parameters": parameter_share(fit.fitted, fit.counts, horizon_days),
        "drift": drift_of([t.log_ratio for t in trials]),
    }
    return Prediction(
        frame,
        total(outlook.mean, outlook.variance, **spread),
        total(outlook.mean * mean, value_variance(outlook, mean, variance), **spread),
    )


def _spend(fit: Fit) -> tuple[Floats, Floats]:
    """Return mean and variance of each customer's spend on one day."""
    if fit.spend is None:
        return np.zeros(fit.customers.height), np.zeros(fit.customers.height)
    n, spent = (fit.customers.get_column(c).to_numpy() for c in ("spent_n", "spent"))
    return fit.spend.mean(n, spent), fit.spend.variance(n, spent)


def _next_dates(fit: Fit, outlook: Outlook) -> pl.Series:
    """Return the median day of the next order given alive, from the purchase rate's posterior.

    Given alive, P(no order by t) = ((α + T) / (α + T + t))^(r + x), so the median is
    (α + T) (2^(1 / (r + x)) − 1) days ahead.
    """
    r, alpha = fit.fitted.params[:2]
    x, age = (fit.customers.get_column(c).to_numpy() for c in ("x", "age"))
    ahead = (alpha + age) * np.expm1(np.log(2) / (r + x))
    known = (outlook.alive >= DATED_ABOVE) & (ahead < 3650)
    days = pl.DataFrame({"ahead": np.where(known, np.ceil(np.minimum(ahead, 3650)), 0).astype(np.int64)})
    date_then = pl.lit(fit.until) + pl.duration(days="ahead")
    return days.select(pl.when(pl.col("ahead") > 0).then(date_then).otherwise(None).cast(pl.Date)).to_series()
