"""Read order changes."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel.errors import InvalidInput, NotFound
from oms_core.order_changes.states import ORDER_CHANGE
from oms_core.order_changes.tables import OrderChange
from oms_core.orders.tables import Order

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def change_named(session: Session, number: str) -> OrderChange:
    """Return the change of a number (``CH-000001``)."""
    found = session.scalars(sa.select(OrderChange).where(OrderChange.number == number)).one_or_none()
    if found is None:
        near = session.scalars(sa.select(OrderChange.number).order_by(OrderChange.id.desc()).limit(200)).all()
        raise NotFound("order change", number, difflib.get_close_matches(number, near), "See: ordersight changes list")
    return found


def change_record(session: Session, change: OrderChange) -> dict[str, Any]:
    """Return a change as a record: actions, preview, who proposed and decided it."""
    order = session.get_one(Order, change.order_id)
    return {
        "id": change.id, "number": change.number, "order": order.number, "order_id": order.id, "state": change.state,
        "base_version": change.base_version, "order_version": order.version,
        "is_stale": change.state == "pending" and order.version != change.base_version,
        "reason": change.reason, "actions": change.actions, "preview": change.preview,
        "proposed_by": change.proposed_by, "proposed_at": change.proposed_at,
        "decided_by": change.decided_by, "decided_at": change.decided_at, "decision_note": change.decision_note,
    }  # fmt: skip


def changes_list(
    session: Session,
    *,
    order_id: int | None = None,
    state: str | None = None,
    limit: int = 50,
    before_id: int | None = None,
) -> list[dict[str, Any]]:
    """Return changes, newest first, of one order or in one state; `before_id` pages on."""
    if state is not None and state not in ORDER_CHANGE.states:
        raise InvalidInput("state", state, f"one of {', '.join(ORDER_CHANGE.states)}")
    statement = (
        sa.select(OrderChange, Order.number, Order.currency)
        .join(Order, Order.id == OrderChange.order_id)
        .order_by(OrderChange.id.desc())
        .limit(limit)
    )
    if order_id is not None:
        statement = statement.where(OrderChange.order_id == order_id)
    if state is not None:
        statement = statement.where(OrderChange.state == state)
    if before_id is not None:
        statement = statement.where(OrderChange.id < before_id)
    return [
        {
            "id": change.id, "number": change.number, "order": number, "state": change.state,
            "actions": ", ".join(action["kind"] for action in change.actions), "currency": currency,
            "difference_minor": change.preview.get("difference_minor", 0), "reason": change.reason,
            "proposed_by": change.proposed_by, "proposed_at": change.proposed_at, "decided_by": change.decided_by,
            "decided_at": change.decided_at,
        }
        for change, number, currency in session.execute(statement)
    ]  # fmt: skip
