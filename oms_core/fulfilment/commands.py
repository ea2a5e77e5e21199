"""Commands of fulfilment: open the work, ship it, follow the parcels."""

from __future__ import annotations

from oms_core.fulfilment.opening import open_fulfillment_orders, open_work_for
from oms_core.fulfilment.packing import NewParcel
from oms_core.fulfilment.shipping import ship, ship_all
from oms_core.fulfilment.tracking import Scan, deliver, track, track_all

__all__ = [
    "NewParcel", "Scan", "deliver", "open_fulfillment_orders", "open_work_for", "ship", "ship_all", "track",
    "track_all",
]  # fmt: skip
