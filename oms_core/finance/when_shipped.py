"""Invoice parcels by themselves once they have left, where the shop wants it; run by the worker."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.finance.invoicing import Part, issue_invoice
from oms_core.finance.tables import Invoice, InvoiceLine
from oms_core.fulfilment.tables import Shipment, ShipmentLine
from oms_core.kernel.errors import OmsError
from oms_core.orders.tables import Order, OrderLine

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from oms_core.kernel.settings import Shop

log = logging.getLogger("ordersight.finance")
#: Parcels invoiced in one transaction.
MOST = 100


def invoice_shipped(session: Session, shop: Shop, *, actor: str = "worker", most: int = MOST) -> int:
    """Issue the invoices of parcels that left since the shop asked for it; return how many.

    Orders that were invoiced whole and cancelled ones are left alone. A parcel
    that is refused (an order without value) is passed over and told in the log; it does not hold up the others.
    """
    if not shop.invoice_shipped_since:
        return 0
    made = 0
    since = datetime.fromisoformat(shop.invoice_shipped_since)
    for shipment_id, order_id in session.execute(_waiting(since)).all():
        if made == most:
            break
        try:
            with session.begin_nested():
                issue_invoice(session, shop, order_id=order_id, part_of=Part(shipment_id=shipment_id), actor=actor)
            made += 1
        except OmsError as error:
            log.info("shipment %s is not invoiced: %s", shipment_id, error.code)
    return made


def _waiting(since: datetime) -> sa.Select[int, int]:
    """Return parcels without an invoice, of orders that have none for everything, with units on none; oldest first."""
    whole = sa.or_(Invoice.order_gross_minor.is_(None), Invoice.order_gross_minor == Invoice.gross_minor)
    invoiced_whole = sa.select(Invoice.order_id).where(Invoice.kind == "invoice", Invoice.state != "draft", whole)
    has_one = sa.select(Invoice.shipment_id).where(Invoice.shipment_id.is_not(None), Invoice.state != "draft")
    told = (
        sa.select(InvoiceLine.order_line_id, sa.func.sum(InvoiceLine.quantity).label("units"))
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(Invoice.kind == "invoice", Invoice.state != "draft", InvoiceLine.order_line_id.is_not(None))
        .group_by(InvoiceLine.order_line_id)
        .subquery()
    )
    with_units = (
        sa.select(ShipmentLine.shipment_id)
        .join(OrderLine, OrderLine.id == ShipmentLine.order_line_id)
        .outerjoin(told, told.c.order_line_id == OrderLine.id)
        .where(OrderLine.shipped_qty > sa.func.coalesce(told.c.units, 0))
    )
    return (
        sa.select(Shipment.id, Shipment.order_id)
        .join(Order, Order.id == Shipment.order_id)
        .where(Shipment.shipped_at >= since, Order.state != "cancelled", Order.total_minor != 0)
        .where(Shipment.id.not_in(has_one), Shipment.order_id.not_in(invoiced_whole))
        .where(Shipment.id.in_(with_units))
        .order_by(Shipment.id)
    )
