"""Segments: which there are, how many customers each holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Path, Query
from pydantic import StringConstraints

from app.api.asking import Asking
from app.api.forms import SAID, PageOf
from app.api.models import knowing as m
from app.api.operations import Operations
from app.api.pages import Cursor, Limit, packed, unpacked
from oms_core.kernel.money import to_decimal
from oms_core.marketing import snapshot_queries

if TYPE_CHECKING:
    from segmentation.library import Segment

operations = Operations("customers", tag="segments")
Expression = Annotated[
    str,
    StringConstraints(min_length=1, max_length=2000, pattern=SAID),
    Query(description="A segment's name, or an expression."),
]
Name = Annotated[str, Path(max_length=120, pattern=r"^[\w-]+$", description="A segment's name.")]
Language = Annotated[str, Query(pattern="^(en|pl)$", description="Language of labels and sentences.")]


@operations.read("/segments", answers=m.Segments, example={"items": [m.SEGMENT]}, sessionless=True)
def list_(asking: Asking, language: Language = "en") -> dict[str, Any]:
    """List the segments that ship and those saved in the shop."""
    from app.jobs import segments
    from segmentation.library import in_words

    return {
        "items": [
            {
                "name": s.name, "label": s.label(language), "version": s.version, "built_in": s.is_builtin,
                "expression": s.expression, "sentence": in_words(s.tree(), language),
            }
            for s in segments.library(asking.doors.workspace)
        ]
    }  # fmt: skip


@operations.read("/segments/count", answers=m.Count, example=m.COUNT, sessionless=True)
def count(asking: Asking, expression: Expression, language: Language = "en") -> dict[str, Any]:
    """Count the members of a segment or expression, and those who agreed to be written to."""
    from app.jobs import segments

    asking.doors.replica()
    found = segments.evaluate(asking.doors.workspace, expression)
    return {
        "members": found.count, "reachable": found.reachable["email"], "reachable_by": found.reachable,
        "customers": found.customers, "expression": found.text, "sentence": found.sentence[language],
    }  # fmt: skip


@operations.read("/segments/{name}", answers=m.SegmentShown, example=m.SEGMENT_SHOWN)
def show(asking: Asking, name: Name, language: Language = "en") -> dict[str, Any]:
    """Show one segment: its definition, its size at the newest snapshot and what to do about it."""
    from segmentation.library import in_words
    from segmentation.strategies import SEGMENTS

    found = _found(asking, name)
    newest = next(iter(snapshot_queries.snapshots(asking.session, found.name, limit=1)), None)
    strategy = SEGMENTS.get(found.name.lower())
    return {
        "name": found.name, "label": found.label(language), "version": found.version, "built_in": found.is_builtin,
        "expression": found.expression, "sentence": in_words(found.tree(), language),
        "kind": "living" if found.ids is None else "list", "description": found.description(language),
        "as_of": newest["business_date"] if newest else None, "members": newest["members"] if newest else None,
        "strategy": strategy.said(language) if strategy else None,
    }  # fmt: skip


@operations.read(
    "/segments/{name}/members", answers=PageOf[m.Member], example={"items": [m.MEMBER], "next_cursor": None}
)
def members(
    asking: Asking, name: Name, limit: Limit = 50, cursor: Cursor = None, language: Language = "en"
) -> dict[str, Any]:
    """List who is in a segment by its newest snapshot, with what brought them in; by customer."""
    from segmentation.reason_words import told

    found, place = _found(asking, name), unpacked(cursor)
    rows = snapshot_queries.members_page(asking.session, found.name, after=place.get("after", 0), limit=limit + 1)
    items = [{**row, "because": [told(one, language) for one in row["because"]]} for row in rows[:limit]]
    return {"items": items, "next_cursor": packed({"after": items[-1]["id"]}) if len(rows) > limit else None}


@operations.read("/segments/{name}/history", answers=m.Snapshots, example={"items": [m.SNAPSHOT]})
def history(asking: Asking, name: Name, limit: Limit = 50) -> dict[str, Any]:
    """List the snapshots of a segment, newest first: its size, who came, who went."""
    found = _found(asking, name)
    rows = snapshot_queries.snapshots(asking.session, found.name, limit=limit)
    return {
        "items": [
            {
                "id": row["id"], "at": row["at"], "date": row["business_date"], "version": row["version"],
                "expression": row["expression"], "members": row["members"], "entered": row["entered_count"],
                "left": row["left_count"], "reachable": row["reachable"], "currency": row["currency"],
                "spent_12m": str(to_decimal(row["spent_12m_minor"], row["currency"])),
            }
            for row in rows
        ]
    }  # fmt: skip


def _found(asking: Asking, name: str) -> Segment:
    from app.jobs import segments

    return segments.library(asking.doors.workspace).find(name)
