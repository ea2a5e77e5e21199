"""Rolling origins inside the data: what each model would have said, and what then happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import polars as pl

from segmentation.clv.history import summarise

if TYPE_CHECKING:
    from segmentation.clv.counting import Floats

#: Customers looked at per origin: every k-th; drift and the choice of a model need no more.
SAMPLE = 20_000
#: Window of an origin as a share of the data's span, how far back the origins lie in windows, and the share
#: of the span an origin must have behind it.
SHARE, BACK, BEHIND = 0.3, (1.0, 1.5, 2.0), 0.3


@dataclass(frozen=True)
class Origin:
    """One look back.

    Attributes
    ----------
    customers : polars.DataFrame
        Summary at the cutoff as from `history.summarise`, with ``orders`` and ``value`` of the window after it.
    horizon_days : int
        Length of the window.
    """

    cutoff: date
    horizon_days: int
    customers: pl.DataFrame

    @property
    def orders(self) -> Floats:
        """Orders each customer then made."""
        return self.customers.get_column("orders").to_numpy().astype(float)

    @property
    def value(self) -> Floats:
        """What each customer then spent."""
        return self.customers.get_column("value").to_numpy().astype(float)


def sample(days: pl.DataFrame, size: int = SAMPLE) -> pl.DataFrame:
    """Return the purchase days of about `size` customers: every k-th in order of id."""
    ids = days.select(pl.col("customer_id").unique().sort()).to_series()
    step = -(-len(ids) // size)
    if step <= 1:
        return days
    return days.join(ids.gather_every(step).to_frame(), on="customer_id", how="semi")


def origins(days: pl.DataFrame, until: date, horizon_days: int) -> list[Origin]:
    """Return the looks back a history allows, latest first; none when it is too short.

    Parameters
    ----------
    days : polars.DataFrame
        Purchase days up to `until`.
    horizon_days : int
        The horizon asked for; a window is at most `SHARE` of the data's span.
    """
    first: date = days.select(pl.col("day").min()).item()
    span = (until - first).days
    window = min(horizon_days, int(span * SHARE))
    found = []
    for back in BACK:
        cutoff = until - timedelta(days=round(window * back))
        if window >= 7 and (cutoff - first).days >= span * BEHIND:
            found.append(look_from(days, cutoff, window))
    return found


def look_from(days: pl.DataFrame, cutoff: date, window: int) -> Origin:
    """Return the look from `cutoff` over the `window` days after it."""
    return Origin(cutoff, window, _then(days, cutoff, window))


def future(days: pl.DataFrame, cutoff: date, window: int) -> pl.DataFrame:
    """Return ``customer_id, orders, value`` of the `window` days after `cutoff`, of those who came."""
    after = days.filter((pl.col("day") > cutoff) & (pl.col("day") <= cutoff + timedelta(days=window)))
    return after.group_by("customer_id").agg(
        pl.len().alias("orders"), pl.col("amount").filter(pl.col("amount") > 0).sum().alias("value")
    )


def _then(days: pl.DataFrame, cutoff: date, window: int) -> pl.DataFrame:
    came = future(days, cutoff, window)
    joined = summarise(days, cutoff).join(came, on="customer_id", how="left", maintain_order="left")
    return joined.with_columns(pl.col("orders", "value").fill_null(0))
