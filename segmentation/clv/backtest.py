"""Every model and the blend at past cutoffs of a file: what each would have said, and what then came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from oms_core.kernel.errors import DataNotReady
from segmentation.clv.estimator import AUTO, fit, predict
from segmentation.clv.gate import MIN_DAYS
from segmentation.clv.history import purchase_days
from segmentation.clv.rolling import future
from segmentation.clv.scorecard import Score, judge

if TYPE_CHECKING:
    from collections.abc import Sequence

SINGLES = ("bgnbd", "mbgnbd", "paretonbd", "nbd")


@dataclass(frozen=True)
class Round:
    """One model at one cutoff."""

    model: str
    used: str
    cutoff: date
    score: Score


def cutoffs(days: pl.DataFrame, until: date, *, horizon_days: int, most: int) -> list[date]:
    """Return up to `most` cutoffs, evenly spaced, each with a whole horizon behind it.

    The first lies a third into the data before the last cutoff, and at least `MIN_DAYS` after the first order.
    """
    first: date = days.select(pl.col("day").min()).item()
    last = until - timedelta(days=horizon_days)
    earliest = first + timedelta(days=max(MIN_DAYS, (last - first).days // 3))
    span = (last - earliest).days
    if span < 0:
        return []
    steps = min(most, span // 7 + 1)
    return [last - timedelta(days=round(span * n / max(steps - 1, 1))) for n in reversed(range(steps))]


def run(
    lines: pl.DataFrame,
    *,
    horizon_days: int,
    most: int,
    until: date | None = None,
    models: Sequence[str] = (*SINGLES, AUTO),
) -> list[Round]:
    """Hold every model against what came at past cutoffs.

    Parameters
    ----------
    lines : polars.DataFrame
        As from `history.tidy`.
    until : date, optional
        Last day taken as known; by default the last day in the file.

    Raises
    ------
    DataNotReady
        ``clv.too_short`` when no cutoff has a whole horizon behind it; ``clv.too_little_data``.
    """
    days = purchase_days(lines, until)
    end: date | None = until or days.get_column("day").max()  # type: ignore[assignment]
    past = cutoffs(days, end, horizon_days=horizon_days, most=most) if end and days.height else []
    if not past:
        raise DataNotReady(
            "clv.too_short",
            f"The file holds no day with {MIN_DAYS} days before it and {horizon_days} after it.",
            "Give a longer file or a shorter --horizon-days.",
        )
    rounds: list[Round] = []
    refused: DataNotReady | None = None
    for cutoff in past:
        try:
            rounds += _at(lines, days, cutoff, horizon_days, models)
        except DataNotReady as error:  # too little was known yet: later days tell more
            refused = error
    if refused is not None and not rounds:
        raise refused
    return rounds


def _at(lines: pl.DataFrame, days: pl.DataFrame, cutoff: date, horizon_days: int, models: Sequence[str]) -> list[Round]:
    then = future(days, cutoff, horizon_days)
    rounds = []
    for name in models:
        found = fit(lines, until=cutoff, model=name, horizon_days=horizon_days)
        said = predict(found, horizon_days)
        rows = said.customers.join(then, on="customer_id", how="left")
        rows = rows.with_columns(pl.col("orders", "value").fill_null(0))
        rounds.append(Round(name, said.model, cutoff, judge(rows, said.orders, said.value)))
    return rounds


#: Numbers that are averaged over the cutoffs; `held` and `value_held` become the share of intervals that held.
AVERAGED = (
    "mae", "bias", "value_mae", "value_bias", "ngini", "top_10", "ece", "ece_by_chance", "held", "value_held",
    "orders_inside", "value_inside",
)  # fmt: skip


def summary(rounds: Sequence[Round]) -> dict[str, dict[str, float]]:
    """Return the mean of each number by model, and ``mae_to_best``: against the best single model of each cutoff."""
    best: dict[date, float] = {}
    for one in rounds:
        if one.model != AUTO:
            best[one.cutoff] = min(best.get(one.cutoff, np.inf), one.score.mae)
    found = {}
    for name in dict.fromkeys(one.model for one in rounds):
        own = [one for one in rounds if one.model == name]
        found[name] = {column: float(np.mean([getattr(one.score, column) for one in own])) for column in AVERAGED}
        found[name]["bias_absolute"] = float(np.mean([abs(one.score.bias) for one in own]))
        ratios = [one.score.mae / best[one.cutoff] for one in own if best.get(one.cutoff)]
        found[name]["mae_to_best"] = float(np.mean(ratios)) if ratios else 1.0
    return found
