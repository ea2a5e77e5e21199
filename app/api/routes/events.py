"""Events: the journal, read forward from where you stopped; nothing is passed over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import sqlalchemy as sa
from fastapi import Query

from app.api.asking import Asking
from app.api.forms import Code, Key
from app.api.models import knowing as m
from app.api.operations import Operations
from app.api.pages import Cursor, Limit, packed, unpacked
from oms_core.kernel.journal import JournalEntry

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

operations = Operations("events")
_SHOWN = ("id", "at", "actor", "event", "object_type", "object_id", "data")


@operations.read(
    "/events", answers=m.Events, example={"items": [m.EVENT], "next_cursor": "eyJhZnRlciI6OTAyMTF9", "has_more": False}
)
def list_(
    asking: Asking,
    event: Annotated[Code | None, Query(description="Only this event, such as order.placed.")] = None,
    object_type: Annotated[Code | None, Query(description="Only events of this kind of thing, such as order.")] = None,
    object_id: Annotated[Key | None, Query(description="Only events of this thing.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """Read what happened, oldest first; ask again with `next_cursor` for what came since.

    An event appears when every transaction that could still write an earlier one has ended, so that a
    reader who goes on from its cursor never misses one.
    """
    place = unpacked(cursor)
    after, settled = place.get("after", 0), _settled(asking.session, place)
    upto = settled.pop("upto")
    wanted = {JournalEntry.event: event, JournalEntry.object_type: object_type, JournalEntry.object_id: object_id}
    rows = sa.select(*(getattr(JournalEntry, name) for name in _SHOWN)).where(
        JournalEntry.id > after,
        JournalEntry.id <= upto,
        *(column == value for column, value in wanted.items() if value is not None),
    )
    found = [dict(r) for r in asking.session.execute(rows.order_by(JournalEntry.id).limit(limit + 1)).mappings()]
    items, more = found[:limit], len(found) > limit
    reached = items[-1]["id"] if more else max(after, upto)
    return {"items": items, "next_cursor": packed({"after": reached, **settled}), "has_more": more}


def _settled(session: Session, place: dict[str, int]) -> dict[str, int]:
    """Return up to which id nothing can still appear, and what to carry in the cursor to know more next time.

    SQLite writes one transaction after the other. On PostgreSQL an id is drawn before it is committed: ids up
    to `high` are settled once every transaction that began before ours (`wait`, taken after `high` was seen)
    has ended.
    """
    high = int(session.scalar(sa.select(sa.func.coalesce(sa.func.max(JournalEntry.id), 0))) or 0)
    after = place.get("after", 0)
    if session.get_bind().dialect.name == "sqlite" or high <= after:
        return {"upto": high}
    mine = _number(session, "pg_current_xact_id()")
    oldest = _number(session, "pg_snapshot_xmin(pg_current_snapshot())")
    if oldest >= mine:
        return {"upto": high}
    if "wait" in place and oldest >= place["wait"]:
        return {"upto": place.get("high", after), "wait": mine, "high": high}
    return {"upto": after, "wait": place.get("wait", mine), "high": place.get("high", high)}


def _number(session: Session, xid8: str) -> int:
    """Ask PostgreSQL for a transaction number; each question sees its own snapshot."""
    return int(session.scalar(sa.text(f"SELECT CAST(CAST({xid8} AS text) AS bigint)")) or 0)
