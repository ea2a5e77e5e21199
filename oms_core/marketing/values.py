"""Keep forecasts of customer value as they were said, and what came when their days are over."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel import clock, journal
from oms_core.marketing.value_tables import ValueForecast

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class NewValueForecast:
    """What was said of all customers known on `made_on`; value in major units of `currency`."""

    made_on: date
    horizon_days: int
    model: str
    boundary: str
    customers: int
    orders: float
    orders_low: float
    orders_high: float
    currency: str
    value: float
    value_low: float
    value_high: float
    said: bytes
    is_reenacted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CameTrue:
    """What came: orders and value of these customers in these days, and how far each was off."""

    orders_came: int
    value_came: float
    mae: float
    ece: float
    reliability: Sequence[dict[str, Any]]


def store_value_forecast(session: Session, new: NewValueForecast, *, actor: str = "system") -> bool:
    """Store a forecast; one already said of the same days stays as it was said.

    Returns
    -------
    bool
        Whether it was stored.
    """
    same = sa.select(ValueForecast.id).where(
        ValueForecast.made_on == new.made_on, ValueForecast.horizon_days == new.horizon_days
    )
    if session.scalar(same) is not None:
        return False
    row = ValueForecast(stored_at=clock.now(), **asdict(new))
    session.add(row)
    session.flush()
    journal.record(
        session, "values.forecast", "value_forecast", row.id, actor=actor, made_on=new.made_on.isoformat(),
        horizon_days=new.horizon_days, orders=round(new.orders, 2), is_reenacted=new.is_reenacted,
    )  # fmt: skip
    return True


def due_value_forecasts(session: Session, *, last_day: date) -> list[ValueForecast]:
    """Return forecasts whose days are over by `last_day` (included) and that are not scored yet."""
    waiting = session.scalars(sa.select(ValueForecast).where(ValueForecast.scored_at.is_(None)))
    return [row for row in waiting if row.made_on + timedelta(days=row.horizon_days) <= last_day]


def newest_value_forecast(session: Session, *, horizon_days: int) -> date | None:
    """Return the day of the newest forecast over this horizon; None when there is none."""
    newest: date | None = session.scalar(
        sa.select(sa.func.max(ValueForecast.made_on)).where(ValueForecast.horizon_days == horizon_days)
    )
    return newest


def score_value_forecast(session: Session, row: ValueForecast, came: CameTrue, *, actor: str = "system") -> None:
    """Keep what came beside what was said; what was said of each customer is not needed any more."""
    for name, value in asdict(came).items():
        setattr(row, name, list(value) if name == "reliability" else value)
    row.scored_at, row.said = clock.now(), None
    session.flush()
    journal.record(
        session, "values.scored", "value_forecast", row.id, actor=actor, orders=row.orders,
        orders_came=came.orders_came, ece=round(came.ece, 4),
    )  # fmt: skip


def value_forecasts(session: Session, *, most: int = 50) -> list[dict[str, Any]]:
    """Return stored forecasts, newest first, without what was said of each customer."""
    columns = [column for column in ValueForecast.__table__.columns if column.name != "said"]
    rows = session.execute(sa.select(*columns).order_by(ValueForecast.made_on.desc()).limit(most))
    return [dict(row) for row in rows.mappings()]
