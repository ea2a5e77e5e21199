"""The shop's demand by channel, country or location, forecast so that every level adds up."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from analytics import frames
from app.jobs.forecasts import LEAST_DAYS, awake, without_bulk
from forecasting.reading import make_panel
from forecasting.reconcile import choose, coherent, tree_of
from oms_core.kernel.errors import DataNotReady, NotFound

if TYPE_CHECKING:
    from app.workspace import Workspace

#: What a SKU's demand may be split by.
PARTS = ("channel", "country", "location")
ORIGINS = 3
#: Parts beyond the largest that are kept apart, each; the rest is one part.
MOST_PARTS = 12
REST = "(rest)"


def by_part(workspace: Workspace, *, by: str, horizon: int) -> tuple[dict[str, Any], pl.DataFrame]:
    """Forecast SKU by part, SKU, category, part and the whole shop, and make them add up.

    Returns
    -------
    tuple of dict and polars.DataFrame
        ``series, by, method, error, seconds`` (error of totals by method and level), and rows
        ``level, node, day, mean``.

    Raises
    ------
    NotFound
        Unknown `by`.
    DataNotReady
        ``forecast.too_little_data``: too few days to judge the methods.
    """
    if by not in PARTS:
        raise NotFound("part", by, PARTS, hint=f"Known: {', '.join(PARTS)}.")
    begun = time.perf_counter()
    workspace.replica.refresh()
    sold = awake(_few_parts(frames.demand_parts(workspace.replica, by=by)))
    days = sold["day"].n_unique()
    needed = max(LEAST_DAYS, (ORIGINS + 1) * horizon)
    if days < needed:
        raise DataNotReady(
            "forecast.too_little_data",
            f"Levels over {horizon} days need {needed} days of orders by {by}; the shop has {days}.",
            "Ask for a shorter horizon, or import history (ordersight import).", days=days,
        )  # fmt: skip
    named = sold.with_columns(pl.concat_str("sku", "part", separator=" · ").alias("series_id"))
    panel = make_panel(without_bulk(named).select("series_id", "day", "y"), freq="D")
    labels = named.group_by("series_id").agg(pl.col("sku", "part", "category").first())
    rows = pl.DataFrame({"series_id": panel.ids}).join(labels, on="series_id", how="left", maintain_order="left")
    tree = tree_of({"sku": rows["sku"].to_list(), "category": rows["category"].to_list(), by: rows["part"].to_list()})
    chosen = choose(panel, tree, horizon=horizon, origins=ORIGINS)
    ahead = panel.days(panel.length, horizon)
    told = [(f"sku × {by}", panel.ids.to_list(), chosen.finest)]
    told += [(level, list(tree.nodes[level]), mean) for level, mean in coherent(chosen.finest, tree).items()]
    frame = pl.concat(_rows(level, names, mean, ahead) for level, names, mean in told)
    facts = {
        "series": len(panel.ids), "by": by, "method": chosen.method, "error": chosen.error,
        "seconds": round(time.perf_counter() - begun, 3),
    }  # fmt: skip
    return facts, frame


def _few_parts(sold: pl.DataFrame) -> pl.DataFrame:
    """Return the demand with all but the largest parts as one, its SKU under ``sku``."""
    largest = sold.group_by("part").agg(pl.col("y").sum()).sort("y", "part", descending=[True, False]).head(MOST_PARTS)
    part = pl.when(pl.col("part").is_in(largest["part"].to_list())).then("part").otherwise(pl.lit(REST))
    return (
        sold.with_columns(part.alias("part"), pl.col("series_id").alias("sku"))
        .group_by("sku", "part", "category", "day").agg(pl.col("y").sum()).sort("sku", "part", "day")
        .with_columns(pl.col("sku").alias("series_id"))
    )  # fmt: skip


def _rows(level: str, names: list[str], mean: Any, ahead: pl.Series) -> pl.DataFrame:
    count, horizon = mean.shape
    return pl.DataFrame(
        {
            "level": pl.repeat(level, count * horizon, eager=True),
            "node": pl.Series(names, dtype=pl.String).gather(np.repeat(np.arange(count), horizon)),
            "day": ahead.gather(np.tile(np.arange(horizon), count)),
            "mean": mean.ravel().round(4),
        }
    )
