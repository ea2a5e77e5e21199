"""Views of the list of orders: what needs a person first, the rest behind a menu, and those people saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from app import actions, address, blocks, data, desk
from app import format as fmt
from app.i18n import N_, _
from oms_core.kernel.errors import OmsError


@dataclass(frozen=True, slots=True)
class View:
    """A view: its words, and either an expression or the work queue whose orders it shows."""

    words: str
    expression: str = ""
    queue: str = ""


#: The views by name; the first looks at the chosen period, the others at all of time.
VIEWS: dict[str, View] = {
    "all": View(N_("All")),
    "open": View(N_("Open"), "open = TRUE"),
    "to_confirm": View(N_("To confirm"), queue="to_confirm"),
    "hold": View(N_("On hold"), "fulfillment_status = 'on_hold'"),
    "to_ship": View(N_("To ship"), queue="to_ship"),
    "late": View(N_("Late"), "late = TRUE"),
    "exceptions": View(N_("Exceptions"), queue="exceptions"),
    "risk_review": View(N_("Risk review"), queue="risk_review"),
    "duplicates": View(N_("Duplicates"), queue="duplicates"),
    "unallocated": View(N_("Unallocated"), "open = TRUE AND allocated = FALSE"),
    "scheduled": View(N_("Service window"), queue="scheduled"),
    "unpaid": View(N_("Unpaid"), "unpaid = TRUE"),
    "carrier": View(N_("Carrier delay"), "carrier_delay = TRUE"),
    "returns": View(N_("To inspect"), "to_inspect = TRUE"),
}
#: Views that stand in the bar, with their counts.
IN_BAR = ("all", "open", "to_confirm", "hold", "to_ship", "late", "exceptions", "risk_review", "duplicates")
#: What a saved view keeps of the address.
KEPT = ("view", "q", "sort", "period", "channel", "country", "tag", "place", "payment", "fulfilment", "columns")


def expression(name: str) -> str:
    """Return the expression of a view; empty for all orders and for a queue."""
    return VIEWS[name].expression if name in VIEWS else ""


def only(name: str) -> tuple[int, ...] | None:
    """Return the ids of a queue's orders; None where the view is no queue."""
    queue = VIEWS[name].queue if name in VIEWS else ""
    if not queue:
        return None
    return tuple(dict.fromkeys(thing["order_id"] for thing in desk.queue(queue)))


def reasons(name: str) -> dict[int, str]:
    """Return why each order of a queue is in it, as the queue says it."""
    queue = VIEWS[name].queue if name in VIEWS else ""
    return {thing["order_id"]: thing["why"] for thing in reversed(desk.queue(queue))} if queue else {}


def bar(counts: dict[str, int], *, on_change: Any) -> str:
    """Draw the views and return the chosen one; a view of the menu stands in the bar while it is chosen."""
    chosen = address.read("view", "all", VIEWS)
    names = [*IN_BAR, *([chosen] if chosen not in IN_BAR else [])]
    with (
        st.container(horizontal=True, gap="xsmall", vertical_alignment="center"),
        address.bound("view", "all", VIEWS),
    ):
        picked = st.segmented_control(
            _("View"), names, required=True, format_func=lambda name: _label(name, counts), key="view",
            label_visibility="collapsed", on_change=on_change,
        )  # fmt: skip
        _menu(chosen)
    return str(picked or "all")


def _label(name: str, counts: dict[str, int]) -> str:
    words = _(VIEWS[name].words)
    return f"{words} {fmt.count(counts[name])}" if name in counts else words


def _menu(chosen: str) -> None:
    """Draw the menu of the other views, the saved ones, and how to save this one."""
    with st.popover(_("More views"), icon=":material/bookmarks:", type="tertiary"):
        for name in (n for n in VIEWS if n not in IN_BAR and n != chosen):
            st.button(_(VIEWS[name].words), key=f"view_{name}", type="tertiary", on_click=_show, args=(name,))
        _saved()
        st.markdown(f"**{_('Save this view')}**")
        with st.form("save_view", border=False):
            name = st.text_input(_("Name"), key="view_name", max_chars=60)
            shared = st.checkbox(_("Everybody sees it"), key="view_shared")
            if st.form_submit_button(_("Save view"), icon=":material/bookmark_add:"):
                _save(name, shared=shared)


def _saved() -> None:
    for view in desk.saved_views():
        icon = "group" if view["is_shared"] else "bookmark"
        with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
            st.button(
                view["name"], icon=f":material/{icon}:", type="tertiary", key=f"saved_{view['id']}",
                on_click=_open, args=(view["query"],),
            )  # fmt: skip
            if view["owner"] == actions.ACTOR:
                st.button(
                    _("Forget"), icon=":material/delete:", type="tertiary", key=f"forget_{view['id']}",
                    help=_("Delete the view {name}").format(name=view["name"]), on_click=_forget, args=(view["id"],),
                )  # fmt: skip


def _save(name: str, *, shared: bool) -> None:
    from oms_core.review.views import save_view

    query = {key: st.query_params.get_all(key) for key in KEPT if st.query_params.get_all(key)}
    done = _("The view {name} is kept").format(name=" ".join(name.split()))
    actions.run(
        lambda s: save_view(s, page="orders", name=name, query=query, owner=actions.ACTOR, shared=shared), done=done
    )


def _open(query: dict[str, list[str]]) -> None:
    """Put a saved view's choices into the address (callback of a button)."""
    st.session_state["q"] = query.get("q", [""])[0]  # bound by Streamlit itself, which writes the address
    for key in (key for key in KEPT if key != "q"):
        address.forget(key)
        if key in query:
            st.query_params[key] = query[key]
        else:
            st.query_params.pop(key, None)


def _forget(view_id: int) -> None:
    from oms_core.review.views import forget_view

    try:
        with data.floor().workspace.transaction() as session:
            forget_view(session, view_id, owner=actions.ACTOR)
    except OmsError as error:
        blocks.expected(error)


def _show(name: str) -> None:
    address.forget("sort")
    st.session_state["view"] = name
