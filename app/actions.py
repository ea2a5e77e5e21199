"""Commands as answers to buttons: one transaction, then the replica, then one line that says what happened."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import streamlit as st

from app import blocks, data
from oms_core.kernel.errors import OmsError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

T = TypeVar("T")
#: Who the journal names when a person clicks.
ACTOR = "dashboard"


def run(command: Callable[[Session], T], *, done: str) -> T | None:
    """Run a command in one transaction and show its effect at once.

    Parameters
    ----------
    command : callable
        Takes the session; calls commands of `oms_core` and nothing else.
    done : str
        What a toast says afterwards, translated.

    Returns
    -------
    object or None
        The command's answer; None when a rule refused it (the reason is drawn where the button is).
    """
    floor = data.floor()
    try:
        with floor.workspace.transaction() as session:
            answer = command(session)
    except OmsError as error:
        blocks.expected(error)
        return None
    floor.tick()
    st.toast(done, icon=":material/check:")
    return answer
