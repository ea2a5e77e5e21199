"""Are campaigns read right? Many hold-outs drawn in shops whose customers' answers are known both ways."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl

from app.demo.simulated.ahead import NO_MESSAGES, play, wanted
from app.demo.simulated.campaigns import EFFECT_DAYS
from app.demo.simulated.days import DAYS, FIRST
from app.demo.simulated.size import Size
from segmentation import campaigns as stats

#: Day of the message, the shop's last; days before it that a person's result is held against.
LAST, BEFORE_DAYS = FIRST + timedelta(days=DAYS - 1), 365
#: What the intervals say of themselves.
STATED = 0.95
_MEASURES = {"orders": pl.len().cast(pl.Float64), "revenue": pl.col("value").sum()}


@dataclass(frozen=True, slots=True)
class Lives:
    """Customers who ordered in the year before a message, living the four weeks after it with it and without.

    Attributes
    ----------
    members : polars.DataFrame
        ``number``, and by measure the sum in the year ``_before``, ``_quiet`` and ``_written``.
    """

    members: pl.DataFrame


def lives(orders: int, *, seed: int) -> Lives:
    """Return the two lives of a simulated shop's customers."""
    everybody = pl.DataFrame({"number": [f"K{key:07d}" for key in range(1, orders + 1)]})
    written = everybody.with_columns(pl.lit(LAST).alias("sent_on"))
    before, quiet = _lived(orders, seed=seed, since=DAYS - BEFORE_DAYS, messages=NO_MESSAGES)
    _, answered = _lived(orders, seed=seed, since=DAYS, messages=written)
    members = _sums(before, "before")
    for found, end in ((quiet, "quiet"), (answered, "written")):
        members = members.join(_sums(found, end), on="number", how="left", maintain_order="left")
    return Lives(members.fill_null(0.0))


def _lived(orders: int, *, seed: int, since: int, messages: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return what was ordered up to the message, and in the days after it that count."""
    days = play(Size(orders=orders), seed=seed, since=since, until=DAYS + EFFECT_DAYS, messages=messages)
    found = pl.concat([wanted(today) for today in days])
    return found.filter(pl.col("day") <= LAST), found.filter(pl.col("day") > LAST)


def _sums(found: pl.DataFrame, end: str) -> pl.DataFrame:
    sums = [one.alias(f"{name}_{end}") for name, one in _MEASURES.items()]
    return found.group_by("number", maintain_order=True).agg(sums)


def draw(found: Lives, *, holdout: float, seed: int) -> pl.DataFrame:
    """Draw a hold-out and read the campaign as the product does; ``measure, total, total_low, total_high, truth``."""
    n = found.members.height
    held = np.zeros(n, dtype=bool)
    held[np.random.default_rng(seed).permutation(n)[: round(holdout * n)]] = True
    arm = pl.Series("arm", np.where(held, stats.HELD, stats.SENT))
    outcomes = [
        pl.when(arm == stats.SENT).then(pl.col(f"{name}_written")).otherwise(pl.col(f"{name}_quiet")).alias(name)
        for name in _MEASURES
    ]
    read = stats.uplift(found.members.with_columns(arm, *outcomes))
    sent = found.members.filter(~pl.Series(held))
    truths = {name: float((sent[f"{name}_written"] - sent[f"{name}_quiet"]).sum()) for name in _MEASURES}
    return read.select(
        "measure", "total", "total_low", "total_high",
        pl.col("measure").replace_strict(truths, return_dtype=pl.Float64).alias("truth"),
    )  # fmt: skip


def trial(*, shops: int, draws: int, orders: int, holdout: float, seed: int = 1) -> list[dict[str, Any]]:
    """Return how often intervals held the truth, one row a measure.

    Returns
    -------
    list of dict
        ``measure, campaigns, inside`` (share of intervals that held what the messages truly brought),
        ``inside_low, inside_high`` (95 % by shops: draws of one shop are not independent), ``stated``, means of
        ``truth, read`` (totals a campaign) and ``half_width``.
    """
    rows = []
    for shop in range(shops):
        found = lives(orders, seed=seed + shop)
        rows += [draw(found, holdout=holdout, seed=n).with_columns(pl.lit(shop).alias("shop")) for n in range(draws)]
    every = pl.concat(rows).with_columns(
        pl.col("truth").is_between(pl.col("total_low"), pl.col("total_high")).alias("inside"),
        ((pl.col("total_high") - pl.col("total_low")) / 2).alias("half_width"),
    )
    return [_summed(every.filter(pl.col("measure") == name), name) for name in _MEASURES]


def _summed(rows: pl.DataFrame, measure: str) -> dict[str, Any]:
    shares = rows.group_by("shop").agg(pl.col("inside").mean())["inside"].to_numpy()
    mean = float(shares.mean())
    half = 1.96 * float(shares.std(ddof=1)) / len(shares) ** 0.5 if len(shares) > 1 else None
    return {
        "measure": measure, "campaigns": rows.height, "inside": mean,
        "inside_low": None if half is None else mean - half, "inside_high": None if half is None else mean + half,
        "stated": STATED, "truth": rows["truth"].mean(), "read": rows["total"].mean(),
        "half_width": rows["half_width"].mean(),
    }  # fmt: skip
