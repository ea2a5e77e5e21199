"""Replenishment: what to order today, from whom, and why this many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from app import address, blocks, data, exports, links, tables
from app import format as fmt
from app.i18n import N_, _, language
from app.views import forecast, replenishment_actions, replenishment_budget, replenishment_receipt
from forecasting.price_breaks import priced
from forecasting.reasons import reason

if TYPE_CHECKING:
    from app.data import Place
    from app.jobs.replenishment import Plan

KEY = "line"
QUERIES = ("locations", "forecast_runs")
#: Urgency of a line: its word and colour, most urgent first.
URGENCY: Mapping[str, tuple[str, str]] = {
    "out": (N_("Out now"), "red"),
    "before": (N_("Out before arrival"), "orange"),
    "last_day": (N_("Last day to order"), "yellow"),
    "soon": (N_("In this review"), "gray"),
    "fine": (N_("Fine"), "gray"),
}
VIEWS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "urgent": (N_("Needs a decision"), ("out", "before", "last_day")),
    "out": (N_("Out now"), ("out",)),
    "order": (N_("To order"), ("out", "before", "last_day", "soon")),
    "all": (N_("All"), tuple(URGENCY)),
}
MOST_ROWS = 300
EDITS = "replenishment_edits"


@dataclass(frozen=True, slots=True)
class ReplenishmentView:
    """The grid and what stands around it."""

    rows: pl.DataFrame
    lines: pl.DataFrame
    counts: Mapping[str, int]
    caption: str


def edited(lines: pl.DataFrame, edits: Mapping[str, int]) -> pl.DataFrame:
    """Return the lines with ``suggested_qty`` kept and ``order_qty`` as the buyer wants it; pure."""
    kept = lines.with_columns(pl.col("order_qty").alias("suggested_qty"))
    if not edits:
        return kept
    wanted = pl.col("sku").replace_strict(dict(edits), default=None, return_dtype=pl.Int64)
    return priced(kept.with_columns(pl.coalesce(wanted, "order_qty").alias("order_qty")))


def build(plan: Plan, lines: pl.DataFrame, view: str, place: Place, suppliers: Sequence[str] = ()) -> ReplenishmentView:
    """Turn a plan into the grid of a view; pure."""
    held = lines.filter(pl.col("supplier").is_in(list(suppliers))) if suppliers else lines
    counts = {name: _in_view(held, name).height for name in VIEWS}
    shown = _in_view(held, view).head(MOST_ROWS)
    caption = _("{n} of {all} SKUs need a decision · forecast {run} of {day}").format(
        n=fmt.count(counts["urgent"]),
        all=fmt.count(held.height),
        run=plan.run["id"],
        day=fmt.day(plan.run["cutoff_on"]),
    )
    return ReplenishmentView(_rows(shown, place), shown, counts, caption)


def _in_view(lines: pl.DataFrame, view: str) -> pl.DataFrame:
    held = lines.filter(pl.col("urgency").is_in(list(VIEWS[view][1])))
    return held.filter(pl.col("order_qty") > 0) if view == "order" else held


def _rows(shown: pl.DataFrame, place: Place) -> pl.DataFrame:
    words = {code: _(word) for code, (word, _colour) in URGENCY.items()}
    why = [short_reason(row) for row in shown.iter_rows(named=True)]
    value = pl.col("order_qty") * pl.col("unit_cost_minor")
    return shown.select(
        "sku",
        tables.product(pl.col("title")),
        tables.badges(pl.col("urgency"), words).alias("urgency"),
        "supplier",
        pl.col("cover_days_now").floor().cast(pl.Int64).alias("cover"),
        "sells_out_on",
        "available",
        pl.col("incoming").alias("on_order"),
        pl.col("suggested_qty").alias("suggested"),
        pl.col("order_qty").alias("order"),
        tables.major(value, place.currency).alias("value"),
        pl.Series("why", why, dtype=pl.String),
    )


def short_reason(row: Mapping[str, Any]) -> str:
    """Return the reason of a row in a few words, such as ``48 a day. Lasts to 9 Dec, 240 due 11 Dec``.

    That a SKU is out its badge says.
    """
    rate = _("{n} a day.").format(n=fmt.number(row["rate"], 0 if row["rate"] >= 10 else 1))
    if row["urgency"] == "out":
        state = ""
    elif row["sells_out_on"]:
        state = _("Lasts to {day},").format(day=fmt.day(row["sells_out_on"]))
    else:
        state = _("Lasts over a year,")
    if row["incoming"] and row["next_due_on"]:
        coming = _("{n} due {day}.").format(n=fmt.count(row["incoming"]), day=fmt.day(row["next_due_on"]))
    elif row["incoming"]:
        coming = _("{n} overdue.").format(n=fmt.count(row["incoming"]))
    elif row["drafted"]:
        coming = _("{n} in drafts.").format(n=fmt.count(row["drafted"]))
    else:
        coming = _("none on order.")
    return " ".join(part for part in (rate, state, coming) if part)


def columns(currency: str) -> dict[str, Any]:
    """Return the columns of the grid; *Order* is the one that can be changed."""
    return {
        "sku": tables.text(_("SKU"), 66),
        "title": tables.text(_("Product"), 172),
        "urgency": tables.badge(_("Urgency"), {_(w): c for w, c in URGENCY.values()}, 158),
        "supplier": tables.text(_("Supplier"), 110),
        "cover": tables.count(_("Cover, days"), 84),
        "sells_out_on": tables.day(_("Sells out"), 86),
        "available": tables.count(_("Available"), 74),
        "on_order": tables.count(_("On order"), 72),
        "suggested": tables.count(_("Suggested"), 78),
        "order": st.column_config.NumberColumn(_("Order now"), width=92, min_value=0, step=1, format="localized"),
        "value": tables.money(_("Value"), currency, 92),
        "why": tables.text(_("Why"), 216),
    }


def render(place: Place) -> None:
    """Draw budget and minimums, the grid, the action at its foot, and the receipt of a chosen line."""
    if data.rows("forecast_runs").is_empty():
        forecast.none_yet()
        return
    whole: Plan = data.replenishment_plan()
    plan = replenishment_budget.render(whole, place)
    lines = edited(plan.lines, st.session_state.get(EDITS, {}))
    view = address.read("replenishment_view", "urgent", VIEWS)
    suppliers = sorted(lines["supplier"].unique().to_list())
    # on a phone the views wrap below each other; in a row they would be cut
    with st.container(horizontal=not blocks.on_phone(), gap="xsmall", vertical_alignment="bottom"):
        chosen = _chips(lines, view, suppliers)
    shown = build(plan, lines, view, place, chosen)
    if shown.rows.is_empty():
        at = _("Last checked {time}").format(time=fmt.clock_time(place.now, place.zone))
        with blocks.empty("done", _("Nothing to decide here"), at):
            pass
    elif blocks.on_phone():
        _cards(shown)
    else:
        _grid(shown, place)
    replenishment_actions.foot(lines, shown.lines, view=view, place=place)
    sku = links.detail(KEY)
    if sku:
        replenishment_receipt.show(sku, lines, place)


def _chips(lines: pl.DataFrame, view: str, suppliers: Sequence[str]) -> list[str]:
    counts = {name: _in_view(lines, name).height for name in VIEWS}
    with address.bound("replenishment_view", "urgent", VIEWS):
        st.segmented_control(
            _("View"), list(VIEWS), required=True, key="replenishment_view", label_visibility="collapsed",
            format_func=lambda name: f"{_(VIEWS[name][0])} {fmt.count(counts[name])}",
        )  # fmt: skip
    del view
    with address.bound("replenishment_supplier", [], suppliers):
        picked = st.multiselect(
            _("Supplier"), suppliers, key="replenishment_supplier", placeholder=_("All suppliers"),
            label_visibility="collapsed", width=280,
        )  # fmt: skip
    return list(picked)


def _grid(shown: ReplenishmentView, place: Place) -> None:
    config = columns(place.currency)
    changed = st.data_editor(
        shown.rows,
        key=f"replenishment_grid_{st.session_state.get('replenishment_nonce', 0)}",
        hide_index=True,
        column_config=config,
        column_order=list(config),
        disabled=[name for name in config if name != "order"],
        row_height=32,
        height=(min(shown.rows.height, 12) + 1) * 32 + 2,
    )
    remember(shown.lines, changed["order"].to_list())
    left, _right = st.columns([1, 2.2])
    with left:
        picked = st.selectbox(
            _("Why this quantity?"), shown.lines["sku"].to_list(), index=None,
            placeholder=_("Why this quantity? Choose a SKU"),
            format_func=dict(shown.rows.select("sku", "title").iter_rows()).__getitem__, key="replenishment_why",
            label_visibility="collapsed",
        )  # fmt: skip
    if picked:
        links.open_detail(KEY, picked)


def remember(lines: pl.DataFrame, quantities: Sequence[int | None]) -> None:
    """Keep what differs from the suggestion by SKU, and redraw once when something changed."""
    before = dict(st.session_state.get(EDITS, {}))
    after = dict(before)
    for sku, suggested, wanted in zip(lines["sku"], lines["suggested_qty"], quantities, strict=True):
        after.pop(sku, None)
        if wanted is not None and wanted != suggested:
            after[sku] = int(wanted)
    if after != before:
        st.session_state[EDITS] = after
        st.rerun()


def _cards(shown: ReplenishmentView) -> None:
    """Draw the lines as cards with steppers, for a phone in the warehouse."""
    wanted = []
    for row in shown.lines.head(20).iter_rows(named=True):
        with st.container(border=True, gap="xsmall"):
            word, colour = URGENCY[row["urgency"]]
            st.markdown(f"**{fmt.product(row['title'])}** :{colour}-badge[{_(word)}]")
            st.caption(f"{row['sku']} · {short_reason(row)}")
            st.button(
                _("Why this quantity?"), type="tertiary", icon=":material/function:", key=f"why_{row['sku']}",
                on_click=links.open_detail, args=(KEY, row["sku"]),
            )  # fmt: skip
            pack = int(row["pack_qty"] or 1)
            key = f"card_{row['sku']}"
            units = st.number_input(_("Order now"), min_value=0, step=pack, value=row["order_qty"], key=key)
            wanted.append(int(units))
    remember(shown.lines.head(20), wanted)


def sheet(place: Place) -> exports.Sheet | None:
    """Return the suggestions with their receipts for export."""
    if data.rows("forecast_runs").is_empty():
        return None
    plan: Plan = data.replenishment_plan()
    lines = edited(plan.lines, st.session_state.get(EDITS, {})).filter(pl.col("order_qty") > 0)
    if lines.is_empty():
        return None
    why = [reason(row)[language()] for row in lines.iter_rows(named=True)]
    money = tables.major(pl.col("order_qty") * pl.col("unit_cost_minor"), place.currency).alias("value")
    kept = (
        "sku", "title", "supplier", "urgency", "available", "incoming", "drafted", "rate", "demand_lead",
        "demand_cover", "safety", "raw_qty", "suggested_qty", "order_qty", "pack_qty", "moq_qty", "p_stock_out",
        "sells_out_on", "last_order_on",
    )  # fmt: skip
    return exports.Sheet(
        name="replenishment",
        frame=lines.select(*kept, money, pl.Series("reason", why)),
        facts={"Forecast": str(plan.run["id"]), "Currency": place.currency},
    )
