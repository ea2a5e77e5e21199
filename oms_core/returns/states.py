"""The machines of returns, exchanges, claims and withdrawals."""

from __future__ import annotations

from oms_core.kernel.states import Machine

RETURN = Machine(
    name="return",
    start="requested",
    moves={
        "requested": ("approved", "declined", "cancelled"),
        "approved": ("in_transit", "received", "cancelled"),
        "in_transit": ("received", "cancelled"),
        "received": ("inspected", "closed"),
        "inspected": ("closed",),
        "declined": (),
        "closed": (),
        "cancelled": (),
    },
    colours={
        "requested": "yellow", "approved": "blue", "in_transit": "blue", "received": "orange", "inspected": "blue",
        "declined": "gray", "closed": "gray", "cancelled": "gray",
    },
)  # fmt: skip

#: Goods back and other goods out in one document; ``awaiting_goods`` from approval until the goods are looked at.
EXCHANGE = Machine(
    name="exchange",
    start="requested",
    moves={
        "requested": ("approved", "cancelled"),
        "approved": ("awaiting_goods", "cancelled"),
        "awaiting_goods": ("completed", "cancelled"),
        "completed": (),
        "cancelled": (),
    },
    colours={
        "requested": "yellow", "approved": "blue", "awaiting_goods": "orange", "completed": "green",
        "cancelled": "gray",
    },
)  # fmt: skip

CLAIM = Machine(
    name="claim",
    start="opened",
    moves={"opened": ("approved", "rejected"), "approved": ("resolved",), "rejected": (), "resolved": ()},
    colours={"opened": "yellow", "approved": "orange", "rejected": "gray", "resolved": "green"},
)

#: ``declared`` has its legal effect at once; ``undecided`` is outside the right and waits for the shop's goodwill.
WITHDRAWAL = Machine(
    name="withdrawal",
    start="declared",
    moves={
        "declared": ("undecided", "refused", "settled"),
        "undecided": ("goodwill", "refused"),
        "goodwill": ("settled",),
        "refused": (),
        "settled": (),
    },
    colours={
        "declared": "orange", "undecided": "yellow", "goodwill": "blue", "refused": "gray", "settled": "green",
    },
)  # fmt: skip
