"""What is remembered of a segment: its growth, who came and went and why, its versions; and what segments share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from app import actions, blocks, charts, data, tables
from app import format as fmt
from app.charts_customers import Cell, inked, matrix
from app.device import theme
from app.i18n import _, language, ngettext
from app.jobs import segment_history
from app.jobs import segments as job
from app.views import segment_builder
from oms_core.kernel.errors import OmsError
from oms_core.marketing import snapshot_queries
from segmentation.reason_words import told
from segmentation.strategies import strategy_for

if TYPE_CHECKING:
    from app.jobs.segments import Evaluation
    from segmentation.library import Segment

#: Rows of who came and went, snapshots of the growth, and segments in the matrix.
MOST_MOVES, MOST_SNAPSHOTS, MOST_SEGMENTS, NARROW_SEGMENTS = 60, 120, 10, 5


@dataclass(frozen=True, slots=True)
class Memory:
    """What was read of one segment: snapshots and movements newest first, versions."""

    segment: Segment
    snapshots: Sequence[Mapping[str, Any]]
    movements: Sequence[Mapping[str, Any]]
    versions: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class MemoryView:
    """The same, translated and formatted."""

    growth: go.Figure | None
    answer: str
    moves: pl.DataFrame
    versions: pl.DataFrame


def named(text: str, shelf: Sequence[Segment]) -> Segment | None:
    """Return the segment of the shelf with this definition; None for a draft."""
    return next((s for s in shelf if s.expression == text), None)


def load(segment: Segment) -> Memory:
    """Read what is remembered of a segment; snapshots are few, so nothing is cached."""
    workspace = data.floor().workspace
    with workspace.reading() as session:
        snapshots = snapshot_queries.snapshots(session, segment.name, limit=MOST_SNAPSHOTS)
        movements = snapshot_queries.movements(session, segment.name, limit=MOST_MOVES)
    return Memory(segment, snapshots, movements, segment_history.versions(workspace, segment.name))


def build(memory: Memory) -> MemoryView:
    """Turn the memory into a curve, rows and a sentence; pure."""
    words = {"in": _("Joined"), "out": _("Dropped out")}
    rows = [
        {
            "day": row["business_date"],
            "what": [words[row["kind"]]],
            "name": row["name"] or row["number"],
            "because": "; ".join(told(one, language()) for one in row["because"] or []),
        }
        for row in (memory.movements if len(memory.snapshots) > 1 else ())  # at first everybody is new: no news
    ]
    schema: dict[str, Any] = {"day": pl.Date, "what": pl.List(pl.String), "name": pl.String, "because": pl.String}
    versions = [{"version": v["version"], "expression": v["expression"]} for v in memory.versions]
    return MemoryView(
        growth=_growth(list(reversed(memory.snapshots))) if len(memory.snapshots) > 1 else None,
        answer=_answer(memory),
        moves=pl.DataFrame(rows, schema=schema),
        versions=pl.DataFrame(versions, schema={"version": pl.Int64, "expression": pl.String}),
    )


def _answer(memory: Memory) -> str:
    if not memory.snapshots:
        return _("No snapshot yet: one is taken every night")
    newest = memory.snapshots[0]
    if len(memory.snapshots) == 1:
        return _("{day}: {n} members in the first snapshot; who comes and goes is told from the next one on").format(
            day=fmt.day(newest["business_date"]), n=fmt.count(newest["members"])
        )
    return _("{day}: {n} members, {came} came, {went} went").format(
        day=fmt.day(newest["business_date"]), n=fmt.count(newest["members"]), came=fmt.count(newest["entered_count"]),
        went=fmt.count(newest["left_count"]),
    )  # fmt: skip


def _growth(snapshots: Sequence[Mapping[str, Any]]) -> go.Figure:
    sizes = [int(row["members"]) for row in snapshots]
    top = max(sizes)
    ticks = ([0, top], [fmt.count(0), fmt.count(top)])
    days = [row["at"] for row in snapshots]
    hover = [f"{fmt.day(row['business_date'])} · {fmt.count(row['members'])}" for row in snapshots]
    series = charts.Series(_("Members"), sizes, hover=hover)
    ends = [days[0], days[-1]]
    x_ticks = (ends, [fmt.day(snapshots[n]["business_date"]) for n in (0, -1)])
    return charts.trend(days, series, None, ticks=ticks, x_ticks=x_ticks)


def render(text: str, shelf: Sequence[Segment]) -> None:
    """Draw growth, movements and versions of the segment with this definition, and the matrix of all."""
    blocks.section(_("What changed in it?"))
    found = named(text, shelf)
    if found is None:
        blocks.empty_line("filters", _("A draft"), _("Save it, and its growth is remembered every night."))
    else:
        _remembered(build(load(found)), found)
    _shared(shelf)


def _remembered(view: MemoryView, segment: Segment) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(view.answer)
        st.button(
            _("Take a snapshot now"), icon=":material/photo_camera:", type="tertiary", key="segment_snapshot",
            on_click=_snapshot,
        )  # fmt: skip
    if view.growth is not None:
        blocks.chart(view.growth, view.answer, key="segment_growth")
    if not view.moves.is_empty():
        blocks.table(
            view.moves,
            {
                "day": tables.day(_("Day"), 110),
                "what": tables.badge("", {_("Joined"): "green", _("Dropped out"): "orange"}, 84),
                "name": tables.text(_("Customer"), 180),
                "because": tables.text(_("Why")),
            },
            key="segment_moves",
            alt=view.answer,
        )
    if view.versions.height > 1:
        _versions(view.versions, segment)


def _versions(versions: pl.DataFrame, segment: Segment) -> None:
    with st.expander(ngettext("{n} version", "{n} versions", versions.height).format(n=fmt.count(versions.height))):
        blocks.table(
            versions, {"version": tables.count(_("Version"), 80), "expression": tables.text(_("Definition"))},
            key="segment_versions", alt=_("Versions"),
        )  # fmt: skip
        found = segment_history.diff(data.floor().workspace, segment.name)
        for sign, clauses in (("+", found.added), ("−", found.removed)):
            for clause in clauses:
                st.markdown(f"`{sign} {clause}`")
        st.caption(
            _("The last change lets {joined} in and leaves {gone} out today.").format(
                joined=fmt.count(found.joined), gone=fmt.count(found.gone)
            )
        )
        st.button(
            _("Undo the last change"), icon=":material/undo:", key="segment_undo", on_click=_undo, args=(segment.name,)
        )


def _undo(name: str) -> None:
    kept = _done(lambda: segment_history.undo(data.floor().workspace, name, actor=actions.ACTOR), _("Undone"))
    if kept is not None:
        segment_builder.start_from(kept.expression)


def _snapshot() -> None:
    _done(lambda: segment_history.snapshot(data.floor().workspace, actor=actions.ACTOR), _("Snapshot taken"))


def _done(act: Callable[[], Any], said: str) -> Any:
    """Do something in a transaction of its own and say so; None when a rule refused it."""
    try:
        answer = act()
    except OmsError as error:
        blocks.expected(error)
        return None
    data.floor().tick()
    st.toast(said, icon=":material/check:")
    return answer


def list_button(text: Callable[[], str]) -> None:
    """Draw *Save as list*: whom the definition holds now, for good."""
    with st.popover(_("Save as list"), icon=":material/lock:"):
        name = st.text_input(_("Name"), key="segment_list_name", placeholder=_("spring_letter"))
        st.caption(_("A list holds whom it holds today; a living segment is asked anew every time."))
        if st.button(_("Freeze today's members"), disabled=not name, key="segment_freeze", type="primary"):
            workspace = data.floor().workspace
            _done(
                lambda: segment_history.freeze(workspace, text(), name=name, actor=actions.ACTOR),
                _("List {name} saved").format(name=name),
            )


def strategy(found: Evaluation, shelf: Sequence[Segment]) -> None:
    """Draw what to do about a segment and how to speak to it."""
    said = strategy_for(named(found.text, shelf) or found.segment, found.members).said(language())
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**{_('What to do, and how to say it?')}**")
        st.markdown(said["action"])
        st.caption(said["message"])


@data.remembered(4)
def _pairs(mark: str, today: date, names: tuple[str, ...]) -> pl.DataFrame:
    del mark, today
    return job.overlap_matrix(data.floor().workspace, names)


def _shared(shelf: Sequence[Segment]) -> None:
    """Draw how many customers of each segment (row) are in each other one (column)."""
    workspace = data.floor().workspace
    known = job.facts(workspace)
    library = job.library(workspace)
    names = tuple(s.name for s in shelf if job.can_ask(s, known, library))
    pairs = _pairs(data.watermark(), known.today, names)
    sizes = pairs.filter((pl.col("a") == pl.col("b")) & (pl.col("members") > 0)).sort("members", descending=True)
    most = NARROW_SEGMENTS if blocks.on_phone() else MOST_SEGMENTS
    shown = sizes.head(most).get_column("a").to_list()
    if len(shown) < 2:
        return
    labels = {s.name: s.label(language()) for s in shelf}
    blocks.section(
        _("Which segments share people?"),
        _("Of the members of a row, the share that is in the column too; the {n} largest").format(n=len(shown)),
    )
    figure, takeaway = shared_figure(pairs, shown, labels)
    blocks.chart(inked(figure, theme()), takeaway, key="segment_shared")


def shared_figure(pairs: pl.DataFrame, shown: Sequence[str], labels: Mapping[str, str]) -> tuple[go.Figure, str]:
    """Return the matrix and its takeaway: the two segments that share most; pure."""
    columns = [str(n) for n in range(1, len(shown) + 1)]
    rows = [f"{n} · {labels.get(name, name)}" for n, name in enumerate(shown, start=1)]
    place = dict(zip(shown, zip(columns, rows, strict=True), strict=True))
    held = [row for row in pairs.iter_rows(named=True) if row["a"] in place and row["b"] in place]
    cells = [
        Cell(
            place[row["b"]][0], place[row["a"]][1], row["share"], fmt.percent(row["share"]),
            f"{labels.get(row['a'], row['a'])} → {labels.get(row['b'], row['b'])}: {fmt.count(row['members'])}",
        )
        for row in held
    ]  # fmt: skip
    best = max((r for r in held if r["a"] != r["b"]), key=lambda r: r["share"])
    takeaway = _("{share} of {a} are in {b} too").format(
        share=fmt.percent(best["share"]), a=labels.get(best["a"], best["a"]), b=labels.get(best["b"], best["b"])
    )
    return matrix(columns, rows, cells, side="top"), takeaway
