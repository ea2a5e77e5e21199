"""How many rows stand behind a number: those of its marts that the period and the filter leave."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from analytics import plan
from analytics.metrics import base, metric
from analytics.where import parse_filter
from oms_core.kernel import clock

if TYPE_CHECKING:
    from datetime import date

    from analytics.periods import Period
    from analytics.replica import Replica


def rows_behind(
    replica: Replica, slug: str, period: Period, *, today: date, where: str | None = None
) -> dict[str, int]:
    """Return the rows read for a metric, by mart.

    Parameters
    ----------
    today : date
        Business date in the shop's zone.

    Raises
    ------
    NotFound, Refused, InvalidInput
        As `analytics.ask.ask` does.
    """
    question = plan.Question(by=(), period=period, where=parse_filter(where, today), today=today)
    found: dict[str, int] = {}
    for part in base(slug):
        measure = plan.measure_for(metric(part), question)
        sql, params = plan.select(measure.mart, measure.date, [("n", "COUNT(*)")], question)
        if "$now" in sql:
            params["now"] = clock.now().astimezone(UTC).replace(tzinfo=None)
        if "$today" in sql:
            params["today"] = today
        found[measure.mart] = max(found.get(measure.mart, 0), int(replica.frame(sql, params).item()))
    return found
