"""A segment remembered twice, a template changed once; and faults of that memory, planted."""

from __future__ import annotations

from held import NOON
from sqlalchemy.orm import Session

from oms_core.marketing.snapshots import NewSnapshot, record_snapshot
from oms_core.marketing.templates import Draft, save_template

CAME = [{"clause": "", "reason": "new_customer"}]
WENT = [{"clause": "aov > 10", "subject": "aov", "kind": "money", "was": "12.00", "is": "9.00"}]
TWICE = (
    "INSERT INTO segment_members (id, segment, customer_id, entered_id, came_because)"
    " SELECT id + 100, segment, customer_id, entered_id + 1, came_because FROM segment_members"
    " WHERE left_id IS NULL"
)
FAULTS = {
    "segments.stays_fit_snapshots": [
        "UPDATE segment_snapshots SET members = members + 1 WHERE left_count > 0",
        "DELETE FROM segment_members WHERE left_id IS NULL",
        "UPDATE segment_members SET left_id = NULL WHERE left_id IS NOT NULL",
    ],
    "segments.one_open_stay": [TWICE],
    "templates.one_current_version": [
        "UPDATE message_templates SET is_current = true WHERE version = 1",
        "UPDATE message_templates SET is_current = (version = 1)",
    ],
    "templates.kept_as_written": ["UPDATE message_templates SET body = 'Buy' WHERE version = 1"],
}


def remember(session: Session, *, stays: int = 1, goes: int = 2) -> None:
    """Take two snapshots of one segment, and keep a template twice."""
    facts = {
        "segment": "regulars", "version": 1, "expression": "aov > 10", "business_date": NOON.date(), "customers": 2,
        "trigger_kind": "night", "reachable": {"email": 1}, "currency": "PLN", "spent_12m_minor": 100,
    }  # fmt: skip
    record_snapshot(session, NewSnapshot(members=2, **facts), entered=[(stays, CAME), (goes, CAME)], left=[])
    record_snapshot(session, NewSnapshot(members=1, **facts), entered=[], left=[(goes, WENT)])
    for body in ("Hello", "Hello, {{ first_name | default('you') }}"):
        save_template(session, name="spring", draft=Draft(medium="sms", language="en", body=body), actor="ola")
