"""How much somebody may want a SKU next: four reasons weighed by what would have found the shop's own later orders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segmentation.offers.kinship import Kinship
from segmentation.offers.past import Past, Vector, past

#: What a SKU nobody bought lately keeps of its score: it may be out of season, not out of favour.
FLOOR = 0.05
#: Lines of no opinion added to a customer's prices before their band is told.
PRICE_SHRINK = 5.0
#: Customers scored at one time.
CHUNK = 500
AGAIN, TOGETHER, POPULAR = "again", "together", "popular"
WHYS = (AGAIN, TOGETHER, POPULAR)


@dataclass(frozen=True)
class Weights:
    """What counts how much; chosen by `trial.chosen`.

    Attributes
    ----------
    half_life_days : float
        Days after which a sale counts half for what sells now.
    together, popular : float
        Of what those with the same taste buy, and of what sells now, beside buying again (1).
    price : float
        Of prices the customer does not pay; 0 ignores them.
    """

    half_life_days: float = 30.0
    together: float = 0.1
    popular: float = 0.03
    price: float = 0.0


@dataclass(frozen=True)
class Taste:
    """What goes with what, what sells, and how they are weighed.

    Attributes
    ----------
    kinship : Kinship
        What goes with what.
    """

    past: Past
    kinship: Kinship
    weights: Weights = Weights()

    def recent(self) -> Vector:
        """Return what sells now, 1 for what sells best."""
        columns, days = self.past.last_days
        sold = np.bincount(columns, 0.5 ** (days / self.weights.half_life_days), self.past.skus.len())
        return np.asarray(sold / max(float(sold.max(initial=0.0)), 1e-300), dtype=np.float64)


def learn(lines: pl.DataFrame, weights: Weights | None = None) -> Taste:
    """Count what goes with what.

    Parameters
    ----------
    lines : polars.DataFrame
        See `past.past`.
    """
    known = past(lines)
    return Taste(known, Kinship(known), weights or Weights())


def best_of(
    taste: Taste, rows: NDArray[np.int64], count: int, allowed: NDArray[np.bool_] | None = None
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int8]]]:
    """Return the best columns of some customers' rows, and which reason weighs most there (of `WHYS`), by chunks."""
    for start in range(0, len(rows), CHUNK):
        some = rows[start : start + CHUNK]
        own, others = reasons(taste, some)
        scores = combined(taste, some, own, others)
        best = top(scores if allowed is None else np.where(allowed, scores, -np.inf), count)
        weights, recent = taste.weights, taste.recent()
        said = (
            np.take_along_axis(own, best, axis=1), weights.together * np.take_along_axis(others, best, axis=1),
            weights.popular * recent[best],
        )  # fmt: skip
        yield best, np.argmax(np.stack(said), axis=0).astype(np.int8)


def reasons(taste: Taste, some: NDArray[np.int64]) -> tuple[Vector, Vector]:
    """Return what speaks for each SKU whatever the weights: buying again, and what goes with what was bought."""
    return taste.past.own[some].toarray(), taste.kinship.of(some)


def combined(taste: Taste, some: NDArray[np.int64], own: Vector, others: Vector) -> Vector:
    """Return the scores of some customers from the two reasons, what sells now, and what they pay."""
    weights, recent = taste.weights, taste.recent()
    wanted = own + weights.together * others + weights.popular * recent
    return np.asarray(wanted * (FLOOR + np.sqrt(recent)) * _fit(taste.past, some, weights.price))


def _fit(known: Past, some: NDArray[np.int64], weight: float) -> Any:
    """Return how well prices fit what a customer pays: 1 within a deviation of their mean, less beyond."""
    if not weight or known.log_price is None:
        return 1.0
    mean, deviation = bands(known, some)
    beyond = np.maximum(np.abs(known.log_price - mean[:, None]) / deviation[:, None] - 1.0, 0.0)
    return np.exp(-0.5 * weight * beyond**2)


def bands(known: Past, some: NDArray[np.int64]) -> tuple[Vector, Vector]:
    """Return mean and deviation of the logarithm of the unit prices customers pay, shrunk to everybody's."""
    prices = known.log_price if known.log_price is not None else np.zeros(known.skus.len())
    all_sold = np.asarray(known.bought.sum(axis=0)).ravel()
    everybody = float(np.average(prices, weights=np.maximum(all_sold, 1e-9)))
    spread = float(np.average((prices - everybody) ** 2, weights=np.maximum(all_sold, 1e-9)))
    held = known.bought[some]
    n = np.asarray(held.sum(axis=1)).ravel() + PRICE_SHRINK
    mean = (held @ prices + PRICE_SHRINK * everybody) / n
    squares = (held @ prices**2 + PRICE_SHRINK * (spread + everybody**2)) / n
    return mean, np.sqrt(np.maximum(squares - mean**2, 1e-6))


def recommend(taste: Taste, people: pl.Series, *, count: int = 3, among: pl.Series | None = None) -> pl.DataFrame:
    """Return the best SKUs for each customer, best first.

    Parameters
    ----------
    people : polars.Series
        Customer ids; those who never bought are left out.
    among : polars.Series, optional
        SKUs that may be offered, such as those in stock; all when not given.

    Returns
    -------
    polars.DataFrame
        ``customer_id, rank, sku, why`` (of `WHYS`), ``in_band`` (its price is one they pay; None without prices).
    """
    known = taste.past
    asked = people.unique().sort().filter(people.unique().sort().is_in(known.people.implode()))
    rows = known.rows(asked)
    allowed = np.ones(known.skus.len(), dtype=bool) if among is None else known.skus.is_in(among.implode()).to_numpy()
    count = min(count, int(allowed.sum()))
    if not len(rows) or not count:
        return pl.DataFrame(schema=_SCHEMA)
    best, why = (np.concatenate(parts) for parts in zip(*best_of(taste, rows, count, allowed), strict=True))
    columns = best.astype(np.int64)
    in_band = _within(known, rows, columns)
    return pl.DataFrame({
        "customer_id": np.repeat(asked.to_numpy(), count),
        "rank": np.tile(np.arange(1, count + 1), len(rows)),
        "sku": known.skus.gather(columns.ravel()),
        "why": np.array(WHYS, dtype=object)[why.ravel()].tolist(),
        "in_band": None if in_band is None else in_band.ravel(),
    }, schema=_SCHEMA)  # fmt: skip


_SCHEMA: Mapping[str, Any] = {
    "customer_id": pl.Int64, "rank": pl.Int64, "sku": pl.String, "why": pl.String, "in_band": pl.Boolean,
}  # fmt: skip


def _within(known: Past, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[np.bool_] | None:
    if known.log_price is None:
        return None
    mean, deviation = bands(known, rows)
    # 1.64 deviations: nine in ten of the prices they pay
    return np.abs(known.log_price[columns] - mean[:, None]) <= 1.645 * deviation[:, None]


def top(scores: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """Return the columns of the largest scores of each row, largest first; equal ones by column."""
    some = np.sort(np.argpartition(-scores, count - 1, axis=1)[:, :count], axis=1)
    order = np.argsort(-np.take_along_axis(scores, some, axis=1), axis=1, kind="stable")
    return np.take_along_axis(some, order, axis=1)


def bestsellers(lines: pl.DataFrame, people: pl.Series, *, days: int = 90, count: int = 10) -> pl.DataFrame:
    """Return what members of a segment bought most lately: ``sku, buyers, share`` (of the members who bought anything).

    Parameters
    ----------
    people : polars.Series
        The members' customer ids.
    """
    own = lines.filter(pl.col("customer_id").is_in(people.implode()))
    last = lines.get_column("business_date").max()
    lately = own.filter((last - pl.col("business_date")).dt.total_days() < days)
    n = max(lately.get_column("customer_id").n_unique(), 1)
    buyers = lately.group_by("sku").agg(pl.col("customer_id").n_unique().alias("buyers"))
    return (
        buyers.sort("buyers", "sku", descending=[True, False])
        .head(count)
        .with_columns((pl.col("buyers") / n).alias("share"))
    )


def weighed(taste: Taste, weights: Weights) -> Taste:
    """Return the same counts under other weights."""
    return replace(taste, weights=weights)
