"""Did the forecasts of customers come true? What was said before, what came, and how far to trust a chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from app import blocks, charts, data, palette, tables
from app import format as fmt
from app.i18n import N_, _, ngettext
from segmentation.clv.gate import MIN_CUSTOMERS, MIN_DAYS, MIN_REPEATERS

OUTCOMES = {"held": N_("inside"), "missed": N_("outside"), "waiting": N_("not over yet")}
COLOURS = {"held": "green", "missed": "red", "waiting": "gray"}
HEIGHT = 300


@dataclass(frozen=True, slots=True)
class CalibrationView:
    """Rows of the table with their words, the figure, and what both say."""

    rows: pl.DataFrame
    answer: str
    reliability: go.Figure | None
    reliability_answer: str
    boundary: str


@data.remembered(4)
def _kept(mark: str) -> list[dict[str, Any]]:
    del mark
    from app.jobs.clv_record import said_and_came

    return said_and_came(data.floor().workspace)


def load() -> list[dict[str, Any]]:
    """Return the kept forecasts, newest first."""
    return _kept(data.watermark())


def build(kept: Sequence[Mapping[str, Any]]) -> CalibrationView:
    """Turn kept forecasts into a table, a figure and their answers; pure."""
    judged = [row for row in kept if row["scored_at"] is not None]
    inside = sum(_outcome(row) == "held" for row in judged)
    rows = pl.DataFrame([_row(row) for row in kept])
    answer = (
        ngettext(
            "The 90% interval held what came in {inside} of {n} judged forecast",
            "The 90% interval held what came in {inside} of {n} judged forecasts", len(judged),
        ).format(inside=fmt.count(inside), n=fmt.count(len(judged)))
        if judged
        else _("None of their days are over yet")
    )  # fmt: skip
    newest = kept[0] if kept else {}
    return CalibrationView(
        rows, answer, _reliability(judged[0]["reliability"]) if judged else None, _trust(judged[:1]),
        str(newest.get("boundary") or ""),
    )  # fmt: skip


def _outcome(row: Mapping[str, Any]) -> str:
    if row["scored_at"] is None:
        return "waiting"
    return "held" if row["orders_low"] <= row["orders_came"] <= row["orders_high"] else "missed"


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    came = row["orders_came"]
    return {
        "from": row["made_on"] + timedelta(days=1),
        "until": row["until"],
        "customers": row["customers"],
        "said": round(row["orders"]),
        "interval": fmt.interval(fmt.count(round(row["orders_low"])), fmt.count(round(row["orders_high"]))),
        "came": came,
        "outcome": [_(OUTCOMES[_outcome(row)])],
        "how": _("worked out later") if row["is_reenacted"] else _("said before"),
    }


def _trust(judged: Sequence[Mapping[str, Any]]) -> str:
    if not judged:
        return ""
    return _("On average a said chance lies {gap} points from the share that ordered").format(
        gap=fmt.number(100 * judged[0]["ece"], 1)
    )


def _reliability(tenths: Sequence[Mapping[str, Any]]) -> go.Figure:
    """Draw the share that ordered over the said chance, beside the line of a perfect forecast."""
    marks = [0.0, 0.25, 0.5, 0.75, 1.0]
    drawing = charts.figure(HEIGHT, ticks=(marks, [fmt.percent(m) for m in marks]), right=24, unified=False)
    charts.line(drawing, [0, 1], charts.Series(_("perfect"), [0, 1], palette.NEUTRAL), width=1.5, dash="dot")
    told = _("Said {said}, {seen} ordered ({n} customers)")
    hover = [
        told.format(said=fmt.percent(t["said"]), seen=fmt.percent(t["seen"]), n=fmt.count(t["customers"]))
        for t in tenths
    ]
    most = max((t["customers"] for t in tenths), default=1)
    drawing.add_trace(
        go.Scatter(
            x=[t["said"] for t in tenths], y=[t["seen"] for t in tenths], mode="lines+markers", text=hover,
            hovertemplate="%{text}<extra></extra>", line={"color": palette.OURS, "width": 2},
            marker={"color": palette.OURS, "size": [7 + 11 * (t["customers"] / most) ** 0.5 for t in tenths]},
        )
    )  # fmt: skip
    drawing.update_xaxes(tickvals=marks, ticktext=[fmt.percent(m) for m in marks], range=[-0.02, 1.02])
    drawing.update_yaxes(range=[-0.02, 1.05])
    return drawing


def section() -> None:
    """Draw the section, or say what is needed before anything can be forecast."""
    kept = load()
    if not kept:
        blocks.section(_("Did the forecasts of customers come true?"))
        needed = _(
            "Kept by {command}. It needs {customers} customers, {repeaters} of them with a second order,"
            " and {days} days."
        ).format(command="ordersight clv score", customers=MIN_CUSTOMERS, repeaters=MIN_REPEATERS, days=MIN_DAYS)
        blocks.empty_line("no_data", _("No forecast kept yet"), needed)
        return
    view = build(kept)
    blocks.section(_("Did the forecasts of customers come true?"), view.answer)
    left, right = st.columns([1.55, 1], gap="medium")
    with left:
        _table(view)
    with right:
        if view.reliability is not None:
            blocks.chart(view.reliability, alt=view.reliability_answer, key="value_reliability")
            st.caption(
                _("Across: said chance of an order. Up: share that ordered. On the dotted line both agree.")
                + " " + view.reliability_answer + "."
            )  # fmt: skip
    if view.boundary:
        st.caption(
            _(
                "Nobody can be told to have left from these orders: the model without dropout is used, and everybody"
                " counts as still a customer."
            )
        )


def _table(view: CalibrationView) -> None:
    blocks.table(
        view.rows,
        {
            "from": tables.day(_("First day"), 86),
            "until": tables.day(_("Last day"), 86),
            "customers": tables.count(_("Customers"), 76),
            "said": tables.count(_("Orders expected"), 138),
            "interval": tables.text(_("90% interval"), 108),
            "came": tables.count(_("Came"), 62),
            "outcome": tables.badge(_("Interval"), {_(word): COLOURS[key] for key, word in OUTCOMES.items()}, 112),
            "how": tables.text(_("How"), help=_("Worked out later: what the model would have said on that day.")),
        },
        key="value_forecasts",
        alt=view.answer,
    )
