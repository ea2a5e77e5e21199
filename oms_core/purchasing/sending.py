"""Send, confirm, cancel and close a purchase order."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import TYPE_CHECKING

from oms_core.catalog.tables import Supplier
from oms_core.kernel import clock
from oms_core.kernel.errors import InvalidInput, Refused
from oms_core.purchasing.answering import require_decided
from oms_core.purchasing.approving import require_authority
from oms_core.purchasing.duplicates import require_known
from oms_core.purchasing.records import lines_of, locked, move, ready, touch
from oms_core.purchasing.states import INCOMING

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from oms_core.purchasing.tables import PurchaseOrder


def send(
    session: Session, *, purchase_order_id: int, zone: str, again: str = "", actor: str = "system"
) -> PurchaseOrder:
    """Mark the order as sent to its supplier; its lines count as incoming from now on.

    A missing `expected_on` becomes the business date in `zone` plus the supplier's mean lead time,
    rounded up to whole days.

    Parameters
    ----------
    again : str
        Why goods are ordered that a late order of the same supplier still brings; empty refuses them.

    Raises
    ------
    Refused
        ``purchase_order.needs_approval`` above the sender's limit; ``purchase_order.duplicate`` with the
        facts of the late orders. A simulated order is asked neither.
    """
    order = ready(session, purchase_order_id, "sent")
    require_authority(session, order, actor)
    if not (again.strip() or order.is_simulated):
        require_known(session, order, clock.business_date(clock.now(), zone))
    order.sent_at = clock.now()
    if order.expected_on is None:
        order.expected_on = _due_on(session, order, order.sent_at, zone)
    due = order.expected_on.isoformat()
    move(
        session, order, "sent", "purchase_order.sent", actor=actor, expected_on=due, total_minor=order.total_minor,
        **({"again": again.strip()} if again.strip() else {}),
    )  # fmt: skip
    return order


def confirm(
    session: Session, *, purchase_order_id: int, expected_on: date | None = None, actor: str = "system"
) -> PurchaseOrder:
    """Record that the supplier accepted the order as it is, and the day it promised, if it named one."""
    order = ready(session, purchase_order_id, "confirmed")
    require_decided(session, order)
    if expected_on is not None and order.sent_at is not None and expected_on < order.sent_at.date():
        raise InvalidInput(
            "expected_on", expected_on.isoformat(), f"{order.number} was sent later, on {order.sent_at.date()}"
        )
    before = order.expected_on
    order.confirmed_at, order.expected_on = clock.now(), expected_on or before
    move(
        session, order, "confirmed", "purchase_order.confirmed", actor=actor,
        expected_before=_iso(before), expected_on=_iso(order.expected_on),
    )  # fmt: skip
    return order


def reschedule(
    session: Session, *, purchase_order_id: int, expected_on: date, reason: str, actor: str = "system"
) -> PurchaseOrder:
    """Write the day the supplier now says its goods come; what is promised from them moves with it (backorders).

    Raises
    ------
    InvalidInput
        No reason.
    Refused
        ``purchase_order.not_incoming``: nothing is to come of it.
    """
    order = locked(session, purchase_order_id)
    if not reason.strip():
        raise InvalidInput("reason", reason, "a word on why the day moves", code="purchase_order.no_reason")
    if order.state not in INCOMING:
        raise Refused(
            "purchase_order.not_incoming",
            f"{order.number} is {order.state}: nothing is to come of it.",
            f"Only an order that is {', '.join(INCOMING)} has a day to move.",
        )
    before, order.expected_on = order.expected_on, expected_on
    touch(
        session, order, "purchase_order.rescheduled", actor=actor,
        expected_before=_iso(before), expected_on=_iso(expected_on), reason=reason.strip(),
    )  # fmt: skip
    return order


def cancel(session: Session, *, purchase_order_id: int, reason: str = "", actor: str = "system") -> PurchaseOrder:
    """Call off an order of which nothing has arrived; its lines stop being incoming."""
    order = ready(session, purchase_order_id, "cancelled")
    called_off = _call_off_the_rest(session, order)
    order.closed_at = clock.now()
    move(session, order, "cancelled", "purchase_order.cancelled", actor=actor, reason=reason, units=called_off)
    return order


def close(session: Session, *, purchase_order_id: int, reason: str = "", actor: str = "system") -> PurchaseOrder:
    """Finish an order that has arrived; units that never came are called off and stop being incoming."""
    order = ready(session, purchase_order_id, "closed")
    called_off = _call_off_the_rest(session, order)
    order.closed_at = clock.now()
    move(session, order, "closed", "purchase_order.closed", actor=actor, reason=reason, units=called_off)
    return order


def _call_off_the_rest(session: Session, order: PurchaseOrder) -> int:
    """Turn what is still to come into cancelled units; return how many."""
    called_off = 0
    for line in lines_of(session, order.id):
        rest = line.quantity - line.received_qty - line.cancelled_qty
        line.cancelled_qty += rest
        called_off += rest
    return called_off


def _due_on(session: Session, order: PurchaseOrder, sent_at: datetime, zone: str) -> date:
    supplier = session.get_one(Supplier, order.supplier_id)
    return clock.business_date(sent_at, zone) + timedelta(days=math.ceil(supplier.lead_time_days))


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
