"""Real sales as a matrix (variant, location) × day; which warehouse each left from is simulated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from app.demo.places import CONTINENT, WAREHOUSES

#: Share of home orders the second warehouse takes when it keeps the product.
WEST_SHARE = 35


@dataclass(frozen=True, slots=True)
class Demand:
    """Units sold by pair and day.

    Parameters
    ----------
    pairs : DataFrame
        ``pair, variant_id, place`` (index into WAREHOUSES), sorted by pair.
    units : array (P, D)
        Units; day 0 is `since`.
    """

    pairs: pl.DataFrame
    units: NDArray[np.int64]
    since: date


def placed(lines: pl.DataFrame) -> pl.DataFrame:
    """Add ``place``: the warehouse a line's units left from.

    Parameters
    ----------
    lines : DataFrame
        ``variant_id, order_key, country, day, quantity``. `order_key` is the channel's number.

    Notes
    -----
    Continental orders leave from Łódź and a fixed share of the others from Bristol if they keep the
    product among their best sellers; everything else leaves from Leeds.
    """
    sellers = lines.group_by("variant_id").agg(pl.len().alias("n")).sort(["n", "variant_id"], descending=[True, False])
    sellers = sellers.with_row_index("rank").select("variant_id", "rank")
    west, continent = WAREHOUSES[1].reach or 0, WAREHOUSES[2].reach or 0
    # a fixed scramble of the order's number (Knuth's multiplier), not a hash that changes with a library
    number = pl.col("order_key").str.extract(r"(\d+)").cast(pl.Int64).fill_null(0)
    to_west = (number * 2_654_435_761 // 65_536) % 100 < WEST_SHARE
    return lines.join(sellers, on="variant_id").with_columns(
        pl.when(pl.col("country").is_in(sorted(CONTINENT)) & (pl.col("rank") < continent))
        .then(2)
        .when(~pl.col("country").is_in(sorted(CONTINENT)) & (pl.col("rank") < west) & to_west)
        .then(1)
        .otherwise(0)
        .alias("place")
    )


def demand(lines: pl.DataFrame, *, until: date) -> Demand:
    """Sum the lines by pair and day up to `until` (inclusive)."""
    spread = placed(lines)
    pairs = spread.select("variant_id", "place").unique().sort("variant_id", "place").with_row_index("pair")
    since: date = lines.select(pl.col("day").min()).item()
    cells = (
        spread.join(pairs, on=["variant_id", "place"])
        .group_by("pair", "day")
        .agg(pl.col("quantity").sum())
        .with_columns(at=(pl.col("day") - since).dt.total_days())
    )
    units = np.zeros((pairs.height, (until - since).days + 1), dtype=np.int64)
    units[cells["pair"].to_numpy(), cells["at"].to_numpy()] = cells["quantity"].to_numpy()
    return Demand(pairs, units, since)
