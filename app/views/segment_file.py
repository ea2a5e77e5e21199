"""What goes into a segment's file: who is left out and why, the hold-out, and the button that makes it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import streamlit as st

from app import actions, blocks, data
from app import format as fmt
from app.i18n import N_, _, ngettext
from app.jobs import segments as job
from segmentation import exporting

if TYPE_CHECKING:
    from app.jobs.segments import Evaluation, Export

PURPOSES = {"email": N_("Marketing e-mail"), "sms": N_("SMS"), "ads": N_("Advertising")}
FORMATS = {"csv": "CSV", "xlsx": "XLSX"}
MIME = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
REASONS = {
    "erased": N_("Erased"), "pending": N_("Consent pending"), "unsubscribed": N_("Unsubscribed"),
    "not_subscribed": N_("Not subscribed"), "invalid": N_("Address reported invalid"), "redacted": N_("Redacted"),
    "address_missing": N_("No address"), "address_invalid": N_("Address invalid"),
    "duplicate_address": N_("Same address twice"), "hold_out": N_("Hold-out, drawn at random"),
}  # fmt: skip
#: Shares held out to measure what writing to the others did.
HOLDOUTS = (0.0, 0.05, 0.1, 0.2)
DEFAULT_HOLDOUT = 0.1


def panel(found: Evaluation) -> None:
    """Draw the panel of one segment."""
    with st.container(border=True, gap="small"):
        st.markdown(f"**{_('What goes into the file?')}**")
        purpose, holdout = _choices()
        selection = exporting.select(found.membership, purpose=purpose, holdout=holdout)
        lines = {_("Members"): fmt.count(found.count)}
        lines |= {_(REASONS[reason]): f"-{fmt.count(n)}" for reason, n in selection.dropped.items()}
        inside = selection.chosen.height
        lines[_("In the file")] = fmt.count(inside)
        blocks.facts(lines)
        st.caption(
            _("Purpose: {purpose} · the manifest keeps who was left out and why").format(purpose=_(PURPOSES[purpose]))
        )
        _buttons(found, purpose=purpose, holdout=holdout, inside=inside)


def _choices() -> tuple[str, float]:
    left, right = st.columns(2, gap="small")
    with left:
        purpose = st.selectbox(
            _("Purpose"), list(PURPOSES), format_func=lambda code: _(PURPOSES[code]), key="segment_purpose"
        )
    with right:
        holdout = st.selectbox(
            _("Hold-out"), HOLDOUTS, index=HOLDOUTS.index(DEFAULT_HOLDOUT), format_func=fmt.percent,
            key="segment_holdout", help=_("Members who get nothing, so that the effect can be measured."),
        )  # fmt: skip
    return str(purpose), float(holdout)


def _buttons(found: Evaluation, *, purpose: str, holdout: float, inside: int) -> None:
    label = ngettext("Export {n} customer", "Export {n} customers", inside).format(n=fmt.count(inside))
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="bottom"):
        kind = str(
            st.selectbox(_("Format"), list(FORMATS), format_func=FORMATS.__getitem__, key="segment_format", width=110)
        )
        name = f"{found.segment.name or 'segment'}.{kind}"
        pressed = st.button(
            label, type="primary", icon=":material/download:", key="segment_export", disabled=not inside,
            help=None if inside else _("Nobody in this segment may be written to for this purpose."),
        )  # fmt: skip
    asked = (found.text, purpose, holdout, kind)
    if pressed:
        made = job.export(
            data.floor().workspace, found.segment.name or found.text, to=kind, file_name=name, purpose=purpose,
            holdout=holdout, actor=actions.ACTOR,
        )  # fmt: skip
        st.session_state["segment_made"] = (asked, made, name)
        st.toast(_("Export registered"), icon=":material/check:")
    kept = st.session_state.get("segment_made")
    if kept and kept[0] == asked:
        _downloads(kept[1], kept[2], kind)


def _downloads(made: Export, name: str, kind: str) -> None:
    """Offer the file and its manifest; the export is in the register already."""
    with st.container(horizontal=True, gap="xsmall"):
        st.download_button(
            _("Download {name}").format(name=name), made.content, file_name=name, mime=MIME[kind], on_click="ignore",
            icon=":material/download:", key="segment_download",
        )  # fmt: skip
        st.download_button(
            _("Manifest"), json.dumps(made.manifest, ensure_ascii=False, indent=2), file_name=f"{name}.manifest.json",
            mime="application/json", on_click="ignore", type="tertiary", icon=":material/description:",
            key="segment_manifest",
        )  # fmt: skip
