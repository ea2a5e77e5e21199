"""Customers known twice: made one, and parted again."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path

from app.api.asking import Asking
from app.api.forms import Key, Number
from app.api.models import merging as m
from app.api.operations import Operations
from oms_core.merging import commands, queries

operations = Operations("customers", tag="merges")


@operations.write("/customers/{number}/merge", status=201, answers=m.Merge, example=m.MERGE)
def merge(asking: Asking, number: Number, body: m.MergeWith) -> dict[str, Any]:
    """Make another customer part of this one: orders, credit, names and consents follow."""
    made = commands.merge_customers(
        asking.session, kept=number, merged=body.other, reason=body.reason, actor=asking.actor
    )
    return _shown(asking, made.id)


@operations.write("/customer-merges/{key}/undo", answers=m.Merge, example={
    **m.MERGE, "undone_at": "2026-05-03T10:00:00Z", "undone_by": "api:desk",
})  # fmt: skip
def undo(asking: Asking, key: Annotated[Key, Path(description="Its id.")]) -> dict[str, Any]:
    """Part two customers again: what came goes back, what was ordered since stays."""
    return _shown(asking, commands.undo_merge(asking.session, merge_id=key, actor=asking.actor).id)


@operations.read("/customers/{number}/merges", answers=dict[str, list[m.Merge]], example={"items": [m.MERGE]})
def merges(asking: Asking, number: Number) -> dict[str, Any]:
    """List the merges a customer was part of, newest first."""
    return {"items": queries.merges_of(asking.session, number)}


def _shown(asking: Asking, key: int) -> dict[str, Any]:
    return queries.merges_of(asking.session, merge_id=key)[0]
