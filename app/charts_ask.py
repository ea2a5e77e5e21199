"""The figure that fits an answer: lines over time, bars over anything else; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from analytics.metrics import metric
from analytics.periods import TIME
from app import answers, charts, palette
from app import format as fmt
from app.i18n import _

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from app.jobs.questions import Answer

#: Lines of one figure, bars of one figure: more are read in the table.
MOST_LINES, MOST_BARS = 5, 15
#: Sign between the words of a bar that stands for several dimensions.
_BETWEEN = " · "

Names = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure with its takeaway in words."""

    figure: go.Figure
    alt: str


def draw(found: Answer, *, names: Names) -> Drawing | None:
    """Return the figure of the first metric that fits its dimensions; None when none was wanted or nothing is there.

    Parameters
    ----------
    names : mapping
        Dimension to its codes' words.
    """
    asked, frame = found.asked, found.frame
    slug = asked.metrics[0]
    frame = frame.filter(pl.col(slug).is_not_null())
    if asked.chart == "none" or frame.is_empty() or not asked.by:
        return None
    time = next((name for name in asked.by if name in TIME), None)
    as_line = asked.chart == "line" or (asked.chart == "auto" and frame[time].n_unique() > 2 if time else False)
    return _lines(found, frame, time, names) if as_line and time else _bars(found, frame, names)


def _words(row: Mapping[str, Any], dims: Sequence[str], names: Names) -> str:
    """Return what a row stands for."""
    said = [_said(row[name], names.get(name, {})) for name in dims]
    return _BETWEEN.join(said) or _("Everything")


def _said(value: Any, words: Mapping[str, str]) -> str:
    if value is None:
        return _("none")
    return words.get(str(value), fmt.day(value, year=True) if hasattr(value, "isoformat") else str(value))


def _dimensions(found: Answer) -> list[str]:
    """Return the dimensions of the rows, the currency too where it was added."""
    return [c.name for c in found.columns if c.role == "dimension"]


def _lines(found: Answer, frame: pl.DataFrame, time: str, names: Names) -> Drawing:
    slug = found.asked.metrics[0]
    rest = [name for name in _dimensions(found) if name != time]
    days = sorted(frame[time].unique().to_list())
    groups = _groups(frame, rest, slug)
    empty = 0.0 if metric(slug).is_zero_when_empty else None
    series = []
    for n, key in enumerate(groups[:MOST_LINES]):
        rows = {r[time]: float(r[slug]) for r in frame.iter_rows(named=True) if tuple(r[d] for d in rest) == key}
        values = [rows.get(day, empty) for day in days]
        label = _words(dict(zip(rest, key, strict=True)), rest, names) if rest else _(metric(slug).label)
        hover = [_cell(found, slug, value) for value in values]
        series.append(charts.Series(label, values, palette.CATEGORIES[n % len(palette.CATEGORIES)], hover))
    figure = charts.figure(charts.HEIGHT_MAIN, ticks=_ticks(found, slug, [v for s in series for v in s.values]))
    for one in series:
        charts.line(figure, [fmt.day(day) for day in days], one)
    figure.update_layout(showlegend=len(series) > 1)
    step = max(1, -(-len(days) // 8))
    figure.update_xaxes(type="category", tickmode="array", tickvals=[fmt.day(day) for day in days[::step]])
    figure.update_yaxes(rangemode="tozero")
    return Drawing(figure, _alt(groups, slug))


def _groups(frame: pl.DataFrame, rest: Sequence[str], slug: str) -> list[tuple[Any, ...]]:
    """Return the groups of a figure, the largest first."""
    if not rest:
        return [()]
    sized = frame.group_by(rest).agg(pl.col(slug).sum().alias("size")).sort(["size", *rest], descending=True)
    return [tuple(row[name] for name in rest) for row in sized.iter_rows(named=True)]


def _bars(found: Answer, frame: pl.DataFrame, names: Names) -> Drawing:
    slug, dims = found.asked.metrics[0], _dimensions(found)
    if not any(name in TIME for name in dims):
        frame = frame.sort([slug, *dims], descending=True, nulls_last=True)
    rows = list(frame.head(MOST_BARS).iter_rows(named=True))
    texts = [_cell(found, slug, row[slug], row.get("currency")) for row in rows]
    figure = charts.ranking(
        [_words(row, dims, names) for row in rows],
        charts.Series(_(metric(slug).label), [float(row[slug]) for row in rows]),
        texts=texts,
    )
    return Drawing(figure, _("{name}: {first} is first with {value}").format(
        name=_(metric(slug).label), first=_words(rows[0], dims, names), value=texts[0]
    ))  # fmt: skip


def _cell(found: Answer, slug: str, value: float | None, currency: str | None = None) -> str:
    column = next(c for c in found.columns if c.name == slug)
    return answers.shown(column, value, currency or found.currency)


def _ticks(found: Answer, slug: str, values: Sequence[float | None]) -> charts.Ticks | None:
    """Return money's own ticks; other units have Plotly's."""
    if metric(slug).unit != "money":
        return None
    known = [value for value in values if value is not None]
    return fmt.money_ticks(int(max(known, default=0)), found.currency, lowest=int(min(known, default=0)))


def _alt(groups: Sequence[tuple[Any, ...]], slug: str) -> str:
    shown = min(len(groups), MOST_LINES)
    return _("{name} over time, the {n} largest of {all}").format(name=_(metric(slug).label), n=shown, all=len(groups))
