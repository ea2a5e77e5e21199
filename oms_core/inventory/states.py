"""The transfer machine."""

from __future__ import annotations

from oms_core.kernel.states import Machine

TRANSFER = Machine(
    name="transfer",
    start="draft",
    moves={
        "draft": ("in_transit", "cancelled"),
        "in_transit": ("partially_received", "received"),
        "partially_received": ("received",),
        "received": (),
        "cancelled": (),
    },
    colours={
        "draft": "gray", "in_transit": "blue", "partially_received": "orange", "received": "green",
        "cancelled": "gray",
    },
)  # fmt: skip
