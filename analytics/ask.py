"""Metric × dimension × period × filter × comparison → frame: the one way to get a number."""

from __future__ import annotations

from collections import defaultdict
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, date, timedelta
from typing import TYPE_CHECKING

from analytics import conversion, past, periods, plan
from analytics.metrics import Dimension, Metric, base, dimension, metric
from analytics.where import parse_filter
from oms_core.kernel import clock
from oms_core.kernel.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import polars as pl

    from analytics.conversion import Target
    from analytics.periods import Period
    from oms_core.kernel.settings import Shop

#: Column of days in each row's period, for metrics "a day".
_DAYS = "period_days"
#: Column that counts the rows of each group without a rate.
_LACKING = "rows_without_a_rate"


def ask(
    replica: past.Reader,
    shop: Shop,
    slugs: Sequence[str],
    by: Sequence[str] = (),
    *,
    since: date | None = None,
    until: date | None = None,
    where: str | None = None,
    compare: str | None = None,
    segments: pl.DataFrame | None = None,
    as_of: datetime | None = None,
    target: Target | None = None,
) -> pl.DataFrame:
    """Answer metrics over a period of business dates, split by dimensions.

    Parameters
    ----------
    replica : Replica or SparkEngine
        Refreshed; whatever answers queries over the models.
    shop : Shop
        For the zone, in which today is.
    slugs : sequence of str
        Metrics, in the order of the columns.
    by : sequence of str
        Dimensions. A shop with orders in several currencies gets `currency` added when money is asked:
        currencies are never summed.
    since, until : date, optional
        Half-open period in the shop's zone. Open ends reach to the first and just past the last day with data.
    where : str, optional
        Filter on dimensions in the expression language.
    compare : {"previous", "year", "weekdays"}, optional
        Adds ``<slug>_previous`` and ``<slug>_change`` (a share: 0.1 is ten percent more; null when there was
        nothing before). See `analytics.periods.compared` and `matched`.
    segments : polars.DataFrame, optional
        ``customer_id, segment``: needed to split by or filter on `segment` (`app.jobs.numbers` adds it).
    as_of : datetime, optional
        Aware instant: the numbers as they were known then (see `analytics.past`).
    target : Target, optional
        Money in this one currency, at the rates of the orders' days (see `analytics.conversion`).

    Returns
    -------
    polars.DataFrame
        Dimensions first, then a column a metric; money in integer minor units. Sorted by the dimensions,
        missing values last. A group without any row is left out; without dimensions there is one row.

    Raises
    ------
    NotFound, Refused, InvalidInput
        Unknown metric or dimension; a metric that does not know a dimension; a bad period or filter.
    """
    metrics = [metric(slug) for slug in dict.fromkeys(slugs)]
    if not metrics:
        raise InvalidInput("metric", "", "at least one metric was expected", "List them: ordersight metrics list")
    how = _how(compare)
    dims = _dimensions(replica, metrics, by, is_converted=target is not None)
    now = as_of or clock.now()
    today = clock.business_date(now, shop.zone)
    span = _span(replica, since, until, today)
    question = plan.Question(dims, span, parse_filter(where, today), segments, today, now, target)
    if as_of is not None:
        past.check(metrics, question.needed)
    with past.of(replica, as_of) if as_of is not None else nullcontext(replica) as reader:
        frame = _answer(reader, metrics, question)
        if how is not None:
            frame = _compare(reader, metrics, question, frame, how)
    names = [d.slug for d in dims]
    return frame.sort(names, nulls_last=True) if names else frame


def _dimensions(
    replica: past.Reader, metrics: Sequence[Metric], by: Sequence[str], *, is_converted: bool
) -> tuple[Dimension, ...]:
    """Return the dimensions asked for, and currency where money would mix."""
    names = list(dict.fromkeys(by))
    if len([name for name in names if name in periods.TIME]) > 1:
        raise InvalidInput("by", ", ".join(names), "one of day, week and month was expected")
    has_money = any(metric(part).unit == "money" for m in metrics for part in base(m.slug))
    if has_money and not is_converted and "currency" not in names and len(currencies(replica)) > 1:
        names.append("currency")
    return tuple(dimension(name) for name in names)


def currencies(replica: past.Reader) -> list[str]:
    """Return the currencies the shop has sold or counted stock in, sorted."""
    return replica.frame(
        "SELECT DISTINCT currency FROM raw.orders UNION SELECT DISTINCT currency FROM raw.returns ORDER BY currency"
    )["currency"].to_list()


def _span(replica: past.Reader, since: date | None, until: date | None, today: date) -> Period:
    """Return the period asked for; open ends are the first and just past the last day with data."""
    if since and until:
        return periods.period(since, until)
    first, last = replica.frame(
        "SELECT MIN(d) AS first_day, MAX(d) AS last_day FROM (SELECT business_date AS d FROM raw.orders UNION ALL"
        " SELECT business_date FROM raw.returns UNION ALL SELECT business_date FROM raw.charges UNION ALL"
        " SELECT business_date FROM raw.stock_movements) AS days"
    ).row(0)
    day = timedelta(days=1)
    latest = last or today
    end = until or max(latest, since or latest) + day
    return periods.period(since or min(first or today, end - day), end)


def _answer(replica: past.Reader, metrics: Sequence[Metric], question: plan.Question) -> pl.DataFrame:
    """Return the dimensions and one column a metric, unsorted."""
    import polars as pl

    frame = _measured(replica, [part for m in metrics for part in base(m.slug)], question)
    frame = frame.with_columns(_days_column(question))
    for each in metrics:
        frame = _composed(frame, each)
    return frame.select([d.slug for d in question.by] + [pl.col(m.slug) for m in metrics])


def _measured(replica: past.Reader, slugs: Sequence[str], question: plan.Question) -> pl.DataFrame:
    """Run one query a mart and date, and join the results on the dimensions."""
    groups: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for slug in dict.fromkeys(slugs):
        measure = plan.measure_for(metric(slug), question)
        groups[measure.mart, measure.date].append((slug, measure.expression))
    names = [d.slug for d in question.by]
    frame: pl.DataFrame | None = None
    for (mart, dated), measures in groups.items():
        found = _grouped(replica, mart, dated, measures, question)
        if frame is None:
            frame = found
        elif names:
            frame = frame.join(found, on=names, how="full", nulls_equal=True, coalesce=True)
        else:
            frame = frame.hstack(found)
    assert frame is not None  # noqa: S101 - every metric has at least one measure
    return frame.with_columns(_typed(metric(slug)) for slug in dict.fromkeys(slugs))


def _grouped(
    replica: past.Reader, mart: str, dated: str, measures: list[tuple[str, str]], question: plan.Question
) -> pl.DataFrame:
    """Run the query of several measures over one mart, in another currency when that is asked for."""
    target, within = question.target, ""
    if target is not None and any(metric(slug).unit == "money" for slug, _ in measures):
        if plan.is_state(mart, dated):
            raise conversion.not_convertible(next(s for s, _ in measures if metric(s).unit == "money"))
        within = conversion.source(replica, mart)
        measures = [*measures, (_LACKING, "COUNT(CASE WHEN f.lacks_rate THEN 1 END)")]
    sql, params = plan.select(mart, dated, measures, question, within=within)
    for name, value in (
        ("now", (question.now or clock.now()).astimezone(UTC).replace(tzinfo=None)),
        ("today", question.today),
        ("report_currency", target.currency if target else None),
    ):
        if f"${name}" in sql:
            params[name] = value
    found = replica.frame(sql, params, tables=question.tables)
    if target is not None and within:
        if found[_LACKING].sum():
            raise conversion.missing(replica, mart, dated, target, question.period)
        found = found.drop(_LACKING)
    return found


def _typed(measured: Metric) -> pl.Expr:
    """Return a measured column in its type; nothing is 0 where that is what nothing means."""
    import polars as pl

    column = pl.col(measured.slug).cast(pl.Float64 if measured.unit in {"days", "hours", "ratio"} else pl.Int64)
    return column.fill_null(0) if measured.is_zero_when_empty else column


def _days_column(question: plan.Question) -> pl.Expr:
    """Return how many days each row stands for."""
    import polars as pl

    time = question.time
    if time is None:
        return pl.lit(question.period.days).alias(_DAYS)
    days = {b: periods.days_in(time.slug, question.period, b) for b, _ in periods.buckets(time.slug, question.period)}
    return pl.col(time.slug).replace_strict(days, default=None, return_dtype=pl.Int64).alias(_DAYS)


def _composed(frame: pl.DataFrame, wanted: Metric) -> pl.DataFrame:
    """Add a metric's column, composing it from its parts after aggregation."""
    import polars as pl

    if wanted.slug in frame.columns:
        return frame
    for part in wanted.parts:
        frame = _composed(frame, metric(part))
    total = _sum(wanted.terms)
    if wanted.over:
        below = _sum(wanted.over)
        days = pl.col(_DAYS) if wanted.per_day else pl.lit(1)
        total = pl.when(below != 0).then(total * days / below)
        if wanted.unit == "money":
            total = total.round(mode="half_to_even").cast(pl.Int64)
    return frame.with_columns(total.alias(wanted.slug))


def _sum(terms: Sequence[str]) -> pl.Expr:
    import polars as pl

    signed = [-pl.col(t[1:]) if t.startswith("-") else pl.col(t) for t in terms]
    return pl.sum_horizontal(signed)


def _how(compare: str | None) -> periods.Compare | None:
    """Return what to compare with, checked."""
    for known in periods.COMPARES:
        if compare == known:
            return known
    if compare is not None:
        words = f"{', '.join(periods.COMPARES[:-1])} or {periods.COMPARES[-1]} was expected"
        raise InvalidInput("compare", compare, words, "Leave it out for no comparison.")
    return None


def _compare(
    replica: past.Reader,
    metrics: Sequence[Metric],
    question: plan.Question,
    frame: pl.DataFrame,
    how: periods.Compare,
) -> pl.DataFrame:
    """Add each metric's value in the other period and its relative change."""
    import polars as pl

    before = periods.compared(question.period, how)
    earlier = _answer(replica, metrics, replace(question, period=before))
    names, time = [d.slug for d in question.by], question.time
    if time is not None:
        buckets = earlier[time.slug].unique().to_list()
        moved = {b: periods.matched(time.slug, question.period, before, b, how) for b in buckets}
        beside = pl.col(time.slug).replace_strict(moved, default=None, return_dtype=pl.Date)
        earlier = earlier.with_columns(beside).filter(pl.col(time.slug).is_not_null())
    earlier = earlier.rename({m.slug: f"{m.slug}_previous" for m in metrics})
    if names:
        frame = frame.join(earlier, on=names, how="full", nulls_equal=True, coalesce=True)
        zero = [s for m in metrics if m.is_zero_when_empty for s in (m.slug, f"{m.slug}_previous")]
        frame = frame.with_columns(pl.col(zero).fill_null(0))
    else:
        frame = frame.hstack(earlier)
    changes = [
        pl.when(pl.col(f"{m.slug}_previous") != 0)
        .then((pl.col(m.slug) - pl.col(f"{m.slug}_previous")) / pl.col(f"{m.slug}_previous").abs())
        .alias(f"{m.slug}_change")
        for m in metrics
    ]
    order = [c for m in metrics for c in (m.slug, f"{m.slug}_previous", f"{m.slug}_change")]
    return frame.with_columns(changes).select(names + order)
