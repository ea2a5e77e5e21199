"""Transfers that have not ended: what is promised from a place, and on its way to one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.inventory.tables import Transfer, TransferLine

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def open_transfers(session: Session) -> list[tuple[int, int, int, str, int]]:
    """Return variant, location from, location to, state and the units that neither arrived nor were lost."""
    rest = TransferLine.quantity - TransferLine.received_qty - TransferLine.lost_qty
    found = session.execute(
        sa.select(TransferLine.variant_id, Transfer.from_location_id, Transfer.to_location_id, Transfer.state, rest)
        .join(Transfer, Transfer.id == TransferLine.transfer_id)
        .where(Transfer.state.in_(("draft", "in_transit", "partially_received")), rest > 0)
        .order_by(TransferLine.id)
    )
    return [(row[0], row[1], row[2], row[3], int(row[4])) for row in found]
