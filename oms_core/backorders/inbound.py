"""What open purchase orders still bring, and what waits for it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from oms_core.backorders.schedule import Arrival
from oms_core.catalog.tables import Supplier, SupplierItem, Variant
from oms_core.inventory.waiting import BACKORDERS, OPEN, ORDER_LINES
from oms_core.kernel.rows import table_of
from oms_core.purchasing.states import INCOMING
from oms_core.purchasing.tables import PurchaseOrder, PurchaseOrderLine

_PO, _PO_LINE = table_of(PurchaseOrder), table_of(PurchaseOrderLine)
_TO_COME = _PO_LINE.c.quantity - _PO_LINE.c.received_qty - _PO_LINE.c.cancelled_qty


def lock_variants(connection: sa.Connection, variant_ids: Collection[int]) -> None:
    """Lock variants in id order while promises for them are made: after levels, before nothing.

    A weak lock: rows that refer to the variants may be written meanwhile.
    """
    table = table_of(Variant)
    statement = sa.select(table.c.id).where(table.c.id.in_(sorted(variant_ids))).order_by(table.c.id)
    connection.execute(statement.with_for_update(key_share=True))


def arrivals_of(
    connection: sa.Connection, variant_ids: Collection[int], today: date, *, location_id: int | None = None
) -> dict[int, list[Arrival]]:
    """Return what open purchase orders bring, by variant, the earliest first.

    An order past its date is due today: it has not come yet. One without a date promises nothing.
    """
    statement = (
        sa.select(_PO_LINE.c.variant_id, _PO_LINE.c.id, _PO.c.expected_on, _PO.c.number, _TO_COME.label("units"))
        .join(_PO, _PO.c.id == _PO_LINE.c.purchase_order_id)
        .where(
            _PO_LINE.c.variant_id.in_(sorted(variant_ids)),
            _PO.c.state.in_(INCOMING),
            _PO.c.expected_on.is_not(None),
            _TO_COME > 0,
        )
        .order_by(_PO.c.expected_on, _PO_LINE.c.id)
    )
    if location_id is not None:
        statement = statement.where(_PO.c.location_id == location_id)
    found: dict[int, list[Arrival]] = {}
    for row in connection.execute(statement):
        due_on = max(row.expected_on, today)
        found.setdefault(row.variant_id, []).append(Arrival(row.id, due_on, int(row.units), row.number))
    return found


def waiting_of(connection: sa.Connection, variant_ids: Collection[int]) -> dict[int, list[Any]]:
    """Return the promises that wait, by variant, the oldest first: id, order, units, kind, line and day promised."""
    told = ("id", "order_line_id", "variant_id", "kind", "purchase_order_line_id", "promised_on")
    statement = (
        sa.select(
            *(BACKORDERS.c[name] for name in told),
            sa.cast(OPEN, sa.BigInteger).label("units"),
            ORDER_LINES.c.order_id,
        )
        .join(ORDER_LINES, ORDER_LINES.c.id == BACKORDERS.c.order_line_id)
        .where(BACKORDERS.c.variant_id.in_(sorted(variant_ids)), BACKORDERS.c.state == "waiting")
        .order_by(BACKORDERS.c.variant_id, BACKORDERS.c.id)
    )
    found: dict[int, list[Any]] = {}
    for row in connection.execute(statement):
        found.setdefault(row.variant_id, []).append(row)
    return found


def due_if_ordered_today(connection: sa.Connection, variant_ids: Collection[int], today: date) -> dict[int, date]:
    """Return the day goods would come if ordered today: the preferred supplier's mean lead time, rounded up."""
    item, supplier = table_of(SupplierItem), table_of(Supplier)
    rows: Sequence[Any] = connection.execute(
        sa.select(item.c.variant_id, sa.func.min(supplier.c.lead_time_days).label("days"))
        .join(supplier, supplier.c.id == item.c.supplier_id)
        .where(item.c.variant_id.in_(sorted(variant_ids)), item.c.is_preferred)
        .group_by(item.c.variant_id)
    ).all()
    return {row.variant_id: today + timedelta(days=-int(-row.days // 1)) for row in rows}
