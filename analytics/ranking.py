"""Rank the rows of an answer: the largest first, with each row's share of the whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.metrics import metric
from analytics.periods import TIME
from oms_core.kernel.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl


def ranked(frame: pl.DataFrame, slugs: Sequence[str], top: int) -> pl.DataFrame:
    """Return the first `top` rows by the first metric, within each currency and time bucket.

    Adds ``rank`` (from 1; ties by the dimensions) and ``<slug>_share`` for every metric whose rows add up: the part
    of the sum over all rows, also those that are cut off. Where that sum is zero the share is missing.

    Parameters
    ----------
    frame : polars.DataFrame
        Answer of `analytics.ask.ask`: dimensions, then metrics.
    slugs : sequence of str
        The metrics asked, the one to rank by first.
    top : int
        How many rows to keep.

    Raises
    ------
    InvalidInput
        ``input.top`` unless it is at least 1.
    """
    import polars as pl

    if top < 1:
        raise InvalidInput("top", str(top), "it must be at least 1", "Write --top 10 for the ten largest.")
    dims = frame.columns[: frame.columns.index(slugs[0])]
    within = [d for d in dims if d == "currency" or d in TIME]
    group: list[str | pl.Expr] = [*within] or [pl.lit(1)]
    order = frame.sort([*within, slugs[0], *dims], descending=[*[False] * len(within), True, *[False] * len(dims)],
                       nulls_last=True)  # fmt: skip
    whole = [s for s in dict.fromkeys(slugs) if metric(s).additive and not set(dims) & set(metric(s).additive_except)]
    shares = [
        pl.when(pl.col(s).sum().over(group) != 0).then(pl.col(s) / pl.col(s).sum().over(group)).alias(f"{s}_share")
        for s in whole
    ]
    found = order.with_columns(pl.int_range(1, pl.len() + 1).over(group).alias("rank"), *shares)
    return found.filter(pl.col("rank") <= top)
