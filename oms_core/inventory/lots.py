"""Commands of lots: name them, start tracking, take what has expired out of sale, tell where they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.catalog.tables import Variant
from oms_core.inventory import ledger
from oms_core.inventory.bin_following import name_lot
from oms_core.inventory.lot_origins import OPENING_LOT
from oms_core.inventory.lot_tables import Lot, LotEntry, LotLevel
from oms_core.inventory.posting import post
from oms_core.inventory.rules import Level, Move
from oms_core.inventory.states import POOL_OF
from oms_core.inventory.tables import ON_HAND_STATES, StockLevel
from oms_core.kernel import clock, journal
from oms_core.kernel.errors import InvalidInput, NotFound, Refused
from oms_core.kernel.rows import core
from oms_core.locations.tables import Location

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

EXPIRED = "lot expired"


@dataclass(frozen=True, slots=True)
class NewLot:
    """Units of a lot that arrive: its number, when it expires (None: never), how many."""

    number: str
    expires_on: date | None
    quantity: int


def lot_of(session: Session, *, variant_id: int, number: str, expires_on: date | None = None) -> Lot:
    """Return the lot of a number, written when it is new.

    Raises
    ------
    InvalidInput
        If the number is empty.
    Refused
        ``lot.other_expiry``: the lot is known with another date.
    """
    if not number.strip():
        raise InvalidInput("lot", number, "the number of the lot")
    found = session.scalars(sa.select(Lot).where(Lot.variant_id == variant_id, Lot.number == number)).one_or_none()
    if found is None:
        found = Lot(variant_id=variant_id, number=number, expires_on=expires_on, created_at=clock.now())
        session.add(found)
        session.flush()
    elif expires_on is not None and found.expires_on != expires_on:
        raise Refused(
            "lot.other_expiry",
            f"Lot {number} expires on {found.expires_on}, not on {expires_on}.",
            "Correct the date, or give the goods a lot number of their own.",
        )
    return found


def lot_named(session: Session, variant_id: int, number: str) -> Lot:
    """Return a known lot; near matches are offered when there is none."""
    known = session.scalars(sa.select(Lot).where(Lot.variant_id == variant_id)).all()
    for lot in known:
        if lot.number == number:
            return lot
    raise NotFound("lot", number, [lot.number for lot in known])


def split_by_lot(session: Session, move: Move, lots: Sequence[NewLot]) -> list[Move]:
    """Return an arrival as one movement for each lot.

    Raises
    ------
    InvalidInput
        If the lots do not add up to the units that arrive (``lot.units``).
    """
    total = sum(lot.quantity for lot in lots)
    if total != move.quantity or any(lot.quantity <= 0 for lot in lots):
        expected = f"lots that add up to the {move.quantity} units that arrive"
        raise InvalidInput("lots", total, expected, code="lot.units")
    return [
        replace(
            move, quantity=n.quantity,
            lot_id=lot_of(session, variant_id=move.variant_id, number=n.number, expires_on=n.expires_on).id,
        )
        for n in lots
    ]  # fmt: skip


def start_tracking(session: Session, *, variant_id: int, actor: str = "system") -> Variant:
    """Track a variant by lot from now on; what is there becomes the lot ``OPENING``, which never expires.

    What left before and comes back joins that lot. Nothing happens when it is tracked already.
    """
    variant = session.get(Variant, variant_id)
    if variant is None:
        raise NotFound("variant", variant_id)
    if variant.tracks_lots:
        return variant
    connection = core(session)
    places = session.scalars(sa.select(StockLevel.location_id).where(StockLevel.variant_id == variant_id)).all()
    levels = ledger.lock(connection, [(variant_id, place) for place in sorted(places)])
    lot = lot_of(session, variant_id=variant_id, number=OPENING_LOT)
    for (_, place), level in levels.items():
        _open(session, lot, place, level, actor)
    name_lot(connection, variant_id=variant_id, lot_id=lot.id, actor=actor)
    variant.tracks_lots = True
    session.flush()
    journal.record(session, "variant.lots_tracked", "variant", variant_id, actor=actor)
    return variant


def _open(session: Session, lot: Lot, location_id: int, level: Level, actor: str) -> None:
    units: dict[str, int] = {}
    for state, n in zip(ON_HAND_STATES, level.units, strict=True):
        units[POOL_OF[state]] = units.get(POOL_OF[state], 0) + n
    for pool, n in units.items():
        if n:
            session.add(
                LotLevel(lot_id=lot.id, variant_id=lot.variant_id, location_id=location_id, pool=pool, quantity=n)
            )
            session.add(
                LotEntry(
                    lot_id=lot.id, at=clock.now(), kind="opening", location_id=location_id, pool=pool, quantity=n,
                    actor=actor,
                )
            )  # fmt: skip


def quarantine_expired(session: Session, *, zone: str, actor: str = "worker") -> int:
    """Take units of lots that have expired out of sale: available to quality control. Run by the worker.

    Units already promised to orders stay promised; a parcel takes them of another lot or is
    refused. What is promised but cannot be kept is said by the order that cannot ship.

    Returns
    -------
    int
        Units moved.
    """
    today = clock.business_date(clock.now(), zone)
    keys = sorted({(row.variant_id, row.location_id) for row in _expired(session, today)})
    if not keys:
        return 0
    levels = ledger.lock(core(session), keys)
    free = {key: max(level.available, 0) for key, level in levels.items()}
    moves = []
    for row in _expired(session, today):
        key = (row.variant_id, row.location_id)
        n = min(row.quantity, free.get(key, 0))
        if n:
            free[key] -= n
            ends = (row.location_id, "available", row.location_id, "quality_control")
            reason = f"{EXPIRED}: {row.number}"
            moves.append(Move(row.variant_id, n, "state_changed", *ends, reason=reason, lot_id=row.id))
            journal.record(
                session, "lot.expired", "variant", row.variant_id, actor=actor, lot=row.number,
                location_id=row.location_id, units=n, expires_on=row.expires_on.isoformat(),
            )  # fmt: skip
    post(session, moves, zone=zone, actor=actor, locked=levels)
    return sum(move.quantity for move in moves)


def _expired(session: Session, today: date) -> Sequence[Any]:
    """Return the usable units of lots that have expired, in the order levels are locked."""
    return session.execute(
        sa.select(LotLevel.variant_id, LotLevel.location_id, Lot.id, Lot.number, Lot.expires_on, LotLevel.quantity)
        .join(Lot, Lot.id == LotLevel.lot_id)
        .where(Lot.expires_on < today, LotLevel.pool == "usable", LotLevel.quantity > 0)
        .order_by(LotLevel.variant_id, LotLevel.location_id, Lot.expires_on, Lot.id)
    ).all()


def lots_of(session: Session, variant_id: int) -> list[dict[str, Any]]:
    """Return where each lot of a variant lies, first to expire first: location, pool, units."""
    rows = session.execute(
        sa.select(Lot.number, Lot.expires_on, Location.code, LotLevel.pool, LotLevel.quantity)
        .join(LotLevel, LotLevel.lot_id == Lot.id)
        .join(Location, Location.id == LotLevel.location_id)
        .where(Lot.variant_id == variant_id, LotLevel.quantity > 0)
        .order_by(Lot.expires_on.is_(None), Lot.expires_on, Lot.id, Location.position, Location.id)
    )
    return [
        {"lot": row[0], "expires_on": row[1], "location": row[2], "pool": row[3], "quantity": row[4]} for row in rows
    ]
