"""Posting: the only writer of stock levels and movements."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.catalog.tables import Variant
from oms_core.inventory import bin_following, ledger
from oms_core.inventory.lot_following import follow
from oms_core.inventory.rules import Crossing, Key, Level, Move, Shortage, check_moves, crossings, net, shortages
from oms_core.kernel import clock
from oms_core.kernel.errors import InsufficientStock, NotFound
from oms_core.kernel.rows import core
from oms_core.locations.tables import Location

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session


def post(
    session: Session,
    moves: Sequence[Move],
    *,
    zone: str,
    actor: str = "system",
    simulated: bool = False,
    locked: Mapping[Key, Level] | None = None,
) -> None:
    """Post movements: change their levels and append them to the ledger, all or nothing.

    Three statements whatever the number of moves (five when a level is new). Variants tracked by
    lot take their lots along (`inventory.lot_following`), what lies in bins is taken out of them and
    put into them (`inventory.bin_following`).

    Parameters
    ----------
    moves : sequence of Move
        What moves; order is kept in the ledger. None means nothing happens.
    zone : str
        The shop's time zone, for the business date.
    locked : mapping, optional
        Levels the caller has already locked in this transaction, to spare the lock statement.

    Raises
    ------
    InsufficientStock
        If a state would fall below zero (`available`: below its backorder limit); names every
        shortage at once. Nothing is written.
    """
    if not moves:
        return
    check_moves(moves)
    connection = core(session)
    change = net(moves)
    known = locked is not None and all(key in locked for key in change)
    levels = locked if known and locked is not None else ledger.lock(connection, sorted(change))
    short = shortages(change, levels)
    if short:
        raise InsufficientStock(_described(connection, short))
    at = clock.now()
    day = clock.business_date(at, zone)
    ledger.apply(connection, change)
    ledger.write(connection, moves, at=at, business_date=day, actor=actor, simulated=simulated)
    crossed = list[Crossing]()
    if any(levels[key].tracks_lots for key in change):
        tracked = [m for m in moves if _tracked(m, levels)]
        crossed = follow(connection, tracked, at=at, business_date=day, actor=actor)
    if any(levels[key].is_binned for key in change):
        crossed += crossings(m for m in moves if not _tracked(m, levels))
        binned = [c for c in crossed if levels[c.move.variant_id, c.location_id].is_binned]
        bin_following.follow(connection, binned, at=at, actor=actor)


def _tracked(move: Move, levels: Mapping[Key, Level]) -> bool:
    places = (move.from_location_id, move.to_location_id)
    return any(levels[move.variant_id, place].tracks_lots for place in places if place is not None)


def _described(connection: sa.Connection, short: Sequence[Shortage]) -> list[dict[str, object]]:
    """Return the shortages with the names people know."""
    variants = {s.key[0] for s in short}
    places = {s.key[1] for s in short}
    skus = _names(connection, Variant.id, Variant.sku, variants)
    codes = _names(connection, Location.id, Location.code, places)
    return [
        {
            "sku": skus.get(s.key[0], str(s.key[0])),
            "location": codes.get(s.key[1], str(s.key[1])),
            "state": s.state,
            "wanted": s.wanted,
            "available": s.there,
        }
        for s in short
    ]


def _names(
    connection: sa.Connection,
    key: sa.orm.InstrumentedAttribute[int],
    name: sa.orm.InstrumentedAttribute[str],
    ids: set[int],
) -> dict[int, str]:
    return {row[0]: row[1] for row in connection.execute(sa.select(key, name).where(key.in_(ids)))}


def require(session: Session, *, variant_ids: Sequence[int] = (), location_ids: Sequence[int] = ()) -> None:
    """Refuse ids of variants or locations that do not exist."""
    for kind, table, ids in (("variant", Variant, variant_ids), ("location", Location, location_ids)):
        found = set(session.scalars(sa.select(table.id).where(table.id.in_(ids)))) if ids else set()
        for missing in sorted(set(ids) - found):
            raise NotFound(kind, missing)
