"""Score forecasts and overrides once their days are over."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel import clock, journal
from oms_core.kernel.bulk import bulk_insert
from oms_core.kernel.rows import core, table_of
from oms_core.planning.tables import Forecast, ForecastRun
from oms_core.planning.trial_tables import ForecastOverride, ForecastScore

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from sqlalchemy.orm import Session

_COLUMNS = (
    "forecast_run_id", "variant_id", "days", "mean", "low", "high", "naive", "seasonal_naive", "actual", "inside",
    "scored_at",
)  # fmt: skip
#: Scored weeks a naive method must have won against the engine before it takes a variant over, and by how much.
WEEKS_WON, BETTER_BY = 4, 0.05


@dataclass(frozen=True, slots=True)
class NewScore:
    """One total of one run: what was said, what naive methods said, what came; units."""

    forecast_run_id: int
    variant_id: int
    days: int
    mean: float
    low: float
    high: float
    naive: float
    seasonal_naive: float
    actual: float
    inside: float = 1.0


def unscored_runs(session: Session, *, days: int, until: date) -> list[ForecastRun]:
    """Return the runs whose first `days` days were over on `until` and were not scored yet, oldest first."""
    scored = sa.exists().where(ForecastScore.forecast_run_id == ForecastRun.id, ForecastScore.days == days)
    told = sa.exists().where(Forecast.forecast_run_id == ForecastRun.id, Forecast.day_number == days)
    found = session.scalars(sa.select(ForecastRun).where(~scored, told).order_by(ForecastRun.cutoff_on))
    return [run for run in found if (until - run.cutoff_on).days >= days]


def store_scores(session: Session, scores: Iterable[NewScore], *, actor: str = "system") -> int:
    """Store what totals were worth; returns how many."""
    now = clock.now()
    rows = [(*astuple(score), now) for score in scores]
    bulk_insert(core(session), table_of(ForecastScore), _COLUMNS, iter(rows))
    for run_id, days in sorted({(row[0], row[2]) for row in rows}):
        count = sum(row[0] == run_id and row[2] == days for row in rows)
        journal.record(session, "forecast.scored", "forecast_run", run_id, actor=actor, days=days, series=count)
    return len(rows)


def winners(session: Session, *, days: int = 7) -> dict[int, str]:
    """Return the variants on which a naive method beat the engine in what was scored, and which one.

    Judged are the last weeks that do not overlap, at least :data:`WEEKS_WON`: a method takes over whose
    absolute errors together are smaller by :data:`BETTER_BY` *and* which was nearer in most of them.
    """
    rows = session.execute(
        sa.select(
            ForecastScore.variant_id, ForecastRun.cutoff_on, ForecastScore.mean, ForecastScore.naive,
            ForecastScore.seasonal_naive, ForecastScore.actual,
        )
        .join(ForecastRun, ForecastRun.id == ForecastScore.forecast_run_id)
        .where(ForecastScore.days == days)
        .order_by(ForecastScore.variant_id, ForecastRun.cutoff_on.desc(), ForecastRun.id.desc())
    )  # fmt: skip
    weeks: dict[int, list[Any]] = {}
    for row in rows:
        kept = weeks.setdefault(row.variant_id, [])
        if len(kept) < 2 * WEEKS_WON and (not kept or (kept[-1].cutoff_on - row.cutoff_on).days >= days):
            kept.append(row)
    found = {variant: _winner(kept) for variant, kept in weeks.items() if len(kept) >= WEEKS_WON}
    return {variant: engine for variant, engine in found.items() if engine}


def _winner(weeks: list[Any]) -> str:
    """Return the naive method that was nearer than the engine, empty if none was."""
    ours = [abs(week.mean - week.actual) for week in weeks]
    missed = {name: [abs(getattr(week, name) - week.actual) for week in weeks] for name in ("seasonal_naive", "naive")}
    best = min(missed, key=lambda name: sum(missed[name]))
    nearer = sum(t < o for t, o in zip(missed[best], ours, strict=True))
    won = sum(missed[best]) * (1.0 + BETTER_BY) < sum(ours) and nearer > len(weeks) / 2
    return best if won else ""


def settle_overrides(session: Session, actual: Mapping[int, Mapping[date, float]], *, until: date) -> int:
    """Write what came into the overrides whose days are over; returns how many.

    Parameters
    ----------
    actual : mapping of int to mapping of date to float
        Units of each variant and day; absent days sold nothing.
    until : date
        Last closed business day.
    """
    open_ones = session.scalars(
        sa.select(ForecastOverride).where(
            ForecastOverride.until_on <= until, ForecastOverride.scored_at.is_(None),
            ForecastOverride.withdrawn_at.is_(None),
        )
    ).all()  # fmt: skip
    for made in open_ones:
        sold = actual.get(made.variant_id, {})
        made.actual_units = float(sum(units for day, units in sold.items() if made.from_on <= day <= made.until_on))
        made.scored_at = clock.now()
    session.flush()
    return len(open_ones)
