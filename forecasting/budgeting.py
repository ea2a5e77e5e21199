"""Suggestions cut to a budget by what they are worth: the purchase optimiser on a plan's own lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from forecasting.optimise import solve
from forecasting.options import Lines
from forecasting.panel import Floats, Ints
from forecasting.price_breaks import most, of_lines, priced
from forecasting.regret import HOLDING_RATE


def within_budget(lines: pl.DataFrame, budget_minor: int) -> pl.DataFrame:
    """Return the lines with ``order_qty`` cut to what is worth most within a budget; ``wanted_qty`` keeps the rest.

    The value of a unit is the margin it earns if sold within lead time and cover, less the cost of
    holding it if not (:mod:`forecasting.optimise`); no line gets more than was suggested, a
    supplier's order is nothing or at least its minimum, and its fixed cost is paid from the budget.

    Parameters
    ----------
    lines : polars.DataFrame
        Of :func:`forecasting.replenish.suggest`, with ``price_minor, unit_cost_minor, supplier_id,
        min_order_minor, fixed_cost_minor``.
    budget_minor : int
        Minor units of the buying currency.
    """
    return cut(lines, budget_minor).lines


@dataclass(frozen=True, slots=True)
class Cut:
    """A plan cut to its limits, and what is known about it.

    Attributes
    ----------
    lines : polars.DataFrame
        As :func:`within_budget`.
    spend_minor : int
        Goods and fixed costs.
    gap : float
        How far the plan may be from the best there is, as a share.
    volume_cm3 : float
        Of what is bought; lines without a volume count nothing.
    next_gain_minor : float
        What the best plan with `extra_minor` more would bring beyond this one.
    extra_minor : int
        The money that is meant.
    """

    lines: pl.DataFrame
    spend_minor: int
    gap: float
    volume_cm3: float
    next_gain_minor: float
    extra_minor: int


def cut(lines: pl.DataFrame, budget_minor: int, *, volume_cm3: float | None = None, extra_minor: int = 0) -> Cut:
    """Return the lines cut to what is worth most within a budget and, where given, a container.

    Parameters
    ----------
    volume_cm3 : float, optional
        Most volume of all lines; ``volume_cm3`` of a line is one unit's.
    extra_minor : int
        More money, to tell what it would bring; zero does not ask.
    """
    rows = np.flatnonzero(lines["order_qty"].to_numpy() > 0)
    bought = np.zeros(lines.height, dtype=np.int64)
    spend, gap, volume, gain = 0.0, 0.0, 0.0, 0.0
    if len(rows):
        some = lines[rows]
        least, fixed = _supplier_terms(some)
        purchase = _purchase(some)
        found = solve(purchase, least, fixed, budget=float(budget_minor), volume_cap=volume_cm3)
        bought[rows] = found.quantity
        spend, gap, volume = found.spend, found.gap, found.volume
        if extra_minor:
            more = solve(purchase, least, fixed, budget=float(budget_minor + extra_minor), volume_cap=volume_cm3)
            gain = max(more.objective - found.objective, 0.0)
    kept = lines.with_columns(pl.col("order_qty").alias("wanted_qty"), pl.Series("order_qty", bought))
    return Cut(priced(kept), round(spend), gap, volume, gain, extra_minor)


def _purchase(some: pl.DataFrame) -> Lines:
    """Return lines to buy as the optimiser takes them, money in minor units."""
    usual = "list_cost_minor" if "list_cost_minor" in some.columns else "unit_cost_minor"
    cost, breaks = np.maximum(_floats(some, usual), 1.0), of_lines(some)
    asked = _floats(some, "order_qty")
    at_most = np.array([most(asked[n], breaks.get(n, ())) for n in range(some.height)])
    volume = _floats(some, "volume_cm3") if "volume_cm3" in some.columns else np.zeros(some.height)
    days = _floats(some, "lead_time_days", 7) + _floats(some, "cover_days", 28)
    mean = np.maximum(_floats(some, "demand_lead") + _floats(some, "demand_cover"), 1e-6)
    return Lines(
        supplier=_suppliers(some), unit_cost=cost, margin=np.maximum(_floats(some, "price_minor") - cost, 1.0),
        holding=cost * HOLDING_RATE * days / 365.0, volume=volume, pack=_floats(some, "pack_qty", 1),
        moq=_floats(some, "moq_qty"), position=np.floor(_floats(some, "position")), mean=mean,
        sd=np.maximum(_floats(some, "spread"), np.sqrt(mean)), breaks=breaks, most=at_most,
    )  # fmt: skip


def _suppliers(some: pl.DataFrame) -> Ints:
    return np.asarray(some["supplier_id"].rank("dense").cast(pl.Int64).to_numpy() - 1)


def _supplier_terms(some: pl.DataFrame) -> tuple[Floats, Floats]:
    """Return each supplier's least order and fixed cost; a minimum out of the suggestion's reach is waived.

    A suggestion below the minimum is still worth showing: whether to ask for more is the buyer's call.
    """
    place = _suppliers(some)
    count = int(place.max()) + 1
    least, fixed = np.zeros(count), np.zeros(count)
    np.maximum.at(least, place, _floats(some, "min_order_minor"))
    np.maximum.at(fixed, place, _floats(some, "fixed_cost_minor"))
    asked = np.bincount(place, weights=_floats(some, "order_qty") * _floats(some, "unit_cost_minor"), minlength=count)
    return np.where(asked < least, 0.0, least), fixed


def _floats(frame: pl.DataFrame, name: str, missing: float = 0.0) -> Floats:
    return np.asarray(frame.get_column(name).cast(pl.Float64).fill_null(missing).to_numpy())
