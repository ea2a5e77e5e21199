"""Everything the journal knows of an order, newest first, with before and after; notes stand in full."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from app import format as fmt
from app import states
from app.i18n import DEFAULT, N_, _, language

if TYPE_CHECKING:
    from app.dossier import Dossier

#: What happened, by the journal's name of it; events without a line here are said by the core's own sentence.
EVENTS = {
    "order.placed": N_("Placed"),
    "order.allocated": N_("Stock promised"),
    "order.cancelled": N_("Cancelled"),
    "order.tagged": N_("Tags changed"),
    "order.untagged": N_("Tags changed"),
    "order.noted": N_("Note"),
    "order.held": N_("Put on hold"),
    "order.hold_guarded": N_("Not held again: a person released it before"),
    "order.released": N_("Released from hold"),
    "order.window_ended": N_("The time for changes ended"),
    "order.changed": N_("Edited"),
    "order_change.proposed": N_("Change proposed"),
    "order_change.declined": N_("Change declined"),
    "order_change.cancelled": N_("Change withdrawn"),
    "fulfillment_order.opened": N_("Work opened"),
    "fulfillment_order.moved": N_("Work moved"),
    "fulfillment_order.split": N_("Work split"),
    "fulfillment_order.merged": N_("Work merged"),
    "fulfillment_order.rejected": N_("Work rejected"),
    "fulfillment_order.parked": N_("Waits to be routed"),
    "shipment.shipped": N_("Parcel left"),
    "shipment.riding": N_("Rides in another order's parcel"),
    "payment.authorize": N_("Payment authorised"),
    "payment.capture": N_("Paid"),
    "payment.void": N_("Authorisation voided"),
    "payment.refund": N_("Money given back"),
    "risk.assessed": N_("Risk assessed"),
    "risk.approved": N_("Risk approved"),
    "risk.rejected": N_("Risk rejected"),
    "duplicate.suspected": N_("May be a duplicate"),
    "duplicate.confirmed": N_("Confirmed as a duplicate"),
    "duplicate.dismissed": N_("Not a duplicate"),
    "return.requested": N_("Return requested"),
    "return.approved": N_("Return approved"),
    "return.received": N_("Return arrived"),
    "return.inspected": N_("Return inspected"),
    "return.closed": N_("Return closed"),
    "message.mailed": N_("Mailed to the customer"),
    "message.failed": N_("The mail to the customer failed"),
    "exchange.requested": N_("Exchange requested"),
    "exchange.approved": N_("Exchange approved"),
    "exchange.completed": N_("Exchange completed"),
    "claim.opened": N_("Claim opened"),
    "claim.approved": N_("Claim approved"),
    "claim.rejected": N_("Claim rejected"),
    "claim.resolved": N_("Claim settled"),
}
_TROUBLE = ("order.cancelled", "order.held", "fulfillment_order.rejected", "fulfillment_order.parked", "risk.rejected")


def tab(order: Dossier, zone: str) -> None:
    """Draw the journal of an order, newest first."""
    if order.tags:
        with st.container(horizontal=True, gap="xsmall"):
            for tag in order.tags:
                st.badge(tag, color="gray", icon=":material/sell:")
    if not order.timeline:
        st.caption(_("The journal has nothing about this order."))
    for event in reversed(order.timeline):
        body = detail(event)
        label = f"{fmt.moment(event['at'], zone)} · {title(event)} · {event['actor']}".replace("$", "\\$")
        state = "error" if event["event"] in _TROUBLE else "complete"
        with st.status(label, type="step", state=state, expanded=bool(body)):  # type: ignore[arg-type]
            if body:
                st.caption(body.replace("$", "\\$"))


def title(event: Mapping[str, Any]) -> str:
    """Return what happened in a few words."""
    known = EVENTS.get(event["event"])
    return _(known) if known else str(event["sentence"])


def detail(event: Mapping[str, Any]) -> str:
    """Return the facts of an event: the core's sentence for English readers, before and after for all."""
    parts = []
    if event["event"] == "order.noted" or (language() == DEFAULT and event["event"] in EVENTS):
        parts.append(str(event["sentence"]))
    before, after = event.get("before"), event.get("after")
    if isinstance(before, dict) and isinstance(after, dict):
        parts.append(changes(before, after))
    return "  \n".join(part for part in parts if part)


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Return what differs between before and after, in words: ``FO-000012: open → on hold``."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return "; ".join(f"{name}: {_value(before.get(name))} → {_value(after.get(name))}" for name in names)


def _value(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(one) for one in value) or _("–")
    if value in (None, ""):
        return _("–")
    return states.word(value).lower() if isinstance(value, str) and value in states.WORDS else str(value)
