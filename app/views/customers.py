"""Customers: who is worth what, who is leaving; the published RFM grid, values by group, cohorts, the list."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from app import blocks, data, exports, links
from app import format as fmt
from app.charts_customers import Cell, Spread, inked, matrix, spreads
from app.device import theme
from app.i18n import _, language, ngettext
from app.views import customer_360, customer_calibration, segments
from oms_core.kernel.money import exponent
from segmentation.rfm import GRID, GROUP_LABELS, GROUPS, NO_ORDERS, cut_points

if TYPE_CHECKING:
    from app.data import Place

KEY = "customer"
QUERIES: tuple[str, ...] = ("customer_timeline",)
#: Months of a cohort shown at the most.
MOST_MONTHS, NARROW_MONTHS = 12, 5
#: Pixels of a row of the grid; the spreads beside it are as tall.
GRID_ROW = 66
MOST_ROWS = 200
LEAVING = ("AT_RISK", "PREVIOUSLY_LOYAL")


@dataclass(frozen=True, slots=True)
class CustomersView:
    """Figures with their takeaways."""

    grid: go.Figure
    grid_answer: str
    prospects: str
    values: go.Figure | None
    cohorts: go.Figure | None
    cohorts_answer: str


def build(customers: pl.DataFrame, orders: pl.DataFrame, place: Place, *, narrow: bool = False) -> CustomersView:
    """Turn customers and their orders into figures; pure.

    Parameters
    ----------
    narrow : bool
        On a phone cells hold their number alone, and cohorts their first half year.
    """
    triangle = retention(orders, place.today)
    if narrow:
        triangle = triangle.filter(pl.col("month") <= NARROW_MONTHS)
    return CustomersView(
        grid=_grid(customers, place, narrow=narrow),
        grid_answer=_grid_answer(customers, place),
        prospects=_prospects(customers),
        values=_values(customers, place, narrow=narrow),
        cohorts=_cohorts(triangle),
        cohorts_answer=_cohorts_answer(triangle),
    )


def _grid(customers: pl.DataFrame, place: Place, *, narrow: bool) -> go.Figure:
    bought = customers.filter(pl.col("orders") > 0)
    total = max(int(bought["spent_minor"].sum() or 0), 1)
    fm = ((pl.col("f") + pl.col("m") + 1) // 2).alias("fm")
    held = bought.group_by("r", fm).agg(pl.len().alias("n"), pl.col("spent_minor").sum())
    found = {(r["r"], r["fm"]): (r["n"], int(r["spent_minor"])) for r in held.iter_rows(named=True)}
    most = max((minor for _n, minor in found.values()), default=1) or 1
    names, ages = GROUP_LABELS[language()], _recency_labels(bought, place.today)
    cells = []
    for r, row in GRID.items():
        for fm_score, group in enumerate(row, start=1):
            n, minor = found.get((r, fm_score), (0, 0))
            money = fmt.money_short(minor, place.currency)
            full = f"<b>{names[group]}</b><br>{fmt.count(n)} · {money}" if n else f"{names[group]}<br>{_('–')}"
            text = fmt.count(n) if narrow else full
            told = ngettext("{n} customer, {money}, {share} of sales", "{n} customers, {money}, {share} of sales", n)
            hover = told.format(n=fmt.count(n), money=money, share=fmt.percent(minor / total))
            cells.append(Cell(ages[r - 1], str(fm_score), max(minor / most, 0) ** 0.5, text, hover))
    return matrix(ages, ["5", "4", "3", "2", "1"], cells, row_height=GRID_ROW)


def _recency_labels(bought: pl.DataFrame, today: date) -> list[str]:
    """Return the recency columns from the longest ago to the latest, in days since the last order."""
    since = (pl.lit(today) - pl.col("last_order_on")).dt.total_days()
    cuts = [-int(c) for c in cut_points(bought.select((-since).alias("r")).to_series())] if bought.height else [0] * 4
    first = _("{n}+ days ago").format(n=fmt.count(cuts[0]))
    middle = [_("{low} to {high}").format(low=fmt.count(b), high=fmt.count(a)) for a, b in itertools.pairwise(cuts)]
    labels = [first, *middle, _("under {n} days").format(n=fmt.count(max(cuts[3], 1)))]
    # The score keeps two columns apart when their cut points are equal.
    return [f"{label} · {score}" for score, label in enumerate(labels, start=1)]


def _grid_answer(customers: pl.DataFrame, place: Place) -> str:
    leaving = customers.filter(pl.col("rfm_group").is_in(list(LEAVING)))
    spent = fmt.money_short(int(leaving["spent_minor"].sum() or 0), place.currency)
    return ngettext(
        "At risk and previously loyal: {n} customer who spent {money}",
        "At risk and previously loyal: {n} customers who spent {money}",
        leaving.height,
    ).format(n=fmt.count(leaving.height), money=spent)


def _prospects(customers: pl.DataFrame) -> str:
    n = customers.filter(pl.col("rfm_group") == NO_ORDERS).height
    said = ngettext("{n} contact with no order yet", "{n} contacts with no order yet", n).format(n=fmt.count(n))
    return _(
        "Columns: last order. Rows: orders and spend, fifths. Stronger colour: more sales. Prospects: {said}."
    ).format(said=said)


def _values(customers: pl.DataFrame, place: Place, *, narrow: bool) -> go.Figure | None:
    """Draw the expected value by group; None while no scores are stored."""
    if "clv_12m" not in customers.columns or customers["clv_12m"].is_null().all():
        return None
    unit = 10 ** exponent(place.currency)
    value = pl.col("clv_12m")
    held = (
        customers.filter(value.is_not_null() & (pl.col("rfm_group") != NO_ORDERS))
        .group_by("rfm_group")
        .agg(
            value.mean().alias("mean"),
            value.quantile(0.1, "linear").alias("low"),
            value.quantile(0.9, "linear").alias("high"),
        )
        .sort("mean", descending=True)
    )
    rows = [
        Spread(
            GROUP_LABELS[language()][r["rfm_group"]], r["mean"] / unit, r["low"] / unit, r["high"] / unit,
            _printed(r, place, narrow=narrow),
        )
        for r in held.iter_rows(named=True)
    ]  # fmt: skip
    highest = max((row.high for row in rows), default=1)
    powers = [10**i for i in range(1, 8) if 10**i <= highest * 10]
    return spreads(
        rows,
        (powers, [fmt.money_short(p * unit, place.currency) for p in powers]),
        right=84 if narrow else 240,
        height=0 if narrow else GRID_ROW * 5 + 48,
    )


def _printed(row: Mapping[str, Any], place: Place, *, narrow: bool) -> str:
    mean = f"<b>{fmt.money_round(round(row['mean']), place.currency)}</b>"
    if narrow:
        return mean
    low, high = (fmt.money_short(round(row[end]), place.currency) for end in ("low", "high"))
    return f"{mean}  {fmt.interval(low, high)}"


def retention(orders: pl.DataFrame, today: date) -> pl.DataFrame:
    """Return ``cohort`` (month), ``customers``, ``month`` (1 = the next), ``share`` of the cohort that ordered then.

    The running month is left out: it is not over.
    """
    months = orders.select("customer_id", pl.col("business_date").dt.truncate("1mo").alias("m")).unique()
    first = months.group_by("customer_id").agg(pl.col("m").min().alias("cohort"))
    joined = months.join(first, on="customer_id").filter(pl.col("m") < today.replace(day=1))
    n = (pl.col("m").dt.year() - pl.col("cohort").dt.year()) * 12 + pl.col("m").dt.month() - pl.col("cohort").dt.month()
    counted = joined.with_columns(n.alias("month")).group_by("cohort", "month").agg(pl.len().alias("n"))
    sizes = counted.filter(pl.col("month") == 0).select("cohort", pl.col("n").alias("customers"))
    return (
        counted.join(sizes, on="cohort")
        .filter((pl.col("month") > 0) & (pl.col("month") < MOST_MONTHS))
        .select("cohort", "customers", "month", (pl.col("n") / pl.col("customers")).alias("share"))
        .sort("cohort", "month")
    )


def _cohorts(triangle: pl.DataFrame) -> go.Figure | None:
    if triangle.is_empty():
        return None
    names = {
        r["cohort"]: f"{fmt.month(r['cohort'])} ({fmt.count(r['customers'])})"
        for r in triangle.unique("cohort").sort("cohort").iter_rows(named=True)
    }
    most = float(str(triangle["share"].max()))
    cells = [
        Cell(f"+{r['month']}", names[r["cohort"]], r["share"] / most, fmt.percent(r["share"]), _cohort_hover(r))
        for r in triangle.iter_rows(named=True)
    ]
    columns = [f"+{m}" for m in range(1, int(str(triangle["month"].max())) + 1)]
    return matrix(columns, list(names.values()), cells, side="top")


def _cohort_hover(row: dict[str, object]) -> str:
    n, size = round(float(str(row["share"])) * int(str(row["customers"]))), int(str(row["customers"]))
    return _("{n} of {size} ordered again").format(n=fmt.count(n), size=fmt.count(size))


def _cohorts_answer(triangle: pl.DataFrame) -> str:
    next_month = triangle.filter(pl.col("month") == 1)
    if next_month.is_empty():
        return _("A cohort needs a month after its first")
    shares: Sequence[float] = next_month["share"].to_list()
    return _(
        "Of those first seen in a month, the share that ordered n months later: {low} to {high} in the next"
    ).format(low=fmt.percent(min(shares)), high=fmt.percent(max(shares)))


def render(place: Place) -> None:
    """Draw the page, or one customer when the address names one."""
    number = links.detail(KEY)
    if number:
        customer_360.render(number, place)
        return
    customers = data.customers()
    if customers.is_empty():
        with blocks.empty(
            "no_data", _("No known customers yet"), _("Guests have no name; import customers or orders with one.")
        ):
            pass
        return
    view = build(customers, data.customer_orders(), place, narrow=blocks.on_phone())
    left, right = st.columns([1.25, 1], gap="medium")
    with left:
        blocks.section(_("Where is the money, and where is it leaking?"), view.grid_answer)
        blocks.chart(inked(view.grid, theme()), alt=view.grid_answer, key="rfm_grid")
        st.caption(view.prospects)
    with right:
        blocks.section(
            _("How much will each group bring in the next 12 months?"),
            _("Expected value per customer: dot; middle 80% of the group's customers: line"),
        )
        if view.values is None:
            blocks.empty_line(
                "no_data", _("Not scored yet"), _("In a terminal: {command}").format(command="ordersight clv score")
            )
        else:
            blocks.chart(view.values, alt=_("Expected value by group"), key="rfm_values")
    blocks.section(_("Do newer customers come back as often as the first ones did?"), view.cohorts_answer)
    if view.cohorts is not None:
        blocks.chart(inked(view.cohorts, theme()), alt=view.cohorts_answer, key="cohorts")
    customer_calibration.section()
    _list(customers, place)


def _list(customers: pl.DataFrame, place: Place) -> None:
    found = search(customers, str(st.session_state.get("customers_q") or st.query_params.get("customers_q") or ""))
    shown = found.head(MOST_ROWS)
    blocks.section(
        _("Who are they?"),
        _("Largest first, {shown} of {n} · select a row to open the customer").format(
            shown=fmt.count(shown.height), n=fmt.count(found.height)
        ),
    )
    left, right = st.columns([2, 1], gap="small")
    with left:
        st.text_input(
            _("Search"), key="customers_q", bind="query-params", placeholder=_("Name, number, e-mail or place"),
            label_visibility="collapsed", type="search",
        )  # fmt: skip
    with right:
        names = GROUP_LABELS[language()]
        picked = st.selectbox(
            _("Group"), GROUPS, index=None, format_func=names.__getitem__, placeholder=_("All groups"),
            key="customers_group", label_visibility="collapsed",
        )  # fmt: skip
    if picked:
        shown = found.filter(pl.col("rfm_group") == picked).head(MOST_ROWS)
    if shown.is_empty():
        blocks.empty_line("filters", _("Nobody matches"), _("Search for less, or for all groups."))
        return
    table = segments.customer_rows(shown, place.currency)
    picked_rows = blocks.table(
        table,
        segments.columns(place.currency),
        key="customers_table",
        alt=_("Customers"),
        open_on_click=True,
        phone=("name", "group"),
    )
    for position in picked_rows:
        links.open_detail(KEY, shown["number"][position])
        st.rerun()


def search(customers: pl.DataFrame, text: str) -> pl.DataFrame:
    """Return the customers a plain search finds, largest spend first."""
    ordered = customers.sort(["spent_minor", "customer_id"], descending=[True, False])
    wanted = text.strip().lower()
    if not wanted:
        return ordered
    fields = [pl.col(c).fill_null("").str.to_lowercase() for c in ("name", "number", "email", "city", "postal_code")]
    return ordered.filter(pl.any_horizontal([f.str.contains(wanted, literal=True) for f in fields]))


def sheet(place: Place) -> exports.Later | None:
    """Return the list as an export for looking at: no addresses leave this way."""
    customers = data.customers()
    if customers.is_empty() or links.detail(KEY):
        return None

    def make() -> exports.Sheet:
        rows = segments.customer_rows(search(customers, ""), place.currency)
        return exports.Sheet(
            name="customers", frame=rows.with_columns(pl.col("group", "consent").list.first()),
            facts={"Currency": place.currency},
        )  # fmt: skip

    return exports.Later("customers", customers.height, make)
