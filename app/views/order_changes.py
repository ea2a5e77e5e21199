"""The changes of an order: who proposed what, what it does, whether it was decided; a pending one is decided here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from app import actions, desk
from app import format as fmt
from app.i18n import N_, _
from app.views import order_history
from app.views.order_preview import show_preview

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.dossier import Dossier

ACTOR = actions.ACTOR


def tab(order: Dossier, zone: str) -> None:
    """Draw the changes of an order; a pending one can be confirmed or declined here."""
    if not order.changes:
        st.caption(_("Nothing was changed since the order was placed."))
    for change in order.changes:
        with st.container(border=True, gap="xsmall"):
            _change_card(order, change, zone)


def _change_card(order: Dossier, change: Mapping[str, Any], zone: str) -> None:
    from oms_core.order_changes.queries import change_named, change_record

    found = desk.read(lambda s: change_record(s, change_named(s, change["number"])))
    colours = {"pending": "orange", "confirmed": "gray", "declined": "gray", "cancelled": "gray"}
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        st.badge(_(CHANGE_STATES[found["state"]]), color=colours[found["state"]])  # type: ignore[arg-type]
        who = _("{who}, {when}").format(who=found["proposed_by"], when=fmt.moment(found["proposed_at"], zone))
        st.caption(" · ".join(part for part in (found["number"], who, found["reason"]) if part), width="content")
    show_preview(found["preview"])
    if found["state"] != "pending":
        return
    if found["is_stale"]:
        _stale(order, found)
    with st.container(horizontal=True, gap="xsmall"):
        _decide(found, "confirm", _("Confirm"), "check")
        _decide(found, "decline", _("Decline"), "close")


def _stale(order: Dossier, change: Mapping[str, Any]) -> None:
    """Say who did what since the change was proposed: it can no longer be confirmed as it is."""
    later = [event for event in order.timeline if event["at"] > change["proposed_at"]]
    said = "; ".join(f"{event['actor']}: {order_history.title(event)}" for event in later)
    st.warning(
        _("The order changed since this was proposed, so propose it again. {what}")
        .format(what=said)
        .replace("$", "\\$"),
        icon=":material/history:",
    )


def _decide(change: Mapping[str, Any], verb: str, label: str, icon: str) -> None:
    from oms_core.backorders.commands import confirm_change
    from oms_core.order_changes.commands import decline

    def command(session: Session) -> object:
        if verb == "confirm":
            return confirm_change(session, change["id"], zone=desk.zone(), actor=ACTOR)
        return decline(session, change["id"], actor=ACTOR)

    done = _("The change {number} is confirmed") if verb == "confirm" else _("The change {number} is declined")
    key = f"change_{verb}_{change['number']}"
    if st.button(label, icon=f":material/{icon}:", key=key):
        answer = actions.run(command, done=done.format(number=change["number"]))
        if answer is not None:
            st.rerun()


CHANGE_STATES = {
    "pending": N_("Waits for a decision"), "confirmed": N_("Confirmed"), "declined": N_("Declined"),
    "cancelled": N_("Withdrawn"),
}  # fmt: skip
