"""Lots of variants that are tracked by lot: which batch lies where, and the ledger behind it."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from oms_core.inventory.states import POOLS
from oms_core.kernel.database import REPLICATED, Base, Code, Pk, Qty, one_of


class Lot(Base):
    """A batch of one variant. After `expires_on` it is not shipped any more; None never expires."""

    __tablename__ = "lots"
    __table_args__ = (sa.UniqueConstraint("variant_id", "number"), sa.Index(None, "expires_on"), REPLICATED)

    id: Mapped[Pk]
    variant_id: Mapped[int] = mapped_column(sa.ForeignKey("variants.id"))
    number: Mapped[Code]
    expires_on: Mapped[date | None]
    created_at: Mapped[datetime]


class LotLevel(Base):
    """Units of a lot at one location, by pool (see `inventory.states.POOL_OF`); equals the sum of its entries."""

    __tablename__ = "lot_levels"
    __table_args__ = (
        sa.UniqueConstraint("lot_id", "location_id", "pool"),
        sa.CheckConstraint("quantity >= 0", name="quantity_not_negative"),
        one_of("pool", POOLS),
        sa.Index(None, "variant_id", "location_id"),
        REPLICATED,
    )

    id: Mapped[Pk]
    lot_id: Mapped[int] = mapped_column(sa.ForeignKey("lots.id"))
    variant_id: Mapped[int] = mapped_column(sa.ForeignKey("variants.id"))
    location_id: Mapped[int] = mapped_column(sa.ForeignKey("locations.id"))
    pool: Mapped[Code]
    quantity: Mapped[Qty] = mapped_column(default=0)


class LotEntry(Base):
    """One line of the lots' ledger: units of a lot into (positive) or out of (negative) a pool; append-only."""

    __tablename__ = "lot_entries"
    __table_args__ = (
        sa.CheckConstraint("quantity <> 0", name="quantity_not_zero"),
        one_of("pool", POOLS),
        sa.Index(None, "lot_id", "location_id"),
        REPLICATED,
    )

    id: Mapped[Pk]
    lot_id: Mapped[int] = mapped_column(sa.ForeignKey("lots.id"))
    at: Mapped[datetime]
    kind: Mapped[Code]
    location_id: Mapped[int] = mapped_column(sa.ForeignKey("locations.id"))
    pool: Mapped[Code]
    quantity: Mapped[Qty]
    shipment_line_id: Mapped[int | None] = mapped_column(index=True)
    return_line_id: Mapped[int | None]
    receipt_line_id: Mapped[int | None]
    transfer_line_id: Mapped[int | None] = mapped_column(index=True)
    reason: Mapped[Code] = mapped_column(default="")
    actor: Mapped[Code] = mapped_column(default="system")
