"""RFM: recency, frequency and money scored 1–5 within the shop, and the eleven named groups.

Scores come from quantile cut points (20, 40, 60, 80 % of the customers with orders), so equal
values always share a score and a score may stay empty. ``FM = (F + M) / 2``, halves rounded up; the group is read
from our published R × FM grid, version `GRID_VERSION` (docs/segments.md). Names follow Shopify's; the cell table
is ours, because Shopify publishes none.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

GRID_VERSION = 1

#: Rows: R from 5 (most recent fifth) to 1. Columns: FM from 1 to 5.
GRID: dict[int, tuple[str, str, str, str, str]] = {
    5: ("NEW", "NEW", "ACTIVE", "LOYAL", "CHAMPIONS"),
    4: ("PROMISING", "PROMISING", "ACTIVE", "LOYAL", "LOYAL"),
    3: ("ALMOST_LOST", "ALMOST_LOST", "NEEDS_ATTENTION", "NEEDS_ATTENTION", "LOYAL"),
    2: ("DORMANT", "ALMOST_LOST", "AT_RISK", "AT_RISK", "PREVIOUSLY_LOYAL"),
    1: ("DORMANT", "DORMANT", "ALMOST_LOST", "AT_RISK", "PREVIOUSLY_LOYAL"),
}
NO_ORDERS = "PROSPECTS"
GROUPS = (
    "CHAMPIONS",
    "LOYAL",
    "ACTIVE",
    "NEW",
    "PROMISING",
    "NEEDS_ATTENTION",
    "PREVIOUSLY_LOYAL",
    "AT_RISK",
    "ALMOST_LOST",
    "DORMANT",
    NO_ORDERS,
)
GROUP_LABELS = {
    "en": dict(
        zip(
            GROUPS,
            (
                "Champions",
                "Loyal",
                "Active",
                "New",
                "Promising",
                "Needs attention",
                "Previously loyal",
                "At risk",
                "Almost lost",
                "Dormant",
                "Prospects",
            ),
            strict=True,
        )
    ),
    "pl": dict(
        zip(
            GROUPS,
            (
                "Najlepsi",
                "Lojalni",
                "Aktywni",
                "Nowi",
                "Obiecujący",
                "Wymagają uwagi",
                "Dawniej lojalni",
                "Zagrożeni",
                "Prawie utraceni",
                "Uśpieni",
                "Bez zamówień",
            ),
            strict=True,
        )
    ),
}

SHARES = (0.2, 0.4, 0.6, 0.8)


def cut_points(values: pl.Series) -> list[float]:
    """Return the four cut points: values that occur, at 20, 40, 60 and 80 %."""
    known = values.drop_nulls().to_numpy()
    if not len(known):
        return [0.0] * len(SHARES)
    places = [int(share * (len(known) - 1)) for share in SHARES]
    # one partial sort finds all four; the values elsewhere stay in disorder
    return [float(v) for v in np.partition(known, places)[places]]


def cuts_of(customers: pl.DataFrame, today: date) -> dict[str, list[float]]:
    """Return the four cut points of ``r`` (minus days), ``f`` (orders) and ``m`` (minor units) among the buyers."""
    bought = customers.filter(pl.col("orders") > 0)
    if bought.is_empty():
        return {name: [] for name in ("r", "f", "m")}
    values = bought.select(**measures(today))
    return {name: cut_points(values.get_column(name)) for name in values.columns}


def measures(today: date) -> dict[str, pl.Expr]:
    """Return what is scored, more is better: minus the days since the last order, orders, spend."""
    recency = -(pl.lit(today) - pl.col("last_order_on")).dt.total_days()
    return {"r": recency, "f": pl.col("orders"), "m": pl.col("spent_minor")}


def score(values: pl.Expr, cuts: list[float]) -> pl.Expr:
    """Return 1 plus the number of cut points below the value: equal values, equal scores."""
    # counted in one byte, for there are at most five
    points = pl.lit(1, pl.Int8)
    for cut in cuts:
        points = points + (values > cut).cast(pl.Int8)
    return points.cast(pl.Int64)


def score_customers(customers: pl.DataFrame, today: date) -> pl.DataFrame:
    """Add the RFM columns to customers.

    Parameters
    ----------
    customers : polars.DataFrame
        ``orders`` (count), ``last_order_on`` (date) and ``spent_minor`` (integer minor units); other columns stay.
    today : date
        Day recency is counted to; shifting it changes no score.

    Returns
    -------
    polars.DataFrame
        With ``r, f, m`` (1–5, null without orders), ``rfm_code`` (e.g. ``"545"``) and ``rfm_group``.
    """
    cuts, has = cuts_of(customers, today), pl.col("orders") > 0
    scores = [
        pl.when(has).then(score(measure, cuts[name])).otherwise(None).alias(name)
        for name, measure in measures(today).items()
    ]
    scored = customers.with_columns(scores)
    # the number of the cell out of 125; its words are looked up, not made ten million times
    cell = scored.select((pl.col("r") - 1) * 25 + (pl.col("f") - 1) * 5 + (pl.col("m") - 1)).to_series()
    groups = _GROUP_OF_CELL.gather(cell).fill_null(NO_ORDERS)
    return scored.with_columns(_CODES.gather(cell).alias("rfm_code"), groups.alias("rfm_group"))


def _group_of(r: int, f: int, m: int) -> str:
    """Look the group up in the grid; (F + M + 1) // 2 is (F + M) / 2 with halves rounded up."""
    return GRID[r][(f + m + 1) // 2 - 1]


_CELLS = [(r, f, m) for r in range(1, 6) for f in range(1, 6) for m in range(1, 6)]
_CODES = pl.Series("rfm_code", [f"{r}{f}{m}" for r, f, m in _CELLS])
_GROUP_OF_CELL = pl.Series("rfm_group", [_group_of(*cell) for cell in _CELLS])
