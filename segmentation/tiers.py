"""Deciles, spend tiers and the risk of leaving, from stored scores; ties are never split."""

from __future__ import annotations

import polars as pl

#: HIGH: the top fifth of expected value; MEDIUM: the next three tenths; LOW: the rest, and who is expected to spend 0.
TIERS = ("HIGH", "MEDIUM", "LOW")
TIER_CUTS = {"HIGH": 0.8, "MEDIUM": 0.5}
RISKS = ("LOW", "MEDIUM", "HIGH")


def add_tiers(scored: pl.DataFrame) -> pl.DataFrame:
    """Add ``clv_decile`` (1–10, 10 is best) and ``predicted_spend_tier`` from ``clv_12m``.

    A customer's decile is 1 plus the number of cut points (at 10 … 90 %) below the value, so equal values share one and
    a decile may stay empty. A missing score has neither.
    """
    values = scored.get_column("clv_12m").drop_nulls()
    if values.is_empty():
        return scored.with_columns(clv_decile=pl.lit(None, pl.Int64), predicted_spend_tier=pl.lit(None, pl.String))
    known, it = pl.col("clv_12m").is_not_null(), pl.col("clv_12m")
    decile = pl.lit(1, pl.Int64)
    for tenth in range(1, 10):
        decile = decile + (it > _cut(values, tenth / 10)).cast(pl.Int64)
    tier = pl.lit("LOW")
    for name in ("MEDIUM", "HIGH"):
        tier = pl.when((it > _cut(values, TIER_CUTS[name])) & (it > 0)).then(pl.lit(name)).otherwise(tier)
    return scored.with_columns(
        clv_decile=pl.when(known).then(decile).otherwise(None),
        predicted_spend_tier=pl.when(known).then(tier).otherwise(None),
    )


def _cut(values: pl.Series, share: float) -> float:
    """Return the value that `share` of the customers do not exceed: one that occurs."""
    return float(values.quantile(share, interpolation="lower") or 0)
