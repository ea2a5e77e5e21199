"""Rolling origins: every forecaster on the same past, judged on what came."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from forecasting import losses
from forecasting.models import MODELS, USUAL
from forecasting.panel import Floats, Ints, Panel
from forecasting.prediction import Prediction
from oms_core.kernel.errors import InvalidInput, NotFound

#: Periods whose revenue (or units) weigh a series, by frequency.
WEIGHT_WINDOW = {"D": 28, "W": 13, "M": 12}
#: Probabilities from which coverage is read.
DENSE: Floats = np.unique(np.concatenate([np.arange(0.025, 0.98, 0.025), losses.M5_QUANTILES]).round(6))
PLACES = np.searchsorted(DENSE, losses.M5_QUANTILES)


@dataclass(frozen=True)
class Outcome:
    """One forecaster at one cutoff: losses a series, and totals.

    Parameters
    ----------
    rmsse, mase, spl, weight : ndarray, shape (n,)
        Losses of the judged series and their weights.
    rows : ndarray of int
        Which series of the panel they are.
    """

    rows: Ints
    rmsse: Floats
    mase: Floats
    spl: Floats
    weight: Floats
    wape_sum: float
    bias: float
    outcomes: Floats
    seconds: float


def cutoffs_of(length: int, horizon: int, count: int) -> list[int]:
    """Return `count` origins a horizon apart, the last one horizon before the end.

    Raises
    ------
    InvalidInput
        If fewer than two periods would be left to learn from.
    """
    if count < 1 or horizon < 1:
        raise InvalidInput("cutoffs" if count < 1 else "horizon", min(count, horizon), "it must be at least 1")
    found = [length - horizon * k for k in range(count, 0, -1)]
    if found[0] < 2:
        most = max((length - 2) // horizon, 0)
        need = f"{count} of {horizon} periods need {horizon * count + 2} periods; the panel has {length}"
        hint = f"Ask for {most} cutoffs at most, or a shorter horizon." if most else "Ask for a shorter horizon."
        raise InvalidInput("cutoffs", count, need, hint)
    return found


def backtest(panel: Panel, *, horizon: int, cutoffs: int, engines: Sequence[str] = USUAL) -> dict[str, Any]:
    """Return the scores of each engine: mean over series, then over cutoffs.

    Parameters
    ----------
    panel : Panel
        Demand of n series.
    horizon : int
        Periods ahead.
    cutoffs : int
        Rolling origins, a horizon apart.
    engines : sequence of str
        Names in :data:`forecasting.models.MODELS`.

    Returns
    -------
    dict
        ``{engine: {rmsse, wrmsse, mase, wape_sum, spl, wspl, bias, coverage, seconds}}``.
    """
    for name in engines:
        if name not in MODELS:
            raise NotFound("engine", name, MODELS, hint=f"Known: {', '.join(MODELS)}.")
    origins = cutoffs_of(panel.length, horizon, cutoffs)
    return {name: summary([judge(panel, origin, horizon, name) for origin in origins]) for name in engines}


def judge(panel: Panel, origin: int, horizon: int, engine: str) -> Outcome:
    """Return how one engine did at one cutoff."""
    before = panel.until(origin)
    rows = np.flatnonzero((~np.isnan(panel.y[:, :origin])).any(axis=1))
    begun = time.perf_counter()
    prediction = MODELS[engine]().fit(before, horizon=horizon).predict()
    quantiles = prediction.quantiles(DENSE)
    seconds = time.perf_counter() - begun
    actual = panel.y[rows, origin : origin + horizon]
    return _outcome(before, rows, actual, prediction, quantiles, seconds)


def _outcome(
    before: Panel, rows: Ints, actual: Floats, prediction: Prediction, quantiles: Floats, seconds: float
) -> Outcome:
    root, mean_scale = losses.scales(before.y)
    kept = (root > 0) & (~np.isnan(actual)).any(axis=1)
    actual, mean, quantiles = actual[kept], prediction.mean[kept], quantiles[kept]
    return Outcome(
        rows=rows[kept],
        rmsse=losses.rmsse(actual, mean, root[kept]),
        mase=losses.mase(actual, mean, mean_scale[kept]),
        spl=losses.spl(actual, quantiles[:, :, PLACES], losses.M5_QUANTILES, mean_scale[kept]),
        weight=_weight(before)[kept],
        wape_sum=losses.wape_of_sums(actual, mean),
        bias=losses.bias(actual, mean),
        outcomes=losses.pit(actual, quantiles, DENSE),
        seconds=seconds,
    )


def _weight(before: Panel) -> Floats:
    """Return recent revenue of each series; units (or money) where the panel has no price."""
    window = slice(max(before.length - WEIGHT_WINDOW[before.calendar.freq], 0), before.length)
    worth = np.abs(np.nan_to_num(before.y[:, window]))
    if "price" in before.known:
        worth = worth * np.nan_to_num(before.known["price"][:, window])
    return np.asarray(worth.sum(axis=1))


def _mean(values: Floats) -> float:
    """Return the mean over the series judged; NaN where none could be (a panel of constants has no scale)."""
    return float(values.mean()) if len(values) else float("nan")


def summary(found: Sequence[Outcome]) -> dict[str, Any]:
    """Return the mean of outcomes over cutoffs."""
    scores: dict[str, Any] = {
        "rmsse": np.mean([_mean(f.rmsse) for f in found]),
        "wrmsse": np.mean([losses.weighted(f.rmsse, f.weight) for f in found]),
        "mase": np.mean([_mean(f.mase) for f in found]),
        "wape_sum": np.mean([f.wape_sum for f in found]),
        "spl": np.mean([_mean(f.spl) for f in found]),
        "wspl": np.mean([losses.weighted(f.spl, f.weight) for f in found]),
        "bias": np.mean([f.bias for f in found]),
    }
    scores = {name: round(float(value), 6) for name, value in scores.items()}
    outcomes = np.concatenate([f.outcomes for f in found])
    scores["coverage"] = {level: round(share, 4) for level, share in losses.coverage(outcomes).items()}
    scores["seconds"] = round(sum(f.seconds for f in found), 3)
    return scores
