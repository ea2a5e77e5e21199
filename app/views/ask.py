"""Ask: any metric by any dimension over any period, filtered, compared, ranked; the address holds the question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from analytics.inquiry import CHARTS, MOST_DIMENSIONS, MOST_METRICS, Inquiry, faults
from analytics.metrics import DIMENSIONS, METRICS, splits
from app import address, answers, blocks, charts_ask, data, exports, tables
from app import format as fmt
from app.fault_words import told
from app.i18n import N_, _, ngettext
from app.jobs.questions import Answer, Column, answer
from app.tiles import Tile, of_metric

if TYPE_CHECKING:
    from app.data import Place
    from oms_core.kernel.errors import OmsError

#: What is asked when nothing was asked yet.
FIRST_METRICS, FIRST_BY = ("net_sales", "orders"), ("channel",)
CHART_WORDS = {"auto": N_("What fits"), "line": N_("Lines"), "bars": N_("Bars"), "none": N_("None")}
LABELS = {m.slug: m.label for m in METRICS}
DIMENSION_LABELS = {d.slug: d.label for d in DIMENSIONS}
#: Keys of the question in the address.
KEYS = ("ask_m", "ask_by", "ask_period", "ask_from", "ask_to", "ask_where", "ask_compare", "ask_top", "ask_chart")
#: Rows drawn; the export holds all.
MOST_ROWS = 1_000
QUERIES: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """An answer ready to draw."""

    tiles: tuple[Tile, ...]
    drawing: charts_ask.Drawing | None
    rows: pl.DataFrame
    columns: Mapping[str, Any]
    said: str


def read() -> Inquiry:
    """Return the question of the address."""
    top = address.read("ask_top", "")
    return Inquiry(
        metrics=tuple(address.read("ask_m", list(FIRST_METRICS))),
        by=tuple(_dimensions()),
        period=address.read("ask_period", "28d"),
        since=_day("ask_from"),
        until=_day("ask_to"),
        where=str(st.session_state.get("ask_where", st.query_params.get("ask_where", "")) or "").strip(),
        compare=address.read("ask_compare", ""),
        top=int(top) if str(top).isdigit() and int(top) else None,
        chart=address.read("ask_chart", "auto", CHARTS),
    )


def _dimensions() -> list[str]:
    """Return the dimensions asked for; ``-`` in the address means none on purpose."""
    return [name for name in address.read("ask_by", list(FIRST_BY)) if name != "-"]


def _day(key: str) -> date | None:
    try:
        return date.fromisoformat(st.query_params.get(key, ""))
    except ValueError:
        return None


@data.remembered(60)
def _answered(mark: str, today: date, minute: str, asked: Inquiry) -> Answer:
    del mark, minute
    return answer(data.floor().workspace, asked, today=today)


def load(asked: Inquiry, place: Place) -> Answer:
    """Answer the question from the replica as it stands.

    Raises
    ------
    OmsError
        It cannot be answered.
    """
    minute = place.now.isoformat(timespec="minutes")
    return _answered(data.watermark(), place.today, minute, asked)


def build(found: Answer, place: Place) -> View:
    """Turn an answer into words, figures and rows; pure."""
    rows = found.frame.height
    said = " · ".join(
        (
            ngettext("{n} row", "{n} rows", rows).format(n=fmt.count(rows)),
            *answers.facts(found).values(),
        )
    )
    tiles = _tiles(found) if not found.asked.by and rows == 1 else ()
    shown = found.frame.head(MOST_ROWS)
    frame, columns = _cells(shown, found, place)
    drawing = None if tiles else charts_ask.draw(found, names=_names(place))
    return View(tiles, drawing, frame, columns, said)


def _tiles(found: Answer) -> tuple[Tile, ...]:
    """Return a tile a metric for a question without dimensions."""
    from analytics.metrics import metric

    row = found.frame.row(0, named=True)
    against = _(answers.COMPARES[found.asked.compare]) if found.asked.compare else ""
    return tuple(
        of_metric(metric(slug), row[slug], row.get(f"{slug}_previous"), currency=found.currency, against=against)
        if against
        else Tile(_(metric(slug).label), answers.tile(slug, row[slug], found.currency), help=_(metric(slug).help))
        for slug in dict.fromkeys(found.asked.metrics)
    )


def _names(place: Place) -> dict[str, Mapping[str, str]]:
    """Return words of codes that people do not read as codes."""
    return {"channel": place.channels, "country": place.countries}


def _cells(frame: pl.DataFrame, found: Answer, place: Place) -> tuple[pl.DataFrame, dict[str, Any]]:
    """Return the rows as a table draws them, and the columns' configuration."""
    names, cells, columns = _names(place), [], {}
    own = "currency" in frame.columns
    for column in found.columns:
        cells.append(_cell(column, names, found.currency, own=own))
        columns[column.name] = _configured(column, found.currency, own=own)
    return frame.select(cells), columns


def _cell(column: Column, names: Mapping[str, Mapping[str, str]], currency: str, *, own: bool) -> pl.Expr:
    value = pl.col(column.name)
    if column.kind == "money":
        return tables.major(value, currency) if not own else (value / 100).round(2)
    if column.kind in {"ratio", "share", "change"}:
        return (value.cast(pl.Float64) * 100).round(1)
    if column.name in names:
        return value.replace(dict(names[column.name])).fill_null(_("none"))
    return value.cast(pl.String).fill_null(_("none")) if column.kind == "text" else value


def _configured(column: Column, currency: str, *, own: bool) -> Any:
    """Return how a column is drawn: name, width, format."""
    label = answers.heading(column)
    if column.kind == "money":
        return tables.number(label, 120) if own else tables.money(label, currency, 120)
    writers = {
        "ratio": lambda: tables.number(f"{label}, %", 110),
        "share": lambda: tables.progress(label, 120),
        "change": lambda: tables.number(f"{label}, %", 110),
        "date": lambda: tables.day(label, 110),
        "text": lambda: tables.text(label, 150),
        "rank": lambda: tables.count(label, 60),
        "days": lambda: tables.number(label, 90),
        "hours": lambda: tables.number(label, 90),
    }
    return writers.get(column.kind, lambda: tables.count(label, 110))()


def render(place: Place) -> tuple[Inquiry, Answer | None]:
    """Draw the question, and below it the answer or what is wrong; return both for export and saving."""
    asked = read()
    wrong = faults(asked, place.today)
    _controls(asked, wrong)
    asked = read()
    wrong = faults(asked, place.today)
    found: Answer | None = None
    if not wrong:
        with blocks.guard("ask.answer"):
            found = load(asked, place)
            _draw(build(found, place), found)
    return asked, found


def _controls(asked: Inquiry, wrong: Mapping[str, OmsError]) -> None:
    """Draw the fields; what is wrong with one stands under it."""
    left, right = st.columns([1.35, 1], gap="medium")
    with left:
        _many("ask_m", _("Metrics"), list(FIRST_METRICS), LABELS, list(asked.metrics), most=MOST_METRICS)
        _fault(wrong, "metrics")
    with right:
        _by(asked)
        _fault(wrong, "by")
    cells = st.columns([1.1, 1.1, 0.8, 0.8], gap="small")
    with cells[0]:
        _choice("ask_period", _("Period"), "28d", answers.PERIODS)
        if asked.period == "custom":
            _range()
        _fault(wrong, "period")
    with cells[1]:
        _choice("ask_compare", _("Compared with"), "", answers.COMPARES)
    with cells[2]:
        _choice("ask_top", _("Largest"), "", _tops(asked.top))
        _fault(wrong, "top")
    with cells[3]:
        _choice("ask_chart", _("Chart"), "auto", CHART_WORDS)
    st.text_input(
        _("Only where"), key="ask_where", bind="query-params",
        placeholder=_("for example: country IN ('PL', 'DE') AND channel != 'web'"),
        help=_("The expression language of segments and views, over dimensions: {names}").format(
            names=", ".join(DIMENSION_LABELS)
        ),
    )  # fmt: skip
    _fault(wrong, "where")


def _many(key: str, label: str, default: list[str], words: Mapping[str, str], chosen: list[str], *, most: int) -> None:
    options = [*words, *(code for code in chosen if code not in words)]
    with address.bound(key, default):
        st.multiselect(
            label, options, key=key, max_selections=most,
            format_func=lambda code: _(words[code]) if code in words else code,
        )  # fmt: skip


def _by(asked: Inquiry) -> None:
    """Draw the dimensions that every metric asked for knows, and those of the address that do not fit."""
    known = [splits(slug) for slug in asked.metrics if slug in LABELS]
    fits = [name for name in DIMENSION_LABELS if all(name in one for one in known)]
    options = [*fits, *(name for name in asked.by if name not in fits)]
    st.session_state["ask_by"] = list(asked.by)
    st.multiselect(
        _("Split by"), options, key="ask_by", max_selections=MOST_DIMENSIONS, placeholder=_("Nothing: the total alone"),
        format_func=lambda code: _(DIMENSION_LABELS[code]) if code in DIMENSION_LABELS else code,
    )  # fmt: skip
    picked = list(st.session_state["ask_by"])
    address.write("ask_by", picked or ["-"], list(FIRST_BY))


def _choice(key: str, label: str, default: str, words: Mapping[str, str]) -> None:
    with address.bound(key, default, words):
        st.selectbox(label, list(words), key=key, format_func=lambda code: _(words[code]))


def _tops(top: int | None) -> dict[str, str]:
    """Return how many rows may be kept; the number of the address is one of them."""
    counts = sorted({5, 10, 20, 50, 100, 1000} | ({top} if top else set()))
    return {"": N_("all rows"), **{str(n): str(n) for n in counts}}


def _range() -> None:
    """Draw the days of a custom period; they stand in the address as ISO dates."""
    place = data.place()
    first, last = _day("ask_from") or place.today - timedelta(days=27), _day("ask_to") or place.today
    picked = st.date_input(
        _("First and last day"), value=(first, max(first, last)), format="DD.MM.YYYY", key="ask_range"
    )  # fmt: skip
    if isinstance(picked, tuple) and len(picked) == 2:
        st.query_params["ask_from"], st.query_params["ask_to"] = (day.isoformat() for day in picked)


def _fault(wrong: Mapping[str, OmsError], field: str) -> None:
    """Say under a field what is wrong with it and what was probably meant."""
    if field not in wrong:
        return
    what, todo = told(wrong[field])
    st.markdown(f":red[:material/error: {what}] {todo}")
    if caret := wrong[field].facts.get("caret"):
        st.code(caret, language=None)


def _draw(view: View, found: Answer) -> None:
    blocks.section(answers.title(found.asked), view.said)
    if view.rows.is_empty():
        blocks.empty_line("filters", _("Nothing was found."), _("Widen the period or take a condition out."))
        return
    if view.tiles:
        blocks.kpi_row(view.tiles)
    if view.drawing:
        blocks.chart(view.drawing.figure, view.drawing.alt, key="ask_chart_drawn")
    if found.frame.height > MOST_ROWS:
        st.caption(_("The first {n} rows; the export holds all.").format(n=fmt.count(MOST_ROWS)))
    if not view.tiles:
        blocks.table(view.rows, view.columns, key="ask_rows", alt=view.said)


def sheet(asked: Inquiry, found: Answer | None) -> exports.Sheet | None:
    """Return the answer as a file."""
    return answers.sheet(found, answers.title(asked)) if found is not None else None


def open_question(question: Mapping[str, Any]) -> None:
    """Put a kept question into the address (callback of a button)."""
    told_by = question.get("by") or ["-"]
    values: dict[str, Any] = {
        "ask_m": question.get("metrics"), "ask_by": told_by, "ask_period": question.get("period"),
        "ask_from": question.get("since"), "ask_to": question.get("until"), "ask_compare": question.get("compare"),
        "ask_top": str(question["top"]) if question.get("top") else None, "ask_chart": question.get("chart"),
    }  # fmt: skip
    address.forget(*KEYS, "ask_range")
    for key, value in values.items():
        if value:
            st.query_params[key] = value
        else:
            st.query_params.pop(key, None)
    st.session_state["ask_where"] = question.get("where", "")
