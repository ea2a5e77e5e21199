"""Figures of the customers' page: the RFM grid, values by group, the cohort triangle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from app import charts, palette

#: Steps of the sequential palette; the text turns to the page's colour where a cell is stronger than this.
STEPS = 10
#: Step of the colours from which the page's colour reads better on a cell than ink, in the light and the dark theme.
TURNS = {"light": 5.75, "dark": 4.95}


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a matrix: column, row (both by their labels), strength from 0 to 1, text, hover."""

    x: str
    y: str
    strength: float
    text: str
    hover: str


def matrix(
    columns: Sequence[str], rows: Sequence[str], cells: Sequence[Cell], *, row_height: int = 31, side: str = "bottom"
) -> go.Figure:
    """Draw a matrix of coloured cells with their texts; missing cells stay empty.

    Parameters
    ----------
    columns, rows : sequence of str
        Labels, left to right and top to bottom.
    side : str
        Where the column labels stand: ``top`` or ``bottom``.
    """
    known = {(cell.x, cell.y): cell for cell in cells}
    drawing = charts.figure(row_height * len(rows) + 48, unified=False)
    drawing.add_trace(
        go.Heatmap(
            x=list(range(len(columns))),
            y=list(range(len(rows))),
            z=[[known[x, y].strength if (x, y) in known else None for x in columns] for y in rows],
            text=[[known[x, y].hover if (x, y) in known else "" for x in columns] for y in rows],
            hovertemplate="%{text}<extra></extra>",
            hoverongaps=False,
            zmin=0,
            zmax=1,
            xgap=2,
            ygap=2,
            showscale=False,
            colorscale=[[i / (STEPS - 1), palette.SEQUENTIAL[i]] for i in range(STEPS)],
        )
    )
    across, down = ({name: n for n, name in enumerate(names)} for names in (columns, rows))
    # All at once: Plotly checks every annotation again whenever one is added.
    drawing.update_layout(
        annotations=[
            {
                "x": across[cell.x], "y": down[cell.y], "text": cell.text, "showarrow": False,
                "font": {"size": 12, "color": _ink(cell.strength, "light")},
            }
            for cell in cells
        ],
        meta=[cell.strength for cell in cells],
    )  # fmt: skip
    # Positions, not labels: Plotly would read labels such as "5" or "+1" as numbers.
    drawing.update_xaxes(side=side, ticks="", tickvals=list(range(len(columns))), ticktext=list(columns))
    drawing.update_yaxes(autorange="reversed", showgrid=False, tickvals=list(range(len(rows))), ticktext=list(rows))
    return drawing


def _ink(strength: float, theme: str) -> str:
    return palette.PAGE if strength * (STEPS - 1) >= TURNS[theme] else palette.INK


def inked(drawing: go.Figure, theme: str) -> go.Figure:
    """Return a matrix of :func:`matrix` with each text in what reads better on its cell in this theme."""
    if theme == "light":
        return drawing
    words = [note.to_plotly_json() for note in drawing.layout.annotations]
    strengths = drawing.layout.meta
    turned = [
        {**note, "font": {"size": 12, "color": _ink(strength, theme)}}
        for note, strength in zip(words, strengths, strict=True)
    ]
    return go.Figure(drawing).update_layout(annotations=turned)


@dataclass(frozen=True, slots=True)
class Spread:
    """One row of :func:`spreads`: its name, the mean, the ends of its interval, and the words printed."""

    name: str
    mean: float
    low: float
    high: float
    text: str


def spreads(rows: Sequence[Spread], ticks: charts.Ticks, *, right: int = 240, height: int = 0) -> go.Figure:
    """Draw each row's mean as a dot and its interval as a line, on a logarithmic axis, with the numbers printed."""
    drawing = charts.figure(height or charts.HEIGHT_ROW * len(rows) + 40, unified=False, right=right)
    names = [row.name for row in rows]
    floor = min((t for t in ticks[0] if t > 0), default=1)
    for row in rows:
        drawing.add_trace(
            go.Scatter(
                x=[max(row.low, floor), max(row.high, floor)], y=[row.name, row.name], mode="lines", hoverinfo="skip",
                line={"color": palette.OURS, "width": 4}, opacity=0.35,
            )
        )  # fmt: skip
        drawing.add_annotation(
            x=1, xref="paper", y=row.name, text=row.text, showarrow=False, xanchor="left", xshift=8, font={"size": 12}
        )
    drawing.add_trace(
        go.Scatter(
            x=[max(row.mean, floor) for row in rows], y=names, mode="markers", hoverinfo="skip",
            marker={"color": palette.OURS, "size": 10},
        )
    )  # fmt: skip
    drawing.update_xaxes(type="log", showgrid=True, tickvals=list(ticks[0]), ticktext=list(ticks[1]))
    drawing.update_yaxes(
        autorange="reversed", showgrid=False, tickmode="linear", dtick=1, type="category", categoryarray=names
    )
    return drawing
