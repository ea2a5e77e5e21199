"""The ledger's statements: lock levels, change them, write movements. Used by `commands` only.

Each is one statement however many rows it touches (see `kernel.rows`). Levels are locked in
(variant, location) order by every command, so that two commands never wait for each other in a
ring; SQLite's writer lock is taken when the transaction begins.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from oms_core.catalog.tables import Variant
from oms_core.inventory.rules import Key, Level, Move
from oms_core.inventory.tables import ON_HAND_STATES, StockLevel, StockMovement
from oms_core.kernel.bulk import bulk_insert
from oms_core.kernel.rows import packed, table_of, unpacked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

_LEVEL, _VARIANT = table_of(StockLevel), table_of(Variant)
#: What a :class:`Level` is made of, after its key.
_PARTS = (
    *(_LEVEL.c[state] for state in ON_HAND_STATES), _LEVEL.c.backorder_limit_qty, _VARIANT.c.tracks_lots,
    _LEVEL.c.is_binned,
)  # fmt: skip
_COLUMNS = (
    "variant_id", "at", "business_date", "kind", "quantity", "from_location_id", "from_state", "to_location_id",
    "to_state", "allocation_id", "shipment_line_id", "return_line_id", "receipt_line_id", "transfer_line_id",
    "reservation_line_id", "count_line_id", "reason", "actor", "is_simulated",
)  # fmt: skip


@lru_cache
def _lock(dialect: str) -> sa.Select[Any]:
    wanted = unpacked(dialect, variant_id=int, location_id=int)
    return (
        sa.select(_LEVEL.c.variant_id, _LEVEL.c.location_id, *_PARTS)
        .join(wanted, sa.and_(_LEVEL.c.variant_id == wanted.c.variant_id, _LEVEL.c.location_id == wanted.c.location_id))
        .join(_VARIANT, _VARIANT.c.id == _LEVEL.c.variant_id)
        .order_by(_LEVEL.c.variant_id, _LEVEL.c.location_id)
        .with_for_update(of=_LEVEL, key_share=True)
    )


@lru_cache
def _lock_promisable(dialect: str, *, reserved_too: bool) -> sa.Select[Any]:
    wanted = unpacked(dialect, variant_id=int)
    has_some = _LEVEL.c.available + _LEVEL.c.backorder_limit_qty > 0
    return (
        sa.select(_LEVEL.c.variant_id, _LEVEL.c.location_id, *_PARTS)
        .join(wanted, _LEVEL.c.variant_id == wanted.c.variant_id)
        .join(_VARIANT, _VARIANT.c.id == _LEVEL.c.variant_id)
        .where(sa.or_(has_some, _LEVEL.c.reserved > 0) if reserved_too else has_some)
        .order_by(_LEVEL.c.variant_id, _LEVEL.c.location_id)
        .with_for_update(of=_LEVEL, key_share=True)
    )


@lru_cache
def _apply(dialect: str, states: tuple[str, ...]) -> sa.Update:
    changed = unpacked(dialect, variant_id=int, location_id=int, **dict.fromkeys(states, int))
    return (
        sa.update(_LEVEL)
        .values({state: _LEVEL.c[state] + changed.c[state] for state in states})
        .where(_LEVEL.c.variant_id == changed.c.variant_id, _LEVEL.c.location_id == changed.c.location_id)
    )


def _levels(result: sa.CursorResult[Any]) -> dict[Key, Level]:
    rows: list[list[int]] = [list(row) for row in result]
    return {(row[0], row[1]): Level(row[2:-3], row[-3], bool(row[-2]), bool(row[-1])) for row in rows}


def lock_promisable(
    connection: sa.Connection, variant_ids: Sequence[int], *, reserved_too: bool = False
) -> dict[Key, Level]:
    """Lock and return the levels of the variants that have something to promise, wherever they are.

    A level that is empty is not asked, so that a thousand places that are sold out cost nothing.
    With `reserved_too` levels that hold reserved units are locked as well.
    """
    batch = packed((v,) for v in sorted(set(variant_ids)))
    statement = _lock_promisable(connection.dialect.name, reserved_too=reserved_too)
    return _levels(connection.execute(statement, {"batch": batch}))


def lock(connection: sa.Connection, keys: Sequence[Key]) -> dict[Key, Level]:
    """Lock and return the levels of `keys`, creating empty ones that are missing."""
    statement = _lock(connection.dialect.name)
    levels = _levels(connection.execute(statement, {"batch": packed(keys)}))
    missing = [key for key in keys if key not in levels]
    if missing:
        _create(connection, missing)
        levels = _levels(connection.execute(statement, {"batch": packed(keys)}))
    return levels


def _create(connection: sa.Connection, keys: Sequence[Key]) -> None:
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    rows = [{"variant_id": variant, "location_id": location} for variant, location in sorted(keys)]
    connection.execute(insert(StockLevel).on_conflict_do_nothing(), rows)


def apply(connection: sa.Connection, change: Mapping[Key, Sequence[int]]) -> None:
    """Add the change to the (locked) levels; only the states it touches are written."""
    touched = [i for i in range(len(ON_HAND_STATES)) if any(units[i] for units in change.values())]
    rows = [(*key, *(change[key][i] for i in touched)) for key in sorted(change) if any(change[key])]
    if rows:
        statement = _apply(connection.dialect.name, tuple(ON_HAND_STATES[i] for i in touched))
        connection.execute(statement, {"batch": packed(rows)})


def write(
    connection: sa.Connection, moves: Sequence[Move], *, at: datetime, business_date: date, actor: str, simulated: bool
) -> None:
    """Append the movements to the ledger."""
    rows = (
        (
            m.variant_id, at, business_date, m.kind, m.quantity, m.from_location_id, m.from_state,
            m.to_location_id, m.to_state, m.allocation_id, m.shipment_line_id, m.return_line_id,
            m.receipt_line_id, m.transfer_line_id, m.reservation_line_id, m.count_line_id, m.reason, actor, simulated,
        )
        for m in moves
    )  # fmt: skip
    bulk_insert(connection, table_of(StockMovement), _COLUMNS, rows)
