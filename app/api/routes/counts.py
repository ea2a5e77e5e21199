"""Stock counts: count, count again, book the differences."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from app.api.asking import Asking
from app.api.forms import Number, PageOf
from app.api.models import stock as m
from app.api.naming import variants
from app.api.operations import Operations
from app.api.pages import Cursor, Limit, newest_first
from oms_core.inventory import counts
from oms_core.inventory.count_posting import count_named, count_record
from oms_core.inventory.count_tables import StockCount
from oms_core.inventory.queries import location_of

operations = Operations("stock", tag="counts")
ONE: dict[str, Any] = {"answers": m.Count, "example": m.COUNT}


@operations.read("/stock-counts", answers=PageOf[dict[str, Any]], example={
    "items": [{"id": 3, "number": "SC-000003", "state": "open", "note": "", "created_at": "2026-05-01T10:00:00Z"}],
    "next_cursor": None,
})  # fmt: skip
def list_(asking: Asking, limit: Limit = 50, cursor: Cursor = None) -> dict[str, Any]:
    """List counts, newest first."""
    shown: tuple[Any, ...] = (
        StockCount.id,
        StockCount.number,
        StockCount.state,
        StockCount.note,
        StockCount.created_at,
    )
    return newest_first(asking.session, sa.select(*shown), StockCount.id, limit=limit, cursor=cursor)


@operations.read("/stock-counts/{number}", **ONE)
def show(asking: Asking, number: Number) -> dict[str, Any]:
    """Show one count; of an open blind one nobody is told what is expected."""
    return count_record(asking.session, count_named(asking.session, number))


@operations.write("/stock-counts", status=201, **ONE)
def open_(asking: Asking, body: m.NewCount) -> dict[str, Any]:
    """Open a session to count SKUs at a location; stock does not stop for it."""
    session = asking.session
    found = counts.open_count(
        session, location_id=location_of(session, body.location).id,
        variant_ids=list(variants(session, body.skus).values()), is_blind=body.blind, note=body.note,
        actor=asking.actor,
    )  # fmt: skip
    return _told(asking, found.number)


@operations.write("/stock-counts/{number}/lines", method="PUT", **ONE)
def enter(asking: Asking, number: Number, body: m.Counted) -> dict[str, Any]:
    """Write what was counted; a SKU counted before is counted again."""
    known = variants(asking.session, (line.sku for line in body.lines))
    counted = {known[line.sku]: line.counted for line in body.lines}
    counts.enter(asking.session, count_named(asking.session, number).id, counted=counted, actor=asking.actor)
    return _told(asking, number)


@operations.write("/stock-counts/{number}/recount", **ONE)
def recount(asking: Asking, number: Number, body: m.Recount) -> dict[str, Any]:
    """Send lines back to be counted once more."""
    ids = list(variants(asking.session, body.skus).values())
    key = count_named(asking.session, number).id
    counts.ask_recount(asking.session, key, variant_ids=ids, reason=body.reason, actor=asking.actor)
    return _told(asking, number)


@operations.write("/stock-counts/{number}/post", **ONE)
def post(asking: Asking, number: Number, body: m.PostCount) -> dict[str, Any]:
    """Book the differences, all or none, and close the count."""
    counts.post_count(
        asking.session, count_named(asking.session, number).id, reason=body.reason, skip_uncounted=body.skip_uncounted,
        zone=asking.zone, actor=asking.actor,
    )  # fmt: skip
    return _told(asking, number)


@operations.write("/stock-counts/{number}/cancel", **ONE)
def cancel(asking: Asking, number: Number, body: m.Reason) -> dict[str, Any]:
    """Give up a count; stock stays as it is."""
    key = count_named(asking.session, number).id
    counts.cancel_count(asking.session, key, reason=body.reason, actor=asking.actor)
    return _told(asking, number)


def _told(asking: Asking, number: str) -> dict[str, Any]:
    asking.session.expire_all()
    return count_record(asking.session, count_named(asking.session, number))
