"""A year of supply, month by month: sales, what arrives, what has to be ordered, stock and money.

Each SKU by itself, months m = 0 … 11 (the first is what is left of the running one):

* target(m) = sales a day of month m + 1 · cover days + safety  (planned end stock)
* open to buy(m) = max(0, target(m) + sales(m) - stock(m - 1) - arriving(m))
* planned receipt(m) = open to buy(m) in whole packs and at least the minimum, once an order of today can arrive
* stock(m) = max(0, stock(m - 1) + arriving(m) + planned receipt(m) - sales(m)); what is below zero is short

Open to buy as in Levy, Weitz & Grewal, *Retailing Management*, ch. 14: planned end stock + planned sales - stock on
hand - on order; what is drafted counts as arriving, too, so that it is not bought twice. An order is placed its lead
time before it arrives and paid its payment days after.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from forecasting.panel import Floats, Ints
from forecasting.replenish import Demand, whole_packs

MONTHS = 12
#: Days of a month, on average.
MONTH_DAYS = 365.25 / 12
#: Units a category has to sell before its own season counts as much as the shop's.
SEASON_UNITS = 500.0
#: A month sells at least and at most so many times the average.
LEAST_INDEX, MOST_INDEX = 0.2, 5.0
#: Most a year grows or shrinks against the last.
MOST_GROWTH = 4.0


@dataclass(frozen=True, slots=True)
class Months:
    """The twelve months of a plan: first days, and days from tomorrow to each start and end."""

    first_days: tuple[date, ...]
    starts: Ints
    ends: Ints

    @classmethod
    def after(cls, today: date) -> Months:
        """Return the rest of this month and the eleven that follow."""
        firsts = [date(today.year + (today.month - 1 + m) // 12, (today.month - 1 + m) % 12 + 1, 1) for m in range(13)]
        ends = np.array([(firsts[m + 1] - today).days - 1 for m in range(MONTHS)])
        return cls(tuple(firsts[:MONTHS]), np.concatenate([[0], ends[:-1]]), ends)

    def of(self, days: Floats) -> Ints:
        """Return the month (0-11) in which a day counted from today lies; beyond the last: 12."""
        return np.asarray(np.searchsorted(self.ends, days, side="left"))


def seasons(sold: pl.DataFrame, categories: pl.Series, calendar: list[int]) -> Floats:
    """Return how much each category sells in each month of the plan against its average month, shape (n, 12).

    A category with few units leans on the shop; without a whole year behind it there is no season (ones).

    Parameters
    ----------
    sold : polars.DataFrame
        ``category, month`` (1-12), ``units, days`` of whole months.
    categories : polars.Series
        Category of each SKU.
    calendar : list of int
        Calendar month of each month of the plan.
    """
    flat = np.ones((len(categories), MONTHS))
    if sold["month"].n_unique() < MONTHS:
        return flat
    shop = _index(sold.group_by("month").agg(pl.col("units").sum(), pl.col("days").max()))
    found = {}
    for (name,), rows in sold.group_by("category"):
        weight = float(rows["units"].sum()) / (float(rows["units"].sum()) + SEASON_UNITS)
        found[name] = weight * _index(rows) + (1 - weight) * shop
    wanted = np.array(calendar) - 1
    return np.array([found.get(name, shop)[wanted] for name in categories.fill_null("–")])


def _index(rows: pl.DataFrame) -> Floats:
    """Return units a day by calendar month over their mean; months nobody sold in are at the least."""
    rate = np.zeros(MONTHS)
    month = rows["month"].to_numpy() - 1
    rate[month] = rows["units"].to_numpy() / np.maximum(rows["days"].to_numpy(), 1)
    return np.asarray(np.clip(rate / max(rate.mean(), 1e-9), LEAST_INDEX, MOST_INDEX))


def sales(demand: Demand, index: Floats, months: Months, yearly: Floats | None = None) -> Floats:
    """Return expected units by month, shape (n, 12): the forecast while it reaches, then a level by the season.

    The level is the forecast's rate with its season taken out; where a whole year is known (`yearly`, units a day,
    NaN where not) the geometric mean of both, at most doubled or halved against the year: a few weeks before
    Christmas say less about next summer than the year does.
    """
    known = float(demand.days[-1])
    reach = np.clip((known - months.starts) / np.maximum(months.ends - months.starts, 1), 0.0, 1.0)
    base = np.maximum((index * reach).sum(axis=1) / max(reach.sum(), 1e-9), LEAST_INDEX)
    level = demand.rate / base
    if yearly is not None:
        growth = np.clip(level / np.maximum(yearly, 1e-9), 1 / MOST_GROWTH, MOST_GROWTH)
        level = np.where(np.isfinite(yearly) & (yearly > 0), yearly * np.sqrt(growth), level)
    found = np.empty_like(index)
    for m in range(MONTHS):
        start, end = float(months.starts[m]), float(months.ends[m])
        inside = _between(demand, start, min(max(known, start), end))
        beyond = np.maximum(end - max(known, start), 0.0) * level * index[:, m]
        found[:, m] = inside + beyond
    return np.maximum(found, 0.0)


def _between(demand: Demand, start: float, end: float) -> Floats:
    n = len(demand.mean)
    return demand.to(np.full(n, end)) - demand.to(np.full(n, start))


def supply(items: pl.DataFrame, sold: Floats, arriving: Floats, months: Months) -> dict[str, Floats]:
    """Return the plan of n SKUs as arrays of shape (n, 12), units.

    Parameters
    ----------
    items : polars.DataFrame, n rows
        ``available, safety, lead_time_days, cover_days, pack_qty, moq_qty``.
    sold, arriving : ndarray, shape (n, 12)
        Expected sales, and units of open and drafted purchase orders by the month they are due.

    Returns
    -------
    dict
        ``open_to_buy, planned, stock, target, short``.
    """
    lead, cover = _column(items, "lead_time_days", 7), _column(items, "cover_days", 28)
    pack, least = _column(items, "pack_qty", 1), _column(items, "moq_qty")
    length = np.maximum(months.ends - months.starts, 1)
    daily = sold / length
    target = np.concatenate([daily[:, 1:], daily[:, -1:]], axis=1) * cover[:, None] + _column(items, "safety")[:, None]
    first = months.of(np.maximum(lead, 1.0))
    stock = np.maximum(_column(items, "available"), 0.0)
    kept: dict[str, list[Floats]] = {name: [] for name in ("open_to_buy", "planned", "stock", "short")}
    for m in range(MONTHS):
        free = np.maximum(target[:, m] + sold[:, m] - stock - arriving[:, m], 0.0)
        free = np.where(sold[:, m:].sum(axis=1) > 0, free, 0.0)
        planned = np.where(m >= first, whole_packs(free, pack, least), 0).astype(float)
        after = stock + arriving[:, m] + planned - sold[:, m]
        stock = np.maximum(after, 0.0)
        for name, value in (("open_to_buy", free), ("planned", planned), ("stock", stock)):
            kept[name].append(value)
        kept["short"].append(np.maximum(-after, 0.0))
    return {name: np.stack(rows, axis=1) for name, rows in kept.items()} | {"target": target}


def moved(values: Floats, days: Floats, months: Months) -> tuple[Floats, Floats]:
    """Return values moved by each row's days to another month, shape (n, 12), and what leaves the plan, shape (n,).

    A month's value stands at its middle; what falls before today stands in the first month.
    """
    found, gone = np.zeros_like(values), np.zeros(len(values))
    middle = (months.starts + months.ends) / 2.0
    rows = np.arange(len(values))
    for m in range(MONTHS):
        to = months.of(np.maximum(middle[m] + days, 0.0))
        inside = to < MONTHS
        np.add.at(found, (rows[inside], to[inside]), values[inside, m])
        gone[~inside] += values[~inside, m]
    return found, gone


def due_months(due: list[date | None], today: date, months: Months) -> Ints:
    """Return the month of each due day; late and unknown ones are due now."""
    days = np.array([max((d - today).days, 1) if d else 1 for d in due], dtype=float)
    return np.minimum(months.of(days), MONTHS)


def until(months: Months, today: date) -> date:
    """Return the last day of the plan."""
    return today + timedelta(days=int(months.ends[-1]))


def _column(frame: pl.DataFrame, name: str, missing: float = 0.0) -> Floats:
    return np.asarray(frame.get_column(name).cast(pl.Float64).fill_null(missing).to_numpy())
