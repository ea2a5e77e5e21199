"""Sufficient statistics: customers with the same (x, t_x, T) are counted once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Numbers = NDArray[np.floating[Any]] | NDArray[np.integer[Any]]


#: From this many customers tables and threads are worth their start; most cells of a table.
MANY, DENSE = 200_000, 16_000_000


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
    packed, weight = _unique(_keys(customers))
    mask = 2**21 - 1
    age = packed & mask
    return Counts(packed >> 42, (packed >> 21) & mask, age, weight, np.zeros_like(age))


def _unique(keys: pl.Series) -> tuple[Ints, Floats]:
    """Return the keys that occur, sorted, and how often."""
    if len(keys) < MANY:
        packed, times = np.unique(keys.to_numpy(), return_counts=True)
        return packed, times.astype(np.float64)
    unique = keys.value_counts(name="n").sort("key")
    return unique.get_column("key").to_numpy(), unique.get_column("n").to_numpy().astype(np.float64)


def position(customers: pl.DataFrame, counts: Counts) -> Ints:
    """Return which history each customer has, so that a forecast by history can be spread again."""
    width = int(counts.age.max(initial=0)) + 1
    rows = customers.height
    # Nearly all customers bought a few times: a table finds them at once, a search in millions of keys does not.
    low = int(np.searchsorted(counts.x, min(DENSE // width**2, rows * 4 // width**2 + 1)))
    if rows < MANY or low == 0:
        return _searched(customers, counts, 0)
    table = np.zeros(int(counts.x[low - 1] + 1) * width**2, dtype=np.int32)
    table[(counts.x[:low] * width + counts.t_x[:low]) * width + counts.age[:low]] = np.arange(low, dtype=np.int32)
    x, t_x, age = (pl.col(c).cast(pl.Int64) for c in ("x", "t_x", "age"))
    cell = customers.select(((x * width + t_x) * width + age).alias("cell")).to_series().to_numpy()
    found = table.take(cell, mode="clip").astype(np.int64)
    rest = np.flatnonzero(cell >= len(table))
    found[rest] = _searched(customers[rest], counts, low)
    return found


def _searched(customers: pl.DataFrame, counts: Counts, start: int) -> Ints:
    """Return which history each customer has, of those from `start` on."""
    packed = (counts.x[start:] << 42) | (counts.t_x[start:] << 21) | counts.age[start:]
    return start + np.searchsorted(packed, _keys(customers).to_numpy())


def _keys(customers: pl.DataFrame) -> pl.Series:
    """Pack x, t_x and age into one 64-bit number (21 bits each): it groups several times faster."""
    x, t_x, age = (pl.col(c).cast(pl.Int64) for c in ("x", "t_x", "age"))
    return customers.select((x * 2**42 + t_x * 2**21 + age).alias("key")).to_series()


def rising(starts: Sequence[float], steps: Ints) -> tuple[Floats, Floats]:
    """Return log Γ(c + k) − log Γ(c) and its derivative by c, a row for each c, for k = 0 … len(steps).

    Sums of logarithms and of reciprocals: exact to the last digits, and ten times faster than the gamma functions.

    Parameters
    ----------
    steps : array of int
        0, 1, 2, …
    """
    terms = np.array(starts)[:, None] + steps
    sums = np.zeros((2, len(starts), len(steps) + 1))
    np.cumsum(np.log(terms), axis=1, out=sums[0, :, 1:])
    np.cumsum(1 / terms, axis=1, out=sums[1, :, 1:])
    return sums[0], sums[1]
