"""Draft a purchase order and change what it asks for."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.catalog.tables import Supplier, Variant
from oms_core.kernel import clock
from oms_core.kernel.errors import InvalidInput, NotFound, Refused
from oms_core.locations.tables import Location
from oms_core.purchasing.approving import void
from oms_core.purchasing.records import lines_of, locked, move, touch
from oms_core.purchasing.tables import PurchaseOrder, PurchaseOrderLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

#: Numbers start here, so that the first one looks like a number and not like a counter.
FIRST_NUMBER = 1001
#: States in which quantities may still change: the supplier has not been asked yet.
EDITABLE = ("draft", "pending_approval", "approved")


@dataclass(frozen=True, slots=True)
class NewLine:
    """One variant to buy.

    Parameters
    ----------
    variant_id : int
        What to buy.
    quantity : int
        Units, at least 1.
    unit_cost_minor : int
        Agreed cost of one unit, minor units of the supplier's currency.
    suggested_qty : int, optional
        Units the replenishment plan suggested, kept to judge the decision later.
    receipt : dict, optional
        Why this quantity was suggested.
    """

    variant_id: int
    quantity: int
    unit_cost_minor: int
    suggested_qty: int | None = None
    receipt: dict[str, Any] | None = None


def draft_purchase_order(
    session: Session,
    *,
    supplier_id: int,
    location_id: int,
    lines: Sequence[NewLine],
    expected_on: date | None = None,
    note: str = "",
    actor: str = "system",
    simulated: bool = False,
) -> PurchaseOrder:
    """Write a draft in the supplier's currency; nothing is asked of the supplier yet.

    Returns
    -------
    PurchaseOrder
        In state ``draft``; `total_minor` is the ordered value, quantity times unit cost over the lines.

    Raises
    ------
    NotFound
        Unknown supplier, location or variant.
    InvalidInput
        No lines, a variant twice, a quantity below 1 or a negative cost; names every faulty line.
    """
    supplier = session.get(Supplier, supplier_id)
    if supplier is None:
        known = session.scalars(sa.select(Supplier.code)).all()
        raise NotFound("supplier", supplier_id, hint=f"Known: {', '.join(known[:10]) or 'none yet'}.")
    if session.get(Location, location_id) is None:
        raise NotFound("location", location_id)
    _require_sound(session, lines)
    order = PurchaseOrder(
        number=f"new-{uuid.uuid4().hex}",
        supplier_id=supplier_id,
        location_id=location_id,
        currency=supplier.currency,
        created_at=clock.now(),
        expected_on=expected_on,
        total_minor=sum(line.quantity * line.unit_cost_minor for line in lines),
        note=note,
        is_simulated=simulated,
        version=0,
        drafted_by=actor,
        edited_by=actor,
    )
    session.add(order)
    session.flush()
    order.number = f"PO-{FIRST_NUMBER - 1 + order.id}"
    _add_lines(session, order.id, lines)
    touch(session, order, "purchase_order.drafted", actor=actor, lines=len(lines), total_minor=order.total_minor)
    return order


def change_quantity(
    session: Session, *, purchase_order_id: int, line_id: int, quantity: int, actor: str = "system"
) -> PurchaseOrder:
    """Change one line's units before the order is sent; zero takes the line out.

    An order that was approved or waits for it becomes a draft again, and its approval is void.

    Raises
    ------
    Refused
        ``purchase_order.not_editable`` once sent; ``purchase_order.last_line`` when nothing would be left.
    NotFound, InvalidInput
        Unknown line; a negative quantity.
    """
    if quantity < 0:
        raise InvalidInput("quantity", quantity, "zero or more units were expected")
    order = locked(session, purchase_order_id)
    if order.state not in EDITABLE:
        raise Refused(
            "purchase_order.not_editable",
            f"Purchase order {order.number} is {order.state}; its quantities can no longer change.",
            "Cancel it and draft a new one, or agree a partial delivery.",
            state=order.state,
        )
    lines = {line.id: line for line in lines_of(session, order.id)}
    line = lines.get(line_id)
    if line is None:
        raise NotFound("purchase order line", line_id, hint=f"Lines of {order.number}: {', '.join(map(str, lines))}.")
    before = line.quantity
    _set_quantity(session, order, line, quantity, left=len(lines))
    order.edited_by = actor
    _ask_again(session, order, actor=actor)
    touch(
        session, order, "purchase_order.quantity_changed", actor=actor, line_id=line_id, before=before, after=quantity
    )
    return order


def _ask_again(session: Session, order: PurchaseOrder, *, actor: str) -> None:
    """Take an order that was approved, or waits for it, back to a draft: what was looked at is no more."""
    if order.state == "draft":
        return
    void(session, order, reason=f"changed by {actor}")
    move(session, order, "draft", "purchase_order.approval_voided", actor=actor)


def _set_quantity(session: Session, order: PurchaseOrder, line: PurchaseOrderLine, quantity: int, *, left: int) -> None:
    """Write the new quantity and the order's value; a line of zero units leaves the order."""
    if quantity == 0 and left == 1:
        raise Refused(
            "purchase_order.last_line",
            f"This is the only line of {order.number}; an order cannot be empty.",
            f"Cancel it instead: ordersight purchase-orders cancel {order.number}",
        )
    order.total_minor += (quantity - line.quantity) * line.unit_cost_minor
    if quantity == 0:
        session.delete(line)
    else:
        line.quantity = quantity


def _require_sound(session: Session, lines: Sequence[NewLine]) -> None:
    """Refuse an order whose lines cannot be bought, naming every fault."""
    if not lines:
        raise InvalidInput("lines", [], "at least one line was expected", code="purchase_order.no_lines")
    wanted = [line.variant_id for line in lines]
    known = set(session.scalars(sa.select(Variant.id).where(Variant.id.in_(wanted))))
    faults = [f"variant {v} is unknown" for v in sorted(set(wanted) - known)]
    faults += [f"variant {v} stands on {n} lines" for v, n in Counter(wanted).items() if n > 1]
    faults += [f"variant {x.variant_id} has quantity {x.quantity}" for x in lines if x.quantity < 1]
    faults += [f"variant {x.variant_id} has unit cost {x.unit_cost_minor}" for x in lines if x.unit_cost_minor < 0]
    if faults:
        raise InvalidInput(
            "lines",
            len(lines),
            "; ".join(faults),
            "Each variant once, at least 1 unit, a cost of zero or more.",
            code="purchase_order.lines",
            faults=faults,
        )


def _add_lines(session: Session, purchase_order_id: int, lines: Sequence[NewLine]) -> None:
    session.add_all(
        PurchaseOrderLine(
            purchase_order_id=purchase_order_id,
            position=position,
            variant_id=line.variant_id,
            quantity=line.quantity,
            unit_cost_minor=line.unit_cost_minor,
            suggested_qty=line.suggested_qty,
            receipt=line.receipt,
        )
        for position, line in enumerate(lines, start=1)
    )
