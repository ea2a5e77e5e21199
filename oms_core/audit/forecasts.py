"""Laws of forecasts on trial: scores repeat what was said before the fact, overrides do not contradict each other."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from oms_core.audit.law import Law, by_query, count_of
from oms_core.kernel.rows import table_of
from oms_core.planning.tables import Forecast
from oms_core.planning.trial_tables import ForecastOverride, ForecastScore

TOLD, SCORE, OVERRIDE = table_of(Forecast), table_of(ForecastScore), table_of(ForecastOverride)


def _retold() -> sa.Select[Any]:
    """Return scores whose forecast is not the one their run had stored."""
    same = sa.and_(
        TOLD.c.forecast_run_id == SCORE.c.forecast_run_id, TOLD.c.variant_id == SCORE.c.variant_id,
        TOLD.c.kind == "sum", TOLD.c.day_number == SCORE.c.days,
    )  # fmt: skip
    return (
        sa.select(SCORE.c.id, SCORE.c.mean, TOLD.c.mean.label("told"))
        .select_from(SCORE.outerjoin(TOLD, same))
        .where(sa.or_(TOLD.c.id.is_(None), sa.func.abs(TOLD.c.mean - SCORE.c.mean) > 0.001))
    )


def _contradicted() -> sa.Select[Any]:
    """Return overrides that speak for a day of which another one speaks."""
    other = OVERRIDE.alias()
    return sa.select(OVERRIDE.c.id, other.c.id.label("other")).where(
        OVERRIDE.c.id < other.c.id, OVERRIDE.c.variant_id == other.c.variant_id,
        OVERRIDE.c.withdrawn_at.is_(None), other.c.withdrawn_at.is_(None),
        OVERRIDE.c.from_on <= other.c.until_on, other.c.from_on <= OVERRIDE.c.until_on,
    )  # fmt: skip


LAWS = (
    Law(
        "forecasts.scores_repeat_what_was_said",
        "A score judges the number its run had stored before the fact.",
        by_query(count_of(SCORE), _retold(), "score {id} judges {mean}, stored was {told}"),
    ),
    Law(
        "forecasts.one_override_a_day",
        "At most one override speaks for a variant on a day.",
        by_query(count_of(OVERRIDE), _contradicted(), "overrides {id} and {other} speak for the same day"),
    ),
)
