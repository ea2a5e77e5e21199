"""From measures and dimensions to SQL. Names come from the registry, values are bound."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as Day  # noqa: N812 - `date` is the name of a column here
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from analytics.conversion import RATES
from analytics.metrics import Dimension, Measure, Metric, splits
from analytics.metrics.dimensions import MARTS, SEGMENTS, SPANS, STOCK, holds, knows
from analytics.periods import TIME, buckets
from oms_core.kernel.errors import DataNotReady, Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from analytics.conversion import Target
    from analytics.periods import Period
    from analytics.where import Filter


#: The date of a measure over stretches of time: their days within the period.
DAYS = "days"
#: Days without a sale after which stock is dead, and days of sales above which it is too much.
IDLE_DAYS = 180


@dataclass(frozen=True, slots=True)
class Question:
    """What every query of one answer shares."""

    by: tuple[Dimension, ...]
    period: Period
    where: Filter | None
    segments: pl.DataFrame | None = None
    today: Day | None = None
    now: datetime | None = None
    target: Target | None = None

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
        rates = {RATES: self.target.rates} if self.target else {}
        if all(d.join != SEGMENTS for d in self.needed):
            return rates
        if self.segments is None:
            raise DataNotReady(
                "metric.segments_not_given",
                "Numbers by segment need every customer's group, which was not given.",
                "Ask through app.jobs.numbers, which reckons the groups first.",
            )
        return {SEGMENTS: self.segments, **rates}

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
        if all(knows(measure.mart, d) for d in question.needed):
            return measure
    unknown = next((d for d in question.needed if not any(knows(m.mart, d) for m in metric.measures)), None)
    asked = unknown.slug if unknown else " and ".join(d.slug for d in question.needed)
    raise Refused(
        "metric.cannot_split",
        f"{metric.slug} cannot be split by or filtered on {asked}: {_why_not(metric, unknown)}.",
        f"It knows: {', '.join(splits(metric.slug))}.",
        metric=metric.slug,
        dimension=asked,
    )


#: What one thing that is counted holds several of: splitting by it would count the thing once for each.
_FANS_OUT = {
    "variant_id": "one {grain} may hold several products and would be counted once for each",
    "location_id": "one {grain} may concern several places and would be counted once for each",
    "carrier": "one {grain} may travel with several carriers and would be counted once for each",
    "lane": "one {grain} may travel on several lanes and would be counted once for each",
    "reason": "one {grain} may have several reasons, or none, and would be counted once for each",
    "kind": "only amounts of sales say what happened",
}


def _why_not(metric: Metric, unknown: Dimension | None) -> str:
    """Return why a split would be wrong: it would fan out, or no fact links the two."""
    if unknown is None:
        return "no single table of facts knows all of them together"
    belongs_to_order = any("order_id" in MARTS[m.mart] for m in metric.measures)
    if unknown.key in _FANS_OUT and (belongs_to_order or unknown.key == "kind"):
        return _FANS_OUT[unknown.key].format(grain=metric.grain.split(",")[0])
    return f"nothing links a {metric.grain.split(',')[0]} to one {unknown.label.lower()}"


def value(dimension: Dimension, mart: str, date: str) -> str:
    """Return a dimension's expression for a mart dated by the column `date`."""
    if holds(mart, dimension):
        return f"f.{dimension.column}"
    return dimension.value.format(date=f"f.{date}")


def select(
    mart: str, date: str, measures: Sequence[tuple[str, str]], question: Question, *, within: str = ""
) -> tuple[str, dict[str, object]]:
    """Return the query of several measures over one mart by one date column, and its parameters.

    Parameters
    ----------
    date : str
        As in `Measure`: a column, empty for a state, ``days`` for stretches of time.
    measures : sequence of (slug, expression)
        What is computed; columns come out under the slugs, after the dimensions.
    within : str, optional
        What is read in the mart's place: the same rows in another currency.
    """
    source, conditions, params = _source(mart, date, question)
    source = within or source
    column = date if date not in {"", DAYS} else "bucket" if mart in SPANS else "event_date"
    if question.where:
        condition, bound = question.where.sql(lambda d: value(d, mart, column))
        conditions.append(condition)
        params |= bound
    dims = [f"{value(d, mart, column)} AS {d.slug}" for d in question.by]
    columns = ", ".join([*dims, *(f"{expression} AS {slug}" for slug, expression in measures)])
    joins = "".join(
        f" LEFT JOIN {table} ON {table}.{key} = f.{key}"
        for table, key in dict.fromkeys((d.join, d.key) for d in question.needed if d.join and not holds(mart, d))
    )
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    group = f" GROUP BY {', '.join(str(i + 1) for i in range(len(dims)))}" if dims else ""
    return f"SELECT {columns} FROM {source} AS f{joins}{where}{group}", params


def is_state(mart: str, date: str) -> bool:
    """Say whether a measure looks at a moment instead of adding up what happened."""
    return mart in STOCK or (mart in SPANS and date in {"", DAYS})


def _source(mart: str, date: str, question: Question) -> tuple[str, list[str], dict[str, object]]:
    """Return what a measure reads, its conditions on time, and their parameters."""
    period = question.period
    if mart in STOCK:
        return _stock(question, mart), [], _looks(question)
    if mart in SPANS and date in {"", DAYS}:
        return _spans(mart, date), [], _looks(question, days=date == DAYS)
    conditions = [f"f.{date} >= CAST($since AS DATE)", f"f.{date} < CAST($until AS DATE)"]
    return mart, conditions, {"since": period.since, "until": period.until}


def _looks(question: Question, *, days: bool = False) -> dict[str, object]:
    """Return the buckets at whose ends a state is looked at: their starts and the days they close before.

    With `days` what is to come is cut off: nobody knows yet whether a stretch will last.
    """
    period, time = question.period, question.time
    found = [(period.since, period.until)] if time is None else list(buckets(time.slug, period))
    if not days:
        return {"buckets": [start for start, _ in found], "closes": [end for _, end in found]}
    tomorrow = (question.today or period.until) + timedelta(days=1)
    return {
        "buckets": [start for start, _ in found],
        "starts": [max(start, period.since) for start, _ in found],
        "closes": [min(end, tomorrow) for _, end in found],
    }


def _spans(mart: str, date: str) -> str:
    """Return the stretches of a mart that are open at each bucket's end, or their days within each bucket."""
    opens = "b.bucket" if date == "" else "b.starts"
    listed = "UNNEST(CAST($buckets AS DATE[])) AS bucket, UNNEST(CAST($closes AS DATE[])) AS ends"
    if date == "":
        on, more = "s.opened_on < b.ends AND (s.closed_on IS NULL OR s.closed_on >= b.ends)", ""
    else:
        listed += ", UNNEST(CAST($starts AS DATE[])) AS starts"
        on = f"s.opened_on < b.ends AND (s.closed_on IS NULL OR s.closed_on > {opens}) AND {opens} < b.ends"
        closes = "LEAST(COALESCE(s.closed_on, b.ends), b.ends)"
        more = f", date_diff('day', GREATEST(s.opened_on, {opens}), {closes}) AS days"
    return f"(SELECT s.*, b.bucket, b.ends - 1 AS as_of{more} FROM {mart} AS s JOIN (SELECT {listed}) AS b ON {on})"


def _stock(question: Question, mart: str) -> str:
    """Return the state of stock at the end of each bucket: all changes up to it, by place.

    For ``stock_variants`` and ``stock_idle``, or when a dimension needs it, states are kept by variant: each that
    has ever moved has a row in every bucket from its first movement on.
    """
    keys = {d.key for d in question.needed} | ({"variant_id"} if mart != "stock" else set())
    key = ["currency", *(column for column in ("variant_id", "location_id") if column in keys)]
    listed, mine = ", ".join(key), ", ".join(f"k.{column}" for column in key)
    same = " AND ".join(f"c.{column} = k.{column}" for column in key)
    first = "(SELECT MIN(bucket) FROM buckets)"
    bucket = first if question.time is None else value(question.time, mart, "event_date").replace("f.", "")
    running = f"OVER (PARTITION BY {mine} ORDER BY b.bucket)"
    states = (
        "(WITH buckets AS (SELECT UNNEST(CAST($buckets AS DATE[])) AS bucket,"
        " UNNEST(CAST($closes AS DATE[])) AS ends),"
        f" changes AS (SELECT {listed}, CASE WHEN event_date < {first} THEN {first} ELSE {bucket} END AS bucket,"
        " MIN(event_date) AS first_on, SUM(on_hand_change) AS on_hand, SUM(available_change) AS available,"
        " SUM(COALESCE(value_change_minor, 0)) AS value_minor FROM fct_stock_changes"
        f" WHERE event_date < (SELECT MAX(ends) FROM buckets) GROUP BY {listed}, {len(key) + 1}),"
        f" states AS (SELECT b.bucket AS event_date, b.ends, {mine}, SUM(c.on_hand) {running} AS on_hand,"
        f" SUM(c.available) {running} AS available, SUM(c.value_minor) {running} AS value_minor,"
        f" MIN(c.first_on) {running} AS first_on"
        f" FROM (SELECT DISTINCT {listed} FROM changes) AS k CROSS JOIN buckets AS b"
        f" LEFT JOIN changes AS c ON {same} AND c.bucket = b.bucket)"
    )
    return f"{states} {_STATES[mart]} WHERE s.on_hand IS NOT NULL)"


_STATES = {
    "stock": "SELECT s.* FROM states AS s",
    "stock_variants": "SELECT s.*, v.is_active FROM states AS s JOIN raw.variants AS v ON v.id = s.variant_id",
    "stock_idle": "SELECT s.*, COALESCE(q.sold, 0) <= 0 AND s.on_hand > 0"
    f" AND s.first_on < s.ends - {IDLE_DAYS} AS is_dead,"
    " CASE WHEN q.sold > 0 AND s.on_hand > q.sold"
    " THEN CAST(s.value_minor * (s.on_hand - q.sold) // s.on_hand AS BIGINT) ELSE 0 END AS excess_minor"
    " FROM states AS s LEFT JOIN (SELECT b.bucket, l.variant_id, SUM(l.quantity - l.reversed_qty) AS sold"
    f" FROM buckets AS b JOIN fct_order_lines AS l ON l.order_date >= b.ends - {IDLE_DAYS} AND l.order_date < b.ends"
    " GROUP BY b.bucket, l.variant_id) AS q ON q.bucket = s.event_date AND q.variant_id = s.variant_id",
}
