"""Available to promise by date: what may be sold, and by which day it will be here."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.backorders.inbound import arrivals_of
from oms_core.backorders.schedule import promise_by_date
from oms_core.inventory.channels import channel_availability
from oms_core.inventory.posting import require
from oms_core.inventory.tables import StockLevel
from oms_core.inventory.waiting import waiting_units
from oms_core.kernel import clock
from oms_core.kernel.rows import core
from oms_core.locations.tables import Location
from oms_core.orders.cancelling import shop_zone

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def atp(
    session: Session,
    variant_id: int,
    location_id: int | None = None,
    *,
    channel_id: int | None = None,
    zone: str | None = None,
) -> list[tuple[date, int]]:
    """Return the units of a variant that may be promised by each day on which that changes.

    ``on hand usable + inbound due by then - commitments - protection``. Committed, reserved and
    safety stock are not in `available` any more; what earlier orders wait for is taken off (at one
    location only as far as all of the shop cannot serve it); a channel's buffer and other
    channels' protection are taken off when a channel is named.

    Returns
    -------
    list of (date, int)
        From today (business date of the shop) on; units never fall.
    """
    require(session, variant_ids=(variant_id,), location_ids=() if location_id is None else (location_id,))
    connection = core(session)
    today = clock.business_date(clock.now(), zone or shop_zone(session))
    arrivals = arrivals_of(connection, (variant_id,), today, location_id=location_id).get(variant_id, [])
    waiting = waiting_units(connection, (variant_id,)).get(variant_id, 0)
    here = _usable(session, variant_id, location_id, channel_id)
    if location_id is not None and waiting:
        everywhere = arrivals_of(connection, (variant_id,), today).get(variant_id, [])
        total = _usable(session, variant_id, None, channel_id) + sum(a.units for a in everywhere)
        elsewhere = total - here - sum(a.units for a in arrivals)
        waiting = max(waiting - elsewhere, 0)
    return promise_by_date(here, waiting, arrivals, today)


def _usable(session: Session, variant_id: int, location_id: int | None, channel_id: int | None) -> int:
    """Return the units on the shelves of active locations that may be promised."""
    if channel_id is not None:
        rows = channel_availability(session, channel_id, [variant_id])
        return sum(row["units"] for row in rows if location_id in {None, row["location_id"]})
    statement = (
        sa.select(sa.func.sum(StockLevel.available))
        .join(Location, Location.id == StockLevel.location_id)
        .where(StockLevel.variant_id == variant_id, Location.is_active, StockLevel.available > 0)
    )
    if location_id is not None:
        statement = statement.where(StockLevel.location_id == location_id)
    return int(session.scalar(statement) or 0)
