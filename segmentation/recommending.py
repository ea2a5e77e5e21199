"""What a customer may want next: what they buy again, and what those who bought the same bought too.

Lines of orders in, SKUs out. A count of what goes together is a strong baseline; it is judged against
bestsellers on orders it has not seen (`backtest`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from scipy import sparse

from oms_core.kernel.errors import DataNotReady

#: Customers of no opinion added to each SKU's count: a pair seen once among two buyers is no law.
SHRINK = 20.0
#: Fewer customers with a second order than these prove nothing.
FEWEST_JUDGED = 30
#: What buying again may weigh against the taste of others; the shop's own past chooses.
WEIGHTS = (1.0, 0.0, 0.03, 0.1, 0.3, 3.0)
#: Customers scored at one time.
_CHUNK = 2_000


@dataclass(frozen=True)
class Taste:
    """What goes with what.

    Attributes
    ----------
    skus : list of str
        In the order of the columns of `together`.
    together : scipy.sparse.csr_array
        Shrunk share of the row SKU's buyers who bought the column's in another order or the same; the
        diagonal is the share who bought it in two orders or more: buying again.
    popular : numpy.ndarray
        Share of customers who bought each SKU.
    weight : float
        Of buying again, one of `WEIGHTS`.
    """

    skus: list[str]
    together: Any
    popular: Any
    weight: float = WEIGHTS[0]


def learn(lines: pl.DataFrame) -> Taste:
    """Count what goes with what, and weigh buying again by what would have found everybody's last order.

    Parameters
    ----------
    lines : polars.DataFrame
        ``customer_id, order_id, business_date, sku``; repeated rows count once.
    """
    before, truth = _apart(lines)
    judged = before.get_column("customer_id").n_unique()
    if judged < FEWEST_JUDGED:
        return _counted(lines)
    past = _counted(before)
    rates = [_hit_rate(truth, recommend(replace(past, weight=weight), before, count=10), judged) for weight in WEIGHTS]
    return replace(_counted(lines), weight=WEIGHTS[rates.index(max(rates))])


def _counted(lines: pl.DataFrame) -> Taste:
    orders = lines.group_by("customer_id", "sku").agg(pl.col("order_id").n_unique().alias("orders"))
    skus = orders.get_column("sku").unique().sort()
    bought, people = _matrix(orders, skus)
    again, _ = _matrix(orders.filter(pl.col("orders") > 1), skus)
    buyers = np.asarray(bought.sum(axis=0)).ravel()
    pairs = sparse.csr_array(bought.T @ bought)
    pairs.setdiag(np.asarray(again.sum(axis=0)).ravel())
    shares = sparse.csr_array(sparse.diags_array(1.0 / (buyers + SHRINK)) @ pairs)
    return Taste(skus.to_list(), shares, buyers / max(people, 1))


def _matrix(orders: pl.DataFrame, skus: pl.Series, values: pl.Series | None = None) -> tuple[Any, int]:
    """Return who bought what as ones (or as values), by customer in order of id, and how many customers there are."""
    people = orders.get_column("customer_id").unique().sort()
    rows = people.search_sorted(orders.get_column("customer_id")).to_numpy()
    columns = skus.search_sorted(orders.get_column("sku")).to_numpy()
    held = np.ones(len(rows)) if values is None else values.to_numpy().astype(np.float64)
    return sparse.csr_array((held, (rows, columns)), shape=(people.len(), skus.len())), people.len()


def recommend(taste: Taste, lines: pl.DataFrame, *, count: int = 3) -> pl.DataFrame:
    """Return the best SKUs for each customer of some lines: ``customer_id, rank, sku``, best first.

    A SKU's score is its mean share over everything the customer bought, the share of the customer's own
    orders that held it times the weight of buying again, and a little of its popularity.
    """
    known = lines.filter(pl.col("sku").is_in(taste.skus))
    times = known.group_by("customer_id", "sku").agg(pl.col("order_id").n_unique().alias("orders"))
    trips = known.group_by("customer_id").agg(pl.col("order_id").n_unique().alias("trips")).sort("customer_id")
    skus = pl.Series(taste.skus, dtype=pl.String)
    if times.is_empty():
        return pl.DataFrame(schema={"customer_id": pl.Int64, "rank": pl.Int64, "sku": pl.String})
    bought, people = _matrix(times, skus)
    own, _ = _matrix(times, skus, values=times.get_column("orders"))
    each = sparse.diags_array(1.0 / np.maximum(np.asarray(bought.sum(axis=1)).ravel(), 1))
    again = sparse.diags_array(taste.weight / trips.get_column("trips").to_numpy())
    wanted, repeated = sparse.csr_array(each @ bought), sparse.csr_array(again @ own)
    count = min(count, len(taste.skus))
    found = [
        _best(
            (wanted[at : at + _CHUNK] @ taste.together + repeated[at : at + _CHUNK]).toarray() + 0.01 * taste.popular,
            count,
        )
        for at in range(0, people, _CHUNK)
    ]
    best = np.concatenate(found)
    return pl.DataFrame({
        "customer_id": np.repeat(trips.get_column("customer_id").to_numpy(), count),
        "rank": np.tile(np.arange(1, count + 1), people),
        "sku": np.array(taste.skus, dtype=object)[best.ravel()].tolist(),
    }, schema_overrides={"sku": pl.String})  # fmt: skip


def _best(scores: Any, count: int) -> Any:
    """Return the columns of the largest scores of each row, largest first; equal ones by column."""
    some = np.sort(np.argpartition(-scores, count - 1, axis=1)[:, :count], axis=1)
    order = np.argsort(-np.take_along_axis(scores, some, axis=1), axis=1, kind="stable")
    return np.take_along_axis(some, order, axis=1)


def backtest(lines: pl.DataFrame, *, count: int = 10) -> dict[str, Any]:
    """Judge on each customer's last order, which nothing was learnt from.

    Parameters
    ----------
    lines : polars.DataFrame
        ``customer_id, order_id, business_date, sku``.

    Returns
    -------
    dict
        ``customers`` judged, ``count``, and the share of last orders that hold one of so many SKUs: ``hit_rate``
        of this, ``bestsellers``, and ``rebuy`` (what they bought most often, then bestsellers).

    Raises
    ------
    DataNotReady
        ``recommend.too_few``.
    """
    before, truth = _apart(lines)
    judged = before.get_column("customer_id").unique()
    if judged.len() < FEWEST_JUDGED:
        raise DataNotReady(
            "recommend.too_few",
            f"{judged.len()} customers ordered twice; {FEWEST_JUDGED} are needed to judge by their last orders.",
        )
    taste = learn(before)
    popular = pl.DataFrame({"sku": taste.skus, "popular": taste.popular}).sort(
        "popular", "sku", descending=[True, False]
    )
    everywhere = judged.to_frame().join(popular.head(count).select("sku"), how="cross")
    often = before.group_by("customer_id", "sku").agg(pl.col("order_id").n_unique().cast(pl.Float64).alias("times"))
    filled = pl.concat([often, everywhere.with_columns(pl.lit(0.0).alias("times"))])
    filled = filled.group_by("customer_id", "sku").agg(pl.col("times").max()).join(popular, on="sku")
    again = filled.sort("times", "popular", "sku", descending=[True, True, False])
    again = again.group_by("customer_id", maintain_order=True).head(count)
    ways = {"hit_rate": recommend(taste, before, count=count), "bestsellers": everywhere, "rebuy": again}
    rates = {name: _hit_rate(truth, found, judged.len()) for name, found in ways.items()}
    return {"customers": judged.len(), "count": count, "weight": taste.weight, **rates}


def _apart(lines: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the lines before each customer's last order, and what was in it: ``customer_id, sku``."""
    order = ["customer_id", "business_date", "order_id"]
    last = lines.sort(order).group_by("customer_id", maintain_order=True).agg(pl.col("order_id").last())
    truth = lines.join(last, on=["customer_id", "order_id"], how="semi").select("customer_id", "sku").unique()
    return lines.join(last, on=["customer_id", "order_id"], how="anti"), truth


def _hit_rate(truth: pl.DataFrame, found: pl.DataFrame, people: int) -> float:
    """Return the share of people whose last order held one of what was found for them."""
    hits = truth.join(found.select("customer_id", "sku"), on=["customer_id", "sku"], how="semi")
    return hits.get_column("customer_id").n_unique() / people
