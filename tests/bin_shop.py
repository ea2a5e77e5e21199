"""Bins for shops that laws look at, what breaks each of their laws, and what breaks each rule of their tables."""

from __future__ import annotations

from typing import Any

from small_shop import ZONE, SmallShop
from sqlalchemy.orm import Session

from oms_core.inventory import bin_moving, bin_replenishing, bins
from oms_core.inventory.bin_tables import BIN_ENTRY_KINDS, BIN_KINDS
from oms_core.inventory.states import BIN_REPLENISHMENT

BROKEN: dict[str, dict[str, Any]] = {
    "ck_bin_entries_quantity_not_zero": {"quantity": 0},
    "ck_bin_levels_quantity_not_negative": {"quantity": -1},
    "ck_bin_replenishment_lines_done_within_quantity": {"moved_qty": 1, "missing_qty": 1},
    "ck_bin_replenishment_lines_quantity_positive": {"quantity": 0},
    "ck_bin_replenishment_lines_two_bins": {"to_bin_id": 1},
    "ck_bin_rules_increment_within_maximum": {"increment_qty": 2},
    "ck_bin_rules_minimum_within_maximum": {"minimum_qty": 2},
}
LISTS: dict[str, tuple[str, ...]] = {
    "ck_bin_entries_kind_known": BIN_ENTRY_KINDS,
    "ck_bin_replenishments_state_known": BIN_REPLENISHMENT.states,
    "ck_bins_kind_known": BIN_KINDS,
}
SOUND: dict[str, dict[str, Any]] = {"bin_replenishment_lines": {"from_bin_id": 1, "to_bin_id": 2}}
#: Law to faults: statements that no command would ever run.
FAULTS: dict[str, list[str]] = {
    "bins.add_up_to_on_hand": [
        "UPDATE bin_levels SET quantity = quantity + 1 WHERE id = 1",
        "UPDATE stock_levels SET is_binned = false WHERE is_binned",
        "UPDATE stock_levels SET is_binned = true WHERE NOT is_binned",
        "UPDATE bins SET location_id = 2 WHERE kind = 'overstock'",
    ],
    "bins.lots_add_up": [
        "UPDATE bin_levels SET lot_id = NULL WHERE lot_id IS NOT NULL AND quantity > 0",
        "UPDATE lot_levels SET quantity = quantity + 1 WHERE id = 1",
    ],
    "bins.levels_equal_entries": [
        "DELETE FROM bin_entries WHERE kind = 'moved'",
        "UPDATE bin_entries SET quantity = quantity + 1 WHERE kind = 'opening'",
        "UPDATE bin_entries SET bin_id = 2 WHERE kind = 'opening'",
    ],
    "bins.gone_are_empty": ["UPDATE bins SET retired_at = '2026-05-01 10:00:00'"],
    "bins.lists_in_ledger": [
        "UPDATE bin_replenishment_lines SET moved_qty = moved_qty - 1 WHERE moved_qty > 0",
        "UPDATE bin_replenishments SET state = 'done'",
        "UPDATE bin_entries SET bin_replenishment_line_id = NULL WHERE kind = 'missing' AND quantity > 0",
    ],
}


def fill_up(session: Session, shop: SmallShop) -> None:
    """Put TIN and BAG (tracked by lot) into bins, and do half of a worker's list."""
    pick = bins.define(session, location_id=shop.warehouse, code="A1", kind="pick").id
    over = bins.define(session, location_id=shop.warehouse, code="OV", kind="overstock").id
    for sku in ("TIN", "BAG"):
        variant = shop.variants[sku]
        bins.set_rule(session, bin_id=pick, variant_id=variant, minimum=4, maximum=6, increment=2)
        default = bins.bin_named(session, shop.warehouse, bins.DEFAULT_BIN).id
        bin_moving.move(session, variant_id=variant, from_bin_id=default, to_bin_id=over, quantity=8)
    made = bin_replenishing.open_list(session, location_id=shop.warehouse, zone=ZONE)
    line = bin_replenishing.lines_of(session, made.id)[0]
    bin_replenishing.confirm(session, made.id, line_id=line.id, moved=3, missing=1, reason="one is not there")
