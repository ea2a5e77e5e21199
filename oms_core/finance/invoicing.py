"""Draft and issue the invoice of an order."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.finance import ledger
from oms_core.finance.parties import Buyer, buyer_of, seller_of
from oms_core.finance.records import Changed, issue, locked, write_lines
from oms_core.finance.tables import Invoice
from oms_core.finance.valuing import Extra, Line, lines_of
from oms_core.kernel import clock, journal
from oms_core.kernel.errors import InvalidInput, Refused
from oms_core.kernel.money import split
from oms_core.orders.cancelling import locked_order
from oms_core.orders.tables import Order, OrderAdjustment, OrderLine

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from oms_core.kernel.settings import Shop


def draft_invoice(
    session: Session, shop: Shop, *, order_id: int, buyer: Buyer | None = None, actor: str = "system"
) -> Invoice:
    """Write the draft invoice of an order, or write its lines and buyer anew while it is a draft.

    Raises
    ------
    Refused
        ``invoice.exists`` when it was issued; ``invoice.order_cancelled``; ``invoice.nothing``.
    InvalidInput
        A tax number whose check digit does not fit.
    """
    order = locked_order(session, order_id)
    if order.state == "cancelled":
        raise Refused("invoice.order_cancelled", f"Order {order.number} is cancelled: there is nothing to invoice.")
    found = session.scalar(sa.select(Invoice).where(Invoice.order_id == order_id, Invoice.kind == "invoice"))
    if found is not None and found.state != "draft":
        raise Refused(
            "invoice.exists",
            f"Order {order.number} has invoice {found.number} already.",
            "Correct it instead: ordersight invoices correct",
        )
    parties = seller_of(shop) | buyer_of(session, order, buyer)
    if found is None:
        found = Invoice(
            kind="invoice", order_id=order_id, customer_id=order.customer_id, currency=order.currency,
            sold_on=order.business_date, created_at=clock.now(), is_simulated=order.is_simulated,
        )  # fmt: skip
        session.add(found)
    for name, value in parties.items():
        setattr(found, name, value)
    session.flush()
    write_lines(session, found, [Changed(line) for line in order_value(session, order, shop)])
    journal.record(
        session, "invoice.drafted", "invoice", found.id, actor=actor, order_id=order_id, gross_minor=found.gross_minor
    )
    return found


def issue_invoice(
    session: Session,
    shop: Shop,
    *,
    order_id: int,
    buyer: Buyer | None = None,
    due_days: int | None = None,
    actor: str = "system",
) -> Invoice:
    """Issue the invoice of an order: number it, put it into the ledger, match what was paid.

    An order whose invoice stands already gets that one back, so that a repeated call is harmless;
    a draft is reckoned anew before it is issued.

    Raises
    ------
    Refused
        ``invoice.order_cancelled``, ``invoice.nothing``.
    """
    locked_order(session, order_id)
    earlier = issued_of(session, order_id)
    if earlier is not None and buyer is None:
        return earlier
    invoice = draft_invoice(
        session, shop, order_id=order_id, buyer=buyer or _drafted_buyer(session, order_id), actor=actor
    )
    if not invoice.net_minor and not invoice.tax_minor:
        raise Refused("invoice.nothing", "An order without value has nothing to invoice.")
    issue(session, invoice, shop, due_days=due_days, actor=actor)
    ledger.post_invoice(session, invoice)
    ledger.settle_orders(session, [order_id], actor=actor)
    return locked(session, invoice.id)


def issued_of(session: Session, order_id: int) -> Invoice | None:
    """Return the issued invoice of an order, if there is one."""
    statement = sa.select(Invoice).where(
        Invoice.order_id == order_id, Invoice.kind == "invoice", Invoice.state != "draft"
    )
    return session.scalar(statement)


def _drafted_buyer(session: Session, order_id: int) -> Buyer | None:
    """Return the buyer a draft was given, so that issuing it keeps him."""
    draft = session.scalar(sa.select(Invoice).where(Invoice.order_id == order_id, Invoice.state == "draft"))
    if draft is None:
        return None
    return Buyer(
        name=draft.buyer_name, tax_id=draft.buyer_tax_id, address=draft.buyer_address, country=draft.buyer_country
    )


def order_value(session: Session, order: Order, shop: Shop) -> list[Line]:
    """Return the invoice lines of an order as it stands: units that were not called off, and adjustments."""
    rows = session.scalars(sa.select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.position))
    goods = [_goods(row) for row in rows if row.quantity > row.cancelled_qty]
    extras = session.scalars(
        sa.select(OrderAdjustment).where(OrderAdjustment.order_id == order.id).order_by(OrderAdjustment.id)
    )
    given = [Extra(x.kind, x.title, x.amount_minor) for x in extras]
    return lines_of(goods, given, included_percent=_included(shop))


def _goods(row: OrderLine) -> Line:
    """Return an order line's live units with their part of its value, exact over both parts."""
    live = row.quantity - row.cancelled_qty
    weights = [live, row.cancelled_qty]
    net = split(row.gross_minor - row.discount_minor, weights)[0]
    tax = split(row.tax_minor, weights)[0]
    return Line(
        kind="goods", order_line_id=row.id, sku=row.sku, title=row.title or row.sku, quantity=live, net_minor=net,
        tax_minor=tax,
    )  # fmt: skip


def _included(shop: Shop) -> Decimal | None:
    if not shop.included_tax_percent:
        return None
    try:
        percent = Decimal(shop.included_tax_percent)
    except InvalidOperation as error:
        raise InvalidInput("included_tax_percent", shop.included_tax_percent, "a percentage such as 23") from error
    return percent if percent > 0 else None
