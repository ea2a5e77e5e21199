"""A series that replaces another carries its history: the new pack of an old product is not a new product."""

from __future__ import annotations

from typing import Any

import polars as pl

COLUMN = "replaces"


def with_history(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a panel's rows with those of predecessors under their successors' names.

    A successor (a row of it names its predecessor in `replaces`) takes the predecessor's periods before its own
    first sale, through any chain of replacements. The predecessor stays a series of its own. A predecessor that
    is not in the panel, or a circle of them, lends nothing.

    Parameters
    ----------
    frame : polars.DataFrame
        `series_id, replaces, _period, _y` and whatever else a panel holds.
    """
    named = frame.filter(pl.col(COLUMN).is_not_null()).group_by("series_id").agg(pl.col(COLUMN).first())
    before = dict(named.iter_rows())
    sold = frame.filter(pl.col("_y") > 0).group_by("series_id").agg(pl.col("_period").min())
    begun = dict(sold.iter_rows())
    known = set(frame["series_id"].unique().to_list())
    lent = [part for heir in before if heir in begun for part in _lent(frame, heir, before, begun, known)]
    if not lent:
        return frame
    taken = pl.concat(lent)
    own = frame.join(taken.select("series_id", "_period"), on=["series_id", "_period"], how="anti")
    return pl.concat([own, taken.select(frame.columns)])


def _lent(
    frame: pl.DataFrame, heir: Any, before: dict[Any, Any], begun: dict[Any, int], known: set[Any]
) -> list[pl.DataFrame]:
    """Return the rows that the chain of predecessors lends to one series, nearest first."""
    found, until, seen, name = [], begun[heir], {heir}, before.get(heir)
    while name in known and name not in seen:
        rows = frame.filter((pl.col("series_id") == name) & (pl.col("_period") < until))
        found.append(rows.with_columns(pl.lit(heir).cast(frame["series_id"].dtype).alias("series_id")))
        until = int(rows["_period"].to_numpy().min(initial=until))
        seen.add(name)
        name = before.get(name)
    return found
