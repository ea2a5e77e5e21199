"""What freight, duty and the like added to the goods of one purchase order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.finance.cost_tables import LandedCost, LandedCostLine
from oms_core.kernel.exchange import rates_on
from oms_core.purchasing.tables import PurchaseOrder, Receipt, ReceiptLine

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def landed_of_order(session: Session, purchase_order_id: int) -> dict[str, Any]:
    """Return the landed costs of an order's receipts, in the order's currency.

    Returns
    -------
    dict
        ``costs``: ``number, kind, on_date, amount_minor, currency`` (the part that fell on this order);
        ``by_line``: minor units by purchase-order line; ``total_minor``;
        ``without_rate``: numbers of costs in a currency without a published rate, which are in no sum.
    """
    order = session.get_one(PurchaseOrder, purchase_order_id)
    rows = session.execute(_parts(purchase_order_id)).all()
    rates = rates_on(session.connection(), {(row.currency, row.on_date) for row in rows}, order.currency)
    costs: dict[str, dict[str, Any]] = {}
    by_line: dict[int, int] = {}
    missing = set()
    for row in rows:
        cost = costs.setdefault(
            row.number, {"number": row.number, "kind": row.kind, "on_date": row.on_date, "amount_minor": 0,
                         "currency": row.currency},
        )  # fmt: skip
        cost["amount_minor"] += row.amount_minor
        rate = rates.get((row.currency, row.on_date))
        if rate is None:
            missing.add(row.number)
            continue
        worth = rate.convert(row.amount_minor, row.currency, order.currency)
        by_line[row.line_id] = by_line.get(row.line_id, 0) + worth
    return {
        "costs": list(costs.values()), "by_line": by_line, "total_minor": sum(by_line.values()),
        "without_rate": sorted(missing),
    }  # fmt: skip


def _parts(purchase_order_id: int) -> sa.Select[*tuple[Any, ...]]:
    part = LandedCostLine
    return (
        sa.select(
            LandedCost.number, LandedCost.kind, LandedCost.on_date, LandedCost.currency, part.amount_minor,
            ReceiptLine.purchase_order_line_id.label("line_id"),
        )
        .join(part, part.landed_cost_id == LandedCost.id)
        .join(ReceiptLine, ReceiptLine.id == part.receipt_line_id)
        .join(Receipt, Receipt.id == ReceiptLine.receipt_id)
        .where(Receipt.purchase_order_id == purchase_order_id)
        .order_by(LandedCost.id, part.id)
    )  # fmt: skip
