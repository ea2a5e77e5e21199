"""Commands of the room: promise from goods to come, fill, date again, receive and fill."""

from __future__ import annotations

from oms_core.backorders.changing import confirm_change
from oms_core.backorders.filling import fill, receive
from oms_core.backorders.placing import Answer, promise_orders
from oms_core.backorders.promising import promise, repromise, set_policy
from oms_core.inventory.waiting import free

__all__ = [
    "Answer",
    "confirm_change",
    "fill",
    "free",
    "promise",
    "promise_orders",
    "receive",
    "repromise",
    "set_policy",
]
