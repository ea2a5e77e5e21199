"""Suggestions cut to a budget by what they are worth: the purchase optimiser on a plan's own lines."""

from __future__ import annotations

import numpy as np
import polars as pl

from forecasting.panel import Floats

#: Cost of holding stock for a year, as a share of its cost: capital, space, ageing.
HOLDING_RATE = 0.25


def within_budget(lines: pl.DataFrame, budget_minor: int) -> pl.DataFrame:
    """Return the lines with ``order_qty`` cut to a budget, the least valuable packs first; ``wanted_qty`` keeps the rest.

    Parameters
    ----------
    budget_minor : int
        Minor units of the buying currency.
    """
    steps = ladder(lines)
    bought = np.zeros(lines.height, dtype=np.int64)
    left, stopped = budget_minor, set()
    for row, units, cost in zip(steps.row.tolist(), steps.units.tolist(), steps.cost.tolist(), strict=True):
        if row in stopped or cost > left:
            stopped.add(row)  # a later pack of a line never comes before an earlier one
            continue
        bought[row] += units
        left -= cost
    return lines.with_columns(pl.col("order_qty").alias("wanted_qty"), pl.Series("order_qty", bought))


def mean_sold(stock: Floats, mean: Floats, sd: Floats) -> Floats:
    """Return E[min(D, stock)] for normal demand [mu, sigma]: mu - sigma · L(z), L the standard normal loss."""
    z = (stock - mean) / sd
    density = np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
    return np.asarray(mean - sd * (density - z * ndtr(-z)))


def _floats(frame: pl.DataFrame, name: str, missing: float = 0.0) -> Floats:
    return np.asarray(frame.get_column(name).cast(pl.Float64).fill_null(missing).to_numpy())
