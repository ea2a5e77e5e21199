"""Customers and series enough to be worked on in pieces."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from segmentation import clv

UNTIL = date(2024, 6, 30)


def buyers(count: int = 1500) -> pl.DataFrame:
    """Return tidy lines of customers who buy at their own pace and stop by chance."""
    chance = np.random.default_rng(7)
    rows = []
    for who in range(count):
        day, rate = chance.integers(0, 500), chance.gamma(1.2, 0.02)
        while day < 720:
            rows.append((str(who), UNTIL - timedelta(days=int(720 - day)), round(float(chance.gamma(6, 5)), 2)))
            if chance.random() < 0.15:
                break
            day += max(1, int(chance.exponential(1 / rate)))
    return clv.tidy(pl.DataFrame(rows, schema=["customer_id", "date", "amount"], orient="row"))


def demand(series: int = 12) -> pl.DataFrame:
    chance = np.random.default_rng(3)
    days = [date(2024, 1, 1) + timedelta(days=n) for n in range(200)]
    return pl.concat(
        pl.DataFrame({"series_id": f"S{n:02}", "day": days, "y": chance.poisson(1 + n, 200)}) for n in range(series)
    )
