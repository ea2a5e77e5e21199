"""Invoice parcels by themselves once they have left, where the shop wants it; run by the worker."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.finance.invoicing import Part, issue_invoice
from oms_core.finance.tables import Invoice, InvoiceLine
from oms_core.fulfilment.tables import Shipment, ShipmentLine
from oms_core.kernel import clock
from oms_core.kernel.errors import OmsError
from oms_core.orders.tables import Order, OrderLine

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from oms_core.kernel.settings import Shop

log = logging.getLogger("ordersight.finance")
#: Parcels invoiced in one transaction.
MOST = 100
#: A parcel that could not be invoiced for so long is looked at no more: somebody invoices it by hand.
RECENT = timedelta(days=60)


def invoice_shipped(session: Session, shop: Shop, *, actor: str = "worker", most: int = MOST) -> int:
    """Issue the invoices of parcels that left since the shop asked for it; return how many.

    Orders that were invoiced whole and cancelled ones are left alone, and so are those with a draft, which a
    person has begun. A parcel that is refused is passed over and told in the log; it does not hold up the others.
    """
    if not shop.invoice_shipped_since:
        return 0
    made = 0
    since = max(datetime.fromisoformat(shop.invoice_shipped_since), clock.now() - RECENT)
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
    of_order = sa.select(Invoice.id).where(
        Invoice.order_id == Shipment.order_id, Invoice.kind == "invoice", Invoice.state != "draft"
    )
    whole = sa.or_(Invoice.order_gross_minor.is_(None), Invoice.order_gross_minor == Invoice.gross_minor)
    draft = sa.select(Invoice.id).where(Invoice.order_id == Shipment.order_id, Invoice.state == "draft")
    has_one = sa.select(Invoice.id).where(Invoice.shipment_id == Shipment.id, Invoice.state != "draft")
    told = (
        sa.select(sa.func.coalesce(sa.func.sum(InvoiceLine.quantity), 0))
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(Invoice.order_id == OrderLine.order_id, Invoice.kind == "invoice", Invoice.state != "draft")
        .where(InvoiceLine.order_line_id == OrderLine.id)
        .correlate(OrderLine)
        .scalar_subquery()
    )
    with_units = (
        sa.select(ShipmentLine.id)
        .join(OrderLine, OrderLine.id == ShipmentLine.order_line_id)
        .where(ShipmentLine.shipment_id == Shipment.id, OrderLine.shipped_qty > told)
    )
    return (
        sa.select(Shipment.id, Shipment.order_id)
        .join(Order, Order.id == Shipment.order_id)
        .where(Shipment.shipped_at >= since, Order.state != "cancelled", Order.total_minor != 0)
        .where(~has_one.exists(), ~of_order.where(whole).exists(), with_units.exists())
        .where(~draft.exists())
        .order_by(Shipment.id)
    )
