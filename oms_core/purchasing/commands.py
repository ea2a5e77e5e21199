"""What may be done to a purchase order; each command runs in its caller's transaction."""

from __future__ import annotations

from oms_core.purchasing.answering import AnswerLine, accept, answer, refuse
from oms_core.purchasing.approving import approve, reject, submit
from oms_core.purchasing.drafting import NewLine, change_quantity, draft_purchase_order
from oms_core.purchasing.receiving import receive
from oms_core.purchasing.remarks import Remark
from oms_core.purchasing.sending import cancel, close, confirm, reschedule, send

__all__ = [
    "AnswerLine", "NewLine", "Remark", "accept", "answer", "approve", "cancel", "change_quantity", "close", "confirm",
    "draft_purchase_order", "receive", "refuse", "reject", "reschedule", "send", "submit",
]  # fmt: skip
