"""Who acts on a page: as the proxy in front says, as the person named itself here, or simply the dashboard.

Nobody signs in to the dashboard: the name is for the journal and for the limits of buyers, not a lock. A proxy that
authenticates sets ``X-Forwarded-User`` and its word counts.
"""

from __future__ import annotations

import streamlit as st

from app.actions import ACTOR
from app.i18n import _

KEY = "acting_as"
HEADER = "X-Forwarded-User"
LONGEST = 60


def name() -> str:
    """Return who acts."""
    return signed_in() or str(st.session_state.get(KEY) or "").strip()[:LONGEST] or ACTOR


def signed_in() -> str:
    """Return the person the proxy vouches for; empty without one."""
    return str(st.context.headers.get(HEADER) or "").strip()[:LONGEST]


def ask() -> None:
    """Draw a small field for the reader's name; a person the proxy vouches for is only told."""
    if signed_in():
        st.caption(_("You act as {who}").format(who=signed_in()))
        return
    with st.popover(_("You: {who}").format(who=name()), icon=":material/person:", type="tertiary"):
        typed = st.text_input(
            _("Your name, for the journal and the limits"), value=st.session_state.get(KEY, ""), max_chars=LONGEST,
            key=f"{KEY}_typed",
        )  # fmt: skip
        if typed.strip() != st.session_state.get(KEY, ""):
            st.session_state[KEY] = typed.strip()
            st.rerun()
