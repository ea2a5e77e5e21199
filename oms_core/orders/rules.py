"""The four derived axes of an order and its closing, as pure functions of facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_ON_THE_WAY = ("picked_up", "in_transit", "out_for_delivery", "ready_for_pickup")
#: Return states in which somebody still has something to do after approval.
_RETURN_OPEN = ("approved", "in_transit", "received", "inspected")
_SETTLED = ("paid", "overpaid", "partially_refunded", "refunded")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one order.

    Units over its lines (`live_qty` is ordered less cancelled, services apart), money by payment kind in minor
    units, and how many fulfilment orders, shipments and returns are in which state.
    """

    state: str
    is_history: bool
    total_minor: int
    live_qty: int
    shipped_qty: int
    returned_qty: int
    payments: Mapping[str, int]
    fulfillment_orders: Mapping[str, int]
    shipments: Mapping[str, int]
    returns: Mapping[str, int]
    service_qty: int = 0

    @property
    def is_service(self) -> bool:
        """Whether nothing of the order is ever shipped: it is done when it is paid."""
        return self.service_qty > 0 and not self.live_qty and not self.shipped_qty


@dataclass(frozen=True, slots=True)
class Axes:
    """The state and the four derived axes, in the order of the columns."""

    state: str
    payment_status: str
    fulfillment_status: str
    delivery_status: str
    return_status: str


def derive(facts: Facts) -> Axes:
    """Return what an order's status columns have to be."""
    pay, ship = payment(facts), fulfillment(facts)
    arrive = delivery(facts, ship)
    done = facts.state == "placed" and pay in _SETTLED and ship == "fulfilled" and arrive == "delivered"
    return Axes("closed" if done else facts.state, pay, ship, arrive, returned(facts))


def payment(facts: Facts) -> str:
    """Say what was paid against what is owed; a refund is said before everything else.

    Of imported history nobody kept the payments: what was sent then counts as paid.
    """
    taken, back = facts.payments.get("capture", 0), facts.payments.get("refund", 0)
    if back:
        return "refunded" if back >= taken else "partially_refunded"
    if taken:
        return "partially_paid" if taken < facts.total_minor else "paid" if taken == facts.total_minor else "overpaid"
    held, voided = facts.payments.get("authorize", 0), facts.payments.get("void", 0)
    if held > voided:
        return "authorized"
    if voided:
        return "voided"
    sent_long_ago = facts.is_history and facts.shipped_qty > 0
    return "paid" if facts.total_minor == 0 or sent_long_ago else "none"


def fulfillment(facts: Facts) -> str:
    """Say how much of what is still wanted was shipped, else what its fulfilment orders wait for."""
    if facts.shipped_qty:
        return "fulfilled" if facts.shipped_qty >= facts.live_qty else "partially_fulfilled"
    if facts.is_service:
        return "fulfilled"
    for state in ("on_hold", "in_progress"):
        if facts.fulfillment_orders.get(state):
            return state
    scheduled, waiting = (facts.fulfillment_orders.get(state, 0) for state in ("scheduled", "open"))
    return "scheduled" if scheduled and not waiting else "unfulfilled"


def delivery(facts: Facts, fulfillment_status: str) -> str:
    """Say where the parcels are, trouble first.

    Imported history has no parcels of ours: what was shipped then has arrived long ago.
    """
    seen = {state: n for state, n in facts.shipments.items() if n and state != "voided"}
    if not seen:
        gone = facts.is_history or facts.is_service
        return "delivered" if gone and fulfillment_status == "fulfilled" else "pending"
    trouble = {"failed": "failed", "lost": "failed", "return_to_sender": "returned_to_sender", "delayed": "delayed"}
    for state, status in trouble.items():
        if state in seen:
            return status
    if "delivered" in seen:
        whole = set(seen) == {"delivered"} and fulfillment_status == "fulfilled"
        return "delivered" if whole else "partially_delivered"
    return "in_transit" if any(state in seen for state in _ON_THE_WAY) else "pending"


def returned(facts: Facts) -> str:
    """Say whether something is coming back, else how much has."""
    if any(facts.returns.get(state) for state in _RETURN_OPEN):
        return "in_progress"
    if facts.returns.get("requested"):
        return "requested"
    if facts.returned_qty:
        return "returned" if facts.returned_qty >= facts.shipped_qty else "partially_returned"
    return "none"
