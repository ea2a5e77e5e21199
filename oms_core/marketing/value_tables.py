"""Forecasts of customer value as they were said before the fact, and what came."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from oms_core.kernel.database import Base, Code, Currency, Pk


class ValueForecast(Base):
    """What was said of all customers known on `made_on` about the `horizon_days` after it; value in major units.

    `said` is a Parquet of ``customer_id, expected_orders, expected_value, p_active``, emptied once
    the days are over and the forecast is scored. `is_reenacted` marks one worked out later from what was known then.
    `reliability` is a list of ``said, seen, customers`` by tenths of the chance of an order.
    """

    __tablename__ = "value_forecasts"
    __table_args__ = (
        sa.UniqueConstraint("made_on", "horizon_days"),
        sa.CheckConstraint("horizon_days >= 1", name="horizon_positive"),
        sa.CheckConstraint("orders_low <= orders AND orders <= orders_high", name="orders_within_interval"),
        sa.CheckConstraint("value_low <= value AND value <= value_high", name="value_within_interval"),
        sa.CheckConstraint("(scored_at IS NULL) = (orders_came IS NULL)", name="scored_has_orders"),
    )

    id: Mapped[Pk]
    made_on: Mapped[date]
    horizon_days: Mapped[int]
    stored_at: Mapped[datetime]
    is_reenacted: Mapped[bool] = mapped_column(default=False)
    model: Mapped[Code]
    boundary: Mapped[str] = mapped_column(sa.Text, default="")
    customers: Mapped[int]
    orders: Mapped[float]
    orders_low: Mapped[float]
    orders_high: Mapped[float]
    currency: Mapped[Currency]
    value: Mapped[float]
    value_low: Mapped[float]
    value_high: Mapped[float]
    said: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    scored_at: Mapped[datetime | None]
    orders_came: Mapped[int | None]
    value_came: Mapped[float | None]
    mae: Mapped[float | None]
    ece: Mapped[float | None]
    reliability: Mapped[list[Any] | None] = mapped_column(sa.JSON)
