"""What breaks each rule of the tables of money, and the program's own lists of values."""

from __future__ import annotations

from datetime import date
from typing import Any

from held import NOON

from oms_core.finance.cost_tables import BASES, COST_KINDS
from oms_core.finance.ledger_tables import ENTRY_KINDS, SIDES
from oms_core.finance.states import INVOICE, SUPPLIER_INVOICE
from oms_core.finance.tables import INVOICE_KINDS, LINE_KINDS
from oms_core.payments.payout_tables import PAYOUT_KINDS
from oms_core.payments.tables import CREDIT_KINDS, REMITTED

BROKEN: dict[str, dict[str, Any]] = {
    "ck_exchange_rates_two_currencies": {"base": "PLN", "quote": "PLN"},
    "ck_invoice_lines_difference_adds_up": {"after_qty": 2},
    "ck_invoice_lines_gross_adds_up": {"gross_minor": 3},
    "ck_invoices_correction_has_original": {"corrects_id": None},
    "ck_invoices_gross_adds_up": {"gross_minor": 1},
    "ck_invoices_issued_has_number": {"number": None},
    "ck_invoices_issued_has_time": {"issued_at": None},
    "ck_landed_costs_amount_not_zero": {"amount_minor": 0},
    "ck_ledger_entries_amount_not_zero": {"amount_minor": 0},
    "ck_ledger_matches_amount_positive": {"amount_minor": 0},
    "ck_opening_costs_cost_not_negative": {"unit_cost_minor": -1},
    "ck_payout_statements_days_in_order": {"since": date(2026, 2, 1), "until": date(2026, 1, 1)},
    "ck_payout_statements_net_adds_up": {"net_minor": 7},
    "ck_store_credit_accounts_balance_not_negative": {"balance_minor": -1},
    "ck_store_credit_entries_amount_not_zero": {"amount_minor": 0},
    "ck_supplier_invoice_lines_cost_not_negative": {"unit_cost_minor": -1},
    "ck_supplier_invoice_lines_quantity_positive": {"quantity": 0},
    "ck_supplier_invoices_gross_adds_up": {"gross_minor": 1},
    "ck_supplier_payments_amount_positive": {"amount_minor": 0},
}
LISTS: dict[str, tuple[str, ...]] = {
    "ck_cod_remittance_lines_outcome_known": REMITTED,
    "ck_invoice_lines_kind_known": LINE_KINDS,
    "ck_invoices_kind_known": INVOICE_KINDS,
    "ck_invoices_state_known": INVOICE.states,
    "ck_landed_costs_basis_known": BASES,
    "ck_landed_costs_kind_known": COST_KINDS,
    "ck_ledger_entries_kind_known": ENTRY_KINDS,
    "ck_ledger_entries_side_known": SIDES,
    "ck_payout_lines_kind_known": PAYOUT_KINDS,
    "ck_store_credit_entries_kind_known": CREDIT_KINDS,
    "ck_supplier_invoices_state_known": SUPPLIER_INVOICE.states,
}
SOUND: dict[str, dict[str, Any]] = {
    "exchange_rates": {"base": "EUR", "quote": "PLN"},
    "invoice_lines": {"gross_minor": 2},
    "payout_statements": {"net_minor": 0},
    "invoices": {"kind": "correction", "corrects_id": 1, "state": "issued", "issued_at": NOON, "number": "N"},
}
