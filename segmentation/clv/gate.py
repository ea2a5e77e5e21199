"""How much data a fit needs, and the refusal below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from oms_core.kernel.errors import DataNotReady

if TYPE_CHECKING:
    from datetime import date

#: Below these the parameters say nothing.
MIN_CUSTOMERS, MIN_REPEATERS, MIN_DAYS = 100, 30, 60


def require_enough(customers: pl.DataFrame, until: date) -> None:
    """Refuse a history too small to fit.

    Parameters
    ----------
    customers : polars.DataFrame
        From `history.summarise`.

    Raises
    ------
    DataNotReady
        ``clv.too_little_data`` with what is there and what is needed.
    """
    repeaters = customers.filter(pl.col("x") > 0).height
    longest = int(customers.get_column("age").max() or 0)  # type: ignore[arg-type]
    if customers.height >= MIN_CUSTOMERS and repeaters >= MIN_REPEATERS and longest >= MIN_DAYS:
        return
    raise DataNotReady(
        "clv.too_little_data",
        f"Up to {until} there are {customers.height} customers, {repeaters} of them with a repeat purchase, over "
        f"{longest} days: too little to predict from.",
        f"At least {MIN_CUSTOMERS} customers, {MIN_REPEATERS} with a repeat purchase and {MIN_DAYS} days are needed.",
        customers=customers.height,
        repeaters=repeaters,
        days=longest,
    )
