"""The documents behind movements, found for a whole page of the ledger with one statement a kind.

Orders, shipments, purchase orders and returns live in rooms above this one; their columns are
named here and not imported (a test holds the names to the schema).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.inventory.count_tables import StockCount, StockCountLine
from oms_core.inventory.promise_tables import Reservation, ReservationLine
from oms_core.inventory.tables import Allocation, Transfer, TransferLine
from oms_core.kernel.rows import table_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from oms_core.inventory.tables import StockMovement

    Pairs = tuple[sa.FromClause, sa.ColumnElement[int], Sequence[tuple[str, sa.ColumnElement[str]]]]


def _named(name: str, *columns: str) -> sa.TableClause:
    return sa.table(name, *(sa.column(column) for column in columns))


ORDERS = _named("orders", "id", "number")
ORDER_LINES = _named("order_lines", "id", "order_id")
SHIPMENTS = _named("shipments", "id", "number", "order_id")
SHIPMENT_LINES = _named("shipment_lines", "id", "shipment_id")
RETURNS = _named("returns", "id", "number")
RETURN_LINES = _named("return_lines", "id", "return_id")
PURCHASE_ORDERS = _named("purchase_orders", "id", "number")
RECEIPTS = _named("receipts", "id", "number", "purchase_order_id")
RECEIPT_LINES = _named("receipt_lines", "id", "receipt_id")
_ALLOCATION, _TRANSFER, _TRANSFER_LINE = table_of(Allocation), table_of(Transfer), table_of(TransferLine)
_COUNT, _COUNT_LINE = table_of(StockCount), table_of(StockCountLine)
_RESERVATION, _RESERVATION_LINE = table_of(Reservation), table_of(ReservationLine)


def _sources() -> dict[str, Pairs]:
    """Return, by link column of a movement: where to look, by which key, and (kind, number) to tell."""
    by_order = _ALLOCATION.join(ORDER_LINES, ORDER_LINES.c.id == _ALLOCATION.c.order_line_id).join(
        ORDERS, ORDERS.c.id == ORDER_LINES.c.order_id
    )
    by_parcel = SHIPMENT_LINES.join(SHIPMENTS, SHIPMENTS.c.id == SHIPMENT_LINES.c.shipment_id)
    by_return = RETURN_LINES.join(RETURNS, RETURNS.c.id == RETURN_LINES.c.return_id)
    by_receipt = RECEIPT_LINES.join(RECEIPTS, RECEIPTS.c.id == RECEIPT_LINES.c.receipt_id).join(
        PURCHASE_ORDERS, PURCHASE_ORDERS.c.id == RECEIPTS.c.purchase_order_id
    )
    by_transfer = _TRANSFER_LINE.join(_TRANSFER, _TRANSFER.c.id == _TRANSFER_LINE.c.transfer_id)
    by_count = _COUNT_LINE.join(_COUNT, _COUNT.c.id == _COUNT_LINE.c.stock_count_id)
    by_hold = _RESERVATION_LINE.join(_RESERVATION, _RESERVATION.c.id == _RESERVATION_LINE.c.reservation_id)
    return {
        "allocation_id": (by_order, _ALLOCATION.c.id, (("order", ORDERS.c.number),)),
        "shipment_line_id": (by_parcel, SHIPMENT_LINES.c.id, (("shipment", SHIPMENTS.c.number),)),
        "return_line_id": (by_return, RETURN_LINES.c.id, (("return", RETURNS.c.number),)),
        "receipt_line_id": (
            by_receipt,
            RECEIPT_LINES.c.id,
            (("receipt", RECEIPTS.c.number), ("purchase_order", PURCHASE_ORDERS.c.number)),
        ),
        "transfer_line_id": (by_transfer, _TRANSFER_LINE.c.id, (("transfer", _TRANSFER.c.number),)),
        "count_line_id": (by_count, _COUNT_LINE.c.id, (("stock_count", _COUNT.c.number),)),
        "reservation_line_id": (by_hold, _RESERVATION_LINE.c.id, (("reservation", _RESERVATION.c.number),)),
    }


SOURCES = _sources()


@dataclass
class Links:
    """Documents by link column and key."""

    known: dict[str, dict[int, list[dict[str, str]]]] = field(default_factory=dict)

    def of(self, move: StockMovement) -> list[dict[str, str]]:
        """Return the documents behind a movement: ``kind`` and ``number``."""
        found = []
        for column in SOURCES:
            key = getattr(move, column)
            if key is not None:
                found += self.known.get(column, {}).get(key, [])
        return found


def links_of(session: Session, moves: Sequence[StockMovement]) -> Links:
    """Find the documents behind movements; one statement for each kind of link among them."""
    links = Links()
    for column, (source, key, told) in SOURCES.items():
        wanted = {value for move in moves if (value := getattr(move, column)) is not None}
        if wanted:
            rows = session.execute(
                sa.select(key, *(number for _, number in told)).select_from(source).where(key.in_(wanted))
            )
            kinds = [kind for kind, _ in told]
            links.known[column] = {
                row[0]: [{"kind": kind, "number": n} for kind, n in zip(kinds, row[1:], strict=True)] for row in rows
            }
    return links
