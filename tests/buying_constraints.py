"""What breaks each rule of the tables of the buyer's room, and the program's own lists of values."""

from __future__ import annotations

from typing import Any

from held import NOON

from oms_core.inventory.low_tables import POINT_SOURCES
from oms_core.purchasing.answer_tables import DISCREPANCIES
from oms_core.purchasing.mail_tables import MAIL_KINDS
from oms_core.purchasing.states import BUYING_MAIL, SUPPLIER_ANSWER

BROKEN: dict[str, dict[str, Any]] = {
    "ck_buying_limits_amount_not_negative": {"amount_minor": -1},
    "ck_buying_mails_attempts_not_negative": {"attempts": -1},
    "ck_buying_mails_failed_has_error": {"state": "failed"},
    "ck_buying_mails_order_has_number": {"kind": "low_stock"},
    "ck_low_stock_points_units_not_negative": {"units": -1},
    "ck_price_breaks_beyond_one": {"from_qty": 1},
    "ck_price_breaks_cost_positive": {"unit_cost_minor": 0},
    "ck_purchase_approvals_four_eyes": {"approved_by": "same", "edited_by": "same"},
    "ck_purchase_approvals_voided_has_reason": {"voided_at": NOON},
    "ck_receipt_discrepancies_has_reason": {"reason": ""},
    "ck_receipt_discrepancies_quantity_positive": {"quantity": 0},
    "ck_supplier_answer_lines_not_negative": {"quantity": -1},
    "ck_supplier_answers_decided_has_time": {"decided_at": NOON},
}
LISTS: dict[str, tuple[str, ...]] = {
    "ck_buying_mails_kind_known": MAIL_KINDS,
    "ck_buying_mails_state_known": BUYING_MAIL.states,
    "ck_low_stock_points_source_known": POINT_SOURCES,
    "ck_receipt_discrepancies_kind_known": DISCREPANCIES,
    "ck_supplier_answers_state_known": SUPPLIER_ANSWER.states,
}
SOUND: dict[str, dict[str, Any]] = {
    "buying_mails": {"purchase_order_id": 1},
    "price_breaks": {"from_qty": 3},
    "purchase_approvals": {"approved_by": "jan", "edited_by": "ola"},
}
#: What breaks each law of the room on the audit's healthy shop.
FAULTS: dict[str, list[str]] = {
    "purchasing.approved_by_other_eyes": [
        "UPDATE purchase_orders SET state = 'approved' WHERE id = 1",
        "UPDATE purchase_orders SET state = 'approved', drafted_by = 'jan'",
    ],
}
