"""Laws of several invoices of one order: never more units than were ordered, never more money than it was worth."""

from __future__ import annotations

import sqlalchemy as sa

from oms_core.audit.finance import INVOICE
from oms_core.audit.finance import LINE as INVOICE_LINE
from oms_core.audit.law import Law, by_query, count_of
from oms_core.audit.order_changes import ENTRY
from oms_core.audit.stock import LINE, ORDER

_ROWS = sa.Select[*tuple[object, ...]]


def _too_many_units() -> _ROWS:
    """Return order lines of which invoices, as they were issued, have more units than were ordered.

    What an edit takes off after the invoice was ordered then: it waits for a correction and counts as ordered here.
    """
    i, entry = INVOICE.c, ENTRY.c
    taken_off = (
        sa.select(entry.order_line_id, (-sa.func.sum(entry.quantity)).label("units"))
        .where(entry.quantity < 0)
        .group_by(entry.order_line_id)
        .subquery()
    )
    told = (
        sa.select(INVOICE_LINE.c.order_line_id, sa.func.sum(INVOICE_LINE.c.quantity).label("units"))
        .join(INVOICE, i.id == INVOICE_LINE.c.invoice_id)
        .where(i.kind == "invoice", i.state != "draft", INVOICE_LINE.c.order_line_id.is_not(None))
        .group_by(INVOICE_LINE.c.order_line_id)
        .subquery()
    )
    return (
        sa.select(ORDER.c.number, LINE.c.sku, LINE.c.quantity, told.c.units)
        .join(told, told.c.order_line_id == LINE.c.id)
        .join(ORDER, ORDER.c.id == LINE.c.order_id)
        .outerjoin(taken_off, taken_off.c.order_line_id == LINE.c.id)
        .where(told.c.units > LINE.c.quantity + sa.func.coalesce(taken_off.c.units, 0))
    )


def _too_much_money() -> _ROWS:
    """Return invoices that, with all before them, say more than their order was worth when they were issued.

    Corrections for returns do not make room; other corrections do.
    """
    one, before = INVOICE, INVOICE.alias("before")
    total = sa.func.sum(before.c.gross_minor)
    return (
        sa.select(one.c.number, one.c.order_gross_minor, total.label("invoiced"))
        .join(before, sa.and_(before.c.order_id == one.c.order_id, before.c.id <= one.c.id))
        .where(one.c.kind == "invoice", one.c.state != "draft", one.c.order_gross_minor.is_not(None))
        .where(before.c.state != "draft", before.c.return_id.is_(None))
        .group_by(one.c.id, one.c.number, one.c.order_gross_minor)
        .having(total > one.c.order_gross_minor)
    )


LAWS = (
    Law(
        "invoices.units_within_ordered",
        "All invoices of an order together have no more units of a line than were ordered.",
        by_query(
            count_of(INVOICE), _too_many_units(), "order {number}, {sku}: {quantity} ordered, {units} on invoices"
        ),
    ),
    Law(
        "invoices.money_within_ordered",
        "An invoice and those before it say no more money than their order was worth when it was issued.",
        by_query(
            count_of(INVOICE),
            _too_much_money(),
            "{number}: the order was worth {order_gross_minor}, {invoiced} invoiced",
        ),
    ),
)
