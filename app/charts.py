"""Pure figures: numbers and already translated words in, `go.Figure` out; no Streamlit, no data access.

Template ``oms``: transparent, thin grid on y only, no axis titles, direct labels for up to three
series, zero baseline for bars, bands at 15 to 20 % opacity. Colours are theme placeholders.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from app import palette

HEIGHT_SIDE, HEIGHT_CARD, HEIGHT_MAIN, HEIGHT_ROW = 128, 240, 330, 31
_TICK = {"size": 12}

Ticks = tuple[Sequence[Any], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Series:
    """One named line or set of bars; `colour` is a placeholder of :mod:`app.palette`."""

    name: str
    values: Sequence[float | None]
    colour: str = palette.OURS
    hover: Sequence[str] | None = None


def figure(height: int, *, ticks: Ticks | None = None, right: int = 8, unified: bool = True) -> go.Figure:
    """Return an empty figure of the template.

    Parameters
    ----------
    height : int
        Pixels.
    ticks : pair of sequences, optional
        Values and texts of the y axis; texts come from Babel, never from Plotly.
    right : int
        Right margin in pixels; 64 to 118 when series are labelled directly.
    unified : bool
        One hover box for all series at an x (time); otherwise the closest point.
    """
    drawing = go.Figure()
    drawing.update_layout(
        height=height,
        margin={"l": 8, "r": right, "t": 8, "b": 8, "pad": 4},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        hovermode="x unified" if unified else "closest",
        showlegend=False,
        bargap=0.35,
        dragmode=False,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "traceorder": "normal", "title": ""},
    )
    drawing.update_xaxes(
        showgrid=False, zeroline=False, ticks="outside", ticklen=4, tickfont=_TICK, title=None, automargin=True,
        fixedrange=True,
    )  # fmt: skip
    drawing.update_yaxes(
        showgrid=True, gridwidth=1, zeroline=False, tickfont=_TICK, title=None, automargin=True, nticks=5,
        fixedrange=True,
    )  # fmt: skip
    if ticks:
        drawing.update_yaxes(tickvals=list(ticks[0]), ticktext=list(ticks[1]))
    return drawing


def label(drawing: go.Figure, text: str, x: Any, y: float, colour: str, **where: Any) -> None:
    """Write a series' name beside its line, in its colour."""
    place = {"xanchor": "left", "xshift": 6, **where}
    drawing.add_annotation(
        x=x, y=y, text=text, showarrow=False, align="left", font={"size": 12, "color": colour}, **place
    )


def band(drawing: go.Figure, x: Sequence[Any], low: Sequence[float], high: Sequence[float], **style: Any) -> None:
    """Add an interval as one closed trace; its opacity is the band's."""
    drawing.add_trace(
        go.Scatter(
            x=[*x, *reversed(x)],
            y=[*high, *reversed(low)],
            fill="toself",
            mode="none",
            fillcolor=style.get("colour", palette.OURS),
            opacity=style.get("opacity", 0.18),
            hoverinfo="skip",
        )
    )


def line(drawing: go.Figure, x: Sequence[Any], series: Series, *, width: float = 2.5, dash: str = "solid") -> None:
    """Add one line; missing values leave a gap."""
    drawing.add_trace(
        go.Scatter(
            x=list(x),
            y=list(series.values),
            name=series.name,
            mode="lines",
            line={"color": series.colour, "width": width, "dash": dash},
            text=list(series.hover) if series.hover else None,
            hovertemplate="%{text}" if series.hover else None,
            connectgaps=False,
        )
    )


def rule(drawing: go.Figure, x: Any, text: str) -> None:
    """Draw the 1 px rule at today with its word."""
    drawing.add_vline(x=x, line={"width": 1, "color": palette.NEUTRAL})
    drawing.add_annotation(
        x=x, y=1, yref="paper", text=text, showarrow=False, xanchor="right", xshift=-4, font={"size": 12}
    )


@dataclass(frozen=True, slots=True)
class Pace:
    """A day's running total against the usual range of the same weekday; all in one unit."""

    hours: Sequence[str]
    today: Sequence[float | None]
    usual: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    ticks: Ticks
    words: tuple[str, str]
    hover: tuple[Sequence[str], Sequence[str]]


def pace(day: Pace, *, height: int = 344, marks: int = 4) -> go.Figure:
    """Draw today's running total, the usual line, and the range it usually falls in; `marks` hours on the axis."""
    drawing = figure(height, ticks=day.ticks, right=70)
    band(drawing, day.hours, day.low, day.high, colour=palette.NEUTRAL, opacity=0.15)
    line(drawing, day.hours, Series(day.words[1], day.usual, palette.NEUTRAL, day.hover[1]), width=1.5, dash="dot")
    line(drawing, day.hours, Series(day.words[0], day.today, palette.OURS, day.hover[0]), width=3)
    label(drawing, day.words[1].replace(" ", "<br>"), day.hours[-1], day.usual[-1], palette.NEUTRAL)
    _label_today(drawing, day)
    step = max(1, -(-len(day.hours) // marks))
    drawing.update_xaxes(type="category", tickmode="array", tickvals=list(day.hours[::step]))
    drawing.update_yaxes(rangemode="tozero")
    return drawing


def _label_today(drawing: go.Figure, day: Pace) -> None:
    """Write *today* above its last point; at the evening's end beside it, clear of the usual line's word."""
    last = max((i for i, v in enumerate(day.today) if v is not None), default=None)
    if last is None:
        return
    value = day.today[last] or 0
    if last < len(day.hours) - 4:
        label(drawing, day.words[0], day.hours[last], value, palette.OURS, yshift=14, xanchor="right", xshift=0)
        return
    below = value < day.usual[-1]
    label(drawing, day.words[0], day.hours[-1], value, palette.OURS, yshift=-16 if below else 16)


def bars(
    x: Sequence[Any],
    series: Sequence[Series],
    *,
    ticks: Ticks,
    x_ticks: Ticks | None = None,
    height: int = HEIGHT_MAIN,
    stacked: bool = True,
) -> go.Figure:
    """Draw bars over time or categories: stacked or side by side, zero baseline, legend from two series on."""
    drawing = figure(height, ticks=ticks)
    for one in series:
        drawing.add_trace(
            go.Bar(
                x=list(x),
                y=list(one.values),
                name=one.name,
                marker={"color": one.colour, "line": {"width": 0}},
                text=list(one.hover) if one.hover else None,
                textposition="none",
                hovertemplate=f"{one.name}: %{{text}}<extra></extra>" if one.hover else None,
            )
        )
    drawing.update_layout(barmode="relative" if stacked else "group", showlegend=len(series) > 1)
    drawing.update_yaxes(rangemode="tozero")
    if x_ticks:
        drawing.update_xaxes(tickvals=list(x_ticks[0]), ticktext=list(x_ticks[1]))
    return drawing


def trend(
    x: Sequence[Any], now: Series, before: Series | None, *, ticks: Ticks, x_ticks: Ticks | None = None,
    height: int = HEIGHT_CARD,
) -> go.Figure:  # fmt: skip
    """Draw a line over time with the compared period dotted behind it, both labelled at their ends."""
    drawing = figure(height, ticks=ticks, right=96)
    for one, width, dash in ((before, 1.5, "dot"), (now, 2.5, "solid")):
        if one is None:
            continue
        line(drawing, x, one, width=width, dash=dash)
        last = max((i for i, v in enumerate(one.values) if v is not None), default=None)
        if last is not None:
            label(drawing, one.name, x[last], one.values[last] or 0, one.colour)
    drawing.update_yaxes(rangemode="tozero")
    if x_ticks:
        drawing.update_xaxes(tickvals=list(x_ticks[0]), ticktext=list(x_ticks[1]))
    return drawing


def ranking(names: Sequence[str], series: Series, *, texts: Sequence[str], height: int | None = None) -> go.Figure:
    """Draw horizontal bars, the largest on top, each with its number printed."""
    drawing = figure(height or HEIGHT_ROW * len(names) + 16, unified=False, right=84)
    drawing.add_trace(
        go.Bar(
            y=list(names),
            x=list(series.values),
            orientation="h",
            marker={"color": series.colour, "line": {"width": 0}},
            text=list(texts),
            textposition="outside",
            cliponaxis=False,
            hoverinfo="skip",
        )
    )
    drawing.update_yaxes(autorange="reversed", showgrid=False, tickmode="linear", dtick=1)
    rows = ((height or 0) - 16) // HEIGHT_ROW
    if rows > len(names):  # a bar or two on a tall card: as thick as elsewhere
        drawing.update_yaxes(autorange=None, range=[rows - 0.5, -0.5])
    drawing.update_xaxes(visible=False, rangemode="tozero")
    return drawing


def waterfall(
    names: Sequence[str], values: Sequence[float], texts: Sequence[str], *, ticks: Ticks, lying: bool = False
) -> go.Figure:
    """Draw how one number becomes another: first and last are totals, gains blue, losses orange between them.

    Parameters
    ----------
    lying : bool
        Steps below each other, for a phone: standing, their names and numbers would cover each other.
    """
    height = HEIGHT_ROW * len(names) + 16 if lying else HEIGHT_CARD
    drawing = figure(height, ticks=None if lying else ticks, unified=False, right=76 if lying else 8)
    level, bases, tints = 0.0, [], []
    for n, value in enumerate(values):
        whole = n in {0, len(values) - 1}
        bases.append(0.0 if whole else level)
        tints.append(palette.NEUTRAL if whole else palette.OURS if value >= 0 else palette.SECOND)
        level = value if whole else level + value
    lengths, places = ("x", "y") if lying else ("y", "x")
    drawing.add_trace(
        go.Bar(
            {places: list(names), lengths: list(values)},
            orientation="h" if lying else "v",
            base=bases,
            text=list(texts),
            textposition="outside",
            textfont={"size": 12},
            textangle=0,
            constraintext="none",
            cliponaxis=False,
            marker={
                "color": tints,
                "opacity": [0.45 if t == palette.NEUTRAL else 1 for t in tints],
                "line": {"width": 0},
            },
            hoverinfo="skip",
        )
    )
    if lying:
        drawing.update_yaxes(autorange="reversed", showgrid=False, tickmode="linear", dtick=1)
        drawing.update_xaxes(visible=False, rangemode="tozero")
    else:
        drawing.update_yaxes(rangemode="tozero")
    return drawing
