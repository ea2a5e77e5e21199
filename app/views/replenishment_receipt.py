"""Why this quantity: the sentence, the stock with and without the order, and the addition that leads to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from app import blocks, charts, links, palette
from app import format as fmt
from app.i18n import _, language, ngettext
from app.views import replenishment_places, replenishment_regret
from forecasting.reasons import reason
from oms_core.kernel.errors import NotFound

if TYPE_CHECKING:
    from app.data import Place

WIDTH = 680
EDITS = "replenishment_edits"


def show(sku: str, lines: pl.DataFrame, place: Place) -> None:
    """Open the receipt of one line."""

    @st.dialog(_("Why this quantity?"), position="right", width=WIDTH, on_dismiss=_closed)
    def drawer() -> None:
        with blocks.guard("receipt"):
            found = lines.filter(pl.col("sku") == sku)
            if found.is_empty():
                raise NotFound("SKU", sku, lines["sku"].to_list())
            _draw(found.row(0, named=True), place)

    drawer()


def _closed() -> None:
    links.close_detail("line")
    st.session_state.pop("replenishment_why", None)


def _draw(row: Mapping[str, Any], place: Place) -> None:
    st.markdown(f"**{fmt.product(row['title'])}** · {row['sku']} · {row['supplier']}")
    st.markdown(reason(row)[language()])
    blocks.section(_("What happens with and without the order?"), _outcome(row), small=True)
    blocks.chart(projection(row, place), alt=_outcome(row), key="receipt_projection")
    blocks.section(_("The addition"), small=True)
    blocks.facts(addition(row, place))
    st.caption(f":material/local_shipping: {lead_time(row)}")
    replenishment_places.render(row)
    replenishment_regret.render(row, place)
    pack = int(row["pack_qty"] or 1)
    wanted = st.number_input(
        _("Order now"), min_value=0, step=pack, value=int(row["order_qty"]), key=f"receipt_{row['sku']}",
        help=_("Whole packs of {pack}").format(pack=fmt.count(pack)),
    )  # fmt: skip
    if st.button(_("Use this quantity"), type="primary", key="receipt_use"):
        st.session_state[EDITS] = {**st.session_state.get(EDITS, {}), row["sku"]: int(wanted)}
        st.session_state["replenishment_nonce"] = st.session_state.get("replenishment_nonce", 0) + 1
        _closed()
        st.rerun()


def _outcome(row: Mapping[str, Any]) -> str:
    chance = fmt.percent(row["p_stock_out"])
    if row["urgency"] == "out":
        return _("Nothing is available now; {chance} chance to be short before an order of today arrives").format(
            chance=chance
        )
    if row["sells_out_on"]:
        return _(
            "Without it the stock ends {day}; {chance} chance to be short before an order of today arrives"
        ).format(day=fmt.day(row["sells_out_on"]), chance=chance)
    return _("The stock lasts for more than a year")


def lead_time(row: Mapping[str, Any]) -> str:
    """Say what the lead time rests on, such as ``stated 10 days, seen 12.4 ± 3.1 in 9 deliveries, used 11.8``."""
    if not row["seen_deliveries"]:
        return _("Lead time: {used} days as stated; no delivery of the last year shows another").format(
            used=fmt.number(row["lead_time_days"], 1)
        )
    spread = f" ± {fmt.number(row['seen_sd_days'], 1)}" if row["seen_sd_days"] is not None else ""
    n = row["seen_deliveries"]
    return ngettext(
        "Lead time: stated {stated} days, seen {seen} in {n} delivery, used {used}",
        "Lead time: stated {stated} days, seen {seen} in {n} deliveries, used {used}",
        n,
    ).format(
        stated=fmt.number(row["stated_days"], 1), seen=fmt.number(row["seen_days"], 1) + spread, n=fmt.count(n),
        used=fmt.number(row["lead_time_days"], 1),
    )  # fmt: skip


def addition(row: Mapping[str, Any], place: Place) -> dict[str, str]:
    """Return the addition line by line; it adds up to the quantity before rounding, then to the order."""
    cost = row["order_qty"] * int(row["unit_cost_minor"] or 0)
    lead, cover = fmt.days(round(row["lead_time_days"])), fmt.days(round(row["cover_days"]))
    point = fmt.number(row["reorder_point"], 1)
    on_order = (
        _("On order, {n} of them late").format(n=fmt.count(row["late_qty"])) if row["late_qty"] else _("On order")
    )
    return {
        _("Demand until it can arrive, {days}").format(days=lead): fmt.number(row["demand_lead"], 1),
        _("Demand of the cover wanted, {days}").format(days=cover): fmt.number(row["demand_cover"], 1),
        replenishment_regret.service(row): fmt.number(row["safety"], 1),
        _("Available"): fmt.count(-row["available"]),
        on_order: f"-{fmt.count(row['incoming'])}",
        _("In drafts"): f"-{fmt.count(row['drafted'])}",
        _("Needed, if below the reorder point {n}").format(n=point): fmt.count(row["raw_qty"]),
        replenishment_regret.rounding(row): f"+{fmt.count(row['rounding_qty'])}",
        _("Suggested"): fmt.count(row["suggested_qty"]),
        _("Order now"): f"{fmt.count(row['order_qty'])} · {fmt.money(cost, place.currency)}",
    }


def projection(row: Mapping[str, Any], place: Place) -> go.Figure:
    """Draw the expected stock with and without the order until cover and review end."""
    lead = round(row["lead_time_days"])
    days = list(range(lead + round(row["cover_days"]) + 8))
    due = (row["next_due_on"] - place.today).days if row["next_due_on"] else None

    def stock(order: int) -> list[float]:
        level, path = float(max(row["available"], 0)), []
        for n in days:
            level += row["incoming"] if due is not None and n == max(due, 1) else 0
            level += order if n == lead else 0
            path.append(level)
            level = max(level - row["rate"], 0)
        return path

    when = [place.today + timedelta(days=n) for n in days]
    figure = charts.figure(240, right=96)
    for name, order, colour, dash in (
        (_("without"), 0, palette.NEUTRAL, "dot"),
        (_("with the order"), int(row["order_qty"]), palette.OURS, "solid"),
    ):
        path = stock(order)
        charts.line(figure, when, charts.Series(name, path, colour, [fmt.count(round(v)) for v in path]), dash=dash)
        charts.label(figure, name, when[-1], path[-1], colour)
    if row["order_qty"]:
        charts.rule(figure, when[lead], _("arrives"))
    named = when[:: max(1, -(-len(when) // 3))]
    figure.update_xaxes(tickvals=named, ticktext=[fmt.day(d) for d in named], tickangle=0, range=[when[0], when[-1]])
    figure.update_yaxes(rangemode="tozero")
    return figure
