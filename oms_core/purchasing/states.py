"""The purchase-order machine."""

from __future__ import annotations

from oms_core.kernel.states import Machine

PURCHASE_ORDER = Machine(
    name="purchase_order",
    start="draft",
    moves={
        "draft": ("pending_approval", "approved", "sent", "cancelled"),
        "pending_approval": ("approved", "draft", "cancelled"),
        "approved": ("sent", "draft", "cancelled"),
        "sent": ("confirmed", "partially_received", "received", "cancelled"),
        "confirmed": ("partially_received", "received", "cancelled"),
        "partially_received": ("received", "closed"),
        "received": ("closed",),
        "closed": (),
        "cancelled": (),
    },
    colours={
        "draft": "gray", "pending_approval": "yellow", "approved": "blue", "sent": "blue", "confirmed": "blue",
        "partially_received": "orange", "received": "green", "closed": "gray", "cancelled": "gray",
    },
)  # fmt: skip

#: States in which lines still count as incoming.
INCOMING = ("sent", "confirmed", "partially_received")
