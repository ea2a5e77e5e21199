"""The order desk: tags, notes, holds, a second look, what to do next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Path, Query

from app.api.asking import Asking
from app.api.forms import Code, Key, Number
from app.api.models import desk as m
from app.api.operations import Operations
from app.api.pages import Cursor, Limit, packed, unpacked
from app.api.records import columns
from oms_core.fulfilment.holding import hold, release_hold
from oms_core.fulfilment.tables import FulfillmentHold
from oms_core.orders.notes import add_note, notes_of
from oms_core.orders.queries import order_named
from oms_core.orders.tables import Order
from oms_core.orders.tags import add_tags, remove_tags, tags_of
from oms_core.review import duplicates, queues, risk

operations = Operations("orders", tag="order desk")
Filter = Annotated[Code | None, Query()]
Id = Annotated[Key, Path(description="Its id.")]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@operations.write(
    "/orders/{number}/tags", method="PATCH", answers=m.Tagged, example={"number": "OS-010045", "tags": ["vip"]}
)
def tag(asking: Asking, number: Number, body: m.Tags) -> dict[str, Any]:
    """Put tags on an order and take tags off it."""
    session, order = asking.session, _seen(asking, number)
    if body.remove:
        remove_tags(session, [order.id], body.remove, actor=asking.actor)
    if body.add:
        add_tags(session, [order.id], body.add, actor=asking.actor)
    return {"number": order.number, "tags": tags_of(session, [order.id])[order.id]}


@operations.read("/orders/{number}/notes", answers=m.Notes, example={"items": [m.NOTE]})
def notes(asking: Asking, number: Number) -> dict[str, Any]:
    """List an order's notes, oldest first."""
    return {"items": notes_of(asking.session, order_named(asking.session, number).id)}


@operations.write("/orders/{number}/notes", status=201, answers=m.Note, example=m.NOTE)
def note(asking: Asking, number: Number, body: m.NewNote) -> dict[str, Any]:
    """Write a note on an order, under the token's name."""
    made = add_note(asking.session, _seen(asking, number).id, body.body, actor=asking.actor)
    return {"id": made.id, "at": made.at, "author": made.author, "body": made.body}


@operations.read("/orders/{number}/holds", answers=m.Holds, example={"items": [m.HOLD]})
def holds(asking: Asking, number: Number) -> dict[str, Any]:
    """List an order's holds, those released too."""
    order = order_named(asking.session, number)
    rows = sa.select(FulfillmentHold).where(FulfillmentHold.order_id == order.id).order_by(FulfillmentHold.id)
    return {"items": [columns(row) for row in asking.session.scalars(rows)]}


@operations.write("/orders/{number}/holds", status=201, answers=m.Hold, example=m.HOLD)
def put_on_hold(asking: Asking, number: Number, body: m.NewHold) -> dict[str, Any]:
    """Keep an order back from shipping."""
    order = _seen(asking, number)
    made = hold(
        asking.session, order.id, reason=body.reason, note=body.note, owner=body.owner, until_at=body.until_at,
        guard_key=body.guard_key, actor=asking.actor,
    )  # fmt: skip
    return columns(made)


@operations.write("/holds/{key}/release", answers=m.Hold, example=m.HOLD)
def release(asking: Asking, key: Id) -> dict[str, Any]:
    """Release a hold; under its guard key it is not put on again."""
    return columns(release_hold(asking.session, key, actor=asking.actor))


@operations.write("/orders/{number}/risk/approve", answers=m.Risk, example=m.RISK)
def approve_risk(asking: Asking, number: Number) -> dict[str, Any]:
    """Let an order through that the rules doubt."""
    return columns(risk.approve(asking.session, _seen(asking, number).id, actor=asking.actor))


@operations.write("/orders/{number}/risk/reject", answers=m.Risk, example={**m.RISK, "state": "rejected"})
def reject_risk(asking: Asking, number: Number) -> dict[str, Any]:
    """Refuse an order: it is cancelled and its stock released."""
    return columns(risk.reject(asking.session, _seen(asking, number).id, zone=asking.zone, actor=asking.actor))


@operations.write("/duplicates/{key}/confirm", answers=m.Decided, example={"id": 6, "state": "confirmed"})
def confirm_duplicate(asking: Asking, key: Id, body: m.DuplicateDecision) -> dict[str, Any]:
    """Say that two orders are one wish, and cancel the newer one if asked to."""
    made = duplicates.confirm(asking.session, key, cancel_newer=body.cancel_newer, zone=asking.zone, actor=asking.actor)
    return columns(made)


@operations.write("/duplicates/{key}/dismiss", answers=m.Decided, example={"id": 6, "state": "dismissed"})
def dismiss_duplicate(asking: Asking, key: Id) -> dict[str, Any]:
    """Say that two orders are two wishes."""
    return columns(duplicates.dismiss(asking.session, key, actor=asking.actor))


@operations.read(
    "/work-queues", answers=m.Queues, example={"items": [{"name": "to_ship", "says": "Ready to pack.", "count": 12}]}
)
def work(asking: Asking) -> dict[str, Any]:
    """Count what waits in each work queue."""
    found = queues.counts(asking.session)
    return {"items": [{"name": q.name, "says": q.says, "count": found[q.name]} for q in queues.QUEUES]}


@operations.read("/work-queues/{number}", answers=m.Things, example={
    "items": [{"number": "OS-010045", "since": "2026-05-01T10:00:00Z", "why": "ready"}], "next_cursor": None,
})  # fmt: skip
def queue(
    asking: Asking, number: Number, *, channel: Filter = None, location: Filter = None, tag: Filter = None,
    limit: Limit = 50, cursor: Cursor = None,
) -> dict[str, Any]:  # fmt: skip
    """List what waits in a queue, what waits longest first."""
    given = {key: value for key, value in (("channel", channel), ("location", location), ("tag", tag)) if value}
    place = unpacked(cursor)
    after = None
    if {"at", "order", "place"} <= place.keys():
        # a cursor's instant is microseconds since 1970
        after = (_EPOCH + timedelta(microseconds=min(place["at"], 2**53)), place["order"], place["place"])
    things = queues.in_queue(asking.session, number, filters=given, limit=limit, after=after)
    last = queues.page_after(things) if len(things) == limit else None
    following = last and packed(
        {"at": (last[0] - _EPOCH) // timedelta(microseconds=1), "order": last[1], "place": last[2]}
    )
    return {"items": things, "next_cursor": following or None}


def _seen(asking: Asking, number: str) -> Order:
    order = order_named(asking.session, number)
    asking.require_order(order)
    return order
