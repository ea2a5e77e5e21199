"""What each mart must add up to: its rows and amounts against the tables underneath, reckoned without its joins.

A join that multiplies or loses rows shows at once, in the shop's own data, whoever changes a model. Every mart has an
entry (a test refuses one without); sources are narrowed by ``IN``, which can never multiply.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analytics.replica import Replica


@dataclass(frozen=True, slots=True)
class Sum:
    """Aggregates over a mart (comma-separated), and the query that answers the same numbers without it."""

    found: str
    wanted: str


def _rows(table: str, amounts: str = "", where: str = "TRUE", *, found: str = "") -> Sum:
    """Return that a mart has the rows of a table, and maybe their amounts (``found`` names them in the mart)."""
    mine = f", {found or amounts}" if amounts else ""
    theirs = f", {amounts}" if amounts else ""
    return Sum(f"count(*){mine}", f"SELECT count(*){theirs} FROM {table} WHERE {where}")


_ORDERS = "order_id IN (SELECT order_id FROM stg_orders)"
_STANDING = "order_id IN (SELECT order_id FROM stg_orders WHERE cancelled_at IS NULL)"
_SHIPPED = "shipment_id IN (SELECT shipment_id FROM fct_shipments)"
_SENT = (
    "purchase_order_id IN (SELECT id FROM raw.purchase_orders"
    " WHERE sent_at IS NOT NULL AND state NOT IN ('draft', 'cancelled'))"
)
_FEES = "SELECT -SUM(amount_minor) FROM raw.charges WHERE kind IN ('channel_fee', 'payment_fee')"
_BACK = "return_id IN (SELECT return_id FROM stg_returns)"
_CASES = (
    f"(SELECT count(*) FROM raw.returns WHERE NOT is_history AND state NOT IN ('declined', 'cancelled') AND {_ORDERS})"
    f" + (SELECT count(*) FROM raw.claims WHERE {_ORDERS})"
    f" + (SELECT count(*) FROM raw.exchanges WHERE state NOT IN ('declined', 'cancelled') AND {_ORDERS})"
    f" + (SELECT count(*) FROM raw.withdrawals WHERE {_ORDERS})"
)
_PARCELS = f"raw.shipments WHERE state <> 'voided' AND {_ORDERS}"
_EVENTS = (
    f"(SELECT count(*) FROM stg_orders) + (SELECT count(*) FROM raw.order_lines WHERE {_ORDERS})"
    f" + (SELECT count(*) FROM raw.order_change_entries WHERE kind <> 'removed' AND {_ORDERS})"
    f" + (SELECT count(*) + count(delivered_at) FROM {_PARCELS})"
    " + (SELECT count(*) FROM raw.returns WHERE state NOT IN ('declined', 'cancelled')"
    " AND COALESCE(order_id, -1) NOT IN (SELECT id FROM raw.orders WHERE is_test))"
)
_PICKED = f"(SELECT SUM(quantity) FROM raw.shipment_lines WHERE {_SHIPPED})"
_PACKED = f"(SELECT count(*) FROM {_PARCELS} AND parent_shipment_id IS NULL)"
_TAKEN_BACK = (
    "(SELECT SUM(received_qty) FROM raw.return_lines WHERE disposition NOT IN ('pending', 'not_received')"
    " AND return_id IN (SELECT return_id FROM stg_returns WHERE NOT is_history))"
)

SUMS: dict[str, Sum] = {
    "dim_channels": _rows("raw.channels"),
    "dim_countries": Sum("count(*)", "SELECT 250"),
    "dim_customers": _rows("raw.customers"),
    "dim_locations": _rows("raw.locations"),
    "dim_order_sequence": Sum(
        "count(*), count(CASE WHEN customer_type = 'new' AND cancelled_at IS NULL THEN 1 END)",
        "SELECT count(*), count(DISTINCT CASE WHEN cancelled_at IS NULL THEN customer_id END) FROM stg_orders",
    ),
    "dim_orders": _rows("raw.orders"),
    "dim_variant_classes": Sum(
        "count(*)", f"SELECT count(DISTINCT variant_id) FROM raw.order_lines WHERE {_ORDERS}"
    ),
    "dim_variants": _rows("raw.variants"),
    "fct_adjustments": Sum(
        "SUM(amount_minor)",
        f"SELECT COALESCE((SELECT SUM(amount_minor) FROM raw.order_adjustments WHERE {_STANDING}"
        " AND (kind <> 'discount' OR (order_change_id IS NULL"
        " AND order_id NOT IN (SELECT order_id FROM raw.order_lines)))),"
        f" 0) - COALESCE((SELECT SUM(amount_minor) FROM raw.return_adjustments WHERE {_BACK}), 0)",
    ),
    "fct_backorders": _rows(
        "raw.backorders", "SUM(quantity)", f"order_line_id IN (SELECT id FROM raw.order_lines WHERE {_ORDERS})",
        found="SUM(units_promised)",
    ),
    "fct_bill_lines": _rows(
        "raw.supplier_invoice_lines", "SUM(quantity * unit_cost_minor)",
        "supplier_invoice_id IN (SELECT id FROM raw.supplier_invoices WHERE state <> 'cancelled')",
        found="SUM(billed_minor)",
    ),
    "fct_cases": Sum(
        "count(*), SUM(paid_minor)", f"SELECT {_CASES}, (SELECT SUM(amount_minor) FROM raw.claims WHERE {_ORDERS})"
    ),
    "fct_charges": _rows("raw.charges", "SUM(amount_minor)"),
    "fct_claim_lines": _rows(
        "raw.claim_lines", "SUM(amount_minor)",
        f"claim_id IN (SELECT id FROM raw.claims WHERE state <> 'rejected' AND {_ORDERS})", found="SUM(value_minor)",
    ),
    "fct_count_lines": _rows(
        "raw.stock_count_lines", "SUM(counted_qty - expected_qty)",
        "stock_count_id IN (SELECT id FROM raw.stock_counts WHERE state <> 'cancelled')"
        " AND counted_at IS NOT NULL AND counted_qty IS NOT NULL AND expected_qty IS NOT NULL",
        found="SUM(difference)",
    ),
    "fct_deliveries": Sum(
        "count(*), SUM(failed_attempts)",
        f"SELECT (SELECT count(delivered_at) FROM {_PARCELS} AND parent_shipment_id IS NULL),"
        " (SELECT count(*) FROM raw.tracking_events WHERE state = 'failed' AND shipment_id IN (SELECT id FROM"
        f" {_PARCELS} AND parent_shipment_id IS NULL AND delivered_at IS NOT NULL))",
    ),
    "fct_discount_shares": Sum(
        "SUM(share_minor)",
        "SELECT -SUM(amount_minor) FROM raw.order_adjustments WHERE kind = 'discount' AND order_change_id IS NULL",
    ),
    "fct_fee_places": Sum("SUM(fee_minor)", _FEES),
    "fct_fee_shares": Sum("SUM(fee_minor)", _FEES),
    "fct_handling": Sum(
        "SUM(amount_minor)",
        f"SELECT COALESCE({_PICKED}, 0) * pick_minor + {_PACKED} * pack_minor"
        f" + COALESCE({_TAKEN_BACK}, 0) * take_back_minor FROM raw.shop",
    ),
    "fct_handling_shares": Sum("SUM(amount_minor)", "SELECT SUM(amount_minor) FROM fct_handling"),
    "fct_holds": _rows("raw.fulfillment_holds", where=_ORDERS),
    "fct_ledger": Sum(
        "count(*), SUM(amount_minor)",
        "SELECT (SELECT count(*) FROM raw.ledger_entries) + 2 * (SELECT count(*) FROM raw.ledger_matches),"
        " (SELECT SUM(amount_minor) FROM raw.ledger_entries)",
    ),
    "fct_line_places": Sum(
        "SUM(units), SUM(CASE WHEN order_line_id IN (SELECT order_line_id FROM raw.shipment_lines"
        f" WHERE {_SHIPPED}) THEN units ELSE 0 END)",
        "SELECT (SELECT SUM(whole) FROM"
        " (SELECT MAX(total_units) AS whole FROM fct_line_places GROUP BY order_line_id)),"
        f" {_PICKED}",
    ),
    "fct_lost_sales": _rows("fct_stock_spells", where="is_out"),
    "fct_order_changes": _rows("raw.order_changes", where=f"state = 'confirmed' AND {_ORDERS}"),
    "fct_order_edits": _rows("raw.order_change_entries", "SUM(gross_minor), SUM(quantity)", _ORDERS),
    "fct_order_events": Sum("count(*)", f"SELECT {_EVENTS}"),
    "fct_order_lines": _rows("raw.order_lines", "SUM(gross_minor)", _ORDERS),
    "fct_orders": _rows(
        "raw.orders", "SUM(total_minor)", "state IN ('placed', 'closed', 'cancelled') AND NOT is_test"
    ),
    "fct_payments": _rows(
        "raw.payments", "SUM(CASE kind WHEN 'capture' THEN amount_minor WHEN 'refund' THEN -amount_minor ELSE 0 END)",
        f"gateway <> 'write_off' AND {_ORDERS}", found="SUM(amount_minor)",
    ),
    "fct_payout_lines": _rows("raw.payout_lines", "SUM(amount_minor), SUM(fee_minor)"),
    "fct_purchase_lines": _rows("raw.purchase_order_lines", "SUM(quantity)", _SENT, found="SUM(units)"),
    "fct_receipt_lines": _rows("raw.receipt_lines", "SUM(quantity)", found="SUM(units)"),
    "fct_returns": _rows(
        "raw.return_lines",
        "SUM(CASE WHEN disposition NOT IN ('pending', 'not_received')"
        " OR return_id IN (SELECT return_id FROM stg_returns WHERE is_history) THEN amount_minor ELSE 0 END)",
        _BACK, found="SUM(returns_minor)",
    ),
    "fct_sales": Sum(
        "count(CASE WHEN kind = 'sale' THEN 1 END), count(CASE WHEN kind = 'return' THEN 1 END),"
        " count(CASE WHEN kind = 'edit' THEN 1 END)",
        f"SELECT (SELECT count(*) FROM raw.order_lines WHERE {_ORDERS}),"
        f" (SELECT count(*) FROM raw.return_lines WHERE {_BACK}),"
        f" (SELECT count(*) FROM raw.order_change_entries WHERE {_ORDERS})",
    ),
    "fct_sales_places": Sum(
        "SUM(gross_minor), SUM(discount_minor), SUM(returns_minor), SUM(cost_minor), SUM(units)",
        "SELECT SUM(gross_minor), SUM(discount_minor), SUM(returns_minor), SUM(cost_minor), SUM(units) FROM fct_sales",
    ),
    "fct_shipment_lines": Sum("SUM(carrier_minor)", f"SELECT SUM(cost_minor) FROM {_PARCELS}"),
    "fct_shipments": _rows("raw.shipments", "SUM(cost_minor)", f"state <> 'voided' AND {_ORDERS}"),
    "fct_stock": _rows(
        "raw.stock_levels", "SUM(available + committed + reserved + damaged + safety_stock + quality_control)",
        found="SUM(on_hand)",
    ),
    "fct_stock_changes": Sum(
        "count(*), SUM(on_hand_change)",
        "SELECT count(to_location_id) + count(from_location_id),"
        " SUM(CASE WHEN to_location_id IS NULL THEN 0 ELSE quantity END"
        " - CASE WHEN from_location_id IS NULL THEN 0 ELSE quantity END) FROM raw.stock_movements",
    ),
    "fct_stock_spells": Sum(
        "count(*)",
        "SELECT count(*) FROM (SELECT DISTINCT variant_id, business_date FROM raw.stock_movements"
        " WHERE (to_location_id IS NOT NULL OR from_location_id IS NOT NULL)"
        " AND variant_id IN (SELECT id FROM raw.variants WHERE is_active))",
    ),
    "fct_work": _rows("raw.fulfillment_orders", where=_ORDERS),
}  # fmt: skip


def differences(replica: Replica, only: str = "") -> Iterator[tuple[str, int, int]]:
    """Yield each mart's check: its name, how many sums it has, and by how much they differ together."""
    for mart, each in SUMS.items():
        name = f"numbers.sums_of_{mart}"
        if only not in {"", name}:
            continue
        found = replica.frame(f"SELECT {each.found} FROM {mart}").row(0)
        wanted = replica.frame(each.wanted).row(0)
        yield name, len(found), sum(abs(int(a or 0) - int(b or 0)) for a, b in zip(found, wanted, strict=True))
