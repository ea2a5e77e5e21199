"""Who bought what, as matrices: customers in rows, SKUs in columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

Vector = NDArray[np.float64]
#: SKUs that may be offered: those with the most buyers; more would make a table of all pairs too large.
MOST_SKUS = 5_000
#: What an order counts less than the one after it: tastes move on (temporal decay as in TIFU-KNN, Hu and others 2020).
DECAY = 0.85


@dataclass(frozen=True)
class Past:
    """Orders as matrices, true as of `day`.

    Attributes
    ----------
    people : polars.Series
        Customer ids, in the order of the rows.
    skus : polars.Series
        In the order of the columns.
    bought : scipy.sparse.csr_array
        Ones where somebody bought a SKU.
    own : scipy.sparse.csr_array
        Share of somebody's orders that held a SKU, newer orders counting more.
    last_days : numpy.ndarray
        Of each bought line its column and how many days ago: two rows.
    log_price : numpy.ndarray or None
        Logarithm of the middle unit price of each SKU; None without amounts.
    """

    people: pl.Series
    skus: pl.Series
    bought: Any
    own: Any
    last_days: NDArray[np.int64]
    log_price: Vector | None

    def rows(self, people: pl.Series) -> NDArray[np.int64]:
        """Return the rows of customers, who must be known."""
        return np.asarray(self.people.search_sorted(people), dtype=np.int64)


def past(lines: pl.DataFrame, skus: pl.Series | None = None) -> Past:
    """Return the past of some lines.

    Parameters
    ----------
    lines : polars.DataFrame
        ``customer_id, order_id, business_date, sku``, also ``quantity, gross_minor``; repeated rows count once.
    skus : polars.Series, optional
        Columns to use, sorted; the most bought ones when not given.
    """
    day = lines.get_column("business_date").max()
    once = lines.group_by("customer_id", "order_id", "business_date", "sku").agg()
    if skus is None:
        buyers = once.group_by("sku").agg(pl.col("customer_id").n_unique().alias("n"))
        skus = buyers.sort("n", "sku", descending=[True, False]).head(MOST_SKUS).get_column("sku").sort()
    newest_first = pl.struct("business_date", "order_id").rank("dense", descending=True).over("customer_id")
    aged = once.with_columns(
        (newest_first - 1).alias("age"), (pl.lit(day, pl.Date) - pl.col("business_date")).dt.total_days().alias("days")
    )
    people = aged.get_column("customer_id").unique().sort()
    weight = pl.lit(DECAY).pow(pl.col("age"))
    orders = aged.unique(["customer_id", "order_id"]).group_by("customer_id").agg(weight.sum().alias("all"))
    held = aged.filter(pl.col("sku").is_in(skus.implode())).join(orders, on="customer_id", how="left")
    at = (np.asarray(people.search_sorted(held["customer_id"])), np.asarray(skus.search_sorted(held["sku"])))
    shape = (people.len(), skus.len())
    own = sparse.csr_array((held.select(weight / pl.col("all")).to_series().to_numpy(), at), shape=shape)
    bought = sparse.csr_array((np.ones(held.height), at), shape=shape)
    for matrix in (own, bought):
        matrix.sum_duplicates()
    bought.data[:] = 1.0
    return Past(people, skus, bought, own, np.vstack([at[1], held["days"].to_numpy()]), _prices(lines, skus))


def _prices(lines: pl.DataFrame, skus: pl.Series) -> Vector | None:
    if not {"quantity", "gross_minor"} <= set(lines.columns):
        return None
    paid = lines.filter((pl.col("quantity") > 0) & (pl.col("gross_minor") > 0))
    each = paid.group_by("sku").agg((pl.col("gross_minor") / pl.col("quantity")).median().log().alias("price"))
    found = skus.to_frame("sku").join(each, on="sku", how="left", maintain_order="left").get_column("price")
    return None if found.null_count() == found.len() else found.fill_null(found.median()).to_numpy()
