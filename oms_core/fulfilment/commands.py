"""Commands of fulfilment: open the work, hold it, rearrange it, ship it, follow the parcels."""

from __future__ import annotations

from oms_core.fulfilment.holding import NewHold, hold, hold_all, release_all, release_due, release_hold, release_order
from oms_core.fulfilment.opening import open_fulfillment_orders, open_work_for
from oms_core.fulfilment.packing import NewParcel
from oms_core.fulfilment.rearranging import merge, move, reject, split
from oms_core.fulfilment.shipping import ship, ship_all, ship_together
from oms_core.fulfilment.tracking import Scan, deliver, track, track_all
from oms_core.fulfilment.windows import release_now

__all__ = [
    "NewHold", "NewParcel", "Scan", "deliver", "hold", "hold_all", "merge", "move", "open_fulfillment_orders",
    "open_work_for", "reject", "release_all", "release_due", "release_hold", "release_now", "release_order", "ship",
    "ship_all", "ship_together", "split", "track", "track_all",
]  # fmt: skip
