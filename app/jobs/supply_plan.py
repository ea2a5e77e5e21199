"""The shop's supply plan for a year, in units and in cash: forecast, stock, open orders and terms put together."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from analytics import frames
from forecasting import supply_plan as pure
from oms_core.kernel import clock
from oms_core.kernel.errors import DataNotReady, InvalidInput
from oms_core.kernel.exchange import Rate, rates_on
from oms_core.purchasing import queries as purchasing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.workspace import Workspace
    from forecasting.panel import Floats

#: By what a plan may be summed, beside its months.
GROUPS = ("month", "category", "supplier", "sku")
UNITS = (
    "sales_units", "arriving_units", "drafted_units", "planned_units", "end_units", "target_units", "short_units",
    "otb_units",
)  # fmt: skip
MONEY = (
    "otb_minor", "ordered_minor", "received_minor", "paid_open_minor", "paid_planned_minor", "end_minor",
    "target_minor",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SupplyPlan:
    """A row a SKU and month.

    Attributes
    ----------
    rows : polars.DataFrame
        ``sku, title, category, supplier, month`` (first day), :data:`UNITS`, and :data:`MONEY` in minor units of the
        shop's currency. Drafts that were not sent are ``drafted_units``: ordered and paid with what the plan adds.
    later_minor : int
        What is ordered within the plan and paid after it.
    without_rate : tuple of str
        Currencies of suppliers without a published rate: their goods are in units and in no sum of money.
    run : dict
        The stored forecast it rests on.
    """

    rows: pl.DataFrame
    currency: str
    today: date
    until: date
    later_minor: int
    without_rate: tuple[str, ...]
    run: Mapping[str, Any]

    def by(self, group: str = "month") -> pl.DataFrame:
        """Return the plan summed by month, or by month and another group.

        Raises
        ------
        InvalidInput
            A group there is not.
        """
        if group not in GROUPS:
            raise InvalidInput("by", group, f"one of {', '.join(GROUPS)}")
        keys = ["month"] if group == "month" else [group, "month"]
        return self.rows.group_by(keys).agg(pl.col(*UNITS, *MONEY).sum()).sort(keys)


def supply_plan(workspace: Workspace) -> SupplyPlan:
    """Return the plan from today's forecast, stock and open orders.

    Raises
    ------
    DataNotReady
        ``forecast.none`` before the first forecast, ``supply_plan.no_suppliers`` where nobody can deliver.
    """
    from app.jobs.replenishment import demanded

    today = clock.business_date(clock.now(), workspace.shop.zone)
    items, demand, run = demanded(workspace)
    if items.is_empty():
        raise DataNotReady(
            "supply_plan.no_suppliers",
            "No SKU with a forecast has a supplier, so nothing can be planned.",
            "Import suppliers and what they sell: ordersight setup import suppliers FILE, then supplier-items FILE.",
        )
    months = pure.Months.after(today)
    since = date(today.year - 2, today.month, 1)
    season = pure.seasons(
        frames.category_seasons(workspace.replica, since, today), items["category"],
        [day.month for day in months.first_days],
    )  # fmt: skip
    sold = pure.sales(demand, season, months, _yearly(workspace, items, today))
    with workspace.reading() as session:
        terms = purchasing.payment_days(session)
        coming = purchasing.lines_to_come(session)
        drafts = [_if_sent(line, today) for line in purchasing.lines_to_come(session, sent=False)]
        spoken = [*items["supplier_currency"].unique(), *(x["currency"] for x in (*coming, *drafts))]
        pairs = {(c, today) for c in spoken if c}
        rates = rates_on(session.connection(), pairs, workspace.shop.currency)
    items = items.with_columns(pl.col("supplier_id").replace_strict(terms, default=0).alias("payment_days"))
    arriving, paid_open = _open_orders(items, coming, rates, today, months, workspace.shop.currency)
    drafted, paid_drafts = _open_orders(items, drafts, rates, today, months, workspace.shop.currency)
    units = pure.supply(items, sold, arriving + drafted, months)
    worth = _costs(items, rates, today, workspace.shop.currency)
    money, later = _money(items, units, arriving + drafted, worth, months)
    money["ordered_minor"][:, 0] += drafted.sum(axis=1) * worth
    money |= {"paid_open_minor": paid_open, "paid_planned_minor": money["paid_planned_minor"] + paid_drafts}
    named = {
        "sales_units": sold, "arriving_units": arriving, "drafted_units": drafted,
        "planned_units": units["planned"], "end_units": units["stock"],
        "target_units": units["target"], "short_units": units["short"], "otb_units": units["open_to_buy"], **money,
    }  # fmt: skip
    known = {base for base, _day in rates}
    missing = sorted({c for c, _day in pairs} - known)
    rows = _long(items, named, months)
    return SupplyPlan(rows, workspace.shop.currency, today, pure.until(months, today), later, tuple(missing), run)


def _if_sent(line: Mapping[str, Any], today: date) -> dict[str, Any]:
    """Return a line of a draft with the day it can come at the earliest, were it sent today."""
    soonest = today + timedelta(days=math.ceil(line["lead_time_days"]))
    return {**line, "due_on": max(line["due_on"] or soonest, soonest)}


def _yearly(workspace: Workspace, items: pl.DataFrame, today: date) -> Floats:
    """Return the units a day of the last 365 closed days by SKU; NaN for what was not sold that long."""
    rates = frames.yearly_rates(workspace.replica, today - timedelta(days=365), today - timedelta(days=1))
    joined = items.select("variant_id").join(rates, on="variant_id", how="left", maintain_order="left")
    return np.asarray(joined["a_day"].cast(pl.Float64).fill_null(float("nan")).to_numpy())


def _open_orders(
    items: pl.DataFrame, coming: Sequence[Mapping[str, Any]], rates: Mapping[Any, Rate], today: date,
    months: pure.Months, currency: str,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Return the units of open orders by the month they are due, and their cost by the month it is paid."""
    place = {variant: n for n, variant in enumerate(items["variant_id"])}
    units, paid = (np.zeros((items.height, pure.MONTHS)) for _ in range(2))
    due = pure.due_months([x["due_on"] for x in coming], today, months)
    for row, month in zip(coming, due, strict=True):
        n = place.get(row["variant_id"])
        if n is None or month >= pure.MONTHS:
            continue
        units[n, month] += row["to_come"]
        rate = rates.get((row["currency"], today))
        pays = max(row["due_on"] or today, today) + timedelta(days=row["payment_days"])
        (when,) = pure.due_months([pays], today, months)
        if rate is not None and when < pure.MONTHS:
            paid[n, when] += rate.convert(row["to_come"] * row["unit_cost_minor"], row["currency"], currency)
    return units, paid


def _costs(items: pl.DataFrame, rates: Mapping[Any, Rate], today: date, currency: str) -> Floats:
    """Return the cost of a unit by SKU in the shop's currency, minor units; zero without a rate."""
    factor = {
        base: float(rate.convert(1_000_000, base, currency)) / 1_000_000 for (base, day), rate in rates.items()
        if day == today
    }  # fmt: skip
    cost = items["unit_cost_minor"].cast(pl.Float64).fill_null(0.0).to_numpy()
    return np.asarray(cost * np.array([factor.get(c, 0.0) for c in items["supplier_currency"].fill_null(currency)]))


def _money(
    items: pl.DataFrame, units: Mapping[str, Floats], arriving: Floats, worth: Floats, months: pure.Months
) -> tuple[dict[str, Floats], int]:
    """Return the plan in money by month, and what is paid after its end."""
    lead = items["lead_time_days"].cast(pl.Float64).fill_null(7.0).to_numpy()
    terms = items["payment_days"].cast(pl.Float64).fill_null(0.0).to_numpy()
    planned = units["planned"] * worth[:, None]
    ordered, _none = pure.moved(planned, -lead, months)
    paid, later = pure.moved(planned, terms, months)
    return {
        "otb_minor": units["open_to_buy"] * worth[:, None], "ordered_minor": ordered,
        "received_minor": (arriving + units["planned"]) * worth[:, None], "paid_planned_minor": paid,
        "end_minor": units["stock"] * worth[:, None], "target_minor": units["target"] * worth[:, None],
    }, round(float(later.sum()))  # fmt: skip


def _long(items: pl.DataFrame, named: Mapping[str, Floats], months: pure.Months) -> pl.DataFrame:
    """Return arrays of shape (n, 12) as one row a SKU and month."""
    n = items.height
    keys = items.select(
        "sku", "title", pl.col("category").fill_null("–"), pl.col("supplier").fill_null("–")
    ).with_row_index("row")
    frame = pl.DataFrame(
        {
            "row": np.repeat(np.arange(n), pure.MONTHS).astype(np.uint32),
            "month": list(months.first_days) * n,
            **{name: values.reshape(-1) for name, values in named.items()},
        }
    )
    whole = [pl.col(name).round().cast(pl.Int64) for name in MONEY]
    return keys.join(frame, on="row", maintain_order="right_left").drop("row").with_columns(whole)
