"""What breaks each rule of the tables of segments and templates, and the program's own lists of values."""

from __future__ import annotations

from typing import Any

from oms_core.marketing.segment_tables import MODEL_KINDS, TRIGGERS
from oms_core.marketing.template_tables import LANGUAGES, MEDIA

BROKEN: dict[str, dict[str, Any]] = {
    "ck_message_templates_body_written": {"body": ""},
    "ck_message_templates_sms_is_plain": {"medium": "sms", "subject": "Hello"},
    "ck_message_templates_version_positive": {"version": 0},
    "ck_segment_members_leaves_after_entering": {"left_id": 1, "entered_id": 1},
    "ck_segment_snapshots_counts_not_negative": {"left_count": -1},
    "ck_segment_snapshots_entered_within_members": {"members": 0, "entered_count": 1},
}
LISTS: dict[str, tuple[str, ...]] = {
    "ck_message_templates_language_known": LANGUAGES,
    "ck_message_templates_medium_known": MEDIA,
    "ck_segment_models_kind_known": MODEL_KINDS,
    "ck_segment_snapshots_trigger_kind_known": TRIGGERS,
}
SOUND: dict[str, dict[str, Any]] = {"message_templates": {"body": "Hello"}}
