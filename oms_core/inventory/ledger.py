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

from oms_core.inventory.rules import Key, Level, Move
from oms_core.inventory.tables import ON_HAND_STATES, StockLevel, StockMovement
from oms_core.kernel.database import UtcDateTime
from oms_core.kernel.rows import packed, table_of, unpacked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

_LEVEL = table_of(StockLevel)
_MOVEMENT = table_of(StockMovement)
_LINKS = ("allocation_id", "shipment_line_id", "return_line_id", "receipt_line_id", "transfer_line_id")
_TEXTS = ("kind", "from_state", "to_state", "reason")
_ROW = ("variant_id", "quantity", "from_location_id", "to_location_id", *_LINKS, *_TEXTS)
_CONSTANTS: dict[str, sa.types.TypeEngine[Any]] = {
    "at": UtcDateTime(),
    "business_date": sa.Date(),
    "actor": sa.String(120),
    "is_simulated": sa.Boolean(),
}


@lru_cache
def _lock(dialect: str) -> sa.Select[Any]:
    wanted = unpacked(dialect, variant_id=int, location_id=int)
    return (
        sa.select(
            _LEVEL.c.variant_id,
            _LEVEL.c.location_id,
            *(_LEVEL.c[state] for state in ON_HAND_STATES),
            _LEVEL.c.backorder_limit_qty,
        )
        .join(wanted, sa.and_(_LEVEL.c.variant_id == wanted.c.variant_id, _LEVEL.c.location_id == wanted.c.location_id))
        .order_by(_LEVEL.c.variant_id, _LEVEL.c.location_id)
        .with_for_update(of=_LEVEL)
    )


@lru_cache
def _lock_variants(dialect: str) -> sa.Select[Any]:
    wanted = unpacked(dialect, variant_id=int)
    return (
        sa.select(
            _LEVEL.c.variant_id,
            _LEVEL.c.location_id,
            *(_LEVEL.c[state] for state in ON_HAND_STATES),
            _LEVEL.c.backorder_limit_qty,
        )
        .join(wanted, _LEVEL.c.variant_id == wanted.c.variant_id)
        .order_by(_LEVEL.c.variant_id, _LEVEL.c.location_id)
        .with_for_update(of=_LEVEL)
    )


@lru_cache
def _apply(dialect: str) -> sa.Update:
    changed = unpacked(dialect, variant_id=int, location_id=int, **dict.fromkeys(ON_HAND_STATES, int))
    return (
        sa.update(_LEVEL)
        .values({state: _LEVEL.c[state] + changed.c[state] for state in ON_HAND_STATES})
        .where(_LEVEL.c.variant_id == changed.c.variant_id, _LEVEL.c.location_id == changed.c.location_id)
    )


@lru_cache
def _write(dialect: str) -> sa.Insert:
    rows = unpacked(dialect, **{name: str if name in _TEXTS else int for name in _ROW})
    constants: list[sa.ColumnElement[Any]] = [
        sa.bindparam(f"given_{name}", type_=kind) for name, kind in _CONSTANTS.items()
    ]
    return sa.insert(_MOVEMENT).from_select(
        [*_ROW, *_CONSTANTS], sa.select(*(rows.c[name] for name in _ROW), *constants), include_defaults=False
    )


def _levels(result: sa.CursorResult[Any]) -> dict[Key, Level]:
    rows: list[list[int]] = [list(row) for row in result]
    return {(row[0], row[1]): Level(row[2:-1], row[-1]) for row in rows}


def lock_variants(connection: sa.Connection, variant_ids: Sequence[int]) -> dict[Key, Level]:
    """Lock and return every level of the variants, wherever they are."""
    batch = packed((v,) for v in sorted(set(variant_ids)))
    return _levels(connection.execute(_lock_variants(connection.dialect.name), {"batch": batch}))


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
    """Add the change to the (locked) levels."""
    rows = [(*key, *change[key]) for key in sorted(change) if any(change[key])]
    if rows:
        connection.execute(_apply(connection.dialect.name), {"batch": packed(rows)})


def write(
    connection: sa.Connection, moves: Sequence[Move], *, at: datetime, business_date: date, actor: str, simulated: bool
) -> None:
    """Append the movements to the ledger."""
    rows = [
        (
            m.variant_id, m.quantity, m.from_location_id, m.to_location_id,
            m.allocation_id, m.shipment_line_id, m.return_line_id, m.receipt_line_id, m.transfer_line_id,
            m.kind, m.from_state, m.to_state, m.reason,
        )
        for m in moves
    ]  # fmt: skip
    connection.execute(
        _write(connection.dialect.name),
        {
            "batch": packed(rows),
            "given_at": at,
            "given_business_date": business_date,
            "given_actor": actor,
            "given_is_simulated": simulated,
        },
    )
