"""What breaks each rule of the tables of reports, checks and alerts, and the program's own lists of values."""

from __future__ import annotations

from typing import Any

from held import NOON

from oms_core.reporting.states import REPORT_RUN
from oms_core.reporting.tables import CADENCES, FORMATS, LANGUAGES
from oms_core.reporting.trust_tables import DIRECTIONS

BROKEN: dict[str, dict[str, Any]] = {
    "ck_alerts_acknowledged_has_who": {"acknowledged_at": NOON},
    "ck_check_runs_broken_within_laws": {"broken": 2, "laws": 1},
    "ck_report_runs_attempts_not_negative": {"attempts": -1},
    "ck_report_runs_failed_has_error": {"state": "failed", "finished_at": NOON},
    "ck_report_runs_finished_has_time": {"state": "sent"},
    "ck_report_schedules_hour_of_day": {"hour": 24},
    "ck_report_schedules_monthly_has_day": {"cadence": "monthly"},
    "ck_report_schedules_weekly_has_weekday": {"weekday": 1},
}
LISTS: dict[str, tuple[str, ...]] = {
    "ck_alert_rules_direction_known": DIRECTIONS,
    "ck_report_runs_state_known": REPORT_RUN.states,
    "ck_report_schedules_cadence_known": CADENCES,
    "ck_report_schedules_format_known": FORMATS,
    "ck_report_schedules_language_known": LANGUAGES,
}
SOUND: dict[str, dict[str, Any]] = {}
