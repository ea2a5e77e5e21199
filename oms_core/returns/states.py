"""The return machine."""

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
