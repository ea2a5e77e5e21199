"""The order's drawer: badges, allowed actions, lines, facts, money, why this warehouse, what happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import streamlit as st

from app import blocks, data, desk, dossier, links, states
from app import format as fmt
from app.i18n import _
from app.views import (
    order_actions,
    order_asks,
    order_cases,
    order_changes,
    order_edit,
    order_history,
    order_money,
    order_overview,
    order_parcels,
    order_work,
)
from app.views.order_overview import OrderFacts, is_late
from oms_core.kernel.errors import NotFound

KEY = "order"
WIDTH = 700
#: What each action asks, by its name.
ASKS = {**order_asks.ASKS, **order_work.ASKS, **order_money.ASKS, **order_edit.ASKS, **order_cases.ASKS}


def load(number: str) -> OrderFacts:
    """Ask for one order; an unknown number is refused with what to do.

    Raises
    ------
    NotFound
        ``order.not_found``.
    """
    at = data.moment()
    order = data.rows("order", number=number, **at)
    if order.is_empty():
        raise NotFound("order", number, hint=_("Search for it in the list; drafts and test orders are not listed."))
    names = ("order_lines", "order_work", "order_routing", "order_timeline")
    return OrderFacts(order.row(0, named=True), *(data.rows(name, number=number, **at) for name in names))


def show(number: str, siblings: Sequence[str]) -> None:
    """Open the drawer of an order; `siblings` are the list's orders, for next and previous."""

    @st.dialog(_title(number), position="right", width=WIDTH, on_dismiss=_closed)
    def drawer() -> None:
        with blocks.guard("order"):
            place = data.place()
            facts, order = load(number), dossier.load(number)
            _badges(facts, place.now, place.zone, number, siblings)
            _tags_and_holds(order)
            order_actions.render(order, ASKS)
            _walk(number, siblings)
            _tabs(facts, order, place)

    drawer()


def _tabs(facts: OrderFacts, order: dossier.Dossier, place: data.Place) -> None:
    """Draw the order's sides; the first has what most questions ask."""
    cases = len(order.returns) + len(order.exchanges) + len(order.claims) + len(order.withdrawals)
    names = (
        _("Order"), _("Work and parcels"), _("Money"), _counted(_("Returns"), cases),
        _counted(_("Changes"), len(order.changes)), _("History"),
    )  # fmt: skip
    first, work, money, back, changes, history = st.tabs(names, key="order_tabs")
    with first:
        order_overview.render(facts, place)
    drawn = ((work, order_parcels), (money, order_money), (back, order_cases), (changes, order_changes))
    for tab, view in (*drawn, (history, order_history)):
        with tab, blocks.guard("order_tab"):
            view.tab(order, place.zone)


def _counted(words: str, n: int) -> str:
    return f"{words} {fmt.count(n)}" if n else words


def _tags_and_holds(order: dossier.Dossier) -> None:
    """Draw tags, and each active hold in a line: why, who looks after it, since when."""
    if order.tags:
        with st.container(horizontal=True, gap="xsmall"):
            for tag in order.tags:
                st.badge(tag, color="gray", icon=":material/sell:")
    for hold in order.holds:
        said = [hold["reason"], hold["note"]]
        if hold["owner"]:
            said.append(_("{owner} looks after it").format(owner=hold["owner"]))
        said.append(_("held by {who}").format(who=hold["held_by"]))
        st.markdown(f":material/pause_circle: :orange[{' · '.join(part for part in said if part)}]")


def _title(number: str) -> str:
    return _("Order {number}").format(number=desk.order_name(number))


def _closed() -> None:
    links.close_detail(KEY)
    st.session_state["orders_nonce"] = st.session_state.get("orders_nonce", 0) + 1


def _badges(facts: OrderFacts, now: datetime, zone: str, number: str, siblings: Sequence[str]) -> None:
    order = facts.order
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        late = is_late(order, now)
        if late:
            st.badge(
                _("Late {age}").format(age=fmt.age(now - order["ship_by_at"])), icon=":material/schedule:", color="red"
            )
        for axis, state in badges(order):
            st.badge(states.word(state, axis), color=states.colour(axis, state))  # type: ignore[arg-type]
        words = [_(order["channel"]), _("placed {moment}").format(moment=fmt.moment(order["placed_at"], zone))]
        if number in siblings:
            words.append(
                _("{n} of {all} in this list, J and K move").format(n=siblings.index(number) + 1, all=len(siblings))
            )
        st.caption(" · ".join(words), width="content")


def badges(order: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the order's axes worth a badge: axis and state; done and absent ones are left out."""
    if order["state"] in {"cancelled", "expired", "draft"}:
        return [("order", order["state"]), ("payment", order["payment_status"])]
    shown = [("fulfillment", order["fulfillment_status"]), ("payment", order["payment_status"])]
    if order["delivery_status"] != "pending":
        shown.append(("delivery", order["delivery_status"]))
    if order["return_status"] != "none":
        shown.append(("return", order["return_status"]))
    return shown


def _walk(number: str, siblings: Sequence[str]) -> None:
    """Draw next and previous; J and K do the same."""
    if number not in siblings or len(siblings) < 2:
        return
    at = siblings.index(number)
    with st.container(horizontal=True, gap="xsmall"):
        _step(_("Next"), "J", "arrow_downward", siblings[(at + 1) % len(siblings)])
        _step(_("Previous"), "K", "arrow_upward", siblings[at - 1])


def _step(word: str, key: str, icon: str, other: str) -> None:
    if st.button(word, icon=f":material/{icon}:", type="tertiary", shortcut=key, key=f"order_step_{key}"):
        links.open_detail(KEY, other)
        st.rerun()
