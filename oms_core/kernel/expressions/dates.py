"""Days counted from today, in the shop's calendar."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from oms_core.kernel.expressions.tree import Between, Compare, Condition, Offset, Value


def resolve(value: date | Offset, today: date) -> date:
    """Return the day a literal means.

    Months and years keep the day of the month, or take the month's last day where it does not
    exist (31 May − 3 months = 28 or 29 February).
    """
    if isinstance(value, date):
        return value
    if value.unit in {"d", "w"}:
        return today + timedelta(days=value.count * (7 if value.unit == "w" else 1))
    months = today.year * 12 + today.month - 1 + value.count * (12 if value.unit == "y" else 1)
    year, month = divmod(months, 12)
    return date(year, month + 1, min(today.day, calendar.monthrange(year, month + 1)[1]))


def anniversary_spans(node: Condition, today: date) -> list[tuple[int, int]]:
    """Return the days of the year a condition names, as spans of month × 100 + day.

    One that passes the year's end is two spans. 29 February is met in a span that holds it, in any year.
    """
    low, high = (node.low, node.high) if isinstance(node, Between) else (_value(node), _value(node))
    first, last = (resolve(v, today) for v in (low, high) if isinstance(v, (Offset, date)))
    if last < first:
        return []
    if (last - first).days >= 365:
        return [(101, 1231)]
    a, b = (day.month * 100 + day.day for day in (first, last))
    return [(a, b)] if a <= b else [(a, 1231), (101, b)]


def _value(node: Condition) -> Value:
    assert isinstance(node, Compare)  # noqa: S101 - anniversaries take = and BETWEEN only
    return node.value
