"""Of which lots units come back: those shipped to the buyer, or those sent off by a transfer.

Shipments and returns live in rooms above this one; their columns are named here and not imported.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from oms_core.inventory.lot_tables import Lot, LotEntry
from oms_core.kernel.rows import table_of

SHIPMENT_LINES = sa.table("shipment_lines", sa.column("id"), sa.column("order_line_id"))
RETURN_LINES = sa.table("return_lines", sa.column("id"), sa.column("order_line_id"))
_LOT, _ENTRY = table_of(Lot), table_of(LotEntry)
#: Lot of units that were there before their variant was tracked.
OPENING_LOT = "OPENING"


@lru_cache
def _returned() -> sa.Select[Any]:
    """Build: units of each lot shipped for the order line of a return line, less those that came back."""
    asked = sa.select(RETURN_LINES.c.order_line_id).where(RETURN_LINES.c.id == sa.bindparam("line"))
    shipped = sa.select(SHIPMENT_LINES.c.id).where(SHIPMENT_LINES.c.order_line_id.in_(asked))
    back = sa.select(RETURN_LINES.c.id).where(RETURN_LINES.c.order_line_id.in_(asked))
    came = sa.and_(_ENTRY.c.return_line_id.in_(back), _ENTRY.c.kind == "returned")
    return _left(sa.or_(_ENTRY.c.shipment_line_id.in_(shipped), came))


@lru_cache
def _sent() -> sa.Select[Any]:
    return _left(_ENTRY.c.transfer_line_id == sa.bindparam("line"))


def _left(which: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Build: lots of which more went out than came in among the entries, and how much."""
    out = -sa.cast(sa.func.sum(_ENTRY.c.quantity), sa.BigInteger)
    return (
        sa.select(_ENTRY.c.lot_id, out)
        .join(_LOT, _LOT.c.id == _ENTRY.c.lot_id)
        .where(which)
        .group_by(_ENTRY.c.lot_id, _LOT.c.expires_on)
        .having(out > 0)
        .order_by(_LOT.c.expires_on.is_(None), _LOT.c.expires_on, _ENTRY.c.lot_id)
    )


def returned_of(connection: sa.Connection, return_line_id: int) -> list[tuple[int, int]]:
    """Return (lot, units) the buyer still has of what a return line brings back."""
    return [(row[0], int(row[1])) for row in connection.execute(_returned(), {"line": return_line_id})]


def sent_of(connection: sa.Connection, transfer_line_id: int) -> list[tuple[int, int]]:
    """Return (lot, units) of a transfer line that left and have not come in yet."""
    return [(row[0], int(row[1])) for row in connection.execute(_sent(), {"line": transfer_line_id})]


def opening_of(connection: sa.Connection, variant_id: int) -> int | None:
    """Return the lot of what was there before a variant was tracked."""
    lot = _LOT.c
    return connection.scalar(sa.select(lot.id).where(lot.variant_id == variant_id, lot.number == OPENING_LOT))
