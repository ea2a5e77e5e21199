"""Workers' lists: fill pick bins up from overstock."""

from __future__ import annotations

from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Query

from app.api.asking import Asking
from app.api.forms import Code, Number, PageOf
from app.api.models import bins as m
from app.api.models.stock import Reason
from app.api.operations import Operations
from app.api.pages import Cursor, Limit, newest_first
from oms_core.inventory import bin_replenishing
from oms_core.inventory.bin_queries import list_named, list_record, proposal_rows
from oms_core.inventory.bin_tables import BinReplenishment
from oms_core.inventory.queries import location_of

operations = Operations("stock", tag="bin lists")
Where = Annotated[Code, Query(description="Code of a location.")]
ONE: dict[str, Any] = {"answers": m.WorkList, "example": m.LIST}


@operations.read("/bin-proposals", answers=m.Proposed, example={"location": "LDS", "items": [m.PROPOSED]})
def propose(asking: Asking, location: Where) -> dict[str, Any]:
    """Show what a list made now would carry; writes nothing."""
    where = location_of(asking.session, location).id
    found = bin_replenishing.proposal(asking.session, location_id=where, zone=asking.zone)
    return {"location": location, "items": proposal_rows(asking.session, found)}


@operations.read("/bin-replenishments", answers=PageOf[dict[str, Any]], example={
    "items": [{"id": 3, "number": "BR-000003", "state": "open", "created_at": "2026-05-01T10:00:00Z"}],
    "next_cursor": None,
})  # fmt: skip
def list_(asking: Asking, limit: Limit = 50, cursor: Cursor = None) -> dict[str, Any]:
    """List workers' lists, newest first."""
    row = BinReplenishment
    shown: tuple[Any, ...] = (row.id, row.number, row.state, row.created_at, row.created_by, row.closed_at)
    return newest_first(asking.session, sa.select(*shown), row.id, limit=limit, cursor=cursor)


@operations.read("/bin-replenishments/{number}", **ONE)
def show(asking: Asking, number: Number) -> dict[str, Any]:
    """Show one list: what to carry, from where, and why."""
    return list_record(asking.session, list_named(asking.session, number))


@operations.write("/bin-replenishments", status=201, **ONE)
def open_(asking: Asking, body: m.NewList) -> dict[str, Any]:
    """Write down what is to be carried at a location."""
    where = location_of(asking.session, body.location).id
    made = bin_replenishing.open_list(asking.session, location_id=where, zone=asking.zone, actor=asking.actor)
    return list_record(asking.session, made)


@operations.write("/bin-replenishments/{number}/confirm", **ONE)
def confirm(asking: Asking, number: Number, body: m.Done) -> dict[str, Any]:
    """Book what a worker did of one line, whole or in part."""
    found = list_named(asking.session, number)
    bin_replenishing.confirm(
        asking.session, found.id, line_id=body.line_id, moved=body.moved, missing=body.missing, left=body.left,
        reason=body.reason, actor=asking.actor,
    )  # fmt: skip
    return list_record(asking.session, found)


@operations.write("/bin-replenishments/{number}/cancel", **ONE)
def cancel(asking: Asking, number: Number, body: Reason) -> dict[str, Any]:
    """Give up what is still to do of a list."""
    found = list_named(asking.session, number)
    bin_replenishing.cancel(asking.session, found.id, reason=body.reason, actor=asking.actor)
    return list_record(asking.session, found)
