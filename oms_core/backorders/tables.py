"""The table of this room; it lies with stock, whose lower rooms subtract what waits."""

from __future__ import annotations

from oms_core.inventory.promise_tables import OVERSELL_POLICIES, Backorder

__all__ = ["OVERSELL_POLICIES", "Backorder"]
