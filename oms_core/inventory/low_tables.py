"""When a shelf is low, and the notices of that: one a crossing."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from oms_core.kernel.database import Base, Code, Pk, Qty, one_of

#: Who set a point: a person, or the forecast each night. A person's point is never overwritten.
POINT_SOURCES = ("person", "forecast")
_OPEN = sa.text("ended_at IS NULL")


class LowStockPoint(Base):
    """Units of one variant at one location below which its shelf is low."""

    __tablename__ = "low_stock_points"
    __table_args__ = (
        sa.UniqueConstraint("variant_id", "location_id"),
        one_of("source", POINT_SOURCES),
        sa.CheckConstraint("units >= 0", name="units_not_negative"),
    )

    id: Mapped[Pk]
    variant_id: Mapped[int] = mapped_column(sa.ForeignKey("variants.id"))
    location_id: Mapped[int] = mapped_column(sa.ForeignKey("locations.id"))
    units: Mapped[Qty]
    source: Mapped[Code] = mapped_column(default="person")
    set_by: Mapped[Code]
    set_at: Mapped[datetime]


class LowStockAlert(Base):
    """One crossing below a point: raised once, open until the shelf is back at its point."""

    __tablename__ = "low_stock_alerts"
    __table_args__ = (
        sa.Index(
            "uq_low_stock_alerts_open", "variant_id", "location_id", unique=True,
            sqlite_where=_OPEN, postgresql_where=_OPEN,
        ),
    )  # fmt: skip

    id: Mapped[Pk]
    variant_id: Mapped[int] = mapped_column(sa.ForeignKey("variants.id"))
    location_id: Mapped[int] = mapped_column(sa.ForeignKey("locations.id"), index=True)
    crossed_at: Mapped[datetime]
    units: Mapped[Qty]
    point: Mapped[Qty]
    ended_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    seen_by: Mapped[Code] = mapped_column(default="")
