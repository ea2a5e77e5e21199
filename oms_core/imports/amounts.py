"""Rounding of exact amounts, in columns."""

from __future__ import annotations

import polars as pl

from oms_core.kernel.money import EXPONENTS

#: Millionths of a currency unit in one unit.
MICRO = 1_000_000


def micro_per_minor(currency: str = "currency") -> pl.Expr:
    """Return how many millionths one minor unit of the row's currency has (10,000 for most)."""
    factors = {code: MICRO // 10**digits for code, digits in EXPONENTS.items()}
    return pl.col(currency).replace_strict(factors, default=MICRO // 100, return_dtype=pl.Int64)


def half_even(value: pl.Expr, divisor: pl.Expr) -> pl.Expr:
    """Divide integers and round half to even, the way money rounds; `divisor` is positive."""
    floor = value.floordiv(divisor)
    twice = (value - floor * divisor) * 2
    up = (twice > divisor) | ((twice == divisor) & (floor % 2 != 0))
    return floor + up.cast(pl.Int64)
