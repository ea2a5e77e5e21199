"""Draft and issue the invoice of an order."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.finance import ledger
from oms_core.finance.partial import is_whole, issued, left_of, part, shipped_units
from oms_core.finance.parties import Buyer, buyer_of, seller_of
from oms_core.finance.records import Changed, issue, locked, write_lines
from oms_core.finance.records import lines_of as lines_of_invoice
from oms_core.finance.tables import Invoice
from oms_core.finance.valuing import Extra, Line, lines_of
from oms_core.kernel import clock, journal
from oms_core.kernel.errors import InvalidInput, Refused
from oms_core.kernel.money import Money, split
from oms_core.orders.cancelling import locked_order
from oms_core.orders.tables import Order, OrderAdjustment, OrderLine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from oms_core.kernel.settings import Shop


def draft_invoice(
    session: Session, shop: Shop, *, order_id: int, buyer: Buyer | None = None, part_of: Part | None = None,
    actor: str = "system",
) -> Invoice:  # fmt: skip
    """Write the draft invoice of an order, or write its lines and buyer anew while it is a draft.

    Parameters
    ----------
    part_of : Part, optional
        Some units of the order; left out, all that stands on no invoice yet.

    Raises
    ------
    Refused
        ``invoice.exists`` when nothing is left to invoice; ``invoice.more_than_ordered``;
        ``invoice.nothing_shipped``; ``invoice.order_cancelled``; ``invoice.nothing``.
    InvalidInput
        A tax number whose check digit does not fit; no units.
    """
    order = locked_order(session, order_id)
    if order.state == "cancelled":
        raise Refused("invoice.order_cancelled", f"Order {order.number} is cancelled: there is nothing to invoice.")
    value = order_value(session, order, shop)
    wanted = part_of or Part()
    lines = _wanted(session, order, value, wanted)
    found = _draft_of(session, order_id)
    parties = seller_of(shop) | buyer_of(session, order, buyer)
    if found is None:
        found = Invoice(
            kind="invoice", order_id=order_id, customer_id=order.customer_id, currency=order.currency,
            sold_on=order.business_date, created_at=clock.now(), is_simulated=order.is_simulated,
        )  # fmt: skip
        session.add(found)
    for name, given in parties.items():
        setattr(found, name, given)
    found.shipment_id, found.order_gross_minor = wanted.shipment_id, sum(line.gross_minor for line in value)
    session.flush()
    write_lines(session, found, [Changed(line) for line in lines])
    journal.record(
        session, "invoice.drafted", "invoice", found.id, actor=actor, order_id=order_id, gross_minor=found.gross_minor
    )
    return found


@dataclass(frozen=True, slots=True)
class Part:
    """Which units of an order are invoiced: named ones, those of a shipment, all that was shipped; else all left."""

    units: Mapping[int, int] | None = None
    shipment_id: int | None = None
    shipped: bool = False

    @property
    def is_all(self) -> bool:
        """Whether no part is named."""
        return self.units is None and self.shipment_id is None and not self.shipped


def _wanted(session: Session, order: Order, value: Sequence[Line], wanted: Part) -> list[Line]:
    """Return the lines of a new invoice: never more than the order has left."""
    before = issued(session, order.id)
    left = left_of(session, order.id, value)
    if before and (not any(x.order_line_id for x in left) or (wanted.is_all and is_whole(before[0]))):
        numbers = ", ".join(str(one.number) for one in before)
        raise Refused(
            "invoice.exists",
            f"Order {order.number} has invoice {numbers} already.",
            "Correct it instead: ordersight invoices correct",
        )
    if wanted.is_all:
        lines = left
    elif wanted.units is not None:
        lines = part(left, wanted.units)
    else:
        lines = part(left, shipped_units(session, order.id, value, left, shipment_id=wanted.shipment_id))
    _require_room(session, order, value, lines)
    return lines


def _require_room(session: Session, order: Order, value: Sequence[Line], lines: Sequence[Line]) -> None:
    """Refuse a part that would make invoices add up to more than the order is worth (its price fell since)."""
    told = sa.select(sa.func.coalesce(sa.func.sum(Invoice.gross_minor), 0)).where(
        Invoice.order_id == order.id, Invoice.state != "draft", Invoice.return_id.is_(None)
    )
    before = int(session.scalar(told) or 0)
    worth, asked = (sum(line.gross_minor for line in some) for some in (value, lines))
    below = any(line.order_line_id and min(line.net_minor, line.tax_minor) < 0 for line in lines)
    if before and (below or before + asked > worth):
        raise Refused(
            "invoice.more_than_ordered",
            f"Order {order.number} is worth {Money(worth, order.currency)}; {Money(before, order.currency)} is"
            f" invoiced, and this part would add {Money(asked, order.currency)}.",
            "The order was changed since: correct the earlier invoices first.",
        )


def issue_invoice(
    session: Session,
    shop: Shop,
    *,
    order_id: int,
    buyer: Buyer | None = None,
    due_days: int | None = None,
    part_of: Part | None = None,
    actor: str = "system",
) -> Invoice:
    """Issue the invoice of an order, or of a part of it: number it, put it into the ledger, match what was paid.

    An order of which nothing is left to invoice gets its last invoice back, and so does a shipment that has
    one: a repeated call is harmless. A draft is reckoned anew before it is issued.

    Raises
    ------
    Refused
        As :func:`draft_invoice`; ``invoice.nothing``.
    """
    order = locked_order(session, order_id)
    draft = _draft_of(session, order_id)
    wanted = part_of or (_drafted_part(session, draft) if draft is not None else Part())
    earlier = _earlier(session, order, shop, wanted)
    if earlier is not None and buyer is None:
        return earlier
    given = buyer or _drafted_buyer(draft)
    invoice = draft_invoice(session, shop, order_id=order_id, buyer=given, part_of=wanted, actor=actor)
    if not invoice.net_minor and not invoice.tax_minor:
        raise Refused("invoice.nothing", "An order without value has nothing to invoice.")
    issue(session, invoice, shop, due_days=due_days, actor=actor)
    ledger.post_invoice(session, invoice)
    ledger.settle_orders(session, [order_id], actor=actor)
    return locked(session, invoice.id)


def _earlier(session: Session, order: Order, shop: Shop, wanted: Part) -> Invoice | None:
    """Return the invoice that answers the same question asked before."""
    before = issued(session, order.id)
    if wanted.shipment_id is not None:
        return next((one for one in before if one.shipment_id == wanted.shipment_id), None)
    if not before or not wanted.is_all:
        return None
    if is_whole(before[0]) or order.state == "cancelled":
        return before[-1]
    left = left_of(session, order.id, order_value(session, order, shop))
    return None if any(line.order_line_id for line in left) else before[-1]


def issued_of(session: Session, order_id: int) -> Invoice | None:
    """Return the newest issued invoice of an order, if there is one."""
    found = issued(session, order_id)
    return found[-1] if found else None


def _draft_of(session: Session, order_id: int) -> Invoice | None:
    statement = sa.select(Invoice).where(
        Invoice.order_id == order_id, Invoice.kind == "invoice", Invoice.state == "draft"
    )
    return session.scalar(statement)


def _drafted_part(session: Session, draft: Invoice) -> Part:
    """Return the part a draft was written for; one of the whole order stays one of the whole order."""
    if is_whole(draft):
        return Part()
    if draft.shipment_id is not None:
        return Part(shipment_id=draft.shipment_id)
    rows = lines_of_invoice(session, draft.id)
    return Part({row.order_line_id: row.quantity for row in rows if row.order_line_id is not None})


def _drafted_buyer(draft: Invoice | None) -> Buyer | None:
    """Return the buyer a draft was given, so that issuing it keeps him."""
    if draft is None:
        return None
    return Buyer(
        name=draft.buyer_name, tax_id=draft.buyer_tax_id, address=draft.buyer_address, country=draft.buyer_country
    )


def invoicing_state(session: Session, shop: Shop, order_id: int) -> dict[str, Any]:
    """Return what of an order is invoiced and what is left: money in minor units, units by line, its invoices."""
    order = session.get_one(Order, order_id)
    value = [] if order.state == "cancelled" else order_value(session, order, shop)
    before = issued(session, order_id)
    left = [] if before and is_whole(before[0]) else left_of(session, order_id, value)
    free = {line.order_line_id: line.quantity for line in left if line.order_line_id is not None}
    sent = {
        row[0]: row[1]
        for row in session.execute(sa.select(OrderLine.id, OrderLine.shipped_qty).where(OrderLine.order_id == order_id))
    }
    return {
        "order": order.number, "currency": order.currency,
        "ordered_minor": sum(line.gross_minor for line in value),
        "invoiced_minor": sum(one.gross_minor for one in before),
        "left_minor": sum(line.gross_minor for line in left),
        "invoices": [
            {"number": one.number, "issued_on": one.issued_on, "gross_minor": one.gross_minor, "state": one.state}
            for one in before
        ],
        "lines": [
            {
                "order_line_id": x.order_line_id, "sku": x.sku, "title": x.title, "ordered": x.quantity,
                "shipped": sent.get(x.order_line_id, 0), "left": free.get(x.order_line_id, 0),
            }
            for x in value if x.order_line_id is not None
        ],
    }  # fmt: skip


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
