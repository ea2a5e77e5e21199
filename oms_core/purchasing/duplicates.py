"""The same goods on their way already: facts before they are ordered twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.catalog.tables import Variant
from oms_core.kernel.errors import Refused
from oms_core.purchasing.states import INCOMING
from oms_core.purchasing.tables import PurchaseOrder, PurchaseOrderLine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

#: Facts told in a sentence; the whole list stands beside it.
TOLD = 3


def slipping(
    session: Session, *, supplier_id: int, variant_ids: Sequence[int], today: date, besides: int | None = None
) -> list[dict[str, Any]]:
    """Return lines of the supplier's other orders that are late and still to come, for any of these variants.

    Returns
    -------
    list of dict
        ``number, state, sku, to_come_qty, expected_on, days_late``, the latest first.
    """
    line, order = PurchaseOrderLine, PurchaseOrder
    to_come = line.quantity - line.received_qty - line.cancelled_qty
    statement = (
        sa.select(order.number, order.state, Variant.sku, to_come.label("to_come_qty"), order.expected_on)
        .join(order, order.id == line.purchase_order_id)
        .join(Variant, Variant.id == line.variant_id)
        .where(
            order.supplier_id == supplier_id, order.state.in_(INCOMING), order.expected_on < today, to_come > 0,
            line.variant_id.in_(list(variant_ids)), order.id != (besides or 0),
        )
        .order_by(order.expected_on, order.id, line.position)
    )  # fmt: skip
    return [
        dict(row) | {"days_late": (today - row["expected_on"]).days} for row in session.execute(statement).mappings()
    ]


def of_order(session: Session, order: PurchaseOrder, today: date) -> list[dict[str, Any]]:
    """Return what is late and still to come of the goods an order asks for again."""
    ids = session.scalars(
        sa.select(PurchaseOrderLine.variant_id).where(PurchaseOrderLine.purchase_order_id == order.id)
    ).all()
    return slipping(session, supplier_id=order.supplier_id, variant_ids=ids, today=today, besides=order.id)


def require_known(session: Session, order: PurchaseOrder, today: date) -> None:
    """Refuse to send what a late order of the same supplier still brings, until somebody says it is meant.

    Raises
    ------
    Refused
        ``purchase_order.duplicate`` with the facts.
    """
    found = of_order(session, order, today)
    if not found:
        return
    told = "; ".join(
        f"{x['sku']}: {x['to_come_qty']} to come with {x['number']}, {x['days_late']} days late" for x in found[:TOLD]
    )
    more = f" and {len(found) - TOLD} more" if len(found) > TOLD else ""
    raise Refused(
        "purchase_order.duplicate",
        f"{order.number} orders again what is late already: {told}{more}.",
        "Chase or cancel the late order; or send with a word on why both are meant (--again WHY).",
        lines=found,
    )
