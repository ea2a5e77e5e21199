"""Carry units between the bins of a location, and count a bin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.catalog.tables import Variant
from oms_core.inventory.bin_following import Bins, Slot, look
from oms_core.inventory.bin_retiring import require_standing
from oms_core.inventory.bin_tables import Bin, BinLevel
from oms_core.inventory.bins import begin
from oms_core.inventory.lot_tables import Lot
from oms_core.inventory.lots import lot_named
from oms_core.inventory.posting import post, require
from oms_core.inventory.rules import Move
from oms_core.kernel import clock, journal
from oms_core.kernel.errors import InsufficientStock, InvalidInput, NotFound
from oms_core.kernel.rows import core

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def move(
    session: Session, *, variant_id: int, from_bin_id: int, to_bin_id: int, quantity: int, lot: str = "",
    reason: str = "", actor: str = "system",
) -> int:  # fmt: skip
    """Carry units from one bin to another of the same location; put away what came is moving it out of the default bin.

    Parameters
    ----------
    lot : str
        Number of the lot; left out, what expires first is carried.

    Returns
    -------
    int
        Units carried.

    Raises
    ------
    InsufficientStock
        The bin does not hold the units.
    """
    one, other = session.get_one(Bin, from_bin_id), require_standing(session, to_bin_id)
    if quantity <= 0:
        raise InvalidInput("quantity", quantity, "at least one unit")
    if one.id == other.id or one.location_id != other.location_id:
        hint = "Between locations goods are transferred."
        raise InvalidInput("to_bin", other.code, "another bin of the same location", hint)
    require(session, variant_ids=(variant_id,))
    begin(session, variant_id=variant_id, location_id=one.location_id, actor=actor)
    carry(
        session, one, other, variant_id=variant_id, quantity=quantity, lot=lot, kind="moved", reason=reason, actor=actor
    )
    journal.record(
        session, "bin.moved", "variant", variant_id, actor=actor, quantity=quantity, before=one.code, after=other.code,
        location_id=one.location_id, reason=reason,
    )  # fmt: skip
    return quantity


def carry(
    session: Session, one: Bin, other: Bin, *, variant_id: int, quantity: int, kind: str, lot: str = "",
    lot_id: int | None = None, reason: str = "", line_id: int | None = None, actor: str = "system",
) -> None:  # fmt: skip
    """Write that units went from one bin to another; their level is locked by the caller."""
    connection = core(session)
    bins = look(connection, [(variant_id, one.location_id)], at=clock.now(), actor=actor)
    rest = quantity
    for slot in _first_expired_first(session, bins, one.id, variant_id, lot, lot_id):
        n = min(rest, bins.units[slot])
        if n:
            bins.change(slot, -n, kind, reason=reason, line_id=line_id)
            bins.change((other.id, *slot[1:]), n, kind, reason=reason, line_id=line_id)
            rest -= n
    if rest:
        sku = session.scalar(sa.select(Variant.sku).where(Variant.id == variant_id))
        raise InsufficientStock([{"sku": sku, "bin": one.code, "wanted": quantity, "available": quantity - rest}])
    bins.write(connection)


def _first_expired_first(
    session: Session, bins: Bins, bin_id: int, variant_id: int, lot: str, lot_id: int | None
) -> list[Slot]:
    known = {
        row.id: (row.expires_on is None, row.expires_on, row.id, row.number)
        for row in session.execute(sa.select(Lot.id, Lot.expires_on, Lot.number).where(Lot.variant_id == variant_id))
    }
    if lot and lot not in {facts[3] for facts in known.values()}:
        raise NotFound("lot", lot, [facts[3] for facts in known.values()])
    here = [s for s in bins.units if s[:2] == (bin_id, variant_id) and bins.units[s] > 0]
    wanted = [s for s in here if lot_id in {None, s[2]} and (not lot or known[s[2] or 0][3] == lot)]
    return sorted(wanted, key=lambda s: known[s[2]][:3] if s[2] in known else (True, None, 0))


def count(
    session: Session, *, bin_id: int, variant_id: int, counted: int, reason: str, zone: str, lot: str = "",
    actor: str = "system",
) -> int:  # fmt: skip
    """Correct a bin to what was counted in it; the difference is a loss or a find of what is promised to nobody.

    Returns
    -------
    int
        Units found (positive) or missing (negative); zero changes nothing.
    """
    place = require_standing(session, bin_id)
    if counted < 0:
        raise InvalidInput("counted", counted, "zero or more units")
    if not reason.strip():
        raise InvalidInput("reason", reason, "a word on why stock changes", code="stock.no_reason")
    require(session, variant_ids=(variant_id,))
    begin(session, variant_id=variant_id, location_id=place.location_id, actor=actor)
    lot_id = lot_named(session, variant_id, lot).id if lot else None
    held = sa.select(sa.func.coalesce(sa.func.sum(BinLevel.quantity), 0)).where(
        BinLevel.bin_id == bin_id, BinLevel.variant_id == variant_id, *([BinLevel.lot_id == lot_id] if lot else [])
    )
    delta = counted - int(session.scalar(held) or 0)
    if not delta:
        return 0
    outside, here = (None, "loss"), (place.location_id, "available")
    out, into = (outside, here) if delta > 0 else (here, outside)
    found = Move(
        variant_id, abs(delta), "adjusted", out[0], out[1], into[0], into[1], reason=reason.strip(), lot_id=lot_id,
        bin_id=bin_id,
    )  # fmt: skip
    post(session, [found], zone=zone, actor=actor)
    journal.record(
        session, "bin.counted", "bin", bin_id, actor=actor, variant_id=variant_id, counted=counted, delta_qty=delta,
        reason=reason.strip(),
    )  # fmt: skip
    return delta
