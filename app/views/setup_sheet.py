"""One sheet of master data: its rows to edit, a file to hand in, and the rows that were not taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from app import actions, blocks, data, desk, sheet_files, sheet_words
from app import format as fmt
from app.exports import Later, Sheet
from app.fault_words import told
from app.i18n import _, ngettext
from app.jobs.setup import hand_in, write
from oms_core.master_data.cells import FLAG
from oms_core.master_data.opening import STOCK
from oms_core.master_data.queries import rows_of
from oms_core.master_data.reading import EMPTY
from oms_core.master_data.sheets import SHEETS

if TYPE_CHECKING:
    from oms_core.master_data.commands import Outcome
    from oms_core.master_data.opening import Stocked
    from oms_core.master_data.reading import Rejected
    from oms_core.master_data.sheets import Sheet as Master

#: Rows that can be edited at once; the search finds the others.
MOST = 200
#: How many times each sheet was saved by this reader: its editor starts anew.
SAVED = "setup_saved"
REASON = "set by hand"
#: Rows not taken that are told at once; the file holds all.
SHOWN = 10


def render(name: str) -> Later:
    """Draw a sheet; return what may be exported."""
    sheet = STOCK if name == STOCK.name else SHEETS[name]
    _title, question, answer = sheet_words.SHEETS[name]
    blocks.section(_(question), _(answer))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search = st.text_input(_("Search"), key=f"setup_search_{name}", icon=":material/search:", width=320)
        _file(sheet)
    rows = desk.read_as_kept(lambda s: rows_of(s, name, search=(search or "").strip(), limit=MOST + 1))
    _editor(sheet, rows[:MOST], is_cut=len(rows) > MOST)
    return Later(f"setup_{name}", len(rows), lambda: _whole(name))


def _whole(name: str) -> Sheet:
    rows = desk.read_as_kept(lambda s: rows_of(s, name))
    return Sheet(f"setup_{name}", pl.DataFrame(rows).drop("id") if rows else pl.DataFrame())


def _editor(sheet: Master, rows: Sequence[Mapping[str, Any]], *, is_cut: bool) -> None:
    """Draw the rows as a table to write in, and save what was written."""
    if is_cut:
        st.caption(_("The first {n} rows; search for the others.").format(n=fmt.count(MOST)))
    turn = st.session_state.get(SAVED, 0)
    edited: Any = st.data_editor(
        frame(sheet, rows), column_config=_columns(sheet), num_rows="add", hide_index=True,
        key=f"setup_{sheet.name}_{turn}", height=min(38 * (len(rows) + 2), 560),
    )  # fmt: skip
    changed, moved = changes(sheet, rows, edited.to_dicts())
    if moved:
        what = ", ".join(moved)
        st.warning(_("A row is known by its code: {what}. Add a new row instead.").format(what=what))
    label = ngettext("Save {n} row", "Save {n} rows", len(changed)).format(n=fmt.count(len(changed)))
    if st.button(
        label,
        type="primary",
        icon=":material/check:",
        key=f"setup_save_{sheet.name}",
        disabled=not changed or bool(moved),
    ):
        _save(sheet, changed)


def frame(sheet: Master, rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Turn rows into the editor's table: texts, yes and no as ticks; pure."""
    schema = {c.name: pl.Boolean if c.kind is FLAG else pl.String for c in sheet.columns}
    told = [{c.name: row[c.name] == "yes" if c.kind is FLAG else row[c.name] for c in sheet.columns} for row in rows]
    return pl.DataFrame(told, schema=schema)


def changes(
    sheet: Master, rows: Sequence[Mapping[str, Any]], edited: Sequence[Mapping[str, Any]]
) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the cells to hand in (with the key of their row), and keys somebody wrote over; pure."""
    found, moved = list[dict[str, Any]](), list[str]()
    before = frame(sheet, rows).to_dicts()
    for n, after in enumerate(edited):
        old = before[n] if n < len(before) else {}
        cells = {name: value for name, value in after.items() if (value or "") != (old.get(name) or "")}
        if not cells:
            continue
        if old and set(cells) & set(sheet.key):
            moved.append(" ".join(str(old[name]) for name in sheet.key))
            continue
        emptied = {name: EMPTY if old and value in {None, ""} else value for name, value in cells.items()}
        found.append({**{name: after[name] for name in sheet.key}, **emptied})
    return found, moved


def _columns(sheet: Master) -> dict[str, Any]:
    columns = {}
    for column in sheet.columns:
        label, needed = _(sheet_words.COLUMNS[column.name]), column.is_required
        if column.kind is FLAG:
            columns[column.name] = st.column_config.CheckboxColumn(label, default=bool(column.default))
        else:
            columns[column.name] = st.column_config.TextColumn(
                f"{label} *" if needed else label, help=_("Such as {example}").format(example=column.example)
            )
    return columns


def _save(sheet: Master, rows: Sequence[Mapping[str, Any]]) -> None:
    shop = data.shop()
    outcome = actions.run(
        lambda s: write(s, shop, sheet.name, rows, reason=REASON, actor=actions.ACTOR), done=_("Saved")
    )
    if outcome is None:
        return
    if outcome.rejected:
        refused(outcome.rejected, name=sheet.name)
        return
    st.session_state[SAVED] = st.session_state.get(SAVED, 0) + 1
    st.rerun()


def _file(sheet: Master) -> None:
    """Draw the hand-in of a file: what it would do is said before anything is written."""
    with st.popover(_("Hand in a CSV"), icon=":material/upload_file:"):
        st.caption(_("Columns: {names}. An empty cell leaves what is there, - empties it.").format(
            names=", ".join(f"`{name}`" for name in sheet.names)
        ))  # fmt: skip
        head = ",".join(sheet.names)
        example = ",".join(f'"{c.example}"' if "," in c.example else c.example for c in sheet.columns)
        st.download_button(
            _("Template"), f"\ufeff{head}\n{example}\n", file_name=f"{sheet.name}.csv", mime="text/csv",
            icon=":material/download:", type="tertiary", on_click="ignore", key=f"setup_template_{sheet.name}",
        )  # fmt: skip
        turn = st.session_state.get(SAVED, 0)
        file = st.file_uploader(_("CSV file"), type=["csv"], key=f"setup_file_{sheet.name}_{turn}")
        if file is not None:
            with blocks.guard("setup_file"):
                _handed(sheet, file.getvalue(), file.name)


def _handed(sheet: Master, content: bytes, name: str) -> None:
    rows = sheet_files.rows_of_bytes(content, name)
    workspace = data.floor().workspace
    tried = hand_in(workspace, sheet.name, rows, reason=name, actor=actions.ACTOR, dry_run=True)
    st.markdown(said(tried))
    if tried.rejected:
        refused(tried.rejected, name=sheet.name)
    good = tried.created + tried.changed
    label = ngettext("Write {n} row", "Write {n} rows", good).format(n=fmt.count(good))
    if st.button(label, type="primary", disabled=not good, key=f"setup_write_{sheet.name}"):
        shop = data.shop()
        done = actions.run(
            lambda s: write(s, shop, sheet.name, rows, reason=name, actor=actions.ACTOR), done=_("Saved")
        )
        if done is not None:
            st.session_state[SAVED] = st.session_state.get(SAVED, 0) + 1
            st.rerun()


def said(outcome: Outcome | Stocked) -> str:
    """Return what a hand-in does, in a sentence."""
    return _("{created} new, {changed} changed, {unchanged} as they are, {rejected} not taken").format(
        created=fmt.count(outcome.created), changed=fmt.count(outcome.changed),
        unchanged=fmt.count(outcome.unchanged), rejected=fmt.count(len(outcome.rejected)),
    )  # fmt: skip


def refused(rejected: Sequence[Rejected], *, name: str) -> None:
    """Draw the rows that were not taken with the reason of each, and the file to mend."""
    for row in rejected[:SHOWN]:
        what, todo = told(row.fault)
        st.error(todo, title=_("Row {n}: {what}").format(n=row.number, what=what))
    if rejected:
        st.download_button(
            _("Rows to mend"), sheet_files.rejected_csv(rejected), file_name=f"{name}_to_mend.csv", mime="text/csv",
            icon=":material/download:", on_click="ignore", key=f"setup_mend_{name}",
        )  # fmt: skip
