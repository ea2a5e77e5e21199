"""Read the receipts of routing decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.routing.tables import RoutingDecision

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def decisions_of(session: Session, order_id: int) -> list[dict[str, Any]]:
    """Return an order's routing receipts, oldest first."""
    rows = session.scalars(
        sa.select(RoutingDecision).where(RoutingDecision.order_id == order_id).order_by(RoutingDecision.id)
    )
    return [
        {
            "at": d.at, "reason": d.reason, "decided_by": d.decided_by, "rules": d.rules, "chosen": d.chosen,
            "candidates": d.candidates, "superseded_by_id": d.superseded_by_id,
        }
        for d in rows
    ]  # fmt: skip
