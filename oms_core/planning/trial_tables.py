"""Forecasts on trial: what each was worth once its days were over, and what people knew better."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from oms_core.kernel.database import REPLICATED, Base, Code, Pk


class ForecastScore(Base):
    """One variant's total of the first `days` days of a run, beside what came and what naive methods said.

    `low` and `high` are the run's 10 % and 90 % quantiles; `naive` repeats the last day before the
    run, `seasonal_naive` the last week. Units. `inside` is the share of what came that fell between
    the two: of a count on an edge only a part does (randomised, Czado, Gneiting & Held 2009). Totals of days
    out of stock are not scored.
    """

    __tablename__ = "forecast_scores"
    __table_args__ = (
        sa.UniqueConstraint("forecast_run_id", "variant_id", "days"),
        sa.CheckConstraint("days >= 1", name="days_positive"),
        sa.CheckConstraint("low <= high", name="low_within_high"),
        sa.CheckConstraint("inside >= 0 AND inside <= 1", name="inside_is_share"),
        REPLICATED,
    )

    id: Mapped[Pk]
    forecast_run_id: Mapped[int] = mapped_column(sa.ForeignKey("forecast_runs.id"))
    variant_id: Mapped[int] = mapped_column(sa.ForeignKey("variants.id"), index=True)
    days: Mapped[int]
    mean: Mapped[float]
    low: Mapped[float]
    high: Mapped[float]
    naive: Mapped[float]
    seasonal_naive: Mapped[float]
    actual: Mapped[float]
    inside: Mapped[float]
    scored_at: Mapped[datetime]


class ForecastOverride(Base):
    """What somebody expects of a variant from one day to another, instead of the model: units, reason, name.

    `model_units` is what the model said of the same days when it was overridden; `actual_units` what
    came, once the days are over. A withdrawn override changes nothing and is not scored.
    """

    __tablename__ = "forecast_overrides"
    __table_args__ = (
        sa.CheckConstraint("until_on >= from_on", name="until_not_before_from"),
        sa.CheckConstraint("units >= 0 AND model_units >= 0", name="units_not_negative"),
        sa.CheckConstraint("reason <> ''", name="reason_given"),
        sa.CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="withdrawn_has_who"),
        sa.CheckConstraint("(actual_units IS NULL) = (scored_at IS NULL)", name="scored_has_units"),
        REPLICATED,
    )

    id: Mapped[Pk]
    variant_id: Mapped[int] = mapped_column(sa.ForeignKey("variants.id"), index=True)
    from_on: Mapped[date]
    until_on: Mapped[date]
    units: Mapped[float]
    model_units: Mapped[float]
    reason: Mapped[str] = mapped_column(sa.String(200))
    author: Mapped[Code]
    made_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[Code | None]
    actual_units: Mapped[float | None]
    scored_at: Mapped[datetime | None]
