"""The season ahead, as it was a year ago.

The models know no calendar: before Christmas they say too little, after it too much. Where the file reaches back far
enough, the chosen model is put a year back, at the same days of the year, and asked for the same days ahead. How far
its total was off there is taken, in part, for how far it would be off now.

The part grows with the difference: a small one is what a shop drifts by (`DRIFT`) and the chance of few orders, a large
one is season. It never exceeds `MOST`: in weekly sales of the stores and departments of a chain, .86 to .90 of the
log ratio of twelve weeks to the half year before them came back a year later.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import polars as pl

from segmentation.clv.rolling import Origin, look_from

if TYPE_CHECKING:
    from segmentation.clv.selection import Trial

#: A year of whole weeks: the same weekdays, the same days of the year but one.
YEAR_DAYS = 364
#: Most of a difference that is believed, and the standard deviation of a total's drift in logs.
MOST, DRIFT = 0.85, 0.15
#: No season moves the orders of customers already there by more than five times: what says so is something else.
LARGEST = 1.6
#: Orders come in clusters: their chance counts as that of this many times fewer.
CLUSTERED = 3.0
#: Days a year ago must have had behind them, and customers.
BEHIND_DAYS, MIN_CUSTOMERS = 120, 200
#: A hole in the file: more days than this without any order, in which more orders than this were due.
HOLE_DAYS, MISSED_ORDERS = 28, 20


def year_ago(days: pl.DataFrame, until: date, horizon_days: int) -> Origin | None:
    """Return the look ahead from a year before `until`; None when the history does not reach back so far.

    Parameters
    ----------
    days : polars.DataFrame
        Purchase days up to `until`.
    horizon_days : int
        Longer than a year: None, as seasons cancel out.
    """
    first: date = days.select(pl.col("day").min()).item()
    cutoff = until - timedelta(days=YEAR_DAYS)
    if horizon_days > YEAR_DAYS or (cutoff - first).days < max(BEHIND_DAYS, horizon_days) or _is_torn(days, until):
        return None
    origin = look_from(days, cutoff, horizon_days)
    return origin if origin.customers.height >= MIN_CUSTOMERS else None


def _is_torn(days: pl.DataFrame, until: date) -> bool:
    """Return whether the file has a hole: weeks without one order where many were due, and no such weeks a year off.

    What stands a year before or behind a hole says nothing about a season; a shop that closes every winter has one.
    """
    traded = days.select(pl.col("day").unique().sort()).to_series().append(pl.Series([until])).to_list()
    due = days.height / len(set(traded))
    holes = [(a, b) for a, b in pairwise(traded) if (b - a).days > HOLE_DAYS and due * (b - a).days > MISSED_ORDERS]
    return any(not _recurs(traded, hole) for hole in holes)


def _recurs(traded: list[date], hole: tuple[date, date]) -> bool:
    """Return whether the middle half of a hole is without orders a year earlier or later too, inside the file."""
    quarter = (hole[1] - hole[0]) / 4
    for year in (-timedelta(days=YEAR_DAYS), timedelta(days=YEAR_DAYS)):
        since, until = hole[0] + quarter + year, hole[1] - quarter + year
        if traded[0] <= since and until <= traded[-1]:
            return not any(since <= day <= until for day in traded)
    return False


def season_ahead(trial: Trial | None, corrected: float) -> float:
    """Return the log of the factor by which the season moves the corrected totals.

    Parameters
    ----------
    trial : Trial or None
        The chosen model a year ago.
    corrected : float
        Log of the factor by which what was learned at other dates moves totals already.
    """
    if trial is None:
        return 0.0
    chance = CLUSTERED / max(float(trial.orders.sum()), 1.0)
    off = trial.log_ratio - corrected
    season = MOST * off**3 / (off**2 + DRIFT**2 + chance)
    return max(-LARGEST, min(LARGEST, season))
