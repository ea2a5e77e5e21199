"""Keep forecasts as they were made, before the fact, so that they can be judged later."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from oms_core.kernel import clock, journal
from oms_core.kernel.bulk import bulk_insert
from oms_core.kernel.errors import InvalidInput
from oms_core.kernel.rows import core, table_of
from oms_core.planning.tables import Forecast, ForecastRun

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from sqlalchemy.orm import Session

KINDS = ("day", "sum")
_COLUMNS = ("forecast_run_id", "variant_id", "kind", "day_number", "mean", "quantiles")


@dataclass(frozen=True, slots=True)
class NewForecast:
    """Demand of one variant, units.

    Parameters
    ----------
    variant_id : int
        What is sold.
    kind : str
        ``day`` (that day alone) or ``sum`` (all days up to it).
    day_number : int
        Days after the cutoff, from 1 to the run's horizon.
    mean : float
        Expected units, zero or more.
    quantiles : mapping of str to float
        Level such as ``"0.05"`` to units, not falling with the level.
    """

    variant_id: int
    kind: str
    day_number: int
    mean: float
    quantiles: Mapping[str, float]


def store_forecast(
    session: Session,
    *,
    cutoff_on: date,
    horizon_days: int,
    engine: str,
    forecasts: Iterable[NewForecast],
    scores: Mapping[str, Any] | None = None,
    actor: str = "system",
) -> ForecastRun:
    """Store one run with its forecasts; earlier runs stay as they were.

    Parameters
    ----------
    cutoff_on : date
        Last business day the forecaster saw.
    forecasts : iterable of NewForecast
        Read once; 100,000 rows take about a second.
    scores : mapping, optional
        The backtest against naive that speaks for this run.

    Raises
    ------
    InvalidInput
        A horizon below 1, or a forecast that cannot be one: names the first. Nothing is kept.
    """
    if horizon_days < 1:
        raise InvalidInput("horizon_days", horizon_days, "at least 1 day was expected")
    run = ForecastRun(
        at=clock.now(), cutoff_on=cutoff_on, horizon_days=horizon_days, engine=engine, series_count=0,
        scores=dict(scores or {}),
    )  # fmt: skip
    session.add(run)
    session.flush()
    series: set[int] = set()
    bulk_insert(core(session), table_of(Forecast), _COLUMNS, _rows(run.id, horizon_days, forecasts, series))
    run.series_count = len(series)
    session.flush()
    journal.record(
        session, "forecast.stored", "forecast_run", run.id, actor=actor, engine=engine,
        cutoff_on=cutoff_on.isoformat(), horizon_days=horizon_days, series=len(series),
    )  # fmt: skip
    return run


def _rows(
    run_id: int, horizon_days: int, forecasts: Iterable[NewForecast], series: set[int]
) -> Iterator[tuple[Any, ...]]:
    """Yield the rows to write, each checked; collects the variants in `series`."""
    seen: set[tuple[int, str, int]] = set()
    for new in forecasts:
        key = (new.variant_id, new.kind, new.day_number)
        fault = _fault(new, horizon_days) or ("it comes twice" if key in seen else "")
        if fault:
            raise InvalidInput("forecast", key, fault, code="forecast.not_sound")
        seen.add(key)
        series.add(new.variant_id)
        yield (run_id, *key, float(new.mean), {level: float(units) for level, units in new.quantiles.items()})


@lru_cache(maxsize=16)
def _rising(levels: tuple[str, ...]) -> list[str]:
    """Return levels in rising order; a run has the same ones in every row."""
    return sorted(levels, key=float)


def _fault(new: NewForecast, horizon_days: int) -> str:
    """Say what is wrong with a forecast; empty when nothing is."""
    if new.kind not in KINDS:
        return f"kind must be one of {', '.join(KINDS)}"
    if not 1 <= new.day_number <= horizon_days:
        return f"its day must lie within 1 and {horizon_days}"
    units = [new.quantiles[level] for level in _rising(tuple(new.quantiles))]
    if not all(math.isfinite(value) and value >= 0 for value in (new.mean, *units)):
        return "mean and quantiles must be finite units of zero or more"
    return "" if units == sorted(units) else "quantiles must not fall as the level rises"
