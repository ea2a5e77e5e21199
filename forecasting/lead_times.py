"""Lead times as they were, drawn to what the supplier states: few deliveries move little, many decide.

Normal mean with a prior worth :data:`PRIOR` deliveries (Gelman et al., *Bayesian Data Analysis*, 3rd ed., §2.5):

* used = (PRIOR · stated + n · seen) / (PRIOR + n)
* used sd² = (PRIOR · stated sd² + (n - 1) · seen sd²) / (PRIOR + n - 1), for n ≥ 2; else the stated one

A first delivery that comes late moves the plan a quarter of the way; nine move it three quarters.
"""

from __future__ import annotations

import polars as pl

#: Deliveries the supplier's own word is worth.
PRIOR = 3.0
#: Days of deliveries looked back on: a supplier changes.
WINDOW_DAYS = 365
#: Shortest lead time in days.
SHORTEST = 0.5


def used(positions: pl.DataFrame, seen: pl.DataFrame) -> pl.DataFrame:
    """Return the positions with the lead times to plan by, and what they rest on.

    Parameters
    ----------
    positions : polars.DataFrame
        ``supplier_id, lead_time_days, lead_time_sd_days`` (stated, days) and whatever comes along.
    seen : polars.DataFrame
        A row a supplier: ``supplier_id, seen_deliveries, seen_days, seen_sd_days``.

    Returns
    -------
    polars.DataFrame
        ``lead_time_days, lead_time_sd_days`` as used; ``stated_days, seen_deliveries`` (0 without any),
        ``seen_days, seen_sd_days`` beside them.
    """
    joined = positions.join(seen, on="supplier_id", how="left", maintain_order="left")
    n = pl.col("seen_deliveries").fill_null(0)
    stated, stated_sd = pl.col("lead_time_days"), pl.col("lead_time_sd_days").fill_null(0.0)
    mean = (PRIOR * stated + n * pl.col("seen_days").fill_null(0.0)) / (PRIOR + n)
    spread = (PRIOR * stated_sd**2 + (n - 1) * pl.col("seen_sd_days").fill_null(0.0) ** 2) / (PRIOR + n - 1)
    known = stated.is_not_null()
    return joined.with_columns(
        pl.when(known & (n > 0)).then(pl.max_horizontal(mean, SHORTEST)).otherwise(stated).alias("lead_time_days"),
        pl.when(known & (n > 1)).then(spread.sqrt()).otherwise(pl.col("lead_time_sd_days")).alias("lead_time_sd_days"),
        stated.alias("stated_days"),
        n.cast(pl.Int64).alias("seen_deliveries"),
    )
