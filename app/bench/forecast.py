"""Forecasts: ours against statsmodels' ETS on the same real SKUs, seconds and accuracy.

The SKUs are the most often sold ones of the packaged year. ETS is additive with a weekly season,
chosen by AIC between with and without trend, a series at a time: what a shop would run without us.
"""

from __future__ import annotations

import statistics
import warnings
from functools import partial
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from app.bench.registry import pairs
from forecasting.engine import Ordersight
from forecasting.losses import wape_of_sums
from forecasting.reading import make_panel

if TYPE_CHECKING:
    from forecasting.panel import Floats, Panel

SERIES, SAME, HORIZON, ORIGINS = 1000, 10, 28, 5


def real_panel(series: int = SERIES) -> Panel:
    """Return daily units of the SKUs with most selling days in the packaged year."""
    path = resources.files("oms_core.channels") / "data" / "online_retail_ii_2009_2010.parquet"
    lines = pl.read_parquet(str(path)).filter(
        (pl.col("Quantity") > 0) & (pl.col("Price") > 0) & pl.col("StockCode").str.contains(r"^\d{5}")
    )
    daily = lines.group_by(
        series_id=pl.col("StockCode").str.to_uppercase(), day=pl.col("InvoiceDate").cast(pl.Date)
    ).agg(y=pl.col("Quantity").sum())
    often = daily.group_by("series_id").len().sort("len", "series_id", descending=[True, False]).head(series)
    return make_panel(daily.join(often.select("series_id"), on="series_id", how="semi"), freq="D")


def ours(panel: Panel) -> Floats:
    """Return our mean forecast."""
    return Ordersight().fit(panel, horizon=HORIZON).predict().mean


def ets(panel: Panel) -> Floats:
    """Return the mean forecast of the better of two ETS models a series, by AIC."""
    return np.stack([_ets_one(np.nan_to_num(row)) for row in panel.y])


def _ets_one(y: Floats) -> Floats:
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # convergence remarks of single series
        models = [ETSModel(y, trend=trend, seasonal="add", seasonal_periods=7) for trend in (None, "add")]
        fits = [model.fit(disp=False) for model in models]
        best = min(fits, key=lambda fit: float(fit.aic))
        return np.maximum(np.asarray(best.forecast(HORIZON), dtype=np.float64), 0.0)


def run() -> list[dict[str, Any]]:
    """Measure seconds for the same series, and the error of four-week totals at five origins."""
    panel = real_panel()
    some = panel.take(np.arange(0, len(panel.ids), len(panel.ids) // SAME)[:SAME])
    speed = pairs(f"point forecasts of the same {SAME} SKUs", partial(ours, some), partial(ets, some))
    whole = pairs(
        f"point forecasts: ours {SERIES} SKUs, ETS {SAME}", partial(ours, panel), partial(ets, some), warmup=0
    )
    return [speed, whole, _accuracy(some)]


def _accuracy(panel: Panel) -> dict[str, Any]:
    """Return the error of four-week totals (WAPE), median over the origins."""
    errors: tuple[list[float], list[float]] = ([], [])
    for back in range(ORIGINS, 0, -1):
        origin = panel.length - HORIZON - 14 * (back - 1)
        before = panel.until(origin, everyone=True)
        came = panel.y[:, origin : origin + HORIZON]
        for kept, forecast in zip(errors, (ours, ets), strict=True):
            kept.append(wape_of_sums(came, forecast(before)))
    mine, theirs = (statistics.median(kept) for kept in errors)
    ratio = statistics.median(b / a for a, b in zip(*errors, strict=True))
    return {
        "name": "error of four-week totals (WAPE)", "ours": round(mine, 4), "peer": round(theirs, 4),
        "ratio": round(ratio, 2), "unit": "share", "n": ORIGINS,
    }  # fmt: skip
