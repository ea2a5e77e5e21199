"""What goes into a segment's file: who is left out and why, the hold-out, and the button that makes it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import streamlit as st

from app import actions, blocks, data, letters, sight
from app import format as fmt
from app.i18n import N_, _, language, ngettext
from app.jobs import segment_files as job
from app.views import campaigns
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
    "duplicate_address": N_("Same address twice"), "address_unusable": N_("Address not taken there"),
    "message_incomplete": N_("Something in the message is not known"), "message_too_long": N_("Message too long"),
    "hold_out": N_("Hold-out, drawn at random"),
}  # fmt: skip
#: Shares held out to measure what writing to the others did.
HOLDOUTS = (0.0, 0.05, 0.1, 0.2)
DEFAULT_HOLDOUT = 0.1
#: Products offered to each, as columns.
OFFERS = (0, 1, 2, 3, 5)


def panel(found: Evaluation) -> None:
    """Draw the panel of one segment."""
    with st.container(border=True, gap="small"):
        st.markdown(f"**{_('What goes into the file?')}**")
        target = _destination()
        purpose, holdout = _choices(target)
        template, offers = _personal(target, purpose)
        selection = job.selected(
            data.floor().workspace, found, to=target.name, purpose=purpose, holdout=holdout, template=template,
            offers=offers,
        )  # fmt: skip
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
        _buttons(found, target, (purpose, holdout, template, offers), inside=inside)


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


def _personal(target: Destination, purpose: str) -> tuple[str, int]:
    """Choose the message written to each and how many products are offered, as far as the destination carries them."""
    can = {row["name"]: row for row in letters.kept() if row["medium"] == purpose} if "text" in target.carries else {}
    left, right = st.columns(2, gap="small")
    with left:
        template = st.selectbox(
            _("Message"), ["", *can], format_func=lambda name: name or _("None"), disabled=not can,
            key=f"segment_template_{target.name}_{purpose}",
            help=_("Written for each member; made on the page Messages."),
        )  # fmt: skip
    with right:
        offers = st.selectbox(
            _("Products offered"), OFFERS, format_func=fmt.count, disabled="offer" not in target.carries,
            key=f"segment_offers_{target.name}", help=_("Columns of the file, from what is in stock."),
        )  # fmt: skip
    return str(template or "") if can else "", int(offers or 0) if "offer" in target.carries else 0


def _buttons(found: Evaluation, target: Destination, asked_for: tuple[str, float, str, int], *, inside: int) -> None:
    purpose, holdout, template, offers = asked_for
    label = ngettext("Export {n} customer", "Export {n} customers", inside).format(n=fmt.count(inside))
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="bottom"):
        name = f"{found.segment.name or 'segment'}_{target.name}{target.suffix}"
        pressed = st.button(
            label, type="primary", icon=":material/download:", key="segment_export", disabled=not inside,
            help=None if inside else _("Nobody in this segment may be written to for this purpose."),
        )  # fmt: skip
    asked = (found.text, *asked_for, target.name)
    if pressed:
        sight.require_personal()
        made = job.export(
            data.floor().workspace, found.segment.name or found.text, to=target.name, file_name=name, purpose=purpose,
            holdout=holdout, template=template, offers=offers, actor=actions.ACTOR,
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
