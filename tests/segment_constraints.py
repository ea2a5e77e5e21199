"""What breaks each rule of the tables of segments, and the program's own lists of values."""

from __future__ import annotations

from typing import Any

from oms_core.marketing.segment_tables import MODEL_KINDS, TRIGGERS

BROKEN: dict[str, dict[str, Any]] = {
    "ck_segment_members_leaves_after_entering": {"left_id": 1, "entered_id": 1},
    "ck_segment_snapshots_counts_not_negative": {"left_count": -1},
    "ck_segment_snapshots_entered_within_members": {"members": 0, "entered_count": 1},
}
LISTS: dict[str, tuple[str, ...]] = {
    "ck_segment_models_kind_known": MODEL_KINDS,
    "ck_segment_snapshots_trigger_kind_known": TRIGGERS,
}
SOUND: dict[str, dict[str, Any]] = {}
