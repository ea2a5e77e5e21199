"""Let an issued invoice follow its order when that was changed afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.finance.correcting import current, write_correction
from oms_core.finance.invoicing import order_value
from oms_core.finance.partial import is_whole, issued
from oms_core.finance.records import Changed
from oms_core.finance.tables import Invoice
from oms_core.kernel.errors import InvalidInput, Refused
from oms_core.orders.cancelling import locked_order

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from oms_core.finance.returned import Current
    from oms_core.finance.valuing import Line
    from oms_core.kernel.settings import Shop


def correct_for_order(session: Session, shop: Shop, *, order_id: int, reason: str, actor: str = "system") -> Invoice:
    """Issue the correction that brings an invoice to what its order says now.

    Raises
    ------
    InvalidInput
        No reason.
    Refused
        ``invoice.none_to_correct``; ``invoice.several`` when it is invoiced in parts and not cancelled;
        ``invoice.returned`` after a return was corrected for (the order's own lines do not know of it);
        ``invoice.nothing`` when they agree.
    """
    if not reason.strip():
        raise InvalidInput("reason", reason, "a word on why it is corrected", code="invoice.no_reason")
    order = locked_order(session, order_id)
    before = issued(session, order_id)
    if not before:
        raise Refused("invoice.none_to_correct", f"Order {order.number} has no issued invoice.", "Issue it.")
    original = before[0]
    if len(before) > 1 or not is_whole(original):
        if order.state == "cancelled":
            return _withdrawn(session, shop, before, reason=reason.strip(), actor=actor)
        numbers = ", ".join(str(one.number) for one in before)
        raise Refused(
            "invoice.several",
            f"Order {order.number} is invoiced in parts ({numbers}): which of them is wrong is not known.",
            "Correct that one by hand: ordersight invoices correct",
            invoices=[one.number for one in before],
        )
    returned = session.scalar(
        sa.select(Invoice.number).where(Invoice.corrects_id == original.id, Invoice.return_id.is_not(None))
    )
    if returned is not None:
        raise Refused(
            "invoice.returned",
            f"Invoice {original.number} was corrected for a return by {returned}.",
            "Correct its lines by hand: ordersight invoices correct",
        )
    wanted = [] if order.state == "cancelled" else order_value(session, order, shop)
    changed = differences(current(session, original), wanted)
    return write_correction(
        session, shop, original, changed, reason=reason.strip(), buyer=None, return_id=None, actor=actor
    )


def _withdrawn(session: Session, shop: Shop, before: Sequence[Invoice], *, reason: str, actor: str) -> Invoice:
    """Correct every invoice of a cancelled order down to nothing; return the last correction."""
    made = [
        write_correction(session, shop, one, changed, reason=reason, buyer=None, return_id=None, actor=actor)
        for one in before
        if (changed := differences(current(session, one), []))
    ]
    if not made:
        raise Refused("invoice.nothing", "Nothing of the invoices changes.")
    return made[-1]


def differences(known: Mapping[int, Current], wanted: Sequence[Line]) -> list[Changed]:
    """Return what has to change for the known lines to say what is wanted; pure."""
    waiting = {_key(line.order_line_id, line.kind, line.title): line for line in wanted}
    changed = []
    for before in known.values():
        line = waiting.pop(_key(before.order_line_id, before.kind, before.title), None)
        values = (0, 0, 0) if line is None else (line.quantity, line.net_minor, line.tax_minor)
        if values != (before.quantity, before.net_minor, before.tax_minor):
            changed.append(before.becomes(*values, tax_bp=None if line is None else line.tax_bp))
    first = max(known, default=0) + 1
    return changed + [Changed(line, position=n) for n, line in enumerate(waiting.values(), start=first)]


def _key(order_line_id: int | None, kind: str, title: str) -> tuple[int | None, str, str]:
    """Return what a line is known by: its order line, or what it is called."""
    return (order_line_id, "", "") if order_line_id is not None else (None, kind, title)
