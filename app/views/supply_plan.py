"""Supply plan: what the next twelve months sell, what has to be bought for that, and when it is paid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from app import address, blocks, charts, data, exports, palette, tables
from app import format as fmt
from app.i18n import N_, _
from app.tiles import Tile
from app.views import forecast

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from app.data import Place
    from app.jobs.supply_plan import SupplyPlan

QUERIES = ("forecast_runs",)
GROUPS: Mapping[str, str] = {
    "month": N_("By month"), "category": N_("By category"), "supplier": N_("By supplier"),
}  # fmt: skip
#: Groups shown as rows of the spend table; the rest is summed.
MOST_GROUPS = 15


@dataclass(frozen=True, slots=True)
class SupplyView:
    """The page, translated and ready to draw."""

    tiles: Sequence[Tile]
    chart: go.Figure
    said: str
    rows: pl.DataFrame


def load() -> SupplyPlan | None:
    """Return the plan, or None before the first forecast."""
    return None if data.rows("forecast_runs").is_empty() else data.supply_plan()


def build(plan: SupplyPlan, group: str) -> SupplyView:
    """Turn a plan into tiles, chart and table; pure."""
    months = plan.by()
    paid = months["paid_open_minor"] + months["paid_planned_minor"]
    return SupplyView(
        tiles=_tiles(plan, months, int(paid.head(3).sum()), int(paid.sum())),
        chart=_chart(months, plan.currency),
        said=_("Orders on their way, and drafts with what the plan adds, in the month they are paid"),
        rows=_months(months, plan.currency) if group == "month" else _groups(plan, group),
    )


def _tiles(plan: SupplyPlan, months: pl.DataFrame, soon: int, whole: int) -> tuple[Tile, ...]:
    first = months.row(0, named=True)
    last = months.row(months.height - 1, named=True)
    return (
        Tile(
            _("Open to buy, {month}").format(month=fmt.month(first["month"])),
            fmt.money_tile(first["otb_minor"], plan.currency),
            _("{n} units").format(n=fmt.count(round(first["otb_units"]))),
            help=_(
                "Planned end stock + planned sales - stock - on order or in drafts, at cost; what is above zero, "
                "by product."
            ),
        ),
        Tile(_("To pay in 3 months"), fmt.money_tile(soon, plan.currency), _("open orders and planned ones")),
        Tile(
            _("To pay in 12 months"), fmt.money_tile(whole, plan.currency),
            _("{money} later").format(money=fmt.money_short(plan.later_minor, plan.currency)),
        ),
        Tile(
            _("Stock at the end"), fmt.money_tile(last["end_minor"], plan.currency),
            _("planned {money}").format(money=fmt.money_short(last["target_minor"], plan.currency)),
        ),
        Tile(
            _("Short before goods can come"), fmt.count(round(first["short_units"])),
            _("units, {month}").format(month=fmt.month(first["month"])),
            "orange" if first["short_units"] >= 1 else "gray",
        ),
    )  # fmt: skip


def _chart(months: pl.DataFrame, currency: str) -> go.Figure:
    """Draw what is paid by month: for orders on their way, and for those the plan adds."""
    names = [fmt.month(m) for m in months["month"]]
    highest = int((months["paid_open_minor"] + months["paid_planned_minor"]).max() or 1)  # type: ignore[arg-type]
    series = [
        charts.Series(label, months[name].to_list(), colour, [fmt.money_round(v, currency) for v in months[name]])
        for label, name, colour in (
            (_("Orders on their way"), "paid_open_minor", palette.NEUTRAL),
            (_("Planned orders"), "paid_planned_minor", palette.OURS),
        )
    ]
    figure = charts.bars(names, series, ticks=fmt.money_ticks(max(highest, 1), currency), height=260)
    marks = names[:: max(1, len(names) // 4)]
    figure.update_xaxes(tickvals=marks, ticktext=marks, tickangle=0)
    return figure


def _months(months: pl.DataFrame, currency: str) -> pl.DataFrame:
    names = ("sales_units", "arriving_units", "drafted_units", "planned_units", "end_units")
    whole = [pl.col(n).round().cast(pl.Int64) for n in names]
    money = [tables.major(pl.col(f"{n}_minor"), currency).alias(n) for n in ("otb", "ordered", "received", "end")]
    paid = tables.major(pl.col("paid_open_minor") + pl.col("paid_planned_minor"), currency).alias("paid")
    said = pl.Series("month", [fmt.month(m) for m in months["month"]])
    return months.select(said, *whole, *money, paid)


def _groups(plan: SupplyPlan, group: str) -> pl.DataFrame:
    """Return what is paid by group and month, the largest first, what is beyond the most in one row."""
    frame = plan.by(group).with_columns((pl.col("paid_open_minor") + pl.col("paid_planned_minor")).alias("paid"))
    sums = frame.group_by(group).agg(pl.col("paid").sum().alias("all"), pl.col("otb_minor").first().alias("otb"))
    ranked = sums.sort("all", group, descending=[True, False])
    keep = ranked[group].head(MOST_GROUPS).to_list()
    rest = _("Others")
    named = pl.when(pl.col(group).is_in(keep)).then(pl.col(group)).otherwise(pl.lit(rest)).alias("name")
    wide = frame.with_columns(named).group_by("name", "month").agg(pl.col("paid").sum())
    wide = wide.sort("month").pivot(on="month", index="name", values="paid", sort_columns=False)
    totals = ranked.with_columns(named).group_by("name").agg(pl.col("all").sum(), pl.col("otb").sum())
    joined = totals.join(wide, on="name").sort(pl.col("name") == rest, -pl.col("all"))
    months = [name for name in wide.columns if name != "name"]
    money = [tables.major(pl.col(n), plan.currency).alias(n) for n in ("otb", *months, "all")]
    return joined.select("name", *money)


def columns(view: SupplyView, group: str, currency: str) -> dict[str, Any]:
    """Return the columns of the table under the chart."""
    if group != "month":
        from datetime import date

        months = {
            name: tables.money(fmt.month(date.fromisoformat(name)), currency, 92)
            for name in view.rows.columns if name not in {"name", "otb", "all"}
        }  # fmt: skip
        return {
            "name": tables.text(_(GROUPS[group]), 170),
            "otb": tables.money(_("Open to buy now"), currency, 116),
            "all": tables.money(_("12 months"), currency, 104),
            **months,
        }
    return {
        "month": tables.text(_("Month"), 90),
        "sales_units": tables.count(_("Sales, units"), 92),
        "arriving_units": tables.count(_("Arriving"), 84),
        "drafted_units": tables.count(_("In drafts"), 84),
        "planned_units": tables.count(_("To buy"), 84),
        "end_units": tables.count(_("End stock"), 88),
        "otb": tables.money(_("Open to buy"), currency, 104),
        "ordered": tables.money(_("To order"), currency, 118),
        "received": tables.money(_("To receive"), currency, 104),
        "paid": tables.money(_("To pay"), currency, 104),
        "end": tables.money(_("End stock at cost"), currency, 120),
    }


def render(plan: SupplyPlan | None, place: Place) -> None:
    """Draw tiles, chart and table."""
    if plan is None:
        forecast.none_yet()
        return
    group = address.read("supply_by", "month", GROUPS)
    view = build(plan, group)
    blocks.kpi_row(view.tiles)
    blocks.section(_("What is paid when?"), view.said)
    blocks.chart(view.chart, view.said, key="supply_paid")
    blocks.section(
        _("What has to be bought, month by month?"),
        _("Forecast, then the season of the category; goods that came already and their bills are in Finance"),
    )
    with address.bound("supply_by", "month", GROUPS):
        st.segmented_control(
            _("View"), list(GROUPS), required=True, key="supply_by", label_visibility="collapsed",
            format_func=lambda name: _(GROUPS[name]),
        )  # fmt: skip
    blocks.table(
        view.rows,
        columns(view, group, place.currency),
        key="supply_rows",
        alt=_("Supply plan"),
        phone=("month", "name", "otb", "paid", "all"),
    )
    if plan.without_rate:
        st.caption(_("Without an exchange rate and in no sum: {codes}").format(codes=", ".join(plan.without_rate)))


def sheet(plan: SupplyPlan | None) -> exports.Sheet | None:
    """Return the plan by product and month for export."""
    if plan is None:
        return None
    money = [c for c in plan.rows.columns if c.endswith("_minor")]
    frame = plan.rows.with_columns(tables.major(pl.col(c), plan.currency).alias(c) for c in money)
    return exports.Sheet(
        name="supply_plan",
        frame=frame.rename({c: c.removesuffix("_minor") for c in money}),
        facts={"Currency": plan.currency, "Forecast": str(plan.run["id"]), "Until": plan.until.isoformat()},
    )
