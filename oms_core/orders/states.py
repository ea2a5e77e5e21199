"""The order machine (few stored states) and the four derived axes."""

from __future__ import annotations

from oms_core.kernel.states import Machine

ORDER = Machine(
    name="order",
    start="draft",
    moves={
        "draft": ("placed", "expired", "cancelled"),
        "placed": ("closed", "cancelled"),
        # an edit or an exchange opens a closed order again
        "closed": ("placed",),
        "cancelled": (),
        "expired": (),
    },
    colours={"draft": "gray", "placed": "blue", "closed": "gray", "cancelled": "gray", "expired": "gray"},
)

#: Derived, read-only axes: value to colour role. Never set by hand (see `orders.status`).
PAYMENT = {
    "none": "gray", "authorized": "blue", "partially_paid": "orange", "paid": "green", "overpaid": "orange",
    "partially_refunded": "gray", "refunded": "gray", "voided": "gray",
}  # fmt: skip
FULFILLMENT = {
    "unfulfilled": "orange", "scheduled": "gray", "on_hold": "yellow", "in_progress": "blue",
    "partially_fulfilled": "blue", "fulfilled": "gray",
}  # fmt: skip
DELIVERY = {
    "pending": "gray", "in_transit": "blue", "partially_delivered": "blue", "delivered": "green",
    "delayed": "orange", "failed": "red", "returned_to_sender": "red",
}  # fmt: skip
RETURN = {
    "none": "gray", "requested": "yellow", "in_progress": "blue", "partially_returned": "gray", "returned": "gray",
}  # fmt: skip
