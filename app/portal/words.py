"""Words of the customer's pages: states, reasons, events, why an address was chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.i18n import N_, _, language
from app.portal.html import Html, element

if TYPE_CHECKING:
    from oms_core.returns.reasons import Reason

#: State of a return to its words and the colour of its badge.
RETURN = {
    "requested": (N_("Waiting for our answer"), "orange"),
    "approved": (N_("Approved: send it"), "blue"),
    "in_transit": (N_("On its way"), "blue"),
    "received": (N_("Arrived"), "blue"),
    "inspected": (N_("Checked"), "blue"),
    "closed": (N_("All done"), "gray"),
    "declined": (N_("Declined by us"), "gray"),
    "cancelled": (N_("Called off"), "gray"),
}
WITHDRAWAL = {
    "declared": (N_("Received by us"), "blue"),
    "undecided": (N_("Waiting for our answer"), "orange"),
    "goodwill": (N_("Accepted"), "blue"),
    "refused": (N_("Refused by us"), "gray"),
    "settled": (N_("Refunded"), "green"),
}
#: Event of the journal to what a customer reads; others are not told.
EVENTS = {
    "return.requested": N_("You asked for a return"),
    "return.approved": N_("We approved the return"),
    "return.declined": N_("We declined the return"),
    "return.cancelled": N_("The return was called off"),
    "return.in_transit": N_("You sent the parcel"),
    "return.received": N_("Goods arrived"),
    "return.counted": N_("Goods arrived"),
    "return.inspected": N_("We checked the goods"),
    "return.refunded": N_("We gave your money back"),
    "return.closed": N_("The return is finished"),
    "withdrawal.declared": N_("You withdrew from the contract"),
    "withdrawal.acknowledged": N_("We confirmed that we received it"),
    "withdrawal.proof_of_sending": N_("You told us that the parcel is on its way"),
    "withdrawal.accepted_as_goodwill": N_("We accepted it"),
    "withdrawal.refused": N_("We refused it"),
    "withdrawal.settled": N_("We gave your money back"),
}
#: Kind of the reason of an address (see `oms_core.returns.places`) to what a customer reads.
WHYS = {
    "postal_code": N_("This is our return address for your region."),
    "country": N_("This is our return address for your country."),
    "market": N_("This is our return address for your part of the world."),
    "everybody": N_("This is our return address for all customers."),
    "shop_address": N_("This is our return address."),
    "same_country": N_("This is our address in your country that is nearest to you."),
    "nearest": N_("This is our address that is nearest to you."),
    "ranking": N_("This is our return address."),
}


def badge(states: dict[str, tuple[str, str]], state: str) -> Html:
    """Return a state as a badge."""
    words, colour = states.get(state, (state, "gray"))
    return element("span", _(words), cls=f"badge {colour}")


def reason(found: Reason) -> str:
    """Return a reason in the customer's language."""
    return found.label_pl if language() == "pl" else found.label_en


def why(code: str) -> str:
    """Return why an address was chosen, for a customer; empty when nobody knows."""
    kind = code.partition(":")[0]
    return _(WHYS[kind]) if kind in WHYS else ""
