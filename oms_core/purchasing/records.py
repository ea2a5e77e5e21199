"""Find and lock a purchase order and its lines; write its journal. Shared by every command of the room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel import journal
from oms_core.kernel.errors import NotFound
from oms_core.purchasing.states import PURCHASE_ORDER
from oms_core.purchasing.tables import PurchaseOrder, PurchaseOrderLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session


def locked(session: Session, purchase_order_id: int) -> PurchaseOrder:
    """Return the purchase order, its row locked until the transaction ends.

    Raises
    ------
    NotFound
        ``purchase_order.not_found``.
    """
    statement = sa.select(PurchaseOrder).where(PurchaseOrder.id == purchase_order_id).with_for_update(key_share=True)
    order = session.scalar(statement.execution_options(populate_existing=True))
    if order is None:
        raise NotFound("purchase order", purchase_order_id, hint="List them with: ordersight purchase-orders list")
    return order


def ready(session: Session, purchase_order_id: int, target: str) -> PurchaseOrder:
    """Return the locked order, or refuse before anything is touched if it cannot become `target`."""
    order = locked(session, purchase_order_id)
    PURCHASE_ORDER.check(order.number, order.state, target)
    return order


def lines_of(session: Session, purchase_order_id: int) -> Sequence[PurchaseOrderLine]:
    """Return the lines of a purchase order, in their order."""
    statement = (
        sa.select(PurchaseOrderLine)
        .where(PurchaseOrderLine.purchase_order_id == purchase_order_id)
        .order_by(PurchaseOrderLine.position)
        .execution_options(populate_existing=True)
    )
    return session.scalars(statement).all()


def move(session: Session, order: PurchaseOrder, target: str, event: str, *, actor: str, **facts: Any) -> None:
    """Take a `ready` order to another state; bump the version, write the journal."""
    before, order.state = order.state, target
    touch(session, order, event, actor=actor, **{"from": before, "to": target, **facts})


def touch(session: Session, order: PurchaseOrder, event: str, *, actor: str, **facts: Any) -> None:
    """Bump the order's version, write it, and leave the event in the journal."""
    order.version += 1
    session.flush()
    journal.record(session, event, "purchase_order", order.id, actor=actor, number=order.number, **facts)
