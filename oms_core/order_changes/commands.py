"""Commands of order changes: preview, propose, confirm, decline, cancel.

A confirmed change is one transaction: lines, dated entries, money, promises, fulfilment orders,
status, version and journal together or not at all. Whoever commits first wins: a change is confirmed
only on the version of the order it was proposed for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oms_core.kernel import clock, journal
from oms_core.kernel.errors import NotFound, Refused
from oms_core.kernel.rows import core, loaded, next_ids
from oms_core.order_changes.actions import Action, check_actions
from oms_core.order_changes.facts import read_ground
from oms_core.order_changes.plan import Plan, plan, stock
from oms_core.order_changes.previewing import preview_of
from oms_core.order_changes.promises import Wait, promise, release
from oms_core.order_changes.states import ORDER_CHANGE
from oms_core.order_changes.tables import OrderChange
from oms_core.order_changes.telling import facts_of
from oms_core.order_changes.writing import write
from oms_core.orders.commands import locked_order
from oms_core.orders.status import refresh
from oms_core.orders.tables import Order
from oms_core.orders.versions import journal_mark, require_version

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from oms_core.routing.ground import Beyond

__all__ = ["Action", "cancel", "confirm", "decline", "preview", "propose"]

#: States of an order in which it may be changed.
EDITABLE = ("placed", "closed")
_READ = {"populate_existing": True}


def preview(session: Session, order_id: int, actions: Sequence[Action]) -> dict[str, Any]:
    """Return what the actions would do to the order now; nothing is locked or written.

    Returns
    -------
    dict
        See `order_changes.previewing.preview_of`.
    """
    order = session.get(Order, order_id, execution_options=_READ)
    if order is None:
        raise NotFound("order", order_id)
    return preview_of(_planned(session, order, check_actions(actions)))


def propose(
    session: Session,
    order_id: int,
    actions: Sequence[Action],
    *,
    zone: str,
    actor: str = "system",
    reason: str = "",
    expected_version: int | None = None,
) -> OrderChange:
    """Propose actions on an order; they wait with their preview until someone decides.

    Parameters
    ----------
    actions : sequence of dict
        In the order they are to be done; see `order_changes.actions`. Amounts in minor units.
    expected_version : int, optional
        The version of the order the proposer saw.

    Raises
    ------
    Refused
        The order is not open to changes (``order_change.order_state``), shipped units would be taken
        off (``order_change.shipped``), or nothing would change or be left.
    Conflict
        ``order.stale`` when the order is not at `expected_version`.
    """
    del zone  # the same face as the other commands; a proposal has no business date
    order = locked_order(session, order_id)
    if expected_version is not None:
        require_version(session, order, expected_version)
    kept = check_actions(actions)
    seen = preview_of(_planned(session, order, kept))
    (change_id,) = next_ids(core(session), "order_changes")
    change = OrderChange(
        id=change_id, number=f"CH-{change_id:06d}", order_id=order_id, base_version=order.version,
        journal_id=journal_mark(session, order_id), actions=kept, preview=seen, reason=reason,
        proposed_by=actor, proposed_at=clock.now(),
    )  # fmt: skip
    session.add(change)
    session.flush()
    journal.record(
        session, "order_change.proposed", "order", order_id, actor=actor, change=change.number, reason=reason,
        difference_minor=seen["difference_minor"], kinds=[action["kind"] for action in kept],
    )  # fmt: skip
    return change


def confirm(
    session: Session,
    change_id: int,
    *,
    zone: str,
    actor: str = "system",
    expected_version: int | None = None,
    beyond: Beyond | None = None,
    wait: Wait | None = None,
) -> OrderChange:
    """Do what was proposed, in this transaction, or refuse it whole; a second confirmation does nothing.

    Parameters
    ----------
    expected_version : int, optional
        The version of the order the confirmer saw, if it is not the one proposed on.
    beyond, wait : callable, optional
        How units may wait for goods to come; `backorders.commands.confirm_change` gives them.

    Raises
    ------
    Conflict
        ``order.stale``: the order changed since (shipped, paid, cancelled, edited); says who did what.
    TransitionRefused
        The change was declined or cancelled.
    InsufficientStock
        With every shortage of variants that may not be sold without stock.
    """
    change, order = _locked(session, change_id)
    if change.state == "confirmed":
        return change
    ORDER_CHANGE.check(change.number, change.state, "confirmed")
    require_version(session, order, change.base_version, since=change.journal_id)
    if expected_version is not None:
        require_version(session, order, expected_version)
    made = _planned(session, order, change.actions)
    needs = stock(made)
    write(core(session), made, change_id=change.id, zone=zone)
    release(session, needs, reason=f"edit {change.number}", zone=zone, actor=actor)
    promise(session, made, needs, zone=zone, actor=actor, beyond=beyond, wait=wait)
    _decided(change, "confirmed", actor=actor, note="")
    facts = facts_of(made, change)
    journal.record(session, "order.changed", "order", order.id, actor=actor, **facts)
    session.flush()
    refresh(session, [order.id])
    session.expire(order)
    return change


def decline(session: Session, change_id: int, *, actor: str = "system", reason: str = "") -> OrderChange:
    """Refuse a proposed change; the order stays as it is. Declining twice is declining once."""
    return _turned_down(session, change_id, "declined", actor=actor, reason=reason)


def cancel(session: Session, change_id: int, *, actor: str = "system", reason: str = "") -> OrderChange:
    """Withdraw a proposed change; the order stays as it is. Withdrawing twice is withdrawing once."""
    return _turned_down(session, change_id, "cancelled", actor=actor, reason=reason)


def _turned_down(session: Session, change_id: int, state: str, *, actor: str, reason: str) -> OrderChange:
    change, order = _locked(session, change_id)
    if change.state == state:
        return change
    ORDER_CHANGE.check(change.number, change.state, state)
    _decided(change, state, actor=actor, note=reason)
    journal.record(
        session, f"order_change.{state}", "order", order.id, actor=actor, change=change.number, reason=reason
    )
    session.flush()
    return change


def _decided(change: OrderChange, state: str, *, actor: str, note: str) -> None:
    change.state, change.decided_by, change.decided_at, change.decision_note = state, actor, clock.now(), note


def _locked(session: Session, change_id: int) -> tuple[OrderChange, Order]:
    """Return a change and its order, the order's row locked first, as every command does."""
    known = session.get(OrderChange, change_id)
    if known is None:
        raise NotFound("order change", change_id)
    order = locked_order(session, known.order_id)
    return loaded(session, OrderChange, change_id), order


def _planned(session: Session, order: Order, actions: Sequence[Action]) -> Plan:
    if order.state not in EDITABLE:
        raise Refused(
            "order_change.order_state",
            f"Order {order.number} is {order.state}: it can no longer be changed.",
            "Only placed and closed orders are changed.",
            state=order.state,
        )
    return plan(read_ground(session, order, actions), actions)
