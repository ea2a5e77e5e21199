"""A segment remembered twice: one customer stays, one goes; and faults of that memory, planted."""

from __future__ import annotations

from held import NOON
from sqlalchemy.orm import Session

from oms_core.marketing.snapshots import NewSnapshot, record_snapshot

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
}


def remember(session: Session, *, stays: int = 1, goes: int = 2) -> None:
    """Take two snapshots of one segment."""
    facts = {
        "segment": "regulars", "version": 1, "expression": "aov > 10", "business_date": NOON.date(), "customers": 2,
        "trigger_kind": "night", "reachable": {"email": 1}, "currency": "PLN", "spent_12m_minor": 100,
    }  # fmt: skip
    record_snapshot(session, NewSnapshot(members=2, **facts), entered=[(stays, CAME), (goes, CAME)], left=[])
    record_snapshot(session, NewSnapshot(members=1, **facts), entered=[], left=[(goes, WENT)])
