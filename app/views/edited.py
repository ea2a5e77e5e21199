"""The button under a table that people write in: saved in one transaction, then the table starts from what is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from app import actions
from app.i18n import _

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def turn(table: str) -> int:
    """Return how often a table was saved in this session: a part of its editor's key, so that it starts anew."""
    return int(st.session_state.get(f"{table}_turn", 0))


def save(label: str, command: Callable[[Session], object], done: str, *, table: str, may: bool) -> None:
    """Draw the button; it says that nothing changed, rather than how much of nothing it would save.

    Parameters
    ----------
    table : str
        Name of the table (see `turn`).
    may : bool
        Whether anything changed that can be saved.
    """
    words = label if may else _("Nothing to save")
    if not st.button(words, type="primary", icon=":material/check:", key=f"{table}_save", disabled=not may):
        return
    if actions.run(command, done=done) is not None:
        st.session_state[f"{table}_turn"] = turn(table) + 1
        st.rerun()
