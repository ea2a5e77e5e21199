"""Read an order's money."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel.money import to_decimal
from oms_core.orders.tables import Order
from oms_core.payments.tables import Payment

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def payments_of(session: Session, order_id: int) -> list[dict[str, Any]]:
    """Return an order's payments, oldest first."""
    rows = session.scalars(sa.select(Payment).where(Payment.order_id == order_id).order_by(Payment.id))
    return [
        {
            "at": p.at, "kind": p.kind, "amount": to_decimal(p.amount_minor, p.currency), "currency": p.currency,
            "gateway": p.gateway, "external_id": p.external_id,
        }
        for p in rows
    ]  # fmt: skip


def still_owed(session: Session, order_id: int, kind: str = "capture") -> int:
    """Return what is left to take (or, for a refund, to give back), minor units; never below zero."""
    rows = session.execute(
        sa.select(Payment.kind, sa.func.sum(Payment.amount_minor))
        .where(Payment.order_id == order_id)
        .group_by(Payment.kind)
    )
    sums = {row[0]: int(row[1]) for row in rows}
    taken = sums.get("capture", 0) - sums.get("refund", 0)
    if kind == "refund":
        return taken
    if kind == "void":
        return max(sums.get("authorize", 0) - sums.get("void", 0) - sums.get("capture", 0), 0)
    total = session.scalar(sa.select(Order.total_minor).where(Order.id == order_id)) or 0
    return max(total - taken, 0)
