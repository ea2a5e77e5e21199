"""Commands of orders: place and cancel."""

from __future__ import annotations

from oms_core.customers.commands import NewCustomer
from oms_core.orders.cancelling import cancel_order, cancel_orders, locked_order
from oms_core.orders.new import NewAddress, NewAdjustment, NewLine, NewOrder, NewPayment
from oms_core.orders.placing import place_order, place_orders

__all__ = [
    "NewAddress", "NewAdjustment", "NewCustomer", "NewLine", "NewOrder", "NewPayment", "cancel_order",
    "cancel_orders", "locked_order", "place_order", "place_orders",
]  # fmt: skip
