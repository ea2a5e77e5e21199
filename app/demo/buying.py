"""Set the simulated buyer to work on real demand: terms as arrays, lead times drawn, the plan made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from app.demo.calendar import Calendar
from app.demo.demand import Demand
from app.demo.places import SUPPLIERS, WAREHOUSES
from app.demo.policy import Buyer, Ints, Pairs, Plan
from app.demo.terms import Terms

#: How many products run out for good in the last days while customers still order them.
SOLD_OUT = 14


@dataclass(frozen=True, slots=True)
class Bought:
    """The plan and what it was made for: `sold` units by pair and day; `supplier` and `place` are indexes by pair."""

    plan: Plan
    sold: Ints
    variant: Ints
    supplier: Ints
    place: Ints


def buy(demand: Demand, terms: Mapping[int, Terms], *, calendar: Calendar, cut: int, seed: int) -> Bought:
    """Simulate the purchases of the whole period, lead times drawn from `seed`."""
    variant = demand.pairs["variant_id"].to_numpy().astype(np.int64)
    place = demand.pairs["place"].to_numpy().astype(np.int64)
    own = [terms[int(v)] for v in variant]
    supplier = np.array([t.supplier for t in own])
    group = supplier * len(WAREHOUSES) + place
    pairs = Pairs(
        demand=demand.units,
        group=group,
        lead=lead_times(calendar, seed=seed),
        weekday=np.array(calendar.weekdays),
        review_weekday=np.array([s.review_weekday for s in SUPPLIERS])[supplier],
        cover_days=np.array([s.cover_days for s in SUPPLIERS])[supplier],
        pack=np.array([t.pack_qty for t in own]),
        moq=np.array([t.moq_qty for t in own]),
        mean_lead=np.array([s.lead_days for s in SUPPLIERS])[supplier],
        sold_out_from=sold_out(demand, calendar, cut=cut, seed=seed),
    )
    return Bought(Buyer(pairs).run(), demand.units, variant, supplier, place)


def lead_times(calendar: Calendar, *, seed: int) -> Ints:
    """Draw days from order to arrival for every (supplier, place) and order day; gamma, on working days."""
    random = np.random.default_rng([seed, 17])
    rows = []
    for supplier in SUPPLIERS:
        shape = (supplier.lead_days / supplier.lead_sd_days) ** 2
        for _ in WAREHOUSES:
            drawn = random.gamma(shape, supplier.lead_days / shape, calendar.days)
            rows.append(np.maximum(2, np.rint(drawn)).astype(np.int64))
    lead = np.stack(rows)
    arrival = (np.array(calendar.weekdays)[None, :] + lead) % 7
    return np.asarray(lead + np.where(arrival >= 5, 7 - arrival, 0), dtype=np.int64)


def sold_out(demand: Demand, calendar: Calendar, *, cut: int, seed: int) -> Ints:
    """Choose products that sell on few of the last days and take their stock away before those sales.

    Never before the cut: what was sold until then was really there.
    """
    never = np.full(demand.units.shape[0], calendar.days)
    start = max(calendar.days - 4, cut)
    sums = demand.pairs.with_columns(late=(demand.units[:, start:] > 0).sum(axis=1), sold=demand.units.sum(axis=1))
    variants = sums.group_by("variant_id").agg(pl.col("late").sum(), pl.col("sold").sum()).sort("variant_id")
    fit = variants.filter((variants["late"] >= 1) & (variants["late"] <= 2) & (variants["sold"] > 100))
    count = min(SOLD_OUT, fit.height)
    chosen = np.random.default_rng([seed, 23]).choice(fit["variant_id"].to_numpy(), count, replace=False)
    never[np.isin(demand.pairs["variant_id"].to_numpy(), chosen)] = start
    return never
