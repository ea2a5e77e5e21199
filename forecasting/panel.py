"""The panel contract: `series_id, day, y` (and stock, prices, promotions) as matrices.

One row a series and period, in any order. What is absent:

* **days**: a day without a row, between a series' first row and the panel's last day, sold nothing;
* **weeks and months**: a period without a row is unknown, except in a panel of counts that never
  writes a zero (a list of sales), where it sold nothing;
* a row whose `y` is empty is unknown in every panel.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from forecasting.periods import Calendar

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Panel:
    """Demand of n series over T periods.

    Parameters
    ----------
    ids : polars.Series, shape (n,)
        Names of the series, of the type given.
    calendar : Calendar
        Frequency of the periods.
    first : int
        Period number of column 0.
    y : ndarray, shape (n, T)
        Units (or money) of each period; NaN where unknown.
    stock : ndarray, shape (n, T)
        Share of the period in which the series could be sold, 0–1; 1 where nobody said.
    known : dict of str to ndarray, shape (n, T + future)
        Columns known in advance, such as ``price`` and ``promo``; NaN where not given.
    refused : list of dict
        Series left out: ``series_id, code, reason``.
    category : ndarray of int, shape (n,), optional
        Number of each series' category; those of one number look alike.
    list_price : ndarray, shape (n,), optional
        Usual price; NaN where unknown.
    """

    ids: pl.Series
    calendar: Calendar
    first: int
    y: Floats
    stock: Floats
    known: dict[str, Floats] = field(default_factory=dict)
    refused: list[dict[str, Any]] = field(default_factory=list)
    category: Ints | None = None
    list_price: Floats | None = None

    @property
    def length(self) -> int:
        """Number of periods with demand [T]."""
        return int(self.y.shape[1])

    @property
    def start(self) -> Ints:
        """Column of each series' first known period; T if it has none."""
        seen = ~np.isnan(self.y)
        return np.where(seen.any(axis=1), seen.argmax(axis=1), self.length)

    def until(self, length: int, *, everyone: bool = False) -> Panel:
        """Return the panel as it was known after its first `length` periods.

        Series not seen by then are left out, unless `everyone` is asked for.
        """
        cut = replace(self, y=self.y[:, :length], stock=self.stock[:, :length], refused=[])
        return cut if everyone else cut.take(np.asarray((~np.isnan(cut.y)).any(axis=1)))

    def take(self, rows: Bools | Ints) -> Panel:
        """Return the panel of some of its series."""
        where = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
        known = {name: values[where] for name, values in self.known.items()}
        return replace(
            self, ids=self.ids.gather(where), y=self.y[where], stock=self.stock[where], known=known,
            category=None if self.category is None else self.category[where],
            list_price=None if self.list_price is None else self.list_price[where],
        )  # fmt: skip

    def days(self, start: int, count: int) -> pl.Series:
        """Return the dates of `count` periods from column `start` on."""
        return self.calendar.dates(np.arange(start, start + count) + self.first)

    def is_count(self) -> Bools:
        """Return which series hold whole, non-negative numbers only."""
        with np.errstate(invalid="ignore"):
            whole = (np.nan_to_num(self.y) >= 0) & (np.nan_to_num(self.y) % 1 == 0)
        return np.asarray(whole.all(axis=1))
