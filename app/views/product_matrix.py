"""The matrix of products by places: total, share, change, then a cell a place, coloured by its change."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go
import polars as pl

from analytics.metrics import metric
from app import blocks, charts, data, palette, tables
from app import format as fmt
from app.i18n import N_, _
from app.tiles import value_text
from app.views.product_choice import MOST_COLUMNS, Choice, Facts, ranked

if TYPE_CHECKING:
    from app.data import Place

#: A change of this share has the strongest colour; text stays readable on it.
FULL_CHANGE, STRONGEST = 1.0, 0.62
#: Cells whose value is below this share of the largest one, in both periods, have no colour: a small base says nothing.
SMALL = 0.01
ROW_HEIGHT = 31
#: Words of the regions of `dim_countries`.
REGIONS = {
    name: name
    for name in (
        N_("European Union"), N_("Europe outside the EU"), N_("Asia"), N_("Africa"), N_("North America"),
        N_("South America"), N_("Oceania"), N_("Antarctic and ocean territories"),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cell:
    """One number of the matrix: text, hover, and how strongly it is coloured (-1 fell … 1 grew; None: not at all)."""

    text: str
    hover: str = ""
    tint: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One product with its cells, left to right."""

    key: str
    name: str
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Heads of the columns and the rows."""

    heads: Sequence[str]
    rows: Sequence[Row]


def build(facts: Facts, choice: Choice, place: Place) -> Matrix:
    """Return the matrix of the largest rows and columns; pure."""
    slug, measure = choice.slug, metric(choice.slug)
    columns = _columns(facts.columns, choice, MOST_COLUMNS)
    cells = {
        (row[choice.rows], *(row[d] for d in choice.dims)): row for row in facts.cells.iter_rows(named=True)
    }  # fmt: skip
    whole = facts.items[slug].sum() if measure.additive and not set(measure.additive_except) & {choice.rows} else None
    largest = max((abs(r[slug] or 0) for r in cells.values()), default=0)
    has_change = f"{slug}_change" in facts.items.columns
    heads = [_("Total"), *([_("Share")] if whole else []), *([_("Change")] if has_change else [])]
    rows = []
    for row in ranked(facts.items, choice).iter_rows(named=True):
        key = row[choice.rows]
        fixed = [Cell(f"<b>{_text(measure.unit, row[slug], place.currency)}</b>")]
        if whole:
            fixed.append(Cell(fmt.percent(row[slug] / whole, 1)))
        if has_change:
            fixed.append(Cell(_change(row, slug, measure.unit)))
        found = [cells.get((key, *column)) for column in columns]
        peak = largest if has_change else max((abs(r[slug] or 0) for r in found if r), default=0)
        mine = [_cell(r, slug, measure.unit, place, peak) for r in found]
        rows.append(Row(key, _name(key, facts), [*fixed, *mine]))
    return Matrix([*heads, *(_head(column, choice, place) for column in columns)], rows)


def _columns(found: pl.DataFrame, choice: Choice, most: int) -> list[tuple[Any, ...]]:
    """Return the columns shown: in order of time, else the largest first."""
    known = found.filter(
        pl.all_horizontal(pl.col(d).is_not_null() for d in choice.dims), pl.col(choice.slug).is_not_null()
    )
    if choice.columns in ("month", "week"):
        return known.sort(choice.columns).select(choice.dims).rows()[-2 * most :]
    order = known.sort(choice.slug, *choice.dims, descending=[True] + [False] * len(choice.dims), nulls_last=True)
    return order.select(choice.dims).head(most).rows()


def _head(column: tuple[Any, ...], choice: Choice, place: Place) -> str:
    """Return a column's head, in two lines where it has two parts."""
    names: dict[str, Any] = {
        "country": data.country,
        "region": lambda name: _(REGIONS.get(name) or str(name)),
        "channel": lambda code: place.channels.get(code, code),
        "month": fmt.month,
        "week": fmt.day,
    }
    first, *rest = (names[d](value) for d, value in zip(choice.dims, column, strict=True))
    return f"{first}<br>{rest[0]}" if rest else str(first)


def _name(key: str, facts: Facts) -> str:
    title = fmt.product(facts.titles.get(key) or "") or key
    return title if len(title) <= 34 else f"{title[:33]}…"


def _text(unit: str, value: Any, currency: str) -> str:
    if value is None:
        return ""
    return fmt.money_short(int(value), currency) if unit == "money" else value_text(unit, value, currency)


def _change(row: dict[str, Any], slug: str, unit: str) -> str:
    change, before = row.get(f"{slug}_change"), row.get(f"{slug}_previous")
    if unit == "ratio" and before is not None and row[slug] is not None:
        return fmt.points(row[slug] - before)
    if change is None:
        return _("new") if row[slug] else "–"
    return fmt.change(change, 0)


def _cell(row: dict[str, Any] | None, slug: str, unit: str, place: Place, largest: float) -> Cell:
    """Return one cell; empty where nothing was sold. Without a comparison the colour is its size in the row."""
    if row is None or row[slug] is None:
        return Cell("")
    now, before = row[slug], row.get(f"{slug}_previous")
    text = _text(unit, now, place.currency)
    if f"{slug}_previous" not in row:
        return Cell(text, text, max(0.0, now / largest) if largest else None)
    if before is None or max(abs(now), abs(before)) < SMALL * largest:
        return Cell(text if now else "", text)
    change = (now - before) / abs(before) if before else (1.0 if now > 0 else 0.0)
    words = _("{now}, before {before}").format(now=text, before=_text(unit, before, place.currency))
    return Cell(text, words, max(-1.0, min(1.0, change / FULL_CHANGE)))


def figure(matrix: Matrix) -> go.Figure:
    """Draw the matrix: colours behind, texts before, and an unseen point a cell that answers clicks."""
    rows, width = len(matrix.rows), len(matrix.heads)
    drawing = charts.figure(ROW_HEIGHT * rows + 64, unified=False)
    drawing.add_trace(
        go.Heatmap(
            z=[[None if c.tint is None else c.tint * STRONGEST for c in row.cells] for row in matrix.rows],
            zmin=-1, zmax=1, xgap=3, ygap=3, showscale=False, hoverinfo="skip",
            colorscale=[[0, palette.SECOND], [0.5, palette.PAGE], [1, palette.OURS]],
        )
    )  # fmt: skip
    points = [(x, y, cell) for y, row in enumerate(matrix.rows) for x, cell in enumerate(row.cells)]
    drawing.add_trace(
        go.Scatter(
            x=[x for x, _y, _c in points], y=[y for _x, y, _c in points], mode="markers+text",
            text=[cell.text for _x, _y, cell in points], textfont={"size": 12, "color": palette.INK},
            textposition="middle center", marker={"size": 26, "opacity": 0, "symbol": "square"},
            hovertext=[f"{matrix.rows[y].name}<br>{cell.hover}" for _x, y, cell in points],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    )  # fmt: skip
    drawing.update_xaxes(side="top", ticks="", showgrid=False, tickvals=list(range(width)), ticktext=list(matrix.heads),
                         tickangle=0, range=[-0.5, width - 0.5])  # fmt: skip
    drawing.update_yaxes(showgrid=False, tickvals=list(range(rows)), ticktext=[row.name for row in matrix.rows],
                         range=[rows - 0.5, -0.5])  # fmt: skip
    return drawing


def render(matrix: Matrix) -> int | None:
    """Draw the matrix and return the number of the clicked row, if any; on a phone it is a table to push sideways."""
    width = len(matrix.heads)
    alt = _("{rows} rows by {columns} columns").format(rows=len(matrix.rows), columns=width)
    if blocks.on_phone():
        clicked = blocks.table(
            _frame(matrix),
            _columns_of(matrix),
            key="products_table",
            alt=alt,
            open_on_click=True,
            phone=("name", "0", "2"),
        )
        return clicked[0] if clicked else None
    for series, point in blocks.chart(figure(matrix), alt, key="products_matrix", clickable=True):
        if series == 1:
            return point // width
    return None


def _frame(matrix: Matrix) -> pl.DataFrame:
    cells = {str(n): [row.cells[n].text for row in matrix.rows] for n in range(len(matrix.heads))}
    plain = {n: [re.sub("</?b>", "", text) for text in texts] for n, texts in cells.items()}
    return pl.DataFrame({"name": [row.name for row in matrix.rows], **plain})


def _columns_of(matrix: Matrix) -> dict[str, Any]:
    heads = {
        str(n): tables.text(head.replace("<br>", " · "), 86 if n < 3 else 110) for n, head in enumerate(matrix.heads)
    }
    return {"name": tables.text(_("Product"), 150), **heads}
