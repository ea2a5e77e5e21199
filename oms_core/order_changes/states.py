"""The machine of an order change: decided once, then it is history."""

from __future__ import annotations

from oms_core.kernel.states import Machine

ORDER_CHANGE = Machine(
    name="order_change",
    start="pending",
    moves={
        "pending": ("confirmed", "declined", "cancelled"),
        "confirmed": (),
        "declined": (),
        "cancelled": (),
    },
    colours={"pending": "yellow", "confirmed": "green", "declined": "red", "cancelled": "gray"},
)
