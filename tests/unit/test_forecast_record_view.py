"""What the Forecast page says of its record: what was stored before the fact, and what was worked out later."""

from __future__ import annotations

import polars as pl

from app.views.forecast_trial import when_made


def test_a_replayed_forecast_is_not_called_stored_before_its_week():
    assert when_made(pl.Series([False, False])) == "2 forecasts, stored before their weeks"
    assert when_made(pl.Series([True])) == "1 worked out afterwards from what was known before its week"
    both = when_made(pl.Series([True, True, False]))
    assert both.split(" · ") == [
        "1 forecast, stored before its week", "2 worked out afterwards from what was known before their weeks",
    ]  # fmt: skip
