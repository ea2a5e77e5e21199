"""What may be done to a return; each command runs in its caller's transaction."""

from __future__ import annotations

from oms_core.returns.receiving import ReceivedLine, inspect_return, receive_return
from oms_core.returns.requesting import (
    NewReturnAdjustment,
    NewReturnLine,
    approve_return,
    cancel_return,
    decline_return,
    note_in_transit,
    request_return,
)
from oms_core.returns.settling import close_return, refund_return
from oms_core.returns.units import UnitDecision, count_units, inspect_units

__all__ = [
    "NewReturnAdjustment", "NewReturnLine", "ReceivedLine", "UnitDecision", "approve_return", "cancel_return",
    "close_return", "count_units", "decline_return", "inspect_return", "inspect_units", "note_in_transit",
    "receive_return", "refund_return", "request_return",
]  # fmt: skip
