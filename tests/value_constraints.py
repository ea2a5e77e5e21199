"""What breaks each rule of the tables of merged customers and of forecasts of value."""

from __future__ import annotations

from typing import Any

BROKEN: dict[str, dict[str, Any]] = {
    "ck_customer_merges_two_customers": {"kept_id": 1, "merged_id": 1},
    "ck_customer_merges_undone_has_who": {"undone_by": "ola"},
    "ck_value_forecasts_horizon_positive": {"horizon_days": 0},
    "ck_value_forecasts_orders_within_interval": {"orders": 9, "orders_low": 10, "orders_high": 11},
    "ck_value_forecasts_scored_has_orders": {"orders_came": 1},
    "ck_value_forecasts_value_within_interval": {"value": 9, "value_low": 10, "value_high": 11},
}
LISTS: dict[str, tuple[str, ...]] = {}
SOUND: dict[str, dict[str, Any]] = {"customer_merges": {"kept_id": 1, "merged_id": 2}}
