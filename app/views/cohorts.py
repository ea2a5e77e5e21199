"""Cohorts: do customers come back, and what are they worth? By the month of their first order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from analytics.cohorts import Measure, table
from app import address, blocks, data, exports, tables
from app import format as fmt
from app.charts_customers import Cell, inked, matrix
from app.device import theme
from app.i18n import N_, _

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from app.data import Place

MEASURES: dict[Measure, str] = {
    "retention": N_("Came back"),
    "customers": N_("Customers"),
    "orders": N_("Orders"),
    "revenue": N_("Net sales"),
    "margin": N_("Gross margin"),
    "revenue_per_customer": N_("Net sales a customer, so far"),
}
MONEY = ("revenue", "margin", "revenue_per_customer")
#: Cohorts and months drawn; on a phone the first half year.
MOST, NARROW = 18, 5
DEFINITIONS = {
    "cohort": "Month of the customer's first order that stands; guests are in none.",
    "retention": "Customers of the cohort with a standing order in that month ÷ all customers of the cohort.",
    "revenue": "Gross sales − discounts − returns of the cohort, each on its own day; cancelled orders are out.",
    "margin": "Net sales whose cost is known − cost of goods, each on its own day.",
    "revenue_per_customer": "Net sales since the first month, added up ÷ customers of the cohort.",
}


@dataclass(frozen=True, slots=True)
class CohortsView:
    """The heat map with its sentence, and the same numbers as a table for phones and readers."""

    figure: go.Figure
    answer: str
    wide: pl.DataFrame


def choose() -> Measure:
    """Draw the choice of the measure and return it."""
    with address.bound("cohorts_measure", "retention", MEASURES):
        picked = st.segmented_control(
            _("Measure"), list(MEASURES), required=True, format_func=lambda m: _(MEASURES[m]), key="cohorts_measure"
        )
    return picked or "retention"


def build(found: pl.DataFrame, measure: Measure, place: Place, *, narrow: bool = False) -> CohortsView:
    """Turn the cohorts' lives into a heat map; pure."""
    first = found["cohort"].unique().sort().to_list()[-MOST:]
    kept = found.filter(pl.col("cohort").is_in(first), pl.col("month") <= (NARROW if narrow else MOST - 1))
    wide = table(kept, measure)
    months = [name for name in wide.columns if name.isdigit()]
    partial = {(r["cohort"], r["month"]) for r in kept.filter("is_partial").iter_rows(named=True)}
    peak = _peak(wide, months, measure)
    rows, cells = [], []
    for row in wide.iter_rows(named=True):
        name = f"{fmt.month(row['cohort'])} · {fmt.count(row['size'])}"
        rows.append(name)
        for month in months:
            if row[month] is None:
                continue
            text = _text(row[month], measure, place.currency)
            hover = _("{cohort}, month {n}: {value}").format(cohort=fmt.month(row["cohort"]), n=month, value=text)
            if (row["cohort"], int(month)) in partial:
                text, hover = f"<i>{text}</i>", hover + " " + _("(not over yet)")
            cells.append(Cell(month, name, min(1.0, max(0.0, row[month] / peak)), text, hover))
    return CohortsView(matrix(months, rows, cells, side="top"), answer(kept, measure), wide)


def _peak(wide: pl.DataFrame, months: Sequence[str], measure: Measure) -> float:
    """Return the value with the strongest colour; month 0 of shares is always whole and would drown the rest."""
    later = [m for m in months if m != "0"] if measure in ("retention", "customers", "orders") else list(months)
    values = [float(v) for m in later for v in wide[m].to_list() if v is not None]
    return max(values, default=1.0) or 1.0


def _text(value: Any, measure: Measure, currency: str) -> str:
    if measure == "retention":
        return fmt.percent(value)
    return fmt.money_short(int(value), currency) if measure in MONEY else fmt.count(value)


def answer(found: pl.DataFrame, measure: Measure) -> str:
    """Return the sentence: how many come back in the month after the first, over cohorts whose month is over."""
    after = found.filter(pl.col("month") == 1, ~pl.col("is_partial"))
    size, back = int(after["size"].sum() or 0), int(after["customers"].sum() or 0)
    words = _("{metric} by month since the first order; rows are months of the first order and their customers.")
    said = words.format(metric=_(MEASURES[measure]))
    if size:
        said += " " + _("{share} come back in the month after.").format(share=fmt.percent(back / size))
    return said


def render(view: CohortsView, measure: Measure) -> None:
    """Draw the heat map."""
    blocks.section(_("Do customers come back?") if measure not in MONEY else _("What is a cohort worth?"), view.answer)
    blocks.chart(inked(view.figure, theme()), view.answer, key="cohorts_matrix")
    st.caption(_("Slanted: the month is not over."))


def sheet(found: pl.DataFrame, place: Place) -> exports.Sheet:
    """Return the export: a row a cohort and month with every measure."""
    code = place.currency.lower()
    frame = found.select(
        "cohort", "size", "month", "customers", pl.col("retention").round(6), "orders",
        tables.major(pl.col("net_minor"), place.currency).alias(f"revenue_{code}"),
        tables.major(pl.col("margin_minor"), place.currency).alias(f"margin_{code}"),
        tables.major(pl.col("net_so_far_minor"), place.currency).alias(f"revenue_so_far_{code}"),
        pl.col("is_partial").alias("not_over"),
    )  # fmt: skip
    return exports.Sheet("cohorts", frame, DEFINITIONS, {"Data as of": fmt.moment(data.refreshed_at(), place.zone)})
