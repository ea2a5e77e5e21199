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

#: What a supplier answers to an order, when it differs from it.
SUPPLIER_ANSWER = Machine(
    name="supplier_answer",
    start="open",
    moves={"open": ("accepted", "refused"), "accepted": (), "refused": ()},
    colours={"open": "orange", "accepted": "gray", "refused": "gray"},
)
#: A mail to a supplier or a buyer. ``sending``: handed to the server just now; one found so later is in doubt and
#: never repeated by itself.
BUYING_MAIL = Machine(
    name="buying_mail",
    start="waiting",
    moves={
        "waiting": ("sending", "failed"),
        "sending": ("sent", "waiting", "failed"),
        "sent": (),
        "failed": ("waiting",),
    },
    colours={"waiting": "gray", "sending": "blue", "sent": "gray", "failed": "red"},
)
