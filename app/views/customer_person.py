"""One customer, the right-hand side: what to do next and why, segments over time, and who else they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from app import actions, blocks
from app import format as fmt
from app.i18n import N_, _
from segmentation.next_action import NextAction, next_action

if TYPE_CHECKING:
    from app.data import Place

#: What to do, by the code of the rule.
DO = {
    "invite": N_("Invite to a first order"),
    "look_at_returns": N_("Look at why so much comes back"),
    "call": N_("Call: a regular customer is late"),
    "let_go": N_("Write once more, then let go"),
    "win_back": N_("Win back with what they bought before"),
    "second_order": N_("Ask for the second order"),
    "remind": N_("Remind with a bestseller"),
    "ask_consent": N_("Ask for permission to write"),
    "thank": N_("Thank, and show what is new first"),
    "wait": N_("Nothing: the next order is not due yet"),
}
#: Why, by the code; facts are put in.
WHY = {
    "invite": N_("No order yet."),
    "look_at_returns": N_("{returned} of what was ordered came back."),
    "call": N_("Orders every {gap} on average, silent for {silent}."),
    "let_go": N_("{orders} orders, silent for {silent}; chance to be still a customer {alive}."),
    "win_back": N_("Orders every {gap} on average, silent for {silent}."),
    "second_order": N_("One order {silent} ago; most who come back do so soon."),
    "remind": N_("One order {silent} ago and none since."),
    "ask_consent": N_("{orders} orders, and nobody may write by e-mail."),
    "thank": N_("{orders} orders, the last {silent} ago."),
    "wait": N_("Orders every {gap} on average, the last {silent} ago."),
}


def sentence(found: NextAction) -> str:
    """Return the reason of an action with its facts; pure."""
    facts = found.facts
    return _(WHY[found.code]).format(
        orders=fmt.count(facts["orders"]),
        returned=fmt.percent(facts["returned"]),
        silent=fmt.days(facts["silent"] or 0),
        gap=fmt.days(max(round(facts["gap"] or 0), 1)),
        alive=fmt.percent(facts["p_alive"]) if facts["p_alive"] is not None else _("–"),
    )


def next_step(row: Mapping[str, Any], place: Place) -> None:
    """Draw what to do next, with its reason."""
    found = next_action(row, place.today)
    blocks.section(_("What to do next?"), sentence(found))
    st.info(f"**{_(DO[found.code])}**", icon=":material/bolt:")


def segments_over_time(stays: Sequence[Mapping[str, Any]], labels: Mapping[str, str]) -> None:
    """Draw the segments a customer came into and left."""
    if not stays:
        return
    blocks.section(_("Which segments were they in?"), _("By nightly snapshots, newest first"))
    for stay in stays:
        since = fmt.day(stay["came"], year=True)
        until = fmt.day(stay["went"], year=True) if stay["went"] else _("now")
        st.caption(f"{labels.get(stay['segment'], stay['segment'])} · {since} – {until}")


def same_person(row: Mapping[str, Any], merges: Sequence[Mapping[str, Any]], place: Place) -> None:
    """Draw merges with their undo, and the form that makes another record part of this one."""
    for merge in merges:
        if merge["undone_at"] is None and merge["kept"] == row["number"]:
            _merged(merge, place)
    with (
        st.popover(_("Known twice?"), icon=":material/merge:", type="tertiary"),
        st.form("customer_merge", border=False),
    ):
        st.caption(_("Orders, credit, names and consents of the other record follow; it can be undone."))
        other = st.text_input(_("Number of the other record"))
        reason = st.text_input(_("Why are they one person?"))
        if st.form_submit_button(_("Make them one"), type="primary") and other.strip():
            _merge(row["number"], other.strip(), reason)


def _merged(merge: Mapping[str, Any], place: Place) -> None:
    said = _("{number} became part of this customer on {day}: {reason}").format(
        number=merge["merged"], day=fmt.moment(merge["at"], place.zone, weekday=False), reason=merge["reason"]
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(said)
        if st.button(_("Undo"), key=f"undo_merge_{merge['id']}", icon=":material/undo:", type="tertiary"):
            from oms_core.merging.commands import undo_merge

            key = int(merge["id"])
            done = actions.run(
                lambda session: undo_merge(session, merge_id=key, actor=actions.ACTOR).id, done=_("They are two again.")
            )
            if done:
                st.rerun()


def _merge(kept: str, other: str, reason: str) -> None:
    from oms_core.merging.commands import merge_customers

    done = actions.run(
        lambda session: merge_customers(session, kept=kept, merged=other, reason=reason, actor=actions.ACTOR).id,
        done=_("They are one now."),
    )
    if done:
        st.rerun()
