"""Deliveries that differ: too many, too few, broken; each with its reason, none in silence."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.catalog.tables import Variant
from oms_core.kernel.errors import InvalidInput, NotFound
from oms_core.purchasing.answer_tables import DISCREPANCIES, ReceiptDiscrepancy
from oms_core.purchasing.tables import PurchaseOrderLine, Receipt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Remark:
    """What differs of one line of a delivery.

    Parameters
    ----------
    line_id : int
        Line of the purchase order.
    kind : str
        ``over``: units beyond the order that are kept; ``short``: units on the delivery note that were not in
        the parcel (they are still to come); ``damaged``: units among those that came that cannot be sold.
    quantity : int
        Units, at least 1.
    reason : str
        Why, for the supplier's claim.
    """

    line_id: int
    kind: str
    quantity: int
    reason: str


def units(remarks: Sequence[Remark], kind: str) -> dict[int, int]:
    """Return the units of a kind by line."""
    return {r.line_id: r.quantity for r in remarks if r.kind == kind}


def check(remarks: Sequence[Remark], ordered: Mapping[int, PurchaseOrderLine], arrived: Mapping[int, int]) -> None:
    """Refuse remarks without sense.

    Raises
    ------
    NotFound
        A line of another order.
    InvalidInput
        ``purchase_order.remark``: an unknown kind, no units, no reason, one kind twice for a line, more broken
        than came.
    """
    for remark in remarks:
        if remark.line_id not in ordered:
            raise NotFound("purchase order line", remark.line_id)
        if remark.kind not in DISCREPANCIES:
            raise _wrong(remark.kind, f"one of {', '.join(DISCREPANCIES)} was expected")
        if remark.quantity < 1:
            raise _wrong(remark.quantity, "at least one unit was expected")
        if not remark.reason.strip():
            raise _wrong(remark.kind, "it needs a reason")
        if remark.kind == "damaged" and remark.quantity > arrived.get(remark.line_id, 0):
            raise _wrong(remark.quantity, f"only {arrived.get(remark.line_id, 0)} came")
    twice = [key for key, n in Counter((r.line_id, r.kind) for r in remarks).items() if n > 1]
    if twice:
        raise _wrong(twice[0][1], "it stands twice for a line")


def keep(session: Session, receipt: Receipt, remarks: Sequence[Remark]) -> None:
    """Write the remarks of a receipt."""
    session.add_all(
        ReceiptDiscrepancy(
            receipt_id=receipt.id, purchase_order_line_id=r.line_id, kind=r.kind, quantity=r.quantity,
            reason=r.reason.strip(),
        )
        for r in remarks
    )  # fmt: skip
    session.flush()


def discrepancies(session: Session, purchase_order_id: int) -> list[dict[str, Any]]:
    """Return what differed in the deliveries of an order: ``receipt, received_at, sku, kind, quantity, reason``."""
    d, line = ReceiptDiscrepancy, PurchaseOrderLine
    statement = (
        sa.select(Receipt.number.label("receipt"), Receipt.received_at, Variant.sku, d.kind, d.quantity, d.reason)
        .join(Receipt, Receipt.id == d.receipt_id)
        .join(line, line.id == d.purchase_order_line_id)
        .join(Variant, Variant.id == line.variant_id)
        .where(Receipt.purchase_order_id == purchase_order_id)
        .order_by(d.id)
    )
    return [dict(row) for row in session.execute(statement).mappings()]


def _wrong(value: object, expectation: str) -> InvalidInput:
    return InvalidInput("remark", value, expectation, code="purchase_order.remark")
