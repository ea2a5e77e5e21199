"""Read purchase orders: the list, what is on its way, one order with everything that happened to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.catalog.tables import Supplier, SupplierItem, Variant
from oms_core.kernel.errors import NotFound
from oms_core.kernel.journal import JournalEntry
from oms_core.locations.tables import Location
from oms_core.purchasing.answering import ANSWERABLE, open_answer
from oms_core.purchasing.approving import approvals
from oms_core.purchasing.remarks import discrepancies
from oms_core.purchasing.states import INCOMING
from oms_core.purchasing.tables import PurchaseOrder, PurchaseOrderLine, Receipt, ReceiptLine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

#: Units of a line that have not arrived and were not called off.
TO_COME = PurchaseOrderLine.quantity - PurchaseOrderLine.received_qty - PurchaseOrderLine.cancelled_qty
#: States of an order that is not finished.
OPEN = ("draft", "pending_approval", "approved", *INCOMING)
#: Of these, states in which the supplier knows nothing of it yet.
NOT_SENT = tuple(state for state in OPEN if state not in INCOMING)


def find(session: Session, name: str | int) -> int:
    """Return the id of a purchase order given by its number or its id.

    Raises
    ------
    NotFound
        With near matches among the newest numbers.
    """
    text = str(name).strip()
    by_number = session.scalar(sa.select(PurchaseOrder.id).where(sa.func.upper(PurchaseOrder.number) == text.upper()))
    if by_number is not None:
        return by_number
    by_id = session.scalar(sa.select(PurchaseOrder.id).where(PurchaseOrder.id == int(text))) if text.isdigit() else None
    if by_id is None:
        newest = sa.select(PurchaseOrder.number).order_by(PurchaseOrder.id.desc()).limit(500)
        hint = "List them with: ordersight purchase-orders list"
        raise NotFound("purchase order", text, session.scalars(newest).all(), hint)
    return by_id


def purchase_orders(
    session: Session, *, states: Sequence[str] = (), supplier_id: int | None = None
) -> list[dict[str, Any]]:
    """Return purchase orders, newest first; all states unless some are given.

    Returns
    -------
    list of dict
        ``id, number, supplier, location, state, currency, total_minor, lines, ordered_qty,
        received_qty, to_come_qty, created_at, sent_at, expected_on, is_simulated``.
    """
    line = PurchaseOrderLine
    statement = (
        sa.select(
            *_HEAD,
            sa.func.count(line.id).label("lines"),
            _units(line.quantity).label("ordered_qty"),
            _units(line.received_qty).label("received_qty"),
            sa.case((PurchaseOrder.state.in_(INCOMING), _units(TO_COME)), else_=0).label("to_come_qty"),
        )
        .join(Supplier, Supplier.id == PurchaseOrder.supplier_id)
        .join(Location, Location.id == PurchaseOrder.location_id)
        .outerjoin(line, line.purchase_order_id == PurchaseOrder.id)
        .group_by(PurchaseOrder.id, Supplier.id, Location.id)
        .order_by(PurchaseOrder.id.desc())
    )
    if states:
        statement = statement.where(PurchaseOrder.state.in_(states))
    if supplier_id is not None:
        statement = statement.where(PurchaseOrder.supplier_id == supplier_id)
    return [dict(row) for row in session.execute(statement).mappings()]


def open_purchase_orders(session: Session) -> list[dict[str, Any]]:
    """Return the purchase orders that are not finished, newest first."""
    return purchase_orders(session, states=OPEN)


def incoming(session: Session, variant_ids: Sequence[int] | None = None) -> list[dict[str, Any]]:
    """Return what is on its way: one row for each line still to come, earliest due first.

    Returns
    -------
    list of dict
        ``variant_id, sku, location_id, purchase_order_id, number, state, quantity`` (units to come)
        and ``due_on`` (None when no day is known).
    """
    statement = (
        sa.select(
            PurchaseOrderLine.variant_id,
            Variant.sku,
            PurchaseOrder.location_id,
            PurchaseOrder.id.label("purchase_order_id"),
            PurchaseOrder.number,
            PurchaseOrder.state,
            TO_COME.label("quantity"),
            PurchaseOrder.expected_on.label("due_on"),
        )
        .join(PurchaseOrder, PurchaseOrder.id == PurchaseOrderLine.purchase_order_id)
        .join(Variant, Variant.id == PurchaseOrderLine.variant_id)
        .where(PurchaseOrder.state.in_(INCOMING), TO_COME > 0)
        .order_by(PurchaseOrder.expected_on.is_(None), PurchaseOrder.expected_on, PurchaseOrderLine.id)
    )
    if variant_ids is not None:
        statement = statement.where(PurchaseOrderLine.variant_id.in_(variant_ids))
    return [dict(row) for row in session.execute(statement).mappings()]


def lines_to_come(session: Session, *, sent: bool = True) -> list[dict[str, Any]]:
    """Return what is still to come of orders with its price and terms.

    Parameters
    ----------
    sent : bool
        Of orders the supplier has; else of those that are written and not sent.

    Returns
    -------
    list of dict
        ``variant_id, to_come, unit_cost_minor, currency, due_on`` (None when no day is known), ``payment_days`` and
        the ``lead_time_days`` the supplier states.
    """
    line, order = PurchaseOrderLine, PurchaseOrder
    statement = (
        sa.select(
            line.variant_id, TO_COME.label("to_come"), line.unit_cost_minor, order.currency,
            order.expected_on.label("due_on"), Supplier.payment_days, Supplier.lead_time_days,
        )
        .join(order, order.id == line.purchase_order_id)
        .join(Supplier, Supplier.id == order.supplier_id)
        .where(order.state.in_(INCOMING if sent else NOT_SENT), TO_COME > 0)
        .order_by(line.id)
    )  # fmt: skip
    return [dict(row) for row in session.execute(statement).mappings()]


def suppliers(session: Session) -> list[dict[str, Any]]:
    """Return the suppliers by name: ``code, name, currency``."""
    columns = (Supplier.code, Supplier.name, Supplier.currency)
    return [dict(row) for row in session.execute(sa.select(*columns).order_by(Supplier.name)).mappings()]


def payment_days(session: Session) -> dict[int, int]:
    """Return each supplier's days from invoice to payment, by supplier id."""
    return {row.id: row.payment_days for row in session.execute(sa.select(Supplier.id, Supplier.payment_days))}


def drafted(session: Session) -> list[tuple[int, int]]:
    """Return ``(variant_id, units)`` of purchase orders that are written and not sent."""
    line = PurchaseOrderLine
    statement = (
        sa.select(line.variant_id, _units(TO_COME))
        .join(PurchaseOrder, PurchaseOrder.id == line.purchase_order_id)
        .where(PurchaseOrder.state.in_(NOT_SENT))
        .group_by(line.variant_id)
    )
    return [(variant, int(units)) for variant, units in session.execute(statement)]


def overdue(session: Session, today: date) -> list[dict[str, Any]]:
    """Return the open orders that should have arrived before `today` (shop's business date)."""
    sent = purchase_orders(session, states=INCOMING)
    return [row for row in sent if row["expected_on"] is not None and row["expected_on"] < today]


def purchase_order_detail(session: Session, purchase_order_id: int) -> dict[str, Any]:
    """Return one order with its supplier, location, lines, receipts and timeline (newest first).

    `approvals` are newest first, `answer` is the supplier's open one or None, `discrepancies` what differed in
    deliveries.

    Raises
    ------
    NotFound
        ``purchase_order.not_found``.
    """
    order = session.get(PurchaseOrder, purchase_order_id)
    if order is None:
        raise NotFound("purchase order", purchase_order_id, hint="List them with: ordersight purchase-orders list")
    supplier, location = session.get_one(Supplier, order.supplier_id), session.get_one(Location, order.location_id)
    detail = {key: getattr(order, key) for key in _OWN}
    detail["supplier"] = {key: getattr(supplier, key) for key in _SUPPLIER}
    detail["location"] = {key: getattr(location, key) for key in _LOCATION}
    detail["lines"] = _lines(session, order)
    detail["receipts"] = _receipts(session, order.id)
    detail["timeline"] = timeline(session, order.id)
    detail["approvals"] = approvals(session, order.id)
    detail["answer"] = open_answer(session, order.id) if order.state in ANSWERABLE else None
    detail["discrepancies"] = discrepancies(session, order.id)
    return detail


def timeline(session: Session, purchase_order_id: int) -> list[dict[str, Any]]:
    """Return what happened to an order from the journal: ``at, actor, event, data``, newest first."""
    entry = JournalEntry
    statement = (
        sa.select(entry.at, entry.actor, entry.event, entry.data)
        .where(entry.object_type == "purchase_order", entry.object_id == purchase_order_id)
        .order_by(entry.id.desc())
    )
    return [dict(row) for row in session.execute(statement).mappings()]


_OWN = (
    "id", "number", "state", "currency", "total_minor", "note", "created_at", "sent_at", "confirmed_at", "expected_on",
    "closed_at", "is_simulated", "version", "drafted_by", "edited_by",
)  # fmt: skip
_SUPPLIER = ("id", "code", "name", "email", "country", "currency", "payment_days", "lead_time_days", "min_order_minor")
_LOCATION = ("id", "code", "name", "country", "postal_code", "city")
_HEAD = (
    PurchaseOrder.id,
    PurchaseOrder.number,
    Supplier.name.label("supplier"),
    Location.name.label("location"),
    PurchaseOrder.state,
    PurchaseOrder.currency,
    PurchaseOrder.total_minor,
    PurchaseOrder.created_at,
    PurchaseOrder.sent_at,
    PurchaseOrder.expected_on,
    PurchaseOrder.is_simulated,
)


def _units(column: sa.SQLColumnExpression[int]) -> sa.ColumnElement[int]:
    """Sum units as a whole number (PostgreSQL sums 64-bit columns to a decimal)."""
    return sa.cast(sa.func.coalesce(sa.func.sum(column), 0), sa.BigInteger)


def _lines(session: Session, order: PurchaseOrder) -> list[dict[str, Any]]:
    line, item = PurchaseOrderLine, SupplierItem
    statement = (
        sa.select(
            line.id, line.position, line.variant_id, Variant.sku, Variant.title, Variant.barcode, line.quantity,
            line.received_qty, line.cancelled_qty, TO_COME.label("to_come_qty"), line.unit_cost_minor,
            (line.quantity * line.unit_cost_minor).label("value_minor"), line.suggested_qty, line.receipt,
            sa.func.coalesce(item.supplier_sku, "").label("supplier_sku"),
            sa.func.coalesce(item.pack_qty, 1).label("pack_qty"),
        )
        .join(Variant, Variant.id == line.variant_id)
        .outerjoin(item, sa.and_(item.variant_id == line.variant_id, item.supplier_id == order.supplier_id))
        .where(line.purchase_order_id == order.id)
        .order_by(line.position)
    )  # fmt: skip
    return [dict(row) for row in session.execute(statement).mappings()]


def _receipts(session: Session, purchase_order_id: int) -> list[dict[str, Any]]:
    statement = (
        sa.select(
            Receipt.id, Receipt.number, Receipt.received_at, Receipt.is_simulated,
            sa.func.count(ReceiptLine.id).label("lines"), _units(ReceiptLine.quantity).label("units"),
        )
        .outerjoin(ReceiptLine, ReceiptLine.receipt_id == Receipt.id)
        .where(Receipt.purchase_order_id == purchase_order_id)
        .group_by(Receipt.id)
        .order_by(Receipt.id)
    )  # fmt: skip
    return [dict(row) for row in session.execute(statement).mappings()]
