"""Laws of what waits for goods to come."""

from __future__ import annotations

import sqlalchemy as sa

from oms_core.audit.law import Law, by_query, count_of, summed, zero
from oms_core.audit.stock import ALLOCATION, LINE, ORDER
from oms_core.inventory.waiting import BACKORDERS, OPEN


def _overpromised() -> sa.Select[*tuple[object, ...]]:
    """Return lines that wait for more than they still want."""
    waits = summed(BACKORDERS, BACKORDERS.c.order_line_id, units=OPEN)
    held = summed(ALLOCATION, ALLOCATION.c.order_line_id, live=ALLOCATION.c.quantity - ALLOCATION.c.released_qty)
    left = LINE.c.quantity - LINE.c.cancelled_qty
    return (
        sa.select(
            ORDER.c.number, LINE.c.sku, left.label("wanted"), zero(held.c.live).label("live"),
            waits.c.units.label("waiting"),
        )
        .select_from(LINE.join(waits, waits.c.key == LINE.c.id).join(ORDER, ORDER.c.id == LINE.c.order_id))
        .outerjoin(held, held.c.key == LINE.c.id)
        .where(waits.c.units + zero(held.c.live) > left)
    )  # fmt: skip


def _misdated() -> sa.Select[*tuple[object, ...]]:
    """Return promises whose state is not what they hold, or that wait for an order nobody wants any more."""
    b = BACKORDERS.c
    waits = b.state == "waiting"
    wrong = sa.or_(
        waits != (OPEN > 0),
        sa.and_(waits, ORDER.c.state != "placed"),
        waits != b.closed_at.is_(None),
        OPEN < 0,
        b.variant_id != LINE.c.variant_id,
    )
    return (
        sa.select(b.id, ORDER.c.number, ORDER.c.state.label("order_state"), b.state, OPEN.label("units"))
        .join(LINE, LINE.c.id == b.order_line_id)
        .join(ORDER, ORDER.c.id == LINE.c.order_id)
        .where(wrong)
    )


LAWS = (
    Law(
        "backorders.within_ordered",
        "What waits, is allocated, was shipped and was cancelled of a line is not more than was ordered.",
        by_query(
            count_of(BACKORDERS),
            _overpromised(),
            "order {number}, {sku}: wants {wanted}, {live} are allocated and {waiting} wait",
        ),
    ),
    Law(
        "backorders.wait_for_open_orders",
        "A promise waits as long as units of it are open, for an order that is open.",
        by_query(
            count_of(BACKORDERS),
            _misdated(),
            "promise {id} of order {number} ({order_state}) is {state} with {units} open",
        ),
    ),
)
