"""Transfers: units on their way between two locations."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from app.api.asking import Asking
from app.api.forms import Number, PageOf
from app.api.models import stock as m
from app.api.naming import units
from app.api.operations import Operations
from app.api.pages import Cursor, Limit, newest_first
from oms_core.inventory import commands
from oms_core.inventory.queries import location_of, transfer_named, transfer_record, transfer_units
from oms_core.inventory.tables import Transfer
from oms_core.inventory.transfers import book_found_units

operations = Operations("stock", tag="transfers")
ONE: dict[str, Any] = {"answers": m.Transfer, "example": m.TRANSFER}


@operations.read("/transfers", answers=PageOf[dict[str, Any]], example={
    "items": [{k: v for k, v in m.TRANSFER.items() if k != "lines"}], "next_cursor": None,
})  # fmt: skip
def list_(asking: Asking, limit: Limit = 50, cursor: Cursor = None) -> dict[str, Any]:
    """List transfers, newest first."""
    shown: tuple[Any, ...] = (
        Transfer.id,
        Transfer.number,
        Transfer.state,
        Transfer.created_at,
        Transfer.shipped_at,
        Transfer.received_at,
    )
    return newest_first(asking.session, sa.select(*shown), Transfer.id, limit=limit, cursor=cursor)


@operations.read("/transfers/{number}", **ONE)
def show(asking: Asking, number: Number) -> dict[str, Any]:
    """Show one transfer with its lines; what neither came nor was lost is in transit."""
    return _told(asking, number)


@operations.write("/transfers", status=201, **ONE)
def draft(asking: Asking, body: m.NewTransfer) -> dict[str, Any]:
    """Plan a transfer, and send it off when asked to."""
    session = asking.session
    made = commands.draft_transfer(
        session, from_location_id=location_of(session, body.from_location).id,
        to_location_id=location_of(session, body.to_location).id, lines=units(session, body.lines), actor=asking.actor,
    )  # fmt: skip
    if body.ship:
        commands.ship_transfer(session, made.id, zone=asking.zone, actor=asking.actor)
    return _told(asking, made.number)


@operations.write("/transfers/{number}/ship", **ONE)
def ship(asking: Asking, number: Number) -> dict[str, Any]:
    """Send a planned transfer off: its units are in transit."""
    found = _found(asking, number)
    commands.ship_transfer(asking.session, found.id, zone=asking.zone, actor=asking.actor)
    return _told(asking, number)


@operations.write("/transfers/{number}/receive", **ONE)
def receive(asking: Asking, number: Number, body: m.Arrived) -> dict[str, Any]:
    """Book what arrived, what never will and what came too many; the rest stays in transit."""
    found = _found(asking, number)
    booked = {name: _lines(asking, found, getattr(body, name)) for name in ("received", "lost", "over")}
    if body.received is None and (body.lost or body.over):
        booked["received"] = {}
    commands.receive_transfer(
        asking.session, found.id, **booked, reason=body.reason, zone=asking.zone, actor=asking.actor
    )
    return _told(asking, number)


@operations.write("/transfers/{number}/found", **ONE)
def found_again(asking: Asking, number: Number, body: m.FoundAgain) -> dict[str, Any]:
    """Book lost units that turned up at the receiving location."""
    found = _found(asking, number)
    book_found_units(
        asking.session, found.id, found=_lines(asking, found, body.found) or {}, reason=body.reason, zone=asking.zone,
        actor=asking.actor,
    )  # fmt: skip
    return _told(asking, number)


@operations.write("/transfers/{number}/cancel", **ONE)
def cancel(asking: Asking, number: Number) -> dict[str, Any]:
    """Give up a transfer that was not sent."""
    commands.cancel_transfer(asking.session, _found(asking, number).id, actor=asking.actor)
    return _told(asking, number)


def _found(asking: Asking, number: str) -> Transfer:
    found = transfer_named(asking.session, number)
    asking.require_version("transfer", found.id, found.version)
    return found


def _lines(asking: Asking, transfer: Transfer, lines: list[m.SkuLine] | None) -> dict[int, int] | None:
    return None if lines is None else transfer_units(asking.session, transfer, [(x.sku, x.quantity) for x in lines])


def _told(asking: Asking, number: str) -> dict[str, Any]:
    asking.session.expire_all()
    found = transfer_named(asking.session, number)
    asking.is_version(found.version)
    return transfer_record(asking.session, found)
