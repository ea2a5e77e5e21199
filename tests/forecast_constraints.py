"""What breaks each rule of the tables of forecasts on trial."""

from __future__ import annotations

from datetime import date
from typing import Any

from held import NOON

from oms_core.planning.service import ABC, MEASURES, XYZ

BROKEN: dict[str, dict[str, Any]] = {
    "ck_forecast_overrides_reason_given": {"reason": ""},
    "ck_forecast_overrides_scored_has_units": {"scored_at": NOON},
    "ck_forecast_overrides_units_not_negative": {"units": -1.0},
    "ck_forecast_overrides_until_not_before_from": {"from_on": date(2026, 3, 2), "until_on": date(2026, 3, 1)},
    "ck_forecast_overrides_withdrawn_has_who": {"withdrawn_at": NOON},
    "ck_forecast_scores_days_positive": {"days": 0},
    "ck_forecast_scores_inside_is_share": {"inside": 1.1},
    "ck_forecast_scores_low_within_high": {"low": 2.0, "high": 1.0},
    "ck_service_targets_target_is_share": {"target": 1.0},
    "ck_stock_backtests_days_positive": {"days": 0},
    "ck_stock_backtests_series_positive": {"series_count": 0},
}
LISTS: dict[str, tuple[str, ...]] = {
    "ck_service_targets_abc_known": ABC,
    "ck_service_targets_measure_known": MEASURES,
    "ck_service_targets_xyz_known": XYZ,
}
SOUND: dict[str, dict[str, Any]] = {"service_targets": {"target": 0.9}}
