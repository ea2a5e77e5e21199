"""Segments: which there are, how many customers each holds."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query
from pydantic import StringConstraints

from app.api.asking import Asking
from app.api.forms import SAID
from app.api.models import knowing as m
from app.api.operations import Operations

operations = Operations("customers", tag="segments")
Expression = Annotated[
    str,
    StringConstraints(min_length=1, max_length=2000, pattern=SAID),
    Query(description="A segment's name, or an expression."),
]
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
