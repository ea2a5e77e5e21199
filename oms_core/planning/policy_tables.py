"""What service each class of goods is to have, and how our stock policy did against others on the shop's own past."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from oms_core.kernel.database import REPLICATED, Base, Code, Pk


class ServiceTarget(Base):
    """Service wanted of one class of variants, by value (`abc`) and by how evenly they sell (`xyz`).

    `measure` ``cycle``: the chance that nothing runs out before an order arrives; ``fill``: the share of
    units met from stock.
    """

    __tablename__ = "service_targets"
    __table_args__ = (
        sa.UniqueConstraint("abc", "xyz"),
        sa.CheckConstraint("abc IN ('A', 'B', 'C')", name="abc_known"),
        sa.CheckConstraint("xyz IN ('X', 'Y', 'Z')", name="xyz_known"),
        sa.CheckConstraint("measure IN ('cycle', 'fill')", name="measure_known"),
        sa.CheckConstraint("target > 0 AND target < 1", name="target_is_share"),
        REPLICATED,
    )

    id: Mapped[Pk]
    abc: Mapped[Code]
    xyz: Mapped[Code]
    measure: Mapped[Code]
    target: Mapped[float]
    set_by: Mapped[Code]
    set_at: Mapped[datetime]


class StockBacktest(Base):
    """Our policy against others on the shop's own past; `results` as of :func:`forecasting.comparison.compare`."""

    __tablename__ = "stock_backtests"
    __table_args__ = (
        sa.CheckConstraint("days >= 1", name="days_positive"),
        sa.CheckConstraint("series_count >= 1", name="series_positive"),
        REPLICATED,
    )

    id: Mapped[Pk]
    made_at: Mapped[datetime]
    until_on: Mapped[date]
    days: Mapped[int]
    series_count: Mapped[int]
    results: Mapped[dict[str, Any]]
