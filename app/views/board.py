"""Board: what happens per second and per minute, what waits where and for how long, what crossed a threshold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from analytics.board import FLOWS, Board, measure
from app import blocks, charts, data, links, palette, states, tables
from app import format as fmt
from app.i18n import N_, _
from app.tiles import Behind, Tile
from app.views import board_alerts, low_stock
from oms_core.kernel import clock

if TYPE_CHECKING:
    import plotly.graph_objects as go

FLOW_WORDS = {"placed": N_("Placed"), "picked": N_("Picked"), "shipped": N_("Shipped"), "delivered": N_("Delivered")}
FLOW_HELP = {
    "placed": N_("Orders placed; drafts, test orders and imported history are left out."),
    "picked": N_("Work of which nothing is left to pack."),
    "shipped": N_("Parcels that left; voided labels are left out."),
    "delivered": N_("Parcels the carrier says were delivered."),
}
#: Kinds of things that wait: words and the axis of their states.
QUEUES = {"work": (N_("Work"), "fulfillment_order"), "parcel": (N_("Parcel"), "shipment")}
#: Seconds between two drawings of the queues, at most as often as the numbers.
QUEUE_SECONDS = 1.0
#: Seconds over which the rate of a second is taken.
RATE_SECONDS = 10


@dataclass(frozen=True, slots=True)
class View:
    """The board in words: flows, queues, one line a place and state."""

    flows: Sequence[Tile]
    waits: Sequence[Tile]
    pace: go.Figure
    said: str
    rows: pl.DataFrame


@data.remembered(8)
def _measured(mark: str, instant: str) -> Board:
    del mark, instant
    return measure(data.floor().replica, clock.now())


def load() -> Board:
    """Measure, once for all viewers of the same half second and the same state of the data."""
    now = clock.now()
    return _measured(data.watermark(), f"{now:%H:%M:%S}{now.microsecond // 500_000}")


def build(found: Board, *, lag_ms: float, stale: timedelta) -> View:
    """Turn what was measured into words and figures; pure."""
    last_minute = found.happened("placed", 60)
    return View(
        flows=[_flow(found, kind) for kind in FLOWS],
        waits=_waits(found, lag_ms=lag_ms, stale=stale),
        pace=pace(found),
        said=_("{n} orders in the last minute, {all} in the last hour").format(
            n=fmt.count(last_minute), all=fmt.count(found.happened("placed", 3600))
        ),
        rows=queue_lines(found),
    )


def _flow(found: Board, kind: str) -> Tile:
    minute, rate = found.happened(kind, 60), found.happened(kind, RATE_SECONDS) / RATE_SECONDS
    return Tile(
        _(FLOW_WORDS[kind]),
        fmt.count_tile(found.happened(kind, 3600)),
        _("{n} a minute").format(n=fmt.count(minute)),
        "blue" if minute else "gray",  # type: ignore[arg-type]
        note=_("{rate} a second").format(rate=fmt.number(rate, 1)),
        help=f"{_('In the last hour.')} {_(FLOW_HELP[kind])}",
        trend=[float(n) for n in found.per_minute(kind)],
    )


def _waits(found: Board, *, lag_ms: float, stale: timedelta) -> list[Tile]:
    work, parcels = found.waiting("work"), found.waiting("parcel")
    late = found.late_everywhere()
    n_late, past = late["n"], late["oldest"]
    return [
        Tile(
            _("Late orders"), fmt.count(n_late), _("oldest {age}").format(age=_age(past)) if n_late else _("none"),
            "red" if n_late else "gray", help=_("Open although their ship-by time has passed."),
            behind=Behind("orders", _("Late"), {"view": "late"}),
        ),
        Tile(
            _("Work that waits"), fmt.count(work["n"]), _("oldest {age}").format(age=_age(work["oldest"])), "gray",
            note=_("p90 {age}").format(age=_age(work["p90"])),
            help=_("Work of a place that is not finished, since it was opened."),
            behind=Behind("orders", _("To ship"), {"view": "to_ship"}),
        ),
        Tile(
            _("Parcels under way"), fmt.count(parcels["n"]), _("oldest {age}").format(age=_age(parcels["oldest"])),
            "gray", note=_("p90 {age}").format(age=_age(parcels["p90"])),
            help=_("Parcels that left and did not arrive yet; imported history is left out."),
            behind=Behind("orders", _("Carrier delay"), {"view": "carrier"}),
        ),
        Tile(
            _("Age of the numbers"), _("{n} s").format(n=fmt.number(max(0.0, stale.total_seconds()), 1)),
            _("{n} ms to read").format(n=fmt.count(lag_ms)), "gray" if stale.total_seconds() < 5 else "red",
            help=_("Since the replica last read the shop's database, and how long the last news took to be visible."),
            behind=Behind("health", _("Data health")),
        ),
    ]  # fmt: skip


def _age(seconds: float) -> str:
    return fmt.age(timedelta(seconds=float(seconds or 0)))


def pace(found: Board) -> go.Figure:
    """Return what happened in each of the last sixty minutes, one line a kind."""
    figure = charts.figure(charts.HEIGHT_CARD)
    minutes = list(range(-59, 1))
    for n, kind in enumerate(FLOWS):
        values: list[float | None] = [float(v) for v in found.per_minute(kind)]
        charts.line(figure, minutes, charts.Series(_(FLOW_WORDS[kind]), values, palette.CATEGORIES[n]), width=2)
    figure.update_layout(showlegend=True)
    most = max((int(v) for kind in FLOWS for v in found.per_minute(kind)), default=0)
    whole = {"tickmode": "linear", "tick0": 0, "dtick": 1, "range": [0, max(most, 4)]} if most <= 5 else {}
    figure.update_yaxes(rangemode="tozero", **whole)
    ticks = list(range(-50, 1, 10))
    figure.update_xaxes(
        range=[-60, 1], tickvals=ticks, ticktext=[_("now") if t == 0 else _("{n} min").format(n=t) for t in ticks]
    )
    return figure


def queue_lines(found: Board) -> pl.DataFrame:
    """Return one row a place and state of what waits, the oldest first; pure."""
    rows = [
        _line(row)
        for row in found.queues.filter(pl.col("state").is_not_null())
        .sort(["kind", "oldest"], descending=True)
        .iter_rows(named=True)
    ]
    kinds: dict[str, Any] = {"place": pl.String, "kind": pl.String, "state": pl.List(pl.String), "n": pl.Int64}
    return pl.DataFrame(rows, schema={**kinds, "oldest": pl.String, "p90": pl.String})


def _line(row: Mapping[str, Any]) -> dict[str, Any]:
    words, axis = QUEUES[row["kind"]]
    return {
        "place": row["name"],
        "kind": _(words),
        "state": [states.word(row["state"], axis)],
        "n": row["n"],
        "oldest": _age(row["oldest"]),
        "p90": _age(row["p90"]),
    }


def live() -> None:
    """Draw the board again and again: numbers as often as the viewers allow, queues less, the hour least."""
    every = data.floor().viewers.see(_session())
    st.fragment(_numbers, run_every=every)(every)
    left, right = st.columns([1.25, 1], gap="medium")
    with left:
        blocks.live(_hour)
    with right:
        st.fragment(_waiting, run_every=max(every, QUEUE_SECONDS))(every)


def _session() -> str:
    context = get_script_run_ctx(suppress_warning=True)
    return context.session_id if context is not None else ""


def _built() -> View:
    return build(load(), lag_ms=data.floor().lag_ms, stale=data.staleness())


def _numbers(every: float) -> None:
    """Draw alerts and tiles; when more or fewer watch than before, the page starts over at their pace."""
    if data.floor().viewers.see(_session()) != every:
        st.rerun()
    with blocks.guard("board.numbers"):
        board_alerts.strip(data.place(), acknowledge=True)
        low_stock.strip(data.place(), live=True)
        view = _built()
        blocks.kpi_row(view.flows)
        blocks.kpi_row(view.waits)


def _hour() -> None:
    with blocks.guard("board.hour"):
        view = _built()
        blocks.section(_("How fast is it going?"), view.said)
        blocks.chart(view.pace, view.said, key="board_pace")


def _waiting(every: float) -> None:
    with blocks.guard("board.queues"):
        place = data.place()
        at = fmt.clock_time(place.now, place.zone, seconds=True)
        said = _("at {time}, redrawn every {n} s").format(time=at, n=fmt.number(every, 1))
        blocks.section(_("What waits, and for how long?"), said)
        _queues(_built().rows)


def _queues(rows: pl.DataFrame) -> None:
    if rows.is_empty():
        blocks.empty_line("done", _("Nothing waits."), _("No work is open and no parcel is under way."))
        return
    colours = {**states.badge_colours("shipment"), **states.badge_colours("fulfillment_order")}
    columns = {
        "place": tables.text(_("Place"), 110),
        "kind": tables.text(_("What"), 70),
        "state": tables.badge(_("State"), colours, 140),
        "n": tables.count(_("Count"), 65),
        "oldest": tables.text(_("Oldest"), 75),
        "p90": tables.text(_("p90"), help=_("Nine of ten wait at most this long.")),
    }
    blocks.table(
        rows, columns, key="board_queues", alt=_("What waits, by place and state"), height=8 * 32 + 2,
        phone=("place", "state", "n", "oldest"),
    )  # fmt: skip


def wall_link() -> None:
    """Draw the way to the board without menu, for a screen on the wall, and back."""
    on_wall = "wall" in st.query_params
    words = _("Back to the pages") if on_wall else _("Wall screen")
    icon = ":material/close_fullscreen:" if on_wall else ":material/fullscreen:"
    if st.button(words, icon=icon, type="tertiary", key="board_wall"):
        links.go("board", **({} if on_wall else {"wall": "1"}))
