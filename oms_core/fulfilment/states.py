"""The fulfilment-order and shipment machines."""

from __future__ import annotations

from oms_core.kernel.states import Machine

FULFILLMENT_ORDER = Machine(
    name="fulfillment_order",
    start="open",
    moves={
        "scheduled": ("open", "on_hold", "cancelled"),
        "open": ("in_progress", "on_hold", "scheduled", "closed", "cancelled", "incomplete"),
        "in_progress": ("closed", "incomplete", "on_hold", "cancelled", "open"),
        "on_hold": ("open", "scheduled", "in_progress", "incomplete", "cancelled"),
        "incomplete": ("open", "closed", "on_hold", "cancelled"),
        "closed": (),
        "cancelled": (),
    },
    colours={
        "scheduled": "gray", "open": "orange", "in_progress": "blue", "on_hold": "yellow", "incomplete": "red",
        "closed": "gray", "cancelled": "gray",
    },
)  # fmt: skip

_LIVE = ("out_for_delivery", "ready_for_pickup", "delayed", "failed", "delivered", "return_to_sender", "lost")

SHIPMENT = Machine(
    name="shipment",
    start="label_purchased",
    moves={
        "label_purchased": ("picked_up", "in_transit", "voided", *_LIVE),
        "picked_up": ("in_transit", *_LIVE),
        "in_transit": _LIVE,
        "out_for_delivery": ("delivered", "ready_for_pickup", "delayed", "failed", "return_to_sender", "lost"),
        "ready_for_pickup": ("delivered", "return_to_sender", "failed", "lost"),
        "delayed": (
            "in_transit", "out_for_delivery", "ready_for_pickup", "delivered", "failed", "return_to_sender", "lost",
        ),
        "failed": ("in_transit", "out_for_delivery", "ready_for_pickup", "delivered", "return_to_sender", "lost"),
        "delivered": (),
        "return_to_sender": ("delivered",),
        "lost": ("in_transit", "delivered"),
        "voided": (),
    },
    colours={
        "label_purchased": "gray", "picked_up": "blue", "in_transit": "blue", "out_for_delivery": "blue",
        "ready_for_pickup": "yellow", "delayed": "orange", "failed": "red", "delivered": "green",
        "return_to_sender": "red", "lost": "red", "voided": "gray",
    },
)  # fmt: skip
