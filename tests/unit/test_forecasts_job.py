"""From a panel to the forecasts that are stored: rising quantiles, every day and sum, whatever SKUs look like."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl

from app.jobs.forecast_trial import held
from app.jobs.forecasts import DAYS, HORIZON_DAYS, PROBABILITIES, SUM_STEP, choose, stored_rows
from app.views.forecast_known import changes, weeks_of
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


def test_counts_on_the_edge_of_an_interval_count_in_part() -> None:
    rng = np.random.default_rng(0)
    for mean in (0.3, 3.0, 60.0):
        draws = rng.poisson(mean * rng.gamma(2.0, 0.5, 20_000)).astype(float)
        told = {str(level): float(np.quantile(draws, level, method="inverted_cdf")) for level in PROBABILITIES}
        assert abs(np.mean([held(told, came) for came in draws[:4000]]) - 0.8) < 0.05


def test_an_edited_week_replaces_its_override_and_an_untouched_one_stays() -> None:
    cutoff = date(2026, 3, 1)
    sums = pl.DataFrame({"day_number": [7, 14], "mean": [14.0, 35.0]})
    said = {
        "override_id": 5, "variant_id": 1, "from_on": date(2026, 3, 9), "until_on": date(2026, 3, 15), "units": 40.0,
        "reason": "fair", "author": "anna", "made_at": datetime(2026, 3, 1, tzinfo=UTC),
    }  # fmt: skip
    weeks = weeks_of(sums, pl.DataFrame([said]), cutoff)
    assert weeks["model"].to_list() == [14.0, 21.0]
    assert weeks["override"].to_list() == [None, 40.0]
    assert not changes(weeks, weeks)
    edited = weeks.with_columns(pl.Series("override", [9.0, 40.0]), pl.Series("reason", ["rain", "fair"]))
    (one,) = changes(weeks, edited)
    assert (one["first"], one["last"], one["wanted"], one["why"]) == (date(2026, 3, 2), date(2026, 3, 8), 9.0, "rain")
