"""Counts of what lies on the shelf, and what was wrong with transfers."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from oms_core.inventory.states import STOCK_COUNT
from oms_core.kernel.database import REPLICATED, Base, Code, Pk, Qty, one_of

DISCREPANCY_KINDS = ("lost", "found", "over")


class StockCount(Base):
    """A session in which people count variants at one location. Who counts blind is not told what is expected."""

    __tablename__ = "stock_counts"
    __table_args__ = (one_of("state", STOCK_COUNT.states), REPLICATED)

    id: Mapped[Pk]
    number: Mapped[Code] = mapped_column(unique=True)
    location_id: Mapped[int] = mapped_column(sa.ForeignKey("locations.id"))
    state: Mapped[Code] = mapped_column(default="open")
    is_blind: Mapped[bool] = mapped_column(default=True)
    note: Mapped[str] = mapped_column(sa.Text, default="")
    reason: Mapped[Code] = mapped_column(default="")
    created_at: Mapped[datetime]
    created_by: Mapped[Code]
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class StockCountLine(Base):
    """One variant of a count: what was counted, and what the ledger had in that very moment.

    ``counted_qty - expected_qty`` is the difference, whatever moves between counting and posting.
    `posted_qty` is what was posted of it (signed); None before, and for lines nobody counted.
    """

    __tablename__ = "stock_count_lines"
    __table_args__ = (
        sa.UniqueConstraint("stock_count_id", "variant_id"),
        sa.CheckConstraint("counted_qty IS NULL OR counted_qty >= 0", name="counted_not_negative"),
        sa.CheckConstraint("(counted_qty IS NULL) = (expected_qty IS NULL)", name="counted_has_expected"),
        REPLICATED,
    )

    id: Mapped[Pk]
    stock_count_id: Mapped[int] = mapped_column(sa.ForeignKey("stock_counts.id"))
    variant_id: Mapped[int] = mapped_column(sa.ForeignKey("variants.id"))
    counted_qty: Mapped[int | None]
    expected_qty: Mapped[int | None]
    counted_at: Mapped[datetime | None]
    counted_by: Mapped[Code] = mapped_column(default="")
    times_counted: Mapped[int] = mapped_column(default=0)
    posted_qty: Mapped[int | None]


class TransferDiscrepancy(Base):
    """Units of a transfer that did not arrive, turned up later, or were more than was sent; with the reason given."""

    __tablename__ = "transfer_discrepancies"
    __table_args__ = (
        one_of("kind", DISCREPANCY_KINDS),
        sa.CheckConstraint("quantity > 0", name="quantity_positive"),
        REPLICATED,
    )

    id: Mapped[Pk]
    transfer_line_id: Mapped[int] = mapped_column(sa.ForeignKey("transfer_lines.id"), index=True)
    kind: Mapped[Code]
    quantity: Mapped[Qty]
    reason: Mapped[Code]
    at: Mapped[datetime]
    actor: Mapped[Code]
