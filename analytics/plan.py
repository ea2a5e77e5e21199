"""From measures and dimensions to SQL. Names come from the registry, values are bound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics.metrics import Dimension, Measure, Metric, splits
from analytics.metrics.dimensions import MARTS, SEGMENTS, STOCK
from analytics.periods import TIME, buckets
from oms_core.kernel.errors import DataNotReady, Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from analytics.periods import Period
    from analytics.where import Filter


@dataclass(frozen=True, slots=True)
class Question:
    """What every query of one answer shares."""

    by: tuple[Dimension, ...]
    period: Period
    where: Filter | None
    segments: pl.DataFrame | None = None

    @property
    def needed(self) -> tuple[Dimension, ...]:
        """Dimensions the mart must know: those split by and those filtered on."""
        return (*self.by, *(self.where.dimensions if self.where else ()))

    @property
    def tables(self) -> dict[str, pl.DataFrame]:
        """Frames that queries join by name.

        Raises
        ------
        DataNotReady
            ``metric.segments_not_given`` when `segment` is needed and nobody handed the groups in.
        """
        if all(d.join != SEGMENTS for d in self.needed):
            return {}
        if self.segments is None:
            raise DataNotReady(
                "metric.segments_not_given",
                "Numbers by segment need every customer's group, which was not given.",
                "Ask through app.jobs.numbers, which reckons the groups first.",
            )
        return {SEGMENTS: self.segments}

    @property
    def time(self) -> Dimension | None:
        """The first time dimension split by, if any."""
        return next((d for d in self.by if d.slug in TIME), None)


def measure_for(metric: Metric, question: Question) -> Measure:
    """Return the metric's first measure whose mart knows every dimension needed.

    Raises
    ------
    Refused
        ``metric.cannot_split`` when none does.
    """
    for measure in metric.measures:
        if all(d.key in MARTS[measure.mart] for d in question.needed):
            return measure
    unknown = next(d for d in question.needed if all(d.key not in MARTS[m.mart] for m in metric.measures))
    raise Refused(
        "metric.cannot_split",
        f"{metric.slug} cannot be split by or filtered on {unknown.slug}.",
        f"It knows: {', '.join(splits(metric.slug))}.",
        metric=metric.slug,
        dimension=unknown.slug,
    )


def value(dimension: Dimension, date: str) -> str:
    """Return a dimension's expression for a mart dated by the column `date`."""
    return dimension.value.format(date=f"f.{date}")


def select(
    mart: str, date: str, measures: Sequence[tuple[str, str]], question: Question
) -> tuple[str, dict[str, object]]:
    """Return the query of several measures over one mart by one date column, and its parameters.

    Parameters
    ----------
    measures : sequence of (slug, expression)
        What is computed; columns come out under the slugs, after the dimensions.
    """
    source, conditions, params = _source(mart, date, question)
    if question.where:
        condition, bound = question.where.sql(lambda d: value(d, date))
        conditions.append(condition)
        params |= bound
    dims = [f"{value(d, date)} AS {d.slug}" for d in question.by]
    columns = ", ".join([*dims, *(f"{expression} AS {slug}" for slug, expression in measures)])
    joins = "".join(
        f" LEFT JOIN {table} ON {table}.{key} = f.{key}"
        for table, key in dict.fromkeys((d.join, d.key) for d in question.needed if d.join)
    )
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    group = f" GROUP BY {', '.join(str(i + 1) for i in range(len(dims)))}" if dims else ""
    return f"SELECT {columns} FROM {source} AS f{joins}{where}{group}", params


def _source(mart: str, date: str, question: Question) -> tuple[str, list[str], dict[str, object]]:
    """Return what a measure reads, its conditions on time, and their parameters."""
    period = question.period
    if mart not in STOCK:
        conditions = [f"f.{date} >= CAST($since AS DATE)", f"f.{date} < CAST($until AS DATE)"]
        return mart, conditions, {"since": period.since, "until": period.until}
    return _stock(question, each_variant=mart == "stock_variants"), [], _closes(question)


def _closes(question: Question) -> dict[str, object]:
    """Return the moments at which stock is looked at: each bucket's end, or the period's."""
    period, time = question.period, question.time
    starts = [period.since] if time is None else [bucket for bucket, _ in buckets(time.slug, period)]
    return {"buckets": starts, "until": period.until}


def _stock(question: Question, *, each_variant: bool) -> str:
    """Return the state of stock at the end of each bucket: all changes up to it, by place.

    With `each_variant`, or when a dimension needs it, states are kept by variant: each that has ever moved has
    a row in every bucket from its first movement on.
    """
    keys = {d.key for d in question.needed} | ({"variant_id"} if each_variant else set())
    key = ["currency", *(column for column in ("variant_id", "location_id") if column in keys)]
    listed, mine = ", ".join(key), ", ".join(f"k.{column}" for column in key)
    same = " AND ".join(f"c.{column} = k.{column}" for column in key)
    first = "(SELECT MIN(bucket) FROM buckets)"
    bucket = first if question.time is None else value(question.time, "event_date").replace("f.", "")
    running = f"OVER (PARTITION BY {mine} ORDER BY b.bucket)"
    states = (
        "(WITH buckets AS (SELECT UNNEST(CAST($buckets AS DATE[])) AS bucket),"
        f" changes AS (SELECT {listed}, CASE WHEN event_date < {first} THEN {first} ELSE {bucket} END AS bucket,"
        " SUM(on_hand_change) AS on_hand, SUM(available_change) AS available,"
        " SUM(COALESCE(value_change_minor, 0)) AS value_minor FROM fct_stock_changes"
        f" WHERE event_date < CAST($until AS DATE) GROUP BY {listed}, {len(key) + 1}),"
        f" states AS (SELECT b.bucket AS event_date, {mine}, SUM(c.on_hand) {running} AS on_hand,"
        f" SUM(c.available) {running} AS available, SUM(c.value_minor) {running} AS value_minor"
        f" FROM (SELECT DISTINCT {listed} FROM changes) AS k CROSS JOIN buckets AS b"
        f" LEFT JOIN changes AS c ON {same} AND c.bucket = b.bucket)"
    )
    if not each_variant:
        return f"{states} SELECT * FROM states WHERE on_hand IS NOT NULL)"
    return (
        f"{states} SELECT s.*, v.is_active FROM states AS s JOIN raw.variants AS v ON v.id = s.variant_id"
        " WHERE s.on_hand IS NOT NULL)"
    )
