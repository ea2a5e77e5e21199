"""Forecast runs and forecasts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from oms_core.kernel.database import REPLICATED, Base, Code, Pk


class ForecastRun(Base):
    """One run of the forecaster over the shop; `scores` holds its backtest against naive."""

    __tablename__ = "forecast_runs"
    __table_args__ = (REPLICATED,)

    id: Mapped[Pk]
    at: Mapped[datetime]
    cutoff_on: Mapped[date]
    horizon_days: Mapped[int]
    engine: Mapped[Code]
    series_count: Mapped[int]
    scores: Mapped[dict[str, Any]]


class Forecast(Base):
    """Demand of one variant on one day (`kind` ``day``) or over the first n days (``sum``).

    `day_number` counts from 1, the day after the cutoff. `quantiles` maps levels such as
    ``"0.05"`` to units.
    """

    __tablename__ = "forecasts"
    __table_args__ = (
        sa.UniqueConstraint("forecast_run_id", "variant_id", "kind", "day_number"),
        REPLICATED,
    )

    id: Mapped[Pk]
    forecast_run_id: Mapped[int] = mapped_column(sa.ForeignKey("forecast_runs.id"))
    variant_id: Mapped[int] = mapped_column(sa.ForeignKey("variants.id"), index=True)
    kind: Mapped[Code]
    day_number: Mapped[int]
    mean: Mapped[float]
    quantiles: Mapped[dict[str, Any]]
