"""Read stored forecasts: the newest run and what it said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel.errors import DataNotReady
from oms_core.planning.tables import Forecast, ForecastRun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

_RUN = ("id", "at", "cutoff_on", "horizon_days", "engine", "series_count", "scores")


def runs(session: Session, *, limit: int = 50) -> list[dict[str, Any]]:
    """Return the stored runs, newest first: ``id, at, cutoff_on, horizon_days, engine, series_count, scores``."""
    found = session.scalars(
        sa.select(ForecastRun).order_by(ForecastRun.cutoff_on.desc(), ForecastRun.id.desc()).limit(limit)
    )
    return [{key: getattr(run, key) for key in _RUN} for run in found]


def latest_run(session: Session) -> dict[str, Any]:
    """Return the newest run.

    Raises
    ------
    DataNotReady
        ``forecast.none``: no run was stored yet.
    """
    found = runs(session, limit=1)
    if not found:
        raise DataNotReady("forecast.none", "No forecast has been stored yet.", "Run: ordersight forecast run")
    return found[0]


def forecasts(
    session: Session, run_id: int, *, kind: str = "day", variant_ids: Sequence[int] | None = None
) -> list[dict[str, Any]]:
    """Return a run's forecasts by variant and day: ``variant_id, day_number, mean, quantiles`` (units)."""
    statement = (
        sa.select(Forecast.variant_id, Forecast.day_number, Forecast.mean, Forecast.quantiles)
        .where(Forecast.forecast_run_id == run_id, Forecast.kind == kind)
        .order_by(Forecast.variant_id, Forecast.day_number)
    )
    if variant_ids is not None:
        statement = statement.where(Forecast.variant_id.in_(variant_ids))
    return [dict(row) for row in session.execute(statement).mappings()]
