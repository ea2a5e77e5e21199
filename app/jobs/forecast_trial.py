"""Put stored forecasts on trial: score what is over, settle overrides, replay past weeks that nobody forecast."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from analytics import frames
from app.jobs.forecasts import awake, forecast_rows, panel_of, without_bulk
from forecasting.models import MODELS
from oms_core.kernel.errors import DataNotReady
from oms_core.planning.commands import store_forecast
from oms_core.planning.queries import forecasts, runs
from oms_core.planning.trial import NewScore, settle_overrides, store_scores, unscored_runs

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.workspace import Workspace

#: Totals of so many first days are scored: a week, and what a buyer usually orders for.
SPANS = (7, 28)
#: A total is judged only if the SKU was in stock for this share of its days: sales then are demand.
IN_STOCK = 0.9
#: Days learned from before a replayed origin, at least.
LEAST_DAYS = 112


def judge(workspace: Workspace, *, replay: int = 0, actor: str = "cli") -> dict[str, Any]:
    """Score every stored forecast whose days are over, and every override.

    Parameters
    ----------
    replay : int
        Weeks back for which forecasts are made now as they would have been made then, from what was
        ordered until then; they are marked as replayed. Weeks with a forecast are left alone.

    Returns
    -------
    dict
        ``runs, scored`` (totals), ``left_out`` (out of stock for part of their days), ``overrides, replayed``.

    Raises
    ------
    DataNotReady
        ``forecast.none``: there is nothing to judge.
    """
    workspace.replica.refresh()
    demand = without_bulk(frames.demand_panel(workspace.replica))
    with workspace.reading() as session:
        nothing = not runs(session, limit=1) and not replay
    if demand.is_empty() or nothing:
        raise DataNotReady("forecast.none", "No forecast has been stored yet.", "Run: ordersight forecast run")
    last: date = demand["day"].max()  # type: ignore[assignment]
    replayed = _replay(workspace, demand, last, replay, actor)
    told = {"runs": 0, "scored": 0, "left_out": 0}
    with workspace.transaction() as session:
        for days in SPANS:
            for run in unscored_runs(session, days=days, until=last):
                scores, left_out = _scores(session, demand, run.id, run.cutoff_on, days)
                told["runs"] += 1
                told["scored"] += store_scores(session, scores, actor=actor)
                told["left_out"] += left_out
        settled = settle_overrides(session, _actual(demand), until=last)
    return {**told, "overrides": settled, "replayed": replayed}


def _scores(session: Session, demand: pl.DataFrame, run_id: int, cutoff: date, days: int) -> tuple[list[NewScore], int]:
    """Return the scores of one run's totals over `days`, and how many were left out for lack of stock."""
    told = [row for row in forecasts(session, run_id, kind="sum") if row["day_number"] == days]
    end = cutoff + timedelta(days=days)
    came = demand.filter(pl.col("day").is_between(cutoff, end, closed="right"))
    before = demand.filter(pl.col("day").is_between(cutoff - timedelta(days=7), cutoff, closed="right"))
    sold = _by_variant(came, pl.col("y").sum())
    shown = _by_variant(came, pl.col("in_stock").mean())
    yesterday = _by_variant(before.filter(pl.col("day") == cutoff), pl.col("y").sum())
    week = _by_variant(before, pl.col("y").sum())
    judged = [row for row in told if shown.get(row["variant_id"], 0.0) >= IN_STOCK]
    scores = [
        NewScore(
            run_id, row["variant_id"], days, row["mean"], row["quantiles"]["0.1"], row["quantiles"]["0.9"],
            naive=days * yesterday.get(row["variant_id"], 0.0),
            seasonal_naive=days / 7 * week.get(row["variant_id"], 0.0), actual=sold[row["variant_id"]],
            inside=held(row["quantiles"], sold[row["variant_id"]]),
        )
        for row in judged
    ]  # fmt: skip
    return scores, len(told) - len(judged)


def held(quantiles: Mapping[str, float], actual: float, low: float = 0.1, high: float = 0.9) -> float:
    """Return the share of what came that lies between two quantiles of a forecast of whole units.

    P(demand < actual) to P(demand <= actual), read off the stored quantiles, is where a count lies; the part
    of that stretch between `low` and `high` is inside. Plain coverage overstates: of a SKU that sells nothing
    in most weeks every interval holds the zero.
    """
    levels = sorted((float(level), units) for level, units in quantiles.items())
    below = max((level for level, units in levels if units < actual), default=0.0)
    upto = max((level for level, units in levels if units <= actual), default=0.0)
    if upto == below:
        upto = min((level for level, units in levels if units > actual), default=1.0)
    if below < low and upto >= 1.0:
        return high - low
    inside = min(upto, high) - max(below, low)
    return max(inside, 0.0) / (upto - below)


def _by_variant(frame: pl.DataFrame, value: pl.Expr) -> dict[int, float]:
    return dict(frame.group_by("variant_id").agg(value.cast(pl.Float64).alias("value")).iter_rows())


def _actual(demand: pl.DataFrame) -> dict[int, dict[date, float]]:
    """Return units by variant and day, of days with units."""
    found: dict[int, dict[date, float]] = {}
    for variant, day, units in demand.filter(pl.col("y") > 0).select("variant_id", "day", "y").iter_rows():
        found.setdefault(variant, {})[day] = float(units)
    return found


def _replay(workspace: Workspace, demand: pl.DataFrame, last: date, weeks: int, actor: str) -> int:
    """Store forecasts of past weeks that have none, learned from what was known then; returns how many."""
    with workspace.reading() as session:
        made = {run["cutoff_on"] for run in runs(session, limit=1000)}
    found = 0
    for cutoff in _cutoffs(last, weeks):
        known = awake(demand.filter(pl.col("day") <= cutoff))
        if cutoff in made or known["day"].n_unique() < LEAST_DAYS:
            continue
        panel = panel_of(known)
        prediction = MODELS["ordersight"]().fit(panel, horizon=max(SPANS)).predict()
        ids = dict(known.select("series_id", "variant_id").unique().iter_rows())
        variants = [ids[str(sku)] for sku in panel.ids.to_list()]
        with workspace.transaction() as session:
            store_forecast(
                session, cutoff_on=cutoff, horizon_days=max(SPANS), engine="ordersight",
                forecasts=forecast_rows(variants, prediction, sums=SPANS), scores={"replayed": True}, actor=actor,
            )  # fmt: skip
        found += 1
    return found


def _cutoffs(last: date, weeks: int) -> Iterator[date]:
    """Yield the origins to replay, oldest first: a week apart, the newest a week before the last day."""
    for back in range(weeks, 0, -1):
        yield last - timedelta(days=7 * back)
