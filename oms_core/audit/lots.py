"""Laws of lots: what lies there by lot is what lies there."""

from __future__ import annotations

import sqlalchemy as sa

from oms_core.audit.law import Law, by_query, count_of
from oms_core.audit.stock import LEVEL
from oms_core.catalog.tables import Variant
from oms_core.inventory.lot_tables import Lot, LotEntry, LotLevel
from oms_core.inventory.states import POOL_OF, POOLS
from oms_core.kernel.rows import table_of

LOT, LOT_LEVEL, ENTRY, VARIANT = table_of(Lot), table_of(LotLevel), table_of(LotEntry), table_of(Variant)
_NOTHING: sa.ColumnElement[int] = sa.literal_column("0", sa.BigInteger)


def _of_pool(pool: str) -> sa.ColumnElement[int]:
    states = [LEVEL.c[state] for state, name in POOL_OF.items() if name == pool]
    return sum(states[1:], start=states[0])


def _unequal() -> sa.Select[*tuple[object, ...]]:
    """Return pools of levels of tracked variants that are not the sum of their lots."""
    tracked = sa.select(VARIANT.c.id).where(VARIANT.c.tracks_lots)
    levels = [
        sa.select(
            LEVEL.c.variant_id, LEVEL.c.location_id, sa.literal_column(f"'{pool}'").label("pool"),
            _of_pool(pool).label("level"), _NOTHING.label("lots"),
        ).where(LEVEL.c.variant_id.in_(tracked))
        for pool in POOLS
    ]  # fmt: skip
    own = LOT_LEVEL.c
    parts = sa.union_all(
        *levels, sa.select(own.variant_id, own.location_id, own.pool, _NOTHING, own.quantity)
    ).subquery()
    level, lots = sa.func.sum(parts.c.level), sa.func.sum(parts.c.lots)
    return (
        sa.select(parts.c.variant_id, parts.c.location_id, parts.c.pool, level.label("level"), lots.label("lots"))
        .group_by(parts.c.variant_id, parts.c.location_id, parts.c.pool)
        .having(level != lots)
    )


def _unmoved() -> sa.Select[*tuple[object, ...]]:
    own, entry = LOT_LEVEL.c, ENTRY.c
    parts = sa.union_all(
        sa.select(own.lot_id, own.location_id, own.pool, own.quantity.label("level"), _NOTHING.label("moved")),
        sa.select(entry.lot_id, entry.location_id, entry.pool, _NOTHING, entry.quantity),
    ).subquery()
    level, moved = sa.func.sum(parts.c.level), sa.func.sum(parts.c.moved)
    return (
        sa.select(LOT.c.number, parts.c.location_id, parts.c.pool, level.label("level"), moved.label("moved"))
        .join(LOT, LOT.c.id == parts.c.lot_id)
        .group_by(LOT.c.id, LOT.c.number, parts.c.location_id, parts.c.pool)
        .having(level != moved)
    )


LAWS = (
    Law(
        "stock.lots_equal_on_hand",
        "Lots of a variant tracked by lot add up to what lies there: usable, in quality control, damaged.",
        by_query(
            count_of(LOT_LEVEL),
            _unequal(),
            "variant {variant_id} at location {location_id}, {pool}: {level} on hand, its lots have {lots}",
        ),
    ),
    Law(
        "stock.lots_equal_entries",
        "Units of a lot in a place are the sum of the lot's ledger there.",
        by_query(
            count_of(LOT_LEVEL),
            _unmoved(),
            "lot {number} at location {location_id}, {pool}: {level}, its ledger adds up to {moved}",
        ),
    ),
)
