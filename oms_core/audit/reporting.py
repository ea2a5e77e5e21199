"""Laws of reports, checks and alerts: what went out is told whole, and a count is that of its rows."""

from __future__ import annotations

import sqlalchemy as sa

from oms_core.audit.law import Law, by_query, count_of, summed, zero
from oms_core.kernel.rows import table_of
from oms_core.reporting.tables import ReportRun, ReportSchedule
from oms_core.reporting.trust_tables import Alert, AlertRule, CheckFinding, CheckRun

RUN, SCHEDULE = table_of(ReportRun), table_of(ReportSchedule)
CHECK, FINDING = table_of(CheckRun), table_of(CheckFinding)
ALERT, RULE = table_of(Alert), table_of(AlertRule)


def _sent_without_proof() -> sa.Select[*tuple[object, ...]]:
    """Return runs said to be sent that name no file, no size or nobody who has it."""
    nobody = sa.func.length(sa.cast(RUN.c.delivered, sa.Text)) <= 2
    unproven = sa.or_(RUN.c.sha256 == "", RUN.c.bytes.is_(None), nobody)
    return (
        sa.select(SCHEDULE.c.name, RUN.c.id)
        .join(SCHEDULE, SCHEDULE.c.id == RUN.c.report_schedule_id)
        .where(RUN.c.state == "sent", unproven)
    )


def _miscounted() -> sa.Select[*tuple[object, ...]]:
    """Return verifications whose count of broken laws is not that of their findings."""
    found = summed(FINDING, FINDING.c.check_run_id, broken=sa.case((FINDING.c.broken > 0, 1), else_=0))
    held = zero(found.c.broken)
    return (
        sa.select(CHECK.c.id, CHECK.c.broken, held.label("held"))
        .outerjoin(found, found.c.key == CHECK.c.id)
        .where(held != CHECK.c.broken)
    )


def _not_crossed() -> sa.Select[*tuple[object, ...]]:
    """Return alerts whose number is not beyond the threshold it is said to have crossed."""
    above = sa.and_(RULE.c.direction == "above", ALERT.c.value <= ALERT.c.threshold)
    below = sa.and_(RULE.c.direction == "below", ALERT.c.value >= ALERT.c.threshold)
    return (
        sa.select(ALERT.c.id, RULE.c.measure, ALERT.c.value, ALERT.c.threshold)
        .join(RULE, RULE.c.id == ALERT.c.alert_rule_id)
        .where(sa.or_(above, below))
    )


LAWS = (
    Law(
        "reports.sent_is_proven",
        "A report that was sent names its file, size and hash, and who has it.",
        by_query(
            count_of(RUN, RUN.c.state == "sent"), _sent_without_proof(), "run {id} of {name} is sent without proof"
        ),
    ),
    Law(
        "checks.counts_are_their_findings",
        "A verification counts as broken what its findings say is broken.",
        by_query(count_of(CHECK), _miscounted(), "check {id} says {broken} broken, its findings {held}"),
    ),
    Law(
        "alerts.crossed_their_threshold",
        "An alert's number lies beyond the threshold it crossed.",
        by_query(count_of(ALERT), _not_crossed(), "alert {id} of {measure}: {value} did not cross {threshold}"),
    ),
)
