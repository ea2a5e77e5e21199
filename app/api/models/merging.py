"""Customers made one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.api.forms import Code, Form, Record
from app.api.models.flows import examples

MERGE: dict[str, Any] = {
    "id": 12, "kept": "C-004711", "merged": "C-005120", "at": "2026-05-01T10:00:00Z", "actor": "api:desk",
    "reason": "same phone", "orders": 3, "undone_at": None, "undone_by": None,
}  # fmt: skip


class MergeWith(Form):
    """The customer that becomes part of this one, and why they are one person."""

    model_config = examples(other="C-005120", reason="same phone")

    other: Code
    reason: Code


class Merge(Record):
    """One merge; `orders` went with it."""

    id: int
    kept: str
    merged: str
    at: datetime
    actor: str
    reason: str
    orders: int
    undone_at: datetime | None
    undone_by: str | None
