"""The two limits above the grid: the budget and what its next part would bring, and each supplier's minimum."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import streamlit as st

from app import blocks, charts, palette
from app import format as fmt
from app.i18n import _, ngettext
from forecasting.replenish import Ladder, ladder
from oms_core.kernel.money import exponent

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from app.data import Place
    from app.jobs.replenishment import Plan

#: Points of the budget curve; below so many units of money there is nothing to choose.
POINTS = 40
MOST_SUPPLIERS = 6
#: Units of money whose return is told, and cm³ of a m³.
NEXT, CM3 = 1000, 1_000_000.0


def render(plan: Plan, place: Place) -> Plan:
    """Draw both cards; return the plan as it is within the budget and the container, the whole one if neither binds."""
    left, right = st.columns([1.05, 1], gap="medium")
    with left:
        held = _budget(plan, place)
    with right:
        _minimums(held, place)
    return held


def _budget(plan: Plan, place: Place) -> Plan:
    unit = 10 ** exponent(place.currency)
    whole = plan.value_minor // unit
    blocks.section(
        _("What does the next money bring?"), _("Best plan for each budget; the slider solves the grid again")
    )
    if whole < POINTS:
        blocks.empty_line("done", _("Nothing to spend"), _("Stock and open orders cover the forecast."))
        return plan
    step = max(whole // 40, 1)
    with st.container(border=True):
        first, second = st.columns([1, 1.25], gap="medium")
        with first:
            chosen = st.slider(
                _("Budget, {currency}").format(currency=place.currency), 0, whole + step, whole + step, step,
                key="replenishment_budget", format="localized",
            )  # fmt: skip
            container = _container(plan)
            held = plan
            if chosen < whole or container is not None:
                budget = min(int(chosen), whole) * unit
                held = plan.within(budget, volume_cm3=container, extra_minor=NEXT * unit)
            spent = fmt.money_round(held.value_minor, place.currency)
            lines = ngettext("{n} line", "{n} lines", held.ordered.height).format(n=fmt.count(held.ordered.height))
            st.markdown(_("**{money}** ordered, {lines}").format(money=spent, lines=lines).replace("$", "\\$"))
            steps = ladder(plan.lines)
            _brings(held, float(steps.gain[np.cumsum(steps.cost) <= held.value_minor].sum()), place)
        with second:
            figure = curve(steps, place)
            st.plotly_chart(figure, config={"displayModeBar": False}, key="budget_curve", alt=_("Margin by budget"))
    return held


def _container(plan: Plan) -> float | None:
    """Ask for the room of a container where volumes are known; return cm³, or None while it does not bind."""
    if plan.volume_cm3 <= 0:
        return None
    asked = plan.volume_cm3 / CM3
    room = st.number_input(
        _("Container, m³ (all of it takes {m3})").format(m3=fmt.number(asked, 1)), min_value=0.0, value=None, step=1.0,
        key="replenishment_container", placeholder=_("no limit"),
    )  # fmt: skip
    return None if room is None or room >= asked else float(room) * CM3


def _brings(held: Plan, gain: float, place: Place) -> None:
    """Say what the plan is expected to bring, what the next money would, and how near the best it is."""
    if held.cut is None:
        brings = _("It should bring about {money} of margin before the next chance to order")
        st.caption(brings.format(money=fmt.money_short(round(gain), place.currency)).replace("$", "\\$"))
        return
    more = fmt.money_short(round(held.cut.next_gain_minor), place.currency)
    money = fmt.money_round(held.cut.extra_minor, place.currency)
    said = _("The next {money} would bring about {more} of margin").format(money=money, more=more)
    proof = _("at most {share} from the best plan there is").format(share=fmt.percent(held.cut.gap, 2))
    st.caption(f"**{said}** · {proof}".replace("$", "\\$"))


def curve(steps: Ladder, place: Place) -> go.Figure:
    """Draw the margin the best plan of each budget is expected to bring."""
    unit = 10 ** exponent(place.currency)
    spent, gained = np.cumsum(steps.cost), np.cumsum(steps.gain)
    kept = np.unique(np.linspace(0, len(spent) - 1, POINTS).astype(int))
    x, y = [0.0, *(spent[kept] / unit)], [0.0, *(gained[kept] / unit)]
    highest = max(round(gained[-1]), 1)
    values, texts = fmt.money_ticks(highest, place.currency)
    figure = charts.figure(150, ticks=([v / unit for v in values], texts), unified=False, right=34)
    hover = [fmt.money_round(round(v * unit), place.currency) for v in y]
    charts.line(figure, x, charts.Series(_("Margin"), y, palette.OURS, hover))
    marks = [0, int(spent[-1]) // 2, int(spent[-1])]
    texts = [fmt.money_short(m, place.currency) for m in marks]
    figure.update_xaxes(tickvals=[m / unit for m in marks], ticktext=texts)
    return figure


def _minimums(plan: Plan, place: Place) -> None:
    blocks.section(_("Does each supplier’s order pass its minimum?"), _("Minimum order value agreed with the supplier"))
    cost = (pl.col("order_qty") * pl.col("unit_cost_minor")).sum().alias("value")
    orders = (
        plan.ordered.group_by("supplier").agg(cost, pl.col("min_order_minor").first()).sort("value", descending=True)
    )
    with st.container(border=True, gap="xsmall"):
        if orders.is_empty():
            st.caption(_("No supplier has a line."))
        for row in orders.head(MOST_SUPPLIERS).iter_rows(named=True):
            least, value = int(row["min_order_minor"] or 0), int(row["value"] or 0)
            money, minimum = fmt.money_round(value, place.currency), fmt.money_round(least, place.currency)
            short = least - value
            icon = ":green[:material/check_circle:]" if short <= 0 else ":orange[:material/pending:]"
            text = _("{money} of {minimum} minimum").format(money=money, minimum=minimum)
            tail = (
                f" · :orange[{_('{money} short').format(money=fmt.money_round(short, place.currency))}]"
                if short > 0
                else ""
            )
            st.progress(
                min(value / least, 1.0) if least else 1.0,
                f"{icon} **{row['supplier']}** {text}{tail}".replace("$", "\\$"),
            )
        if orders.height > MOST_SUPPLIERS:
            st.caption(_("and {n} more").format(n=orders.height - MOST_SUPPLIERS))
