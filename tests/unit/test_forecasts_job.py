"""From a panel to the forecasts that are stored: rising quantiles, every day and sum, whatever SKUs look like."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from app.jobs.forecasts import DAYS, HORIZON_DAYS, PROBABILITIES, SUM_STEP, choose, stored_rows
from forecasting.reading import make_panel


def test_skus_written_like_numbers_are_forecast_too() -> None:
    rng, days = np.random.default_rng(0), [date(2026, 1, 1) + timedelta(days=n) for n in range(150)]
    demand = pl.concat(
        [pl.DataFrame({"series_id": sku, "day": days, "y": rng.poisson(2.0, 150)}) for sku in ("101", "85123")]
    )
    chosen = choose(make_panel(demand, freq="D"), HORIZON_DAYS)
    rows = list(stored_rows(chosen, {"101": 1, "85123": 2}, HORIZON_DAYS))
    wanted = {("day", n) for n in range(1, DAYS + 1)} | {("sum", n) for n in range(7, HORIZON_DAYS + 1, SUM_STEP)}
    assert {(row.variant_id, row.kind, row.day_number) for row in rows} == {(v, *w) for v in (1, 2) for w in wanted}
    for row in rows:
        units = list(row.quantiles.values())
        assert [float(level) for level in row.quantiles] == list(PROBABILITIES)
        assert row.mean >= 0
        assert units[0] >= 0
        assert units == sorted(units)
