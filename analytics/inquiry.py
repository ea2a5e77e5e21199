"""A question somebody keeps: metrics × dimensions × period × filter × comparison × ranking, as plain data.

What a saved question, a mailed report and the address of the Ask page hold. Periods are named by codes, so that a
question asked again next month speaks of next month.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from analytics import periods
from analytics.metrics import dimension, metric, splits
from analytics.where import parse_filter
from oms_core.kernel.errors import InvalidInput, OmsError, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Days, today included, of periods that end today.
_DAYS = {"7d": 7, "28d": 28, "90d": 90, "12m": 365}
#: Every period by its code: those that end today, those that are over, one's own.
PERIODS = (
    "yesterday", "last_week", "last_month", "last_quarter", "7d", "28d", "90d", "12m", "mtd", "ytd", "all", "custom",
)  # fmt: skip
CHARTS = ("auto", "line", "bars", "none")
#: Dimensions of one question, metrics of one question, rows of one ranking.
MOST_DIMENSIONS, MOST_METRICS, MOST_TOP = 4, 12, 10_000


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A question.

    Attributes
    ----------
    period : str
        A code of :data:`PERIODS`.
    since, until : date, optional
        First and last day (both included) of a ``custom`` period.
    where : str
        Filter in the expression language; empty for none.
    compare : str
        ``previous``, ``year`` or empty.
    top : int, optional
        Keep this many rows, the largest by the first metric.
    chart : str
        ``auto`` draws what fits.
    """

    metrics: tuple[str, ...]
    by: tuple[str, ...] = ()
    period: str = "28d"
    since: date | None = None
    until: date | None = None
    where: str = ""
    compare: str = ""
    top: int | None = None
    chart: str = "auto"

    def as_dict(self) -> dict[str, Any]:
        """Return the question as plain JSON values; what is not asked is left out."""
        found: dict[str, Any] = {"metrics": list(self.metrics), "by": list(self.by), "period": self.period}
        if self.period == "custom" and self.since and self.until:
            found |= {"since": self.since.isoformat(), "until": self.until.isoformat()}
        rest = {"where": self.where, "compare": self.compare, "top": self.top}
        found |= {key: value for key, value in rest.items() if value}
        return found | ({"chart": self.chart} if self.chart != "auto" else {})


def from_dict(told: Mapping[str, Any]) -> Inquiry:
    """Read a question from JSON values; what is missing has its default.

    Raises
    ------
    InvalidInput
        A date that is none.
    """
    return Inquiry(
        metrics=tuple(str(slug) for slug in told.get("metrics") or ()),
        by=tuple(str(name) for name in told.get("by") or ()),
        period=str(told.get("period") or "28d"),
        since=periods.parse_day("since", told.get("since")),
        until=periods.parse_day("until", told.get("until")),
        where=str(told.get("where") or ""),
        compare=str(told.get("compare") or ""),
        top=int(told["top"]) if told.get("top") else None,
        chart=str(told.get("chart") or "auto"),
    )


def faults(asked: Inquiry, today: date) -> dict[str, OmsError]:
    """Return what is wrong with a question by the field it is wrong in; nothing when it can be answered."""
    found: dict[str, OmsError] = {}
    checks = {"metrics": _metrics, "by": _dimensions, "period": _period, "where": _where, "compare": _compare,
              "top": _top, "chart": _chart}  # fmt: skip
    for field, check in checks.items():
        if field == "by" and "metrics" in found:
            continue
        try:
            check(asked, today)
        except OmsError as error:
            found[field] = error
    return found


def require(asked: Inquiry, today: date) -> None:
    """Refuse a question that cannot be answered.

    Raises
    ------
    NotFound, Refused, InvalidInput
        The first fault.
    """
    for error in faults(asked, today).values():
        raise error


def span(asked: Inquiry, today: date) -> tuple[date | None, date]:
    """Return the days a question speaks of, half open; None is the first day with data.

    Parameters
    ----------
    today : date
        Business date in the shop's zone.
    """
    tomorrow, code = today + timedelta(days=1), asked.period
    if code in _DAYS:
        return tomorrow - timedelta(days=_DAYS[code]), tomorrow
    month = today.replace(day=1)
    week = periods.start("week", today)
    quarter = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    known: dict[str, tuple[date | None, date]] = {
        "yesterday": (today - timedelta(days=1), today),
        "last_week": (week - timedelta(days=7), week),
        "last_month": (periods.add_months(month, -1), month),
        "last_quarter": (periods.add_months(quarter, -3), quarter),
        "mtd": (month, tomorrow),
        "ytd": (today.replace(month=1, day=1), tomorrow),
        "all": (None, tomorrow),
    }
    if code == "custom" and asked.since and asked.until:
        return asked.since, asked.until + timedelta(days=1)
    return known[code]


def _metrics(asked: Inquiry, _today: date) -> None:
    if not asked.metrics:
        raise InvalidInput("metric", "", "at least one metric was expected", "List them: ordersight metrics list")
    if len(asked.metrics) > MOST_METRICS:
        raise InvalidInput("metric", len(asked.metrics), f"at most {MOST_METRICS} metrics fit into one question")
    for slug in asked.metrics:
        metric(slug)


def _dimensions(asked: Inquiry, _today: date) -> None:
    if len(asked.by) > MOST_DIMENSIONS:
        raise InvalidInput("by", ", ".join(asked.by), f"at most {MOST_DIMENSIONS} dimensions fit into one question")
    if len([name for name in asked.by if name in periods.TIME]) > 1:
        raise InvalidInput("by", ", ".join(asked.by), "one of day, week and month was expected")
    for name in asked.by:
        dimension(name)
        for slug in asked.metrics:
            if name not in splits(slug):
                raise Refused(
                    "metric.cannot_split",
                    f"{slug} cannot be split by or filtered on {name}.",
                    f"It knows: {', '.join(splits(slug))}.",
                    metric=slug,
                    dimension=name,
                )


def _period(asked: Inquiry, today: date) -> None:
    if asked.period not in PERIODS:
        raise InvalidInput("period", asked.period, f"one of {', '.join(PERIODS)} was expected")
    if asked.period == "custom" and not (asked.since and asked.until):
        raise InvalidInput("period", "custom", "a first and a last day were expected")
    since, until = span(asked, today)
    if since is not None:
        periods.period(since, until)


def _where(asked: Inquiry, today: date) -> None:
    wanted = parse_filter(asked.where or None, today)
    for slug in asked.metrics if wanted else ():
        for found in wanted.dimensions if wanted else ():
            if found.slug not in splits(slug):
                raise Refused(
                    "metric.cannot_split",
                    f"{slug} cannot be split by or filtered on {found.slug}.",
                    f"It knows: {', '.join(splits(slug))}.",
                    metric=slug,
                    dimension=found.slug,
                )


def _compare(asked: Inquiry, _today: date) -> None:
    if asked.compare and asked.compare not in periods.COMPARES:
        raise InvalidInput("compare", asked.compare, "previous or year was expected")


def _top(asked: Inquiry, _today: date) -> None:
    if asked.top is not None and not 1 <= asked.top <= MOST_TOP:
        raise InvalidInput("top", asked.top, f"a number from 1 to {MOST_TOP} was expected")
    if asked.top is not None and not asked.by:
        raise InvalidInput("top", asked.top, "there is nothing to rank without a dimension", "Add one to split by.")


def _chart(asked: Inquiry, _today: date) -> None:
    if asked.chart not in CHARTS:
        raise InvalidInput("chart", asked.chart, f"one of {', '.join(CHARTS)} was expected")
