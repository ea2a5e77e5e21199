"""Questions kept under a name: open, save, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from app import actions, data
from app.i18n import _
from app.views import ask
from oms_core.reporting.saved import delete_query, queries, save_query

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from analytics.inquiry import Inquiry


def known() -> list[dict[str, Any]]:
    """Return the questions this reader may open, as they stand now."""
    with data.floor().workspace.reading() as session:
        return queries(session, owner=actions.ACTOR)


def menu() -> None:
    """Draw the menu of saved questions."""
    found = known()
    with st.popover(_("Saved questions"), icon=":material/bookmarks:", type="tertiary"):
        if not found:
            st.caption(_("None yet: ask something and save it below the answer."))
        for query in found:
            with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
                st.button(
                    query["name"], icon=f":material/{'group' if query['is_shared'] else 'lock'}:", type="tertiary",
                    key=f"ask_open_{query['id']}", on_click=ask.open_question, args=(query["question"],),
                    help=_("Saved by {owner}").format(owner=query["owner"]),
                )  # fmt: skip
                if query["owner"] == actions.ACTOR:
                    _delete(query)


def _delete(query: dict[str, Any]) -> None:
    if st.button(
        _("Delete"), icon=":material/delete:", type="tertiary", key=f"ask_delete_{query['id']}",
        help=_("Delete the question {name}").format(name=query["name"]),
    ):  # fmt: skip
        name = query["name"]
        if actions.run(lambda s: _deleted(s, name), done=_("The question {name} is deleted").format(name=name)):
            st.rerun()


def _deleted(session: Session, name: str) -> str:
    delete_query(session, name, actor=actions.ACTOR)
    return name


def save(asked: Inquiry, *, may: bool) -> None:
    """Draw how to keep the question that was just answered."""
    with st.popover(_("Save this question"), icon=":material/bookmark_add:", disabled=not may):
        with st.form("ask_save", border=False):
            name = st.text_input(_("Name"), key="ask_name", max_chars=60)
            shared = st.checkbox(_("Everybody sees it"), value=True, key="ask_shared")
            if not st.form_submit_button(_("Save question"), icon=":material/bookmark_add:", type="primary"):
                return
        kept = actions.run(
            lambda s: save_query(s, name=name, question=asked.as_dict(), owner=actions.ACTOR, shared=shared).name,
            done=_("The question {name} is kept").format(name=" ".join(name.split())),
        )
        if kept:
            st.rerun()
