"""Order changes: see the effect first, propose, confirm or decline."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query

from app.api.asking import Asking
from app.api.forms import Code, Number, PageOf
from app.api.models import desk as m
from app.api.models.flows import Why
from app.api.operations import Operations
from app.api.pages import Cursor, Limit, page, unpacked
from oms_core.backorders.commands import confirm_change
from oms_core.order_changes import commands
from oms_core.order_changes.documents import actions_from
from oms_core.order_changes.queries import change_named, change_record, changes_list
from oms_core.orders.queries import order_named

operations = Operations("orders", tag="order changes")
ONE: dict[str, Any] = {"answers": m.Change, "example": m.CHANGE}


@operations.write("/orders/{number}/changes/preview", answers=m.Preview, example=m.PREVIEW, scope="orders:read")
def preview(asking: Asking, number: Number, body: m.Actions) -> dict[str, Any]:
    """Show what actions would do to money and stock; nothing is written."""
    order = order_named(asking.session, number)
    actions = actions_from(asking.session, order, [action.document() for action in body.actions])
    return {"currency": order.currency, **commands.preview(asking.session, order.id, actions)}


@operations.write("/orders/{number}/changes", status=201, **ONE)
def propose(asking: Asking, number: Number, body: m.NewChange) -> dict[str, Any]:
    """Propose a change: it waits with its preview until someone decides, or is confirmed at once."""
    session, order = asking.session, order_named(asking.session, number)
    actions = actions_from(session, order, [action.document() for action in body.actions])
    made = commands.propose(
        session, order.id, actions, zone=asking.zone, actor=asking.actor, reason=body.reason,
        expected_version=asking.expected_version,
    )  # fmt: skip
    if body.confirm:
        confirm_change(session, made.id, zone=asking.zone, actor=asking.actor)
    return _told(asking, made.number)


@operations.read("/order-changes", answers=PageOf[m.ChangeRow], example={
    "items": [{k: m.CHANGE[k] for k in m.ChangeRow.model_fields}], "next_cursor": None,
})  # fmt: skip
def list_(
    asking: Asking, state: Annotated[Code | None, Query()] = None, order: Annotated[Code | None, Query()] = None,
    limit: Limit = 50, cursor: Cursor = None,
) -> dict[str, Any]:  # fmt: skip
    """List changes, newest first."""
    key = order_named(asking.session, order).id if order else None
    before = unpacked(cursor).get("before")
    return page(changes_list(asking.session, order_id=key, state=state, limit=limit + 1, before_id=before), limit)


@operations.read("/order-changes/{number}", **ONE)
def show(asking: Asking, number: Number) -> dict[str, Any]:
    """Show one change with its actions and preview; its ETag is the order's version."""
    return _told(asking, number)


@operations.write("/order-changes/{number}/confirm", **ONE)
def confirm(asking: Asking, number: Number) -> dict[str, Any]:
    """Do what was proposed: lines, promises and money in one transaction, or nothing.

    An order that changed since the proposal refuses it (412 `order.stale`).
    """
    key = change_named(asking.session, number).id
    confirm_change(asking.session, key, zone=asking.zone, actor=asking.actor, expected_version=asking.expected_version)
    return _told(asking, number)


@operations.write("/order-changes/{number}/decline", **ONE)
def decline(asking: Asking, number: Number, body: Why) -> dict[str, Any]:
    """Refuse a proposed change; the order stays as it is."""
    key = change_named(asking.session, number).id
    commands.decline(asking.session, key, actor=asking.actor, reason=body.reason)
    return _told(asking, number)


@operations.write("/order-changes/{number}/cancel", **ONE)
def cancel(asking: Asking, number: Number, body: Why) -> dict[str, Any]:
    """Withdraw a proposed change; the order stays as it is."""
    key = change_named(asking.session, number).id
    commands.cancel(asking.session, key, actor=asking.actor, reason=body.reason)
    return _told(asking, number)


def _told(asking: Asking, number: str) -> dict[str, Any]:
    asking.session.expire_all()
    change = change_named(asking.session, number)
    record = change_record(asking.session, change)
    asking.is_version(record["order_version"])
    return record
