"""Four eyes on a purchase order: who may send it, who may approve it, and the buttons for that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from app import acting, actions
from app import format as fmt
from app.i18n import _
from oms_core.purchasing import commands, limits

if TYPE_CHECKING:
    from app.data import Place

Order = Mapping[str, Any]


def banner(order: Order, place: Place) -> None:
    """Say what stands between the order and its supplier, and who said yes."""
    authority = order["authority"]
    if not authority:
        return
    if authority["no_rate"]:
        st.warning(_("No exchange rate is known, so no limit can be compared."), icon=":material/currency_exchange:")
    elif not authority["may_send"]:
        who = ", ".join(_("everybody else") if name == limits.EVERYBODY else name for name in authority["may_approve"])
        asked = _("This order is above the limit of {who}.").format(who=acting.name())
        may = _("May approve: {names}.").format(names=who) if who else _("Nobody else’s limit reaches it.")
        st.info(f"{asked} {may}".replace("$", "\\$"), icon=":material/group:")
    for approval in order["approvals"][:1]:
        if approval["voided_at"] is None:
            st.caption(
                ":material/verified: "
                + _("Approved by {who}, {when}").format(
                    who=approval["approved_by"], when=fmt.moment(approval["approved_at"], place.zone)
                )
            )
        else:
            said = _("The approval of {who} is void: the order changed.").format(who=approval["approved_by"])
            st.caption(f":material/restart_alt: {said}")


def moves(order: Order) -> None:
    """Draw the buttons: ask for an approval, give it, give the order back."""
    authority, state = order["authority"], order["state"]
    if not authority:
        return
    if state == "draft" and not authority["may_send"]:
        _run(
            _("Ask for an approval"), "how_to_reg", "submit", _("{number} waits for an approval"), order,
            lambda s: commands.submit(s, purchase_order_id=order["id"], actor=acting.name()),
        )  # fmt: skip
    waiting = state == "pending_approval" or (state == "draft" and not authority["may_send"])
    if waiting and not authority["own_hands"] and authority["covered"]:
        _run(
            _("Approve"), "verified", "approve", _("{number} is approved"), order,
            lambda s: commands.approve(s, purchase_order_id=order["id"], actor=acting.name()),
        )  # fmt: skip
    if state == "pending_approval":
        with st.popover(_("Give back"), icon=":material/undo:"):
            reason = st.text_input(_("What has to change?"), key="po_reject_reason")
            _run(
                _("Give it back"), "undo", "reject", _("{number} is a draft again"), order,
                lambda s: commands.reject(s, purchase_order_id=order["id"], reason=reason, actor=acting.name()),
            )  # fmt: skip


def _run(label: str, icon: str, name: str, done: str, order: Order, command: Any) -> None:
    solid = name in {"submit", "approve"}
    if st.button(
        label, icon=f":material/{icon}:", key=f"po_{name}", type="primary" if solid else "secondary"
    ) and actions.run(lambda s: command(s) or True, done=done.format(number=order["number"])):
        st.rerun()
