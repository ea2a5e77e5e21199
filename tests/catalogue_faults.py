"""Faults of the catalogue, planted behind the commands' back."""

from __future__ import annotations

TWICE = """
INSERT INTO supplier_items
    (supplier_id, variant_id, supplier_sku, unit_cost_minor, currency, pack_qty, moq_qty, is_preferred)
SELECT -1, min(variant_id), '', 100, 'GBP', 1, 0, true FROM supplier_items WHERE is_preferred
"""
FAULTS: dict[str, list[str]] = {"supplier_items.one_preferred": [TWICE]}
