"""Panels of any size: series are learned in pools that share their seasons, each pool by itself.

Series of one panel lend each other their growth, season and spread. Beyond some thousand series a pool knows these
as well as they can be known, and the memory of one panel would grow without end; so a large panel is dealt out into
pools, always the same ones. A pool is a pure function of its panel: pools run one after the other here, or
side by side on a cluster, with equal results. A panel of up to `POOL` series is one pool.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl

from forecasting.engine import Ordersight
from forecasting.panel import Ints, Panel
from forecasting.prediction import period_frame, sum_frame

#: Most series learned together.
POOL = 5_000

#: Runs a function over pieces and gives its frames in their order: the built-in ``map``, or a cluster.
Each = Callable[[Callable[[Panel], pl.DataFrame], Iterable[Panel]], Iterator[pl.DataFrame]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of every series: periods ahead, central intervals [per cent], sums over first periods."""

    horizon: int
    levels: Sequence[float]
    sums: Sequence[int] = ()


def pools(series: int, size: int = POOL) -> list[Ints]:
    """Return the rows of each pool: series are dealt out in turn, so that pools are alike."""
    count = max(1, -(-series // size))
    return [np.arange(turn, series, count) for turn in range(count)]


def forecast(panel: Panel, wanted: Wanted, *, each: Each = map, size: int = POOL) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Forecast a panel pool by pool.

    Returns
    -------
    tuple of polars.DataFrame
        As from `period_frame` and `sum_frame`, in the panel's order of series; the second is empty without sums.
    """
    dealt = pools(len(panel.ids), size)
    found = list(each(partial(of_pool, wanted=wanted), (panel.take(rows) for rows in dealt)))
    ordered = pl.concat(found).sort("days", "series_id", "day")
    is_sum = pl.col("days").is_not_null()
    bounds = pl.exclude("series_id", "days", "day")
    return (
        ordered.filter(~is_sum).select("series_id", "day", bounds),
        ordered.filter(is_sum).select("series_id", "days", bounds),
    )


def of_pool(panel: Panel, *, wanted: Wanted) -> pl.DataFrame:
    """Learn one pool; return its periods (``days`` empty) and sums (``day`` empty) as one frame."""
    prediction = Ordersight().fit(panel, horizon=wanted.horizon).predict()
    found = [period_frame(panel, prediction, wanted.levels).with_columns(days=pl.lit(None, pl.Int64))]
    if wanted.sums:
        found.append(sum_frame(panel, prediction, wanted.levels, wanted.sums))
    return pl.concat(found, how="diagonal")
