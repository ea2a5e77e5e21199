"""Pages by cursor: a cursor names the last row seen, so that rows coming in never shift a page."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Query

from oms_core.kernel.errors import InvalidInput

if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlalchemy.orm import Session

MOST = 200
Limit = Annotated[int, Query(ge=1, le=MOST, description=f"Rows of a page, at most {MOST}.")]
Cursor = Annotated[
    str | None, Query(max_length=400, pattern=r"^[A-Za-z0-9_=-]*$", description="`next_cursor` of the page before.")
]


def packed(place: Mapping[str, int]) -> str:
    """Return a place in a list as an opaque word."""
    return base64.urlsafe_b64encode(json.dumps(place, separators=(",", ":")).encode()).decode().rstrip("=")


def unpacked(cursor: str | None) -> dict[str, int]:
    """Return the place a cursor names; empty for the beginning.

    Raises
    ------
    InvalidInput
        ``cursor.invalid``.
    """
    if not cursor:
        return {}
    word = cursor.rstrip("=")
    try:
        place = json.loads(base64.urlsafe_b64decode(word + "=" * (-len(word) % 4)))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise _refused(cursor) from error
    if not isinstance(place, dict) or not all(type(n) is int and 0 <= n < 2**63 for n in place.values()):
        raise _refused(cursor)
    return place


def _refused(cursor: str) -> InvalidInput:
    return InvalidInput(
        "cursor", cursor, "the next_cursor of an earlier answer", "Leave it out to begin.", code="cursor.invalid"
    )


def newest_first(
    session: Session, rows: sa.Select[Any], key: sa.SQLColumnExpression[int], *, limit: int, cursor: str | None
) -> dict[str, Any]:
    """Return one page of a list, newest first: ``items`` and ``next_cursor``.

    Parameters
    ----------
    key : column
        Unique and growing: the primary key. The statement selects it as ``id``.
    """
    place = unpacked(cursor)
    if "before" in place:
        rows = rows.where(key < place["before"])
    found = [dict(row) for row in session.execute(rows.order_by(key.desc()).limit(limit + 1)).mappings()]
    return page(found, limit)


def page(found: Sequence[dict[str, Any]], limit: int) -> dict[str, Any]:
    """Return rows (one more than asked for, if there is more) as a page."""
    items = list(found[:limit])
    more = len(found) > limit
    return {"items": items, "next_cursor": packed({"before": items[-1]["id"]}) if more else None}
