"""The record of forecasts and overrides that were judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.catalog.tables import Variant
from oms_core.planning.tables import ForecastRun
from oms_core.planning.trial_tables import ForecastOverride, ForecastScore

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def of_runs(session: Session, *, days: int, sku: str | None = None) -> list[dict[str, Any]]:
    """Return one row a run whose first `days` days were judged, newest first.

    Returns
    -------
    list of dict
        ``run, cutoff_on, days, series, units`` (that came), ``wape, wape_naive, wape_seasonal_naive`` (absolute
        misses of totals ÷ units; None if nothing came), ``bias`` (forecast ÷ units − 1), ``inside_80`` (share of
        totals between the run's 10 % and 90 % quantiles), ``replayed`` (worked out afterwards).
    """
    score = ForecastScore
    missed = {
        name: sa.func.sum(sa.func.abs(column - score.actual))
        for name, column in (
            ("wape", score.mean), ("wape_naive", score.naive), ("wape_seasonal_naive", score.seasonal_naive)
        )
    }  # fmt: skip
    query = (
        sa.select(
            ForecastRun.id, ForecastRun.cutoff_on, sa.func.count().label("series"),
            sa.func.sum(score.actual).label("units"), sa.func.sum(score.mean).label("told"),
            sa.func.avg(score.inside).label("inside"), *(value.label(name) for name, value in missed.items()),
        )
        .join(score, score.forecast_run_id == ForecastRun.id)
        .where(score.days == days)
        .group_by(ForecastRun.id, ForecastRun.cutoff_on)
        .order_by(ForecastRun.cutoff_on.desc(), ForecastRun.id.desc())
    )  # fmt: skip
    if sku is not None:
        query = query.join(Variant, Variant.id == score.variant_id).where(Variant.sku == sku)
    rows = session.execute(query).mappings().all()
    backtests = sa.select(ForecastRun.id, ForecastRun.scores).where(ForecastRun.id.in_([row["id"] for row in rows]))
    replayed = {run for run, scores in session.execute(backtests) if scores.get("replayed")}
    return [_run(row, days, tuple(missed)) | {"replayed": row["id"] in replayed} for row in rows]


def _run(row: Any, days: int, misses: tuple[str, ...]) -> dict[str, Any]:
    units = float(row["units"])
    shares = {name: round(float(row[name]) / units, 4) if units else None for name in misses}
    return {
        "run": row["id"], "cutoff_on": row["cutoff_on"], "days": days, "series": row["series"],
        "units": round(units, 2), **shares, "bias": round(float(row["told"]) / units - 1, 4) if units else None,
        "inside_80": round(float(row["inside"]), 4),
    }  # fmt: skip


def of_overrides(session: Session, *, sku: str | None = None) -> dict[str, Any]:
    """Return what overrides were worth: ``judged, better`` (nearer than the model), ``units_saved`` (of error)."""
    query = sa.select(ForecastOverride.units, ForecastOverride.model_units, ForecastOverride.actual_units).where(
        ForecastOverride.scored_at.is_not(None)
    )
    if sku is not None:
        query = query.join(Variant, Variant.id == ForecastOverride.variant_id).where(Variant.sku == sku)
    saved = [
        abs(row.model_units - row.actual_units) - abs(row.units - row.actual_units) for row in session.execute(query)
    ]
    return {"judged": len(saved), "better": sum(units > 0 for units in saved), "units_saved": round(sum(saved), 2)}
