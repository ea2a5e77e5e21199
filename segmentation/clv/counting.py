"""Sufficient statistics: customers with the same (x, t_x, T) are counted once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Numbers = NDArray[np.floating[Any]] | NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Counts:
    """Unique histories with how many customers share each.

    Attributes
    ----------
    x, t_x, age : arrays of int, shape (n,)
        Purchase days after the first; days to the last purchase; days to the end of observation.
    weight : array of float, shape (n,)
        Customers with this history.
    head : array of int, shape (n,)
        Days of silence counted before the first purchase seen: 0 for customers who are new with it, more
        where the file begins in the middle of their story; see `acquaintance`.
    """

    x: Ints
    t_x: Ints
    age: Ints
    weight: Floats
    head: Ints

    @property
    def customers(self) -> float:
        """Number of customers."""
        return float(self.weight.sum())

    def thinned(self, size: int) -> Counts:
        """Return about `size` customers: every k-th one, in order of history (deterministic)."""
        step = self.customers / size
        if step <= 1:
            return self
        edges = np.floor(np.cumsum(self.weight) / step)
        taken = np.diff(edges, prepend=0.0)
        keep = taken > 0
        return Counts(self.x[keep], self.t_x[keep], self.age[keep], taken[keep], self.head[keep])

    def redrawn(self, generator: np.random.Generator) -> Counts:
        """Return a bootstrap sample: a multinomial draw of the weights."""
        total = round(self.customers)
        weight = generator.multinomial(total, self.weight / self.customers).astype(float)
        keep = weight > 0
        return Counts(self.x[keep], self.t_x[keep], self.age[keep], weight[keep], self.head[keep])

    def known_before(self, share: float) -> Counts:
        """Return the same histories with `share` of the time before each first purchase counted as silence."""
        span = int(self.age.max(initial=0))
        return Counts(self.x, self.t_x, self.age, self.weight, np.rint(share * (span - self.age)).astype(np.int64))


def count(customers: pl.DataFrame) -> Counts:
    """Compress a summary of customers to its unique histories, sorted; everybody is new with the first purchase.

    Parameters
    ----------
    customers : polars.DataFrame
        With ``x, t_x, age`` as from `history.summarise`.
    """
    unique = _keys(customers).value_counts(name="n").sort("key")
    packed, mask = unique.get_column("key").to_numpy(), 2**21 - 1
    weight = unique.get_column("n").to_numpy().astype(np.float64)
    age = packed & mask
    return Counts(packed >> 42, (packed >> 21) & mask, age, weight, np.zeros_like(age))


def position(customers: pl.DataFrame, counts: Counts) -> Ints:
    """Return which history each customer has, so that a forecast by history can be spread again."""
    packed = (counts.x << 42) | (counts.t_x << 21) | counts.age
    return np.searchsorted(packed, _keys(customers).to_numpy())


def _keys(customers: pl.DataFrame) -> pl.Series:
    """Pack x, t_x and age into one 64-bit number (21 bits each): it groups several times faster."""
    x, t_x, age = (pl.col(c).cast(pl.Int64) for c in ("x", "t_x", "age"))
    return customers.select((x * 2**42 + t_x * 2**21 + age).alias("key")).to_series()
