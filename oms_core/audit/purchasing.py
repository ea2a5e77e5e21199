"""Laws of purchasing: totals, receipts, and the ledger behind them."""

from __future__ import annotations

import sqlalchemy as sa

from oms_core.audit.law import Law, by_query, count_of, summed, zero
from oms_core.audit.stock import MOVEMENT
from oms_core.kernel.rows import table_of
from oms_core.purchasing.control_tables import PurchaseApproval
from oms_core.purchasing.tables import PurchaseOrder, PurchaseOrderLine, Receipt, ReceiptLine

PURCHASE, PURCHASE_LINE = table_of(PurchaseOrder), table_of(PurchaseOrderLine)
RECEIPT, RECEIPT_LINE = table_of(Receipt), table_of(ReceiptLine)
APPROVAL = table_of(PurchaseApproval)


def _totals() -> sa.Select[*tuple[object, ...]]:
    value = PURCHASE_LINE.c.quantity * PURCHASE_LINE.c.unit_cost_minor
    lines = summed(PURCHASE_LINE, PURCHASE_LINE.c.purchase_order_id, value=value)
    return (
        sa.select(PURCHASE.c.number, PURCHASE.c.total_minor, zero(lines.c.value).label("value"))
        .outerjoin(lines, lines.c.key == PURCHASE.c.id)
        .where(PURCHASE.c.total_minor != zero(lines.c.value))
    )


def _received() -> sa.Select[*tuple[object, ...]]:
    c = PURCHASE_LINE.c
    came = summed(RECEIPT_LINE, RECEIPT_LINE.c.purchase_order_line_id, units=RECEIPT_LINE.c.quantity)
    wrong = sa.or_(c.received_qty != zero(came.c.units), c.received_qty + c.cancelled_qty > c.quantity)
    return (
        sa.select(
            PURCHASE.c.number, c.position, c.quantity, c.received_qty, c.cancelled_qty,
            zero(came.c.units).label("units"),
        )
        .join(PURCHASE, PURCHASE.c.id == c.purchase_order_id)
        .outerjoin(came, came.c.key == c.id)
        .where(wrong)
    )  # fmt: skip


def _receipts() -> sa.Select[*tuple[object, ...]]:
    """Return receipt lines of another order, or that the ledger does not have as they are."""
    came = sa.case((MOVEMENT.c.kind == "received", MOVEMENT.c.quantity), else_=0)
    moved = (
        sa.select(
            MOVEMENT.c.receipt_line_id.label("key"), sa.func.sum(came).label("units"),
            sa.func.min(MOVEMENT.c.variant_id).label("variant_id"),
            sa.func.min(MOVEMENT.c.to_location_id).label("location_id"),
        )
        .where(MOVEMENT.c.receipt_line_id.is_not(None))
        .group_by(MOVEMENT.c.receipt_line_id)
        .subquery()
    )  # fmt: skip
    wrong = sa.or_(
        RECEIPT.c.purchase_order_id != PURCHASE_LINE.c.purchase_order_id,
        RECEIPT_LINE.c.quantity != zero(moved.c.units),
        moved.c.variant_id != PURCHASE_LINE.c.variant_id,
        moved.c.location_id != PURCHASE.c.location_id,
    )
    return (
        sa.select(RECEIPT.c.number, RECEIPT_LINE.c.id, RECEIPT_LINE.c.quantity, zero(moved.c.units).label("units"))
        .join(RECEIPT, RECEIPT.c.id == RECEIPT_LINE.c.receipt_id)
        .join(PURCHASE_LINE, PURCHASE_LINE.c.id == RECEIPT_LINE.c.purchase_order_line_id)
        .join(PURCHASE, PURCHASE.c.id == RECEIPT.c.purchase_order_id)
        .outerjoin(moved, moved.c.key == RECEIPT_LINE.c.id)
        .where(wrong)
    )


def _states() -> sa.Select[*tuple[object, ...]]:
    """Return orders whose state is not what their lines say."""
    c = PURCHASE_LINE.c
    lines = summed(
        PURCHASE_LINE, c.purchase_order_id,
        came=c.received_qty, rest=c.quantity - c.received_qty - c.cancelled_qty,
    )  # fmt: skip
    came, rest, state = zero(lines.c.came), zero(lines.c.rest), PURCHASE.c.state
    right = sa.or_(
        sa.and_(state.in_(("draft", "pending_approval", "approved", "sent", "confirmed")), came == 0),
        sa.and_(state == "partially_received", came > 0, rest > 0),
        sa.and_(state == "received", came > 0, rest == 0),
        sa.and_(state == "cancelled", came == 0, rest == 0),
        sa.and_(state == "closed", rest == 0),
    )
    return (
        sa.select(PURCHASE.c.number, state, came.label("came"), rest.label("rest"))
        .outerjoin(lines, lines.c.key == PURCHASE.c.id)
        .where(sa.not_(right))
    )


def _approved() -> sa.Select[*tuple[object, ...]]:
    """Return approved orders without a standing approval of their value by somebody else."""
    a = APPROVAL.c
    standing = sa.select(a.id).where(
        a.purchase_order_id == PURCHASE.c.id, a.voided_at.is_(None), a.total_minor == PURCHASE.c.total_minor,
        sa.func.coalesce(PURCHASE.c.drafted_by, "") != a.approved_by,
        sa.func.coalesce(PURCHASE.c.edited_by, "") != a.approved_by,
    )  # fmt: skip
    return sa.select(PURCHASE.c.number, PURCHASE.c.total_minor).where(
        PURCHASE.c.state == "approved", sa.not_(standing.exists())
    )


LAWS = (
    Law(
        "purchasing.money_adds_up",
        "A purchase order's total is the sum of quantity times unit cost over its lines.",
        by_query(count_of(PURCHASE), _totals(), "{number}: total {total_minor}, its lines add up to {value}"),
    ),
    Law(
        "purchasing.received_equals_receipts",
        "Received units of a purchase-order line are the sum of its receipts, and within what was ordered.",
        by_query(
            count_of(PURCHASE_LINE),
            _received(),
            "{number}, line {position}: {received_qty} received and {cancelled_qty} called off of {quantity};"
            " receipts have {units}",
        ),
    ),
    Law(
        "purchasing.receipts_in_ledger",
        "Every receipt line is of its own purchase order, and in the ledger: its units, variant and location.",
        by_query(
            count_of(RECEIPT_LINE), _receipts(), "{number}, line {id}: {quantity} received, the ledger has {units}"
        ),
    ),
    Law(
        "purchasing.state_follows_lines",
        "A purchase order's state is what its lines have received and still expect.",
        by_query(count_of(PURCHASE), _states(), "{number} is {state} with {came} received and {rest} to come"),
    ),
    Law(
        "purchasing.approved_by_other_eyes",
        "An approved purchase order has an approval of its present value by somebody who neither wrote nor changed it.",
        by_query(count_of(PURCHASE), _approved(), "{number} is approved at {total_minor} by nobody else"),
    ),
)
