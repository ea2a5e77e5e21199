"""Forecast the shop's demand, judge the engine against naive, store everything before the fact."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from analytics import frames
from forecasting.backtest import Outcome, cutoffs_of, judge, summary
from forecasting.calendars import with_calendar
from forecasting.models import MODELS
from forecasting.panel import Floats, Panel
from forecasting.prediction import Prediction
from forecasting.reading import make_panel
from oms_core.kernel.errors import DataNotReady
from oms_core.planning.commands import NewForecast, store_forecast
from oms_core.planning.trial import winners

if TYPE_CHECKING:
    from app.workspace import Workspace

#: Days ahead that are stored one by one, and the sums over the first n days for replenishment.
DAYS, SUM_STEP, HORIZON_DAYS = 28, 7, 56
#: Quantiles stored with every forecast.
PROBABILITIES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
BASELINES = ("naive", "seasonal_naive")
#: A baseline takes a SKU over when it is better by this share at every judged origin together.
BETTER_BY = 0.05
ORIGINS = 3
#: Without a sale in so many days a SKU is not forecast.
ASLEEP_DAYS = 120
LEAST_DAYS = 112
#: A day above this many times the usual high of a SKU's selling days holds a bulk order.
BULK = 2


@dataclass(frozen=True, slots=True)
class Chosen:
    """Forecasts of a panel, each series by the engine that did better on it."""

    panel: Panel
    predictions: dict[str, Prediction]
    engine: list[str]
    scores: dict[str, Any]


def run_forecast(
    workspace: Workspace,
    *,
    horizon: int = HORIZON_DAYS,
    actor: str = "cli",
    before_storing: Callable[[], object] | None = None,
) -> dict[str, Any]:
    """Forecast every awake SKU and store means and quantiles; earlier runs stay.

    Parameters
    ----------
    before_storing : callable, optional
        Called when the forecasts are reckoned: waits for a job beside this one that is to be stored first.

    Returns
    -------
    dict
        ``run, series, by_naive`` (SKUs a baseline forecasts), ``scores, seconds``.

    Raises
    ------
    DataNotReady
        ``forecast.too_little_data``: fewer than 112 days of orders.
    """
    begun = time.perf_counter()
    workspace.replica.refresh()
    demand = without_bulk(awake(frames.demand_panel(workspace.replica)))
    _require_enough(demand)
    ids = dict(demand.select("series_id", "variant_id").unique().iter_rows())
    with workspace.reading() as session:
        lost = winners(session)
    panel = described(panel_of(demand), frames.stock_positions(workspace.replica))
    if workspace.shop.country:
        panel = with_calendar(panel, workspace.shop.country, horizon)
    chosen = choose(panel, horizon, on_trial={sku: lost[variant] for sku, variant in ids.items() if variant in lost})
    scores, cutoff = chosen.scores, panel.days(panel.length - 1, 1)[0]
    if before_storing is not None:
        before_storing()
    with workspace.transaction() as session:
        run = store_forecast(
            session, cutoff_on=cutoff, horizon_days=horizon, engine="ordersight",
            forecasts=stored_rows(chosen, ids, horizon), scores=scores, actor=actor,
        )  # fmt: skip
        stored, series = run.id, run.series_count
    seconds = round(time.perf_counter() - begun, 3)
    return {
        "run": stored,
        "series": series,
        "by_naive": len(scores["by_naive"]),
        "scores": scores["engines"],
        "seconds": seconds,
    }


def panel_of(demand: pl.DataFrame) -> Panel:
    """Return the shop's demand as a panel of days."""
    return make_panel(demand.select("series_id", "day", "y", "in_stock"), freq="D")


def described(panel: Panel, positions: pl.DataFrame) -> Panel:
    """Return the panel with the category and price of each SKU, by which a new one's look-alikes are found."""
    series = pl.DataFrame({"sku": [str(sku) for sku in panel.ids.to_list()]})
    known = positions.select("sku", "category", "price_minor").unique("sku", keep="first", maintain_order=True)
    held = series.join(known, on="sku", how="left", maintain_order="left")
    category = held["category"].fill_null("").rank("dense").cast(pl.Int64).to_numpy()
    price = held["price_minor"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    return replace(panel, category=category, list_price=price)


def awake(demand: pl.DataFrame) -> pl.DataFrame:
    """Return the demand of SKUs with a sale in the last :data:`ASLEEP_DAYS` days."""
    if demand.is_empty():
        return demand
    last = demand["day"].max()
    recent = demand.filter((pl.col("y") > 0) & (pl.lit(last) - pl.col("day") < pl.duration(days=ASLEEP_DAYS)))
    return demand.join(recent.select("series_id").unique(), on="series_id", how="semi")


def without_bulk(demand: pl.DataFrame) -> pl.DataFrame:
    """Return demand with each day cut at :data:`BULK` times the SKU's 95 % quantile of selling days.

    A single order of ten thousand pieces is bought to order, not from the shelf: kept whole it would
    lift the level and the safety stock of the SKU for months.
    """
    usual = (
        demand.filter(pl.col("y") > 0).group_by("series_id").agg(pl.col("y").quantile(0.95, "lower").alias("_usual"))
    )
    cut = pl.min_horizontal("y", pl.col("_usual") * BULK).cast(pl.Int64)
    return (
        demand.join(usual, on="series_id", how="left", maintain_order="left")
        .with_columns(cut.alias("y"))
        .drop("_usual")
    )


def _require_enough(demand: pl.DataFrame) -> None:
    days = demand["day"].n_unique()
    if days < LEAST_DAYS:
        raise DataNotReady(
            "forecast.too_little_data",
            f"A forecast needs {LEAST_DAYS} days of orders; the shop has {days}.",
            "Import history (ordersight import), or come back later.",
            days=days,
        )


def choose(panel: Panel, horizon: int, *, on_trial: Mapping[str, str] | None = None) -> Chosen:
    """Return forecasts by the engines that speak, which one speaks for each series, and their scores.

    One window proves little about a SKU that sells now and then: a baseline takes over only where it
    was better by :data:`BETTER_BY` at every one of the last origins, or where forecasts made before the
    fact lost to it (`on_trial`: SKU to the method that won).
    """
    lost = on_trial or {}
    origins = cutoffs_of(panel.length, DAYS, ORIGINS)
    judged = {n: [judge(panel, origin, DAYS, n) for origin in origins] for n in ("ordersight", *BASELINES)}
    loss = {name: _losses(outcomes, len(panel.ids)) for name, outcomes in judged.items()}
    worse = {name: loss["ordersight"] > loss[name] * (1 + BETTER_BY) for name in BASELINES}
    beaten = {name: np.asarray(origin.all(axis=0)) for name, origin in worse.items()}
    by = [
        lost.get(str(sku)) or next((name for name in reversed(BASELINES) if beaten[name][row]), "ordersight")
        for row, sku in enumerate(panel.ids.to_list())
    ]
    predictions = {name: MODELS[name]().fit(panel, horizon=horizon).predict() for name in {"ordersight", *by}}
    by_naive = {str(s): e for s, e in zip(panel.ids.to_list(), by, strict=True) if e != "ordersight"}
    engines = {name: summary(outcomes) for name, outcomes in judged.items()}
    launches = {sku: dict(of) for sku, of in predictions["ordersight"].launches.items() if sku not in by_naive}
    scores = {"engines": engines, "by_naive": by_naive, "horizon_days": DAYS, "launches": launches}
    return Chosen(panel, predictions, by, scores)


def _losses(outcomes: Sequence[Outcome], series: int) -> Floats:
    """Return each series' RMSSE at each origin, shape (origins, n); NaN where it was not judged."""
    found = np.full((len(outcomes), series), np.nan)
    for turn, outcome in enumerate(outcomes):
        found[turn, outcome.rows] = outcome.rmsse
    return found


def stored_rows(chosen: Chosen, ids: dict[str, int], horizon: int) -> Iterator[NewForecast]:
    """Yield each series' days and sums by its engine."""
    sums = range(SUM_STEP, horizon + 1, SUM_STEP)
    # a panel reads SKUs that are all written like numbers as numbers
    series = [str(sku) for sku in chosen.panel.ids.to_list()]
    for engine, prediction in sorted(chosen.predictions.items()):
        rows = [row for row, by in enumerate(chosen.engine) if by == engine]
        variants = [ids[series[row]] for row in rows]
        yield from forecast_rows(variants, prediction, rows=rows, days=min(DAYS, horizon), sums=sums)


def forecast_rows(
    variants: Sequence[int], prediction: Prediction, *, rows: Sequence[int] | None = None, days: int = 0,
    sums: Sequence[int] = (),
) -> Iterator[NewForecast]:  # fmt: skip
    """Yield what is stored of a prediction: its first `days` days one by one, and its `sums`.

    Parameters
    ----------
    variants : sequence of int
        Variant of each row.
    rows : sequence of int, optional
        Rows of the prediction that are meant; all without it.
    """
    probabilities, chosen = np.array(PROBABILITIES), slice(None) if rows is None else rows
    if days:
        near = replace(prediction, mean=prediction.mean[:, :days])
        day = near.quantiles(probabilities)[chosen]
        yield from _forecasts(variants, "day", range(1, days + 1), near.mean[chosen], day)
    mean = np.stack([prediction.sum_mean(n)[chosen] for n in sums], axis=1)
    total = np.stack([prediction.sum_quantiles(n, probabilities)[chosen] for n in sums], axis=1)
    yield from _forecasts(variants, "sum", sums, mean, total)


def _forecasts(
    variants: Sequence[int], kind: str, numbers: Sequence[int], mean: Floats, quantiles: Floats
) -> Iterator[NewForecast]:
    """Yield forecasts of `variants` (first axis) by day number (second); quantiles that rise, never below zero.

    Rounded as whole arrays: one by one, a hundred thousand rows took longer than their forecasts.
    """
    levels = [f"{p:g}" for p in PROBABILITIES]
    means = mean.clip(0).round(4).tolist()
    held = np.maximum.accumulate(quantiles.clip(0), axis=-1).round(3).tolist()
    for variant, of_days, of_quantiles in zip(variants, means, held, strict=True):
        for n, expected, units in zip(numbers, of_days, of_quantiles, strict=True):
            yield NewForecast(variant, kind, n, expected, dict(zip(levels, units, strict=True)))
