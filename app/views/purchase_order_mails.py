"""Mail of one order to its supplier: to whom, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from app import acting, actions, blocks
from app import format as fmt
from app.i18n import N_, _
from oms_core.reporting import buying_mails

if TYPE_CHECKING:
    from app.data import Place

STATES = {
    "waiting": (N_("in the post"), "schedule_send", "blue"),
    "sending": (N_("being handed over"), "schedule_send", "blue"),
    "sent": (N_("taken by the mail server"), "mark_email_read", "green"),
    "failed": (N_("failed"), "error", "red"),
}


def mails(order: Mapping[str, Any], place: Place) -> None:
    """Draw the mail of an order, the newest first; a failed one can be sent again."""
    if not order["mails"]:
        return
    blocks.section(_("What was mailed?"), small=True)
    for mail in order["mails"]:
        word, icon, colour = STATES[mail["state"]]
        when = fmt.moment(mail["sent_at"] or mail["created_at"], place.zone)
        who = ", ".join(mail["recipients"])
        st.markdown(
            f":{colour}[:material/{icon}:] **{_(word)}** {who} :small[:gray[{when} · {mail['format'].upper()}]]"
        )
        if mail["last_error"]:
            st.caption(mail["last_error"])
        if mail["state"] == "failed" and st.button(
            _("Send it again"), icon=":material/refresh:", key=f"po_mail_again_{mail['id']}"
        ):
            _again(mail["id"])


def _again(mail_id: int) -> None:
    if actions.run(
        lambda s: buying_mails.repeat(s, mail_id, actor=acting.name()).id, done=_("It is in the post again")
    ):
        st.rerun()
