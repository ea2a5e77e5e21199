"""How many bundles can be sold: as many as their scarcest component allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.catalog.bundles import components_of, sets_of
from oms_core.inventory.tables import StockLevel
from oms_core.kernel.rows import core, table_of
from oms_core.locations.tables import Location

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session

_LEVEL, _LOCATION = table_of(StockLevel), table_of(Location)


def bundle_availability(session: Session, bundle_ids: Collection[int]) -> dict[int, int]:
    """Return how many of each bundle the active locations together can put together now.

    A bundle of nothing stocked is never short; it counts as 0, for nothing of it is on the shelf.
    """
    connection = core(session)
    components = components_of(connection, bundle_ids)
    wanted = {part.id for parts in components.values() for part in parts}
    free = sa.case((_LEVEL.c.available > 0, _LEVEL.c.available), else_=0)
    statement = (
        sa.select(_LEVEL.c.variant_id, sa.cast(sa.func.sum(free), sa.BigInteger))
        .join(_LOCATION, _LOCATION.c.id == _LEVEL.c.location_id)
        .where(_LEVEL.c.variant_id.in_(sorted(wanted)), _LOCATION.c.is_active)
        .group_by(_LEVEL.c.variant_id)
    )
    units = {row[0]: int(row[1]) for row in connection.execute(statement)}
    return {key: sets_of(units, parts) for key, parts in components.items()}
