"""Several invoices of one order: what was invoiced, what is left, and the exact part that some units are.

Units are counted as the invoices first said them: a correction (a return, another price) does not make
units free to be invoiced again. A part's money is the largest-remainder share of what is left of its
order line, so that the parts of a line add up to it to the minor unit, discounts and tax included.
Carriage and other adjustments stand whole on the first invoice that is issued.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.finance.tables import Invoice, InvoiceLine
from oms_core.finance.valuing import Line, rate_bp
from oms_core.fulfilment.tables import ShipmentLine
from oms_core.kernel.errors import InvalidInput, NotFound, Refused
from oms_core.kernel.money import split
from oms_core.orders.tables import OrderLine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Invoiced:
    """What issued invoices said of a line: units, net and tax in minor units."""

    quantity: int = 0
    net_minor: int = 0
    tax_minor: int = 0


def issued(session: Session, order_id: int) -> Sequence[Invoice]:
    """Return the issued invoices of an order, oldest first, without their corrections."""
    statement = sa.select(Invoice).where(
        Invoice.order_id == order_id, Invoice.kind == "invoice", Invoice.state != "draft"
    )
    return session.scalars(statement.order_by(Invoice.id)).all()


def is_whole(invoice: Invoice) -> bool:
    """Say whether an invoice was for all that its order was when it was issued."""
    return invoice.order_gross_minor is None or invoice.order_gross_minor == invoice.gross_minor


def left_of(session: Session, order_id: int, value: Sequence[Line]) -> list[Line]:
    """Return what of an order's value stands on no issued invoice yet, lines of no units left out."""
    rows = session.execute(
        sa.select(InvoiceLine)
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(Invoice.order_id == order_id, Invoice.kind == "invoice", Invoice.state != "draft")
    ).scalars()
    goods, others = dict[int, Invoiced](), Counter[tuple[str, str]]()
    for row in rows:
        if row.order_line_id is None:
            others[row.kind, row.title] += 1
        else:
            was = goods.get(row.order_line_id, Invoiced())
            goods[row.order_line_id] = Invoiced(
                was.quantity + row.quantity, was.net_minor + row.net_minor, was.tax_minor + row.tax_minor
            )
    return remaining(value, goods, others)


def remaining(
    value: Sequence[Line], goods: Mapping[int, Invoiced], others: Mapping[tuple[str, str], int]
) -> list[Line]:
    """Take what was invoiced off an order's lines; pure."""
    gone, left = Counter(others), list[Line]()
    for line in value:
        if line.order_line_id is None:
            if gone[line.kind, line.title] > 0:
                gone[line.kind, line.title] -= 1
            else:
                left.append(line)
            continue
        was = goods.get(line.order_line_id, Invoiced())
        if line.quantity > was.quantity:
            left.append(_valued(
                line, line.quantity - was.quantity, line.net_minor - was.net_minor, line.tax_minor - was.tax_minor
            ))  # fmt: skip
    return left


def _valued(line: Line, quantity: int, net: int, tax: int) -> Line:
    """Return a line with other units and money; its rate is read anew only where it has money."""
    rate = line.tax_bp if not (net or tax) else rate_bp(net, tax, units=max(quantity, 1))
    return replace(line, quantity=quantity, net_minor=net, tax_minor=tax, tax_bp=rate)


def part(left: Sequence[Line], units: Mapping[int, int]) -> list[Line]:
    """Return the invoice lines of some units of what is left; what is not goods comes along whole.

    Parameters
    ----------
    units : mapping of int to int
        Units by order line.

    Raises
    ------
    InvalidInput
        ``invoice.no_units``: no units at all, or less than none.
    NotFound
        A line that is not the order's, or has nothing left to invoice.
    Refused
        ``invoice.more_than_ordered``: names every line that is asked for more units than are left.
    """
    known = {line.order_line_id: line for line in left if line.order_line_id is not None}
    if not any(units.values()) or min(units.values()) < 0:
        raise InvalidInput("units", dict(units), "at least one unit, none below zero", code="invoice.no_units")
    wanted = {key: n for key, n in units.items() if n}
    for key in wanted:
        if key not in known:
            hint = "It is on invoices already, was called off, or is not a line of the order."
            raise NotFound("order line to invoice", key, hint=hint, code="invoice.line_not_left")
    over = [(known[key], n) for key, n in wanted.items() if n > known[key].quantity]
    if over:
        raise _too_many(over)
    return [
        line if line.order_line_id is None else _share(line, wanted[line.order_line_id])
        for line in left
        if line.order_line_id is None or line.order_line_id in wanted
    ]


def _too_many(over: Sequence[tuple[Line, int]]) -> Refused:
    said = "; ".join(f"{line.sku} {n} asked for, {line.quantity} left" for line, n in over)
    facts: list[dict[str, Any]] = [
        {"order_line_id": line.order_line_id, "sku": line.sku, "wanted": n, "left": line.quantity} for line, n in over
    ]
    return Refused(
        "invoice.more_than_ordered", f"Nobody invoices more than was ordered: {said}.", "Lower the units.", lines=facts
    )


def _share(line: Line, units: int) -> Line:
    weights = [units, line.quantity - units]
    net, tax = (split(whole, weights)[0] for whole in (line.net_minor, line.tax_minor))
    return replace(line, quantity=units, net_minor=net, tax_minor=tax)


def shipped_units(
    session: Session, order_id: int, value: Sequence[Line], left: Sequence[Line], *, shipment_id: int | None = None
) -> dict[int, int]:
    """Return the units that left the house and stand on no invoice, by order line: of one shipment, or of all.

    Raises
    ------
    Refused
        ``invoice.nothing_shipped``: there are none.
    """
    free = {line.order_line_id: line.quantity for line in left if line.order_line_id is not None}
    invoiced = {
        x.order_line_id: x.quantity - free.get(x.order_line_id, 0) for x in value if x.order_line_id is not None
    }
    if shipment_id is None:
        rows = session.execute(sa.select(OrderLine.id, OrderLine.shipped_qty).where(OrderLine.order_id == order_id))
        sent = {row[0]: row[1] - invoiced.get(row[0], 0) for row in rows}
    else:
        rows = session.execute(
            sa.select(ShipmentLine.order_line_id, sa.cast(sa.func.sum(ShipmentLine.quantity), sa.BigInteger))
            .where(ShipmentLine.shipment_id == shipment_id)
            .group_by(ShipmentLine.order_line_id)
        )
        sent = {row[0]: int(row[1]) for row in rows}
    units = {key: min(n, free[key]) for key, n in sent.items() if n > 0 and key in free}
    if not units:
        raise Refused(
            "invoice.nothing_shipped", "Nothing that was shipped waits for an invoice.", "Ship it, or name the units."
        )
    return units
