"""Bins: where within a location units lie, how many a pick bin should hold, and the work of filling it up.

Bins refine what is on hand at a location and say nothing of states: a promise does not choose its
bin. Only levels that are binned (`StockLevel.is_binned`) have bin levels, and these add up to what
is on hand there: what nobody has put away lies in the location's default bin.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from oms_core.inventory.states import BIN_REPLENISHMENT
from oms_core.inventory.tables import MOVEMENT_KINDS
from oms_core.kernel.database import Base, Code, Pk, Qty, one_of

#: Pickers walk pick bins; overstock fills them up; the default bin holds what has no place yet.
BIN_KINDS = ("pick", "overstock", "default")
#: Why units of a bin changed: the stock movement that bins followed, or work within the location.
BIN_ENTRY_KINDS = (*MOVEMENT_KINDS, "moved", "replenished", "missing", "lot_named")


class Bin(Base):
    """A place within a location that can be pointed at. `position` is its rank on the way through the warehouse.

    `retired_at`: when it was taken away; such a bin is empty and stays for its history.
    """

    __tablename__ = "bins"
    __table_args__ = (
        sa.UniqueConstraint("location_id", "code"),
        one_of("kind", BIN_KINDS),
        sa.Index(
            "uq_bins_default", "location_id", unique=True, sqlite_where=sa.text("kind = 'default'"),
            postgresql_where=sa.text("kind = 'default'"),
        ),
    )  # fmt: skip

    id: Mapped[Pk]
    location_id: Mapped[int] = mapped_column(sa.ForeignKey("locations.id"))
    code: Mapped[Code]
    kind: Mapped[Code]
    position: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class BinLevel(Base):
    """Units of a variant in a bin, by lot where lots are told apart; equals the sum of its entries."""

    __tablename__ = "bin_levels"
    __table_args__ = (
        sa.Index("uq_bin_levels_with_lot", "bin_id", "variant_id", "lot_id", unique=True),
        sa.CheckConstraint("quantity >= 0", name="quantity_not_negative"),
        sa.Index(
            "uq_bin_levels_without_lot", "bin_id", "variant_id", unique=True, sqlite_where=sa.text("lot_id IS NULL"),
            postgresql_where=sa.text("lot_id IS NULL"),
        ),
        sa.Index(None, "variant_id"),
    )  # fmt: skip

    id: Mapped[Pk]
    bin_id: Mapped[int] = mapped_column(sa.ForeignKey("bins.id"))
    variant_id: Mapped[int] = mapped_column(sa.ForeignKey("variants.id"))
    lot_id: Mapped[int | None] = mapped_column(sa.ForeignKey("lots.id"))
    quantity: Mapped[Qty] = mapped_column(default=0)


class BinEntry(Base):
    """One line of the bins' ledger: units into (positive) or out of (negative) a bin; append-only."""

    __tablename__ = "bin_entries"
    __table_args__ = (
        sa.CheckConstraint("quantity <> 0", name="quantity_not_zero"),
        one_of("kind", BIN_ENTRY_KINDS),
        sa.Index(None, "bin_id", "variant_id"),
    )

    id: Mapped[Pk]
    bin_id: Mapped[int] = mapped_column(sa.ForeignKey("bins.id"))
    variant_id: Mapped[int] = mapped_column(sa.ForeignKey("variants.id"))
    lot_id: Mapped[int | None] = mapped_column(sa.ForeignKey("lots.id"))
    at: Mapped[datetime]
    kind: Mapped[Code]
    quantity: Mapped[Qty]
    bin_replenishment_line_id: Mapped[int | None] = mapped_column(index=True)
    reason: Mapped[Code] = mapped_column(default="")
    actor: Mapped[Code] = mapped_column(default="system")


class BinRule(Base):
    """How many units of a variant a pick bin should hold.

    Below `minimum_qty` it is filled up towards `maximum_qty` in whole multiples of `increment_qty` (a case).
    """

    __tablename__ = "bin_rules"
    __table_args__ = (
        sa.UniqueConstraint("bin_id", "variant_id"),
        sa.CheckConstraint("minimum_qty >= 1 AND minimum_qty <= maximum_qty", name="minimum_within_maximum"),
        sa.CheckConstraint("increment_qty >= 1 AND increment_qty <= maximum_qty", name="increment_within_maximum"),
    )

    id: Mapped[Pk]
    bin_id: Mapped[int] = mapped_column(sa.ForeignKey("bins.id"))
    variant_id: Mapped[int] = mapped_column(sa.ForeignKey("variants.id"), index=True)
    minimum_qty: Mapped[Qty]
    maximum_qty: Mapped[Qty]
    increment_qty: Mapped[Qty] = mapped_column(default=1)


class BinReplenishment(Base):
    """A worker's list of moves from overstock to pick bins of one location."""

    __tablename__ = "bin_replenishments"
    __table_args__ = (one_of("state", BIN_REPLENISHMENT.states),)

    id: Mapped[Pk]
    number: Mapped[Code] = mapped_column(unique=True)
    location_id: Mapped[int] = mapped_column(sa.ForeignKey("locations.id"))
    state: Mapped[Code] = mapped_column(default="open")
    unmet: Mapped[list[Any]]
    created_at: Mapped[datetime]
    created_by: Mapped[Code]
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class BinReplenishmentLine(Base):
    """Units to carry from one bin to another, and what came of it; `receipt` says why so many and from there.

    What was neither moved nor missing nor left out is still to do.
    """

    __tablename__ = "bin_replenishment_lines"
    __table_args__ = (
        sa.CheckConstraint("quantity > 0", name="quantity_positive"),
        sa.CheckConstraint(
            "moved_qty >= 0 AND missing_qty >= 0 AND left_qty >= 0 AND moved_qty + missing_qty + left_qty <= quantity",
            name="done_within_quantity",
        ),
        sa.CheckConstraint("from_bin_id <> to_bin_id", name="two_bins"),
    )

    id: Mapped[Pk]
    bin_replenishment_id: Mapped[int] = mapped_column(sa.ForeignKey("bin_replenishments.id"), index=True)
    variant_id: Mapped[int] = mapped_column(sa.ForeignKey("variants.id"))
    lot_id: Mapped[int | None] = mapped_column(sa.ForeignKey("lots.id"))
    from_bin_id: Mapped[int] = mapped_column(sa.ForeignKey("bins.id"))
    to_bin_id: Mapped[int] = mapped_column(sa.ForeignKey("bins.id"))
    quantity: Mapped[Qty]
    moved_qty: Mapped[Qty] = mapped_column(default=0)
    missing_qty: Mapped[Qty] = mapped_column(default=0)
    left_qty: Mapped[Qty] = mapped_column(default=0)
    reason: Mapped[Code] = mapped_column(default="")
    receipt: Mapped[dict[str, Any]]
