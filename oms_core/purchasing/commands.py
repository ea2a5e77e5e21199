"""What may be done to a purchase order; each command runs in its caller's transaction."""

from __future__ import annotations

from oms_core.purchasing.drafting import NewLine, change_quantity, draft_purchase_order
from oms_core.purchasing.receiving import receive
from oms_core.purchasing.sending import cancel, close, confirm, reschedule, send

__all__ = [
    "NewLine", "cancel", "change_quantity", "close", "confirm", "draft_purchase_order", "receive", "reschedule", "send",
]  # fmt: skip
