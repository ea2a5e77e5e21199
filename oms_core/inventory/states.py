"""The machines of stock: transfers, reservations, counts, backorders, and which state units may be moved to."""

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

RESERVATION = Machine(
    name="reservation",
    start="active",
    moves={"active": ("converted", "expired", "released"), "converted": (), "expired": (), "released": ()},
    colours={"active": "blue", "converted": "green", "expired": "orange", "released": "gray"},
)

STOCK_COUNT = Machine(
    name="stock_count",
    start="open",
    moves={"open": ("posted", "cancelled"), "posted": (), "cancelled": ()},
    colours={"open": "blue", "posted": "green", "cancelled": "gray"},
)

BIN_REPLENISHMENT = Machine(
    name="bin_replenishment",
    start="open",
    moves={"open": ("done", "cancelled"), "done": (), "cancelled": ()},
    colours={"open": "blue", "done": "green", "cancelled": "gray"},
)

BACKORDER = Machine(
    name="backorder",
    start="waiting",
    moves={"waiting": ("allocated", "cancelled"), "allocated": (), "cancelled": ()},
    colours={"waiting": "orange", "allocated": "green", "cancelled": "gray"},
)

#: Where units may be moved by hand within a location. What is reserved or committed belongs to a
#: buyer: it moves with the reservation or the order and not by hand.
STOCK_STATE = Machine(
    name="stock_state",
    start="available",
    moves={
        "available": ("safety_stock", "quality_control", "damaged"),
        "safety_stock": ("available", "quality_control", "damaged"),
        "quality_control": ("available", "safety_stock", "damaged"),
        "damaged": ("available", "quality_control"),
        "reserved": (),
        "committed": (),
    },
    colours={
        "available": "green", "safety_stock": "blue", "quality_control": "yellow", "damaged": "red",
        "reserved": "orange", "committed": "orange",
    },
)  # fmt: skip

#: Units of a lot are told apart only this far: a promise does not choose its lot before it is shipped.
POOL_OF = {
    "available": "usable", "committed": "usable", "reserved": "usable", "safety_stock": "usable",
    "quality_control": "quality_control", "damaged": "damaged",
}  # fmt: skip
POOLS = ("usable", "quality_control", "damaged")
