"""A forecast told, judged and overridden; and faults of that trial, planted."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy.orm import Session

from oms_core.planning.commands import NewForecast, store_forecast
from oms_core.planning.overrides import override, withdraw
from oms_core.planning.trial import NewScore, store_scores

CUTOFF = date(2026, 3, 1)
FAULTS = {
    "forecasts.scores_repeat_what_was_said": [
        "UPDATE forecast_scores SET mean = mean + 1",
        "DELETE FROM forecasts WHERE kind = 'sum' AND day_number = 7",
    ],
    "forecasts.one_override_a_day": [
        "UPDATE forecast_overrides SET withdrawn_at = NULL, withdrawn_by = NULL",
    ],
}


def predict(session: Session, *, variant_id: int = 1, cutoff: date = CUTOFF, rate: float = 2.0) -> int:
    """Store a run that expects `rate` units a day of one variant; returns its number."""
    quantiles = {"0.1": 0.5, "0.5": 1.0, "0.9": 1.5, "0.95": 1.7}
    sums = [
        NewForecast(variant_id, "sum", n, rate * n, {level: share * rate * n for level, share in quantiles.items()})
        for n in (7, 14, 21, 28)
    ]
    return store_forecast(session, cutoff_on=cutoff, horizon_days=28, engine="ordersight", forecasts=sums).id


def judge_and_know_better(session: Session) -> None:
    """Forecast, score the first week, and override the third, once in vain."""
    run = predict(session)
    store_scores(session, [NewScore(run, 1, 7, 14.0, 7.0, 21.0, 0.0, 10.0, 15.0)])
    days = {"from_on": CUTOFF + timedelta(days=15), "until_on": CUTOFF + timedelta(days=21)}
    taken_back = override(session, variant_id=1, units=4.0, reason="Roadworks", author="jan", **days)
    withdraw(session, taken_back.id, actor="jan")
    override(session, variant_id=1, units=40.0, reason="A fair in Poznań", author="anna", **days)
