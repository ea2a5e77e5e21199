"""Overrides: what somebody knows that the model does not, with a name and a reason, scored later."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel import clock, journal
from oms_core.kernel.errors import Conflict, InvalidInput, NotFound
from oms_core.planning.queries import forecasts, latest_run
from oms_core.planning.trial_tables import ForecastOverride

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session


def override(
    session: Session, *, variant_id: int, from_on: date, until_on: date, units: float, reason: str, author: str
) -> ForecastOverride:
    """Say what a variant will sell from one day to another, both included, instead of the model.

    Parameters
    ----------
    units : float
        Total of those days, zero or more.
    reason : str
        What the model does not know; kept and shown.

    Raises
    ------
    DataNotReady
        ``forecast.none``: there is no forecast to override.
    InvalidInput
        Days in the wrong order, over already or beyond the forecast; units below zero; no reason.
    Conflict
        ``forecast.override_overlaps``: another override speaks for one of the days.
    """
    run = latest_run(session)
    _check(run, from_on, until_on, units, reason)
    other = session.scalars(
        _open().where(
            ForecastOverride.variant_id == variant_id, ForecastOverride.from_on <= until_on,
            ForecastOverride.until_on >= from_on,
        )
    ).first()  # fmt: skip
    if other is not None:
        raise Conflict(
            "forecast.override_overlaps",
            f"Override {other.id} by {other.author} speaks for {other.from_on} to {other.until_on} already.",
            "Withdraw it first, or choose other days.",
            override=other.id,
        )
    rows = forecasts(session, run["id"], kind="sum", variant_ids=[variant_id])
    if not rows:
        raise NotFound("forecast", variant_id, hint="This SKU has no forecast: it sold nothing lately.")
    made = ForecastOverride(
        variant_id=variant_id, from_on=from_on, until_on=until_on, units=float(units),
        model_units=round(_between(rows, run["cutoff_on"], from_on, until_on), 4), reason=reason.strip(),
        author=author, made_at=clock.now(),
    )  # fmt: skip
    session.add(made)
    session.flush()
    journal.record(
        session, "forecast.overridden", "forecast_override", made.id, actor=author, variant_id=variant_id,
        from_on=from_on.isoformat(), until_on=until_on.isoformat(), units=made.units, model_units=made.model_units,
        reason=made.reason,
    )  # fmt: skip
    return made


def withdraw(session: Session, override_id: int, *, actor: str) -> ForecastOverride:
    """Take an override back; the model speaks again. What was already scored stays."""
    made = session.get(ForecastOverride, override_id)
    if made is None:
        raise NotFound("forecast_override", override_id)
    if made.withdrawn_at is not None or made.scored_at is not None:
        raise Conflict("forecast.override_closed", f"Override {made.id} is over.", "Make a new one for coming days.")
    made.withdrawn_at, made.withdrawn_by = clock.now(), actor
    session.flush()
    journal.record(session, "forecast.override_withdrawn", "forecast_override", made.id, actor=actor)
    return made


def overrides(session: Session, *, variant_ids: Sequence[int] | None = None) -> list[ForecastOverride]:
    """Return all overrides, newest first, withdrawn and scored ones among them."""
    found = sa.select(ForecastOverride).order_by(ForecastOverride.id.desc())
    if variant_ids is not None:
        found = found.where(ForecastOverride.variant_id.in_(variant_ids))
    return list(session.scalars(found))


def adjusted_sums(session: Session, run: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a run's sums as a buyer should read them: open overrides in the place of the model's days.

    Mean and quantiles of a sum move by what its overridden days differ from the model's, so the band keeps
    its width; none falls below zero.
    """
    rows = forecasts(session, run["id"], kind="sum")
    open_ones = session.scalars(_open().where(ForecastOverride.until_on > run["cutoff_on"])).all()
    if not open_ones:
        return rows
    by_variant: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_variant[row["variant_id"]].append(row)
    for made in open_ones:
        own = by_variant.get(made.variant_id, [])
        daily = made.units / ((made.until_on - made.from_on).days + 1)
        start = max(made.from_on, run["cutoff_on"] + timedelta(days=1))
        told = [dict(row) for row in own]
        for row in own:
            last = min(made.until_on, run["cutoff_on"] + timedelta(days=row["day_number"]))
            if last >= start:
                moved = daily * ((last - start).days + 1) - _between(told, run["cutoff_on"], start, last)
                row["mean"] = max(row["mean"] + moved, 0.0)
                row["quantiles"] = {level: max(units + moved, 0.0) for level, units in row["quantiles"].items()}
    return rows


def _open() -> sa.Select[ForecastOverride]:
    return sa.select(ForecastOverride).where(
        ForecastOverride.withdrawn_at.is_(None), ForecastOverride.scored_at.is_(None)
    )


def _between(sums: Sequence[dict[str, Any]], cutoff: date, first: date, last: date) -> float:
    """Return the model's units of some days, read off its sums, which grow evenly between their days."""
    known: dict[int, float] = {0: 0.0} | {row["day_number"]: float(row["mean"]) for row in sums}

    def upto(day: date) -> float:
        number = min(max((day - cutoff).days, 0), max(known))
        after = min(n for n in known if n >= number)
        before = max(n for n in known if n <= number)
        share = (number - before) / (after - before) if after > before else 0.0
        return known[before] + share * (known[after] - known[before])

    return upto(last) - upto(first - timedelta(days=1))


def _check(run: dict[str, Any], from_on: date, until_on: date, units: float, reason: str) -> None:
    end = run["cutoff_on"] + timedelta(days=run["horizon_days"])
    if until_on < from_on:
        raise InvalidInput("until_on", until_on, f"it lies before the first day ({from_on})")
    if from_on <= run["cutoff_on"] or until_on > end:
        told = f"the forecast speaks for {run['cutoff_on'] + timedelta(days=1)} to {end}"
        raise InvalidInput("from_on", f"{from_on} to {until_on}", told)
    if not 0 <= units < 1e12:
        raise InvalidInput("units", units, "zero or more units were expected")
    if not reason.strip():
        raise InvalidInput("reason", reason, "say what the model does not know")
