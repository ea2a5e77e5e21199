"""A report sent, checks kept, a threshold crossed; and faults of what the shop tells by itself, planted."""

from __future__ import annotations

from sqlalchemy.orm import Session

from oms_core.kernel import clock
from oms_core.reporting import alerts, checks, runs
from oms_core.reporting.saved import save_query
from oms_core.reporting.schedules import NewSchedule, save_schedule
from oms_core.reporting.slots import Rhythm

FAULTS = {
    "reports.sent_is_proven": [
        "UPDATE report_runs SET sha256 = ''",
        "UPDATE report_runs SET delivered = '[]'",
    ],
    "checks.counts_are_their_findings": ["UPDATE check_runs SET broken = 0", "DELETE FROM check_findings"],
    "alerts.crossed_their_threshold": ["UPDATE alerts SET value = 0"],
}


def tell(session: Session, *, zone: str) -> None:
    """Send a report, keep a check that found something, raise an alert."""
    save_query(session, name="Sales", question={"metrics": ["orders"]}, owner="anna")
    new = NewSchedule("Daily", "Sales", ["boss@example.com"], Rhythm("daily", 7))
    save_schedule(session, new, zone=zone, actor="anna")
    run = runs.send_now(session, "Daily", actor="anna")
    runs.take(session)
    runs.hand_over(session, run.id, runs.Made("daily.csv", rows=1, bytes=9, sha256="ab"), attempt=1)
    runs.settle(session, run.id, delivered=["boss@example.com"], refused={})
    broken = {"name": "a.breaks", "checked": 3, "broken": 2, "first_broken": "order 1"}
    checks.keep(session, checks.Checked(clock.now(), 12, [broken]), actor="worker")
    alerts.set_threshold(session, measure="late", threshold=5, actor="anna")
    alerts.watch(session, {("late", ""): 6})
