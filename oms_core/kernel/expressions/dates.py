"""Days counted from today, in the shop's calendar."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oms_core.kernel.expressions.tree import Offset


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
