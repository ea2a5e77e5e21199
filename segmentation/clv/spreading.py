"""Predictions of any number of customers: learned once, said of chunks of them, one after the other or side by side.

What is learned (parameters, corrections at rolling origins) is learned from everybody. What is then said of one
customer depends on that and on this customer alone, so a chunk is a pure function, and chunks of any size say what
`predict` says of all at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import polars as pl

from oms_core.kernel.threads import single_threaded
from segmentation.clv import coverage, estimator
from segmentation.clv.estimator import Fit, Prediction
from segmentation.clv.selection import Past
from segmentation.clv.totals import drifts, parameter_share, total
from segmentation.clv.worth import value_variance

#: Most customers of a chunk.
CHUNK = 100_000
_SPREADS = ("orders_variance", "value_variance")


@dataclass(frozen=True)
class Chunk:
    """Some customers and all that was learned; the last customer is the oldest of all, by whom ages are scaled."""

    fit: Fit
    horizon_days: int
    past: Past
    levels: tuple[float, float]


#: Runs a function over chunks and gives its frames in their order: the built-in ``map``, or a cluster.
Each = Callable[[Callable[[Chunk], pl.DataFrame], Iterable[Chunk]], Iterator[pl.DataFrame]]


@single_threaded
def predict(fit: Fit, horizon_days: int, *, each: Each = map, size: int = CHUNK) -> Prediction:
    """Predict chunk by chunk what `segmentation.clv.predict` predicts of everybody at once.

    Parameters
    ----------
    each : callable
        ``map``, or what runs a function over pieces on a cluster.
    size : int
        Customers a chunk.

    Raises
    ------
    InvalidInput
        ``clv.horizon`` unless 1 to 3650 days.
    """
    estimator.check_horizon(horizon_days)
    past = estimator.past_of(fit, horizon_days)
    levels = coverage.order_level(past.trials), coverage.value_level(past.trials)
    said = pl.concat(each(scored, chunks(fit, horizon_days, past, levels=levels, size=size)))
    is_boosted = bool(said["is_boosted"].any())
    orders_variance, worth_variance = (said[name].to_numpy() for name in _SPREADS)
    parameters = parameter_share(fit.fitted, fit.counts, horizon_days)
    drift, value_drift = drifts(past, int(fit.counts.age.max()))
    orders, value = (said[name].to_numpy() for name in ("expected_orders", "expected_value"))
    return Prediction(
        said.drop("is_boosted", *_SPREADS),
        total(orders, orders_variance, parameters=parameters, drift=drift),
        total(value, worth_variance, parameters=parameters, drift=value_drift),
        fit.fitted.model.name + ("+boosting" if is_boosted else ""),
    )


def chunks(fit: Fit, horizon_days: int, past: Past, *, levels: tuple[float, float], size: int) -> Iterator[Chunk]:
    """Yield the customers in chunks, in their order; the days they bought on are not needed any more."""
    oldest = fit.customers.sort("age", descending=True).head(1)
    learned = replace(fit, days=fit.days.clear())
    for part in fit.customers.iter_slices(size):
        yield Chunk(replace(learned, customers=pl.concat([part, oldest])), horizon_days, past, levels)


@single_threaded
def scored(chunk: Chunk) -> pl.DataFrame:
    """Return what is said of a chunk's customers, with the variances that totals need."""
    view = estimator.view_of(chunk.fit, chunk.horizon_days, chunk.past)
    rows = estimator.rows_of(chunk.fit, view, chunk.levels)
    spread = value_variance(view.outlook, view.spend, view.spend_variance)
    return rows.with_columns(
        orders_variance=pl.Series(view.outlook.variance),
        value_variance=pl.Series(spread),
        is_boosted=pl.lit(view.is_boosted),
    ).head(-1)
