"""What goes into a segment's file: who is left out and why, the hold-out, and the button that makes it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import streamlit as st

from app import actions, blocks, data
from app import format as fmt
from app.i18n import N_, _, language, ngettext
from app.jobs import segment_files as job
from app.views import campaigns
from segmentation import exporting
from segmentation.destinations import DESTINATIONS

if TYPE_CHECKING:
    from app.jobs.segment_files import Export
    from app.jobs.segments import Evaluation
    from segmentation.destinations import Column, Destination

PURPOSES = {"email": N_("Marketing e-mail"), "sms": N_("SMS"), "ads": N_("Advertising")}
REASONS = {
    "erased": N_("Erased"), "pending": N_("Consent pending"), "unsubscribed": N_("Unsubscribed"),
    "not_subscribed": N_("Not subscribed"), "invalid": N_("Address reported invalid"), "redacted": N_("Redacted"),
    "address_missing": N_("No address"), "address_invalid": N_("Address invalid"),
    "duplicate_address": N_("Same address twice"),
    "address_unusable": N_("Address not taken there"), "hold_out": N_("Hold-out, drawn at random"),
}  # fmt: skip
#: Shares held out to measure what writing to the others did.
HOLDOUTS = (0.0, 0.05, 0.1, 0.2)
DEFAULT_HOLDOUT = 0.1


def panel(found: Evaluation) -> None:
    """Draw the panel of one segment."""
    with st.container(border=True, gap="small"):
        st.markdown(f"**{_('What goes into the file?')}**")
        target = _destination()
        purpose, holdout = _choices(target)
        selection = exporting.select(found.membership, to=target.name, purpose=purpose, holdout=holdout)
        lines = {_("Members"): fmt.count(found.count)}
        lines |= {_(REASONS[reason]): f"-{fmt.count(n)}" for reason, n in selection.dropped.items()}
        inside = len(selection.rows)
        lines[_("In the file")] = fmt.count(inside)
        blocks.facts(lines)
        st.caption(
            _("Purpose: {purpose} · the manifest keeps who was left out and why").format(purpose=_(PURPOSES[purpose]))
        )
        if inside < target.minimum:
            least = _("{title} asks for at least {n} people.").format(title=target.title, n=fmt.count(target.minimum))
            st.caption(f":orange[:material/warning: {least}]")
        if inside:
            campaigns.foreseen(found, purpose=purpose, holdout=holdout)
        _buttons(found, target, purpose=purpose, holdout=holdout, inside=inside)


def _destination() -> Destination:
    """Choose where the file goes, and say what it will contain."""
    name = str(
        st.selectbox(
            _("Destination"), list(DESTINATIONS), format_func=lambda code: DESTINATIONS[code].title,
            key="segment_format",
        )
    )  # fmt: skip
    target = DESTINATIONS[name]
    with st.expander(target.about[language()]):
        st.markdown("\n".join(f"- `{column.name}`{_how(column)}" for column in target.columns))
    return target


def _how(column: Column) -> str:
    return f" · {_('hashed')}" if column.hashed else ""


def _choices(target: Destination) -> tuple[str, float]:
    left, right = st.columns(2, gap="small")
    with left:
        purpose = st.selectbox(
            _("Purpose"), target.purposes, format_func=lambda code: _(PURPOSES[code]),
            key=f"segment_purpose_{'_'.join(target.purposes)}", disabled=len(target.purposes) == 1,
        )  # fmt: skip
    with right:
        holdout = st.selectbox(
            _("Hold-out"), HOLDOUTS, index=HOLDOUTS.index(DEFAULT_HOLDOUT), format_func=fmt.percent,
            key="segment_holdout", help=_("Members who get nothing, so that the effect can be measured."),
        )  # fmt: skip
    return str(purpose), float(holdout)


def _buttons(found: Evaluation, target: Destination, *, purpose: str, holdout: float, inside: int) -> None:
    label = ngettext("Export {n} customer", "Export {n} customers", inside).format(n=fmt.count(inside))
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="bottom"):
        name = f"{found.segment.name or 'segment'}_{target.name}{target.suffix}"
        pressed = st.button(
            label, type="primary", icon=":material/download:", key="segment_export", disabled=not inside,
            help=None if inside else _("Nobody in this segment may be written to for this purpose."),
        )  # fmt: skip
    asked = (found.text, purpose, holdout, target.name)
    if pressed:
        made = job.export(
            data.floor().workspace, found.segment.name or found.text, to=target.name, file_name=name, purpose=purpose,
            holdout=holdout, actor=actions.ACTOR,
        )  # fmt: skip
        st.session_state["segment_made"] = (asked, made, name)
        st.toast(_("Export registered"), icon=":material/check:")
    kept = st.session_state.get("segment_made")
    if kept and kept[0] == asked:
        _downloads(kept[1], kept[2], target)


def _downloads(made: Export, name: str, target: Destination) -> None:
    """Offer the file and its manifest; the export is in the register already."""
    with st.container(horizontal=True, gap="xsmall"):
        st.download_button(
            _("Download {name}").format(name=name), made.content, file_name=name, mime=target.media_type,
            on_click="ignore", icon=":material/download:", key="segment_download",
        )  # fmt: skip
        st.download_button(
            _("Manifest"), json.dumps(made.manifest, ensure_ascii=False, indent=2), file_name=f"{name}.manifest.json",
            mime="application/json", on_click="ignore", type="tertiary", icon=":material/description:",
            key="segment_manifest",
        )  # fmt: skip
