"""What breaks each rule of the tables of the order desk, stock and returns, and the program's own lists of values."""

from __future__ import annotations

from typing import Any

from held import NOON

from oms_core.drafts.states import DRAFT
from oms_core.drafts.tables import DRAFT_KINDS
from oms_core.fulfilment.tables import RELEASED
from oms_core.inventory.count_tables import DISCREPANCY_KINDS
from oms_core.inventory.promise_tables import OVERSELL_POLICIES
from oms_core.inventory.states import BACKORDER, POOLS, RESERVATION, STOCK_COUNT
from oms_core.order_changes.states import ORDER_CHANGE
from oms_core.order_changes.tables import ENTRY_KINDS
from oms_core.returns.case_tables import (
    CLAIM_KINDS,
    CLAIM_RESOLUTIONS,
    DOUBTS,
    EVIDENCE_KINDS,
    SETTLEMENTS,
    WITHDRAWAL_CHANNELS,
)
from oms_core.returns.policy_tables import CARRIAGE_PAYERS, FAULTS, REFUND_METHODS, SHIPPING_REFUNDS
from oms_core.returns.states import CLAIM, EXCHANGE, WITHDRAWAL
from oms_core.returns.tables import GRADES, UNIT_DISPOSITIONS
from oms_core.review.states import ASSESSMENT, SUSPICION
from oms_core.review.tables import LEVELS, RISK_KINDS

BROKEN: dict[str, dict[str, Any]] = {
    "ck_backorders_consumed_within_quantity": {"allocated_qty": 1, "cancelled_qty": 1, "state": "allocated"},
    "ck_backorders_quantity_positive": {"quantity": 0, "state": "allocated"},
    "ck_backorders_waits_for_something": {"allocated_qty": 1},
    "ck_bundle_components_not_itself": {"bundle_variant_id": 1, "component_variant_id": 1},
    "ck_bundle_components_quantity_positive": {"quantity": 0},
    "ck_channel_stock_rules_units_not_negative": {"buffer_qty": -1},
    "ck_claim_lines_quantity_positive": {"quantity": 0},
    "ck_claims_amount_not_negative": {"amount_minor": -1},
    "ck_claims_resolved_has_resolution": {"state": "resolved"},
    "ck_drafts_completed_has_order": {"order_id": None},
    "ck_duplicate_suspicions_newer_first": {"order_id": 1, "other_order_id": 2},
    "ck_exchanges_completed_has_time": {"state": "completed"},
    "ck_exchanges_credit_within_new": {"credit_minor": 1},
    "ck_exchanges_difference_adds_up": {"difference_minor": 1},
    "ck_fulfillment_holds_released_has_how": {"released_at": NOON},
    "ck_lot_entries_quantity_not_zero": {"quantity": 0},
    "ck_lot_levels_quantity_not_negative": {"quantity": -1},
    "ck_order_changes_decided_has_time": {"state": "confirmed"},
    "ck_refund_policies_days_not_negative": {"days_allowed": -1},
    "ck_refund_policies_fee_is_share": {"fee_bp": 10001},
    "ck_refund_policies_not_negative": {"fee_minor": -1},
    "ck_refunds_total_positive": {"total_minor": 0},
    "ck_reservation_lines_consumed_within_quantity": {"converted_qty": 1, "released_qty": 1},
    "ck_reservation_lines_quantity_positive": {"quantity": 0},
    "ck_reservations_converted_has_order": {"state": "converted"},
    "ck_return_addresses_market_or_country": {"market": "EU", "country": "PL"},
    "ck_return_addresses_postal_codes_of_a_country": {"postal_prefix": "50", "country": ""},
    "ck_return_units_in_stock_once_decided": {"moved_at": NOON, "disposition": "counted"},
    "ck_risk_assessments_score_in_scale": {"score": 101},
    "ck_risk_rules_points_in_scale": {"points": 101},
    "ck_stock_count_lines_counted_has_expected": {"counted_qty": 1},
    "ck_stock_count_lines_counted_not_negative": {"counted_qty": -1, "expected_qty": 1},
    "ck_transfer_discrepancies_quantity_positive": {"quantity": 0},
    "ck_withdrawal_lines_quantity_positive": {"quantity": 0},
}
LISTS: dict[str, tuple[str, ...]] = {
    "ck_backorders_kind_known": OVERSELL_POLICIES[1:],
    "ck_backorders_state_known": BACKORDER.states,
    "ck_claim_evidence_kind_known": EVIDENCE_KINDS,
    "ck_claims_kind_known": CLAIM_KINDS,
    "ck_claims_resolution_known": CLAIM_RESOLUTIONS,
    "ck_claims_state_known": CLAIM.states,
    "ck_drafts_kind_known": DRAFT_KINDS,
    "ck_drafts_state_known": DRAFT.states,
    "ck_duplicate_suspicions_kind_known": ("same_lines", "same_total"),
    "ck_duplicate_suspicions_state_known": SUSPICION.states,
    "ck_exchanges_settlement_known": SETTLEMENTS,
    "ck_exchanges_state_known": EXCHANGE.states,
    "ck_fulfillment_holds_released_how_known": ("", *RELEASED),
    "ck_lot_entries_pool_known": POOLS,
    "ck_lot_levels_pool_known": POOLS,
    "ck_order_change_entries_kind_known": ENTRY_KINDS,
    "ck_order_changes_state_known": ORDER_CHANGE.states,
    "ck_refund_policies_carriage_payer_known": CARRIAGE_PAYERS,
    "ck_refund_policies_shipping_refund_known": SHIPPING_REFUNDS,
    "ck_refunds_method_known": REFUND_METHODS,
    "ck_reservations_state_known": RESERVATION.states,
    "ck_return_reasons_fault_known": FAULTS,
    "ck_return_units_disposition_known": UNIT_DISPOSITIONS,
    "ck_return_units_grade_known": GRADES,
    "ck_risk_assessments_level_known": LEVELS,
    "ck_risk_assessments_state_known": ASSESSMENT.states,
    "ck_risk_rules_kind_known": RISK_KINDS,
    "ck_stock_counts_state_known": STOCK_COUNT.states,
    "ck_transfer_discrepancies_kind_known": DISCREPANCY_KINDS,
    "ck_withdrawals_channel_known": WITHDRAWAL_CHANNELS,
    "ck_withdrawals_doubt_known": DOUBTS,
    "ck_withdrawals_state_known": WITHDRAWAL.states,
}
SOUND: dict[str, dict[str, Any]] = {
    "bundle_components": {"bundle_variant_id": 1, "component_variant_id": 2},
    "duplicate_suspicions": {"order_id": 2, "other_order_id": 1},
    "exchanges": {"new_minor": 0, "returned_minor": 0, "credit_minor": 0, "difference_minor": 0},
    "drafts": {"state": "completed", "order_id": 1},
}
#: What has to go with a value that is not in the list, so that no other rule is broken first.
WITH_NONSENSE: dict[str, dict[str, Any]] = {
    "ck_buying_mails_kind_known": {"purchase_order_id": None},
    "ck_supplier_answers_state_known": {"decided_at": NOON},
    "ck_backorders_state_known": {"allocated_qty": 1},
    "ck_claims_resolution_known": {"state": "resolved"},
    "ck_drafts_state_known": {"order_id": None},
    "ck_fulfillment_holds_released_how_known": {"released_at": NOON},
    "ck_order_changes_state_known": {"decided_at": NOON},
    "ck_return_units_disposition_known": {"moved_at": NOON},
}
#: Parents a sound row names beyond those with id 1, and what a second row names instead of the first one's.
PARENTS: dict[str, tuple[tuple[str, int], ...]] = {
    "bin_replenishment_lines": (("bins", 2),),
    "bundle_components": (("variants", 2),),
    "buying_mails": (("purchase_orders", 1),),
    "customer_merges": (("customers", 2),),
    "drafts": (("orders", 1), ("orders", 2)),
    "duplicate_suspicions": (("orders", 2),),
    "exchanges": (("returns", 2),),
}
SECOND: dict[str, dict[str, Any]] = {"drafts": {"order_id": 2}, "exchanges": {"return_id": 2}}
