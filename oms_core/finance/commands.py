"""Commands of finance, gathered: invoices, ledger, suppliers' bills, landed cost."""

from __future__ import annotations

from oms_core.finance.correcting import NewValue, correct_for_return, correct_invoice
from oms_core.finance.following import correct_for_order
from oms_core.finance.invoicing import Part, draft_invoice, issue_invoice
from oms_core.finance.landing import land_cost, set_opening_cost
from oms_core.finance.ledger import match, settle, settle_orders
from oms_core.finance.parties import Buyer
from oms_core.finance.supplier_invoices import (
    BilledLine,
    approve_supplier_invoice,
    cancel_supplier_invoice,
    dispute_supplier_invoice,
    enter_supplier_invoice,
    pay_supplier_invoice,
)

__all__ = [
    "BilledLine",
    "Buyer",
    "NewValue",
    "Part",
    "approve_supplier_invoice",
    "cancel_supplier_invoice",
    "correct_for_order",
    "correct_for_return",
    "correct_invoice",
    "dispute_supplier_invoice",
    "draft_invoice",
    "enter_supplier_invoice",
    "issue_invoice",
    "land_cost",
    "match",
    "pay_supplier_invoice",
    "set_opening_cost",
    "settle",
    "settle_orders",
]
