"""Fill pick bins up from overstock: propose a worker's list, confirm what was carried, close it.

Quantities are reckoned by :mod:`oms_core.inventory.bin_rules`. A list moves nothing by itself: units
change bins when a worker confirms them, in parts if need be. What the worker did not find stays on
hand and lies in the default bin, among what has no place, until a count finds or writes it off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.inventory import ledger
from oms_core.inventory.bin_moving import carry
from oms_core.inventory.bin_rules import Carry, Need, Proposal, Source, propose
from oms_core.inventory.bin_tables import Bin, BinLevel, BinReplenishment, BinReplenishmentLine, BinRule
from oms_core.inventory.lot_tables import Lot
from oms_core.inventory.posting import require
from oms_core.inventory.states import BIN_REPLENISHMENT
from oms_core.kernel import clock, journal
from oms_core.kernel.errors import InvalidInput, NotFound, Refused
from oms_core.kernel.rows import core, next_ids

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

_LINE = BinReplenishmentLine
_OPEN_UNITS = _LINE.quantity - _LINE.moved_qty - _LINE.missing_qty - _LINE.left_qty


def proposal(session: Session, *, location_id: int, zone: str) -> Proposal:
    """Return what should be carried at a location now; writes nothing."""
    coming, going = _under_way(session, location_id)
    found = propose(
        _needs(session, location_id, coming),
        _sources(session, location_id, going),
        clock.business_date(clock.now(), zone),
    )
    found.not_put_away = _not_put_away(session, location_id)
    return found


def _not_put_away(session: Session, location_id: int) -> dict[int, int]:
    rows = session.execute(
        sa.select(BinLevel.variant_id, sa.cast(sa.func.sum(BinLevel.quantity), sa.BigInteger))
        .join(Bin, Bin.id == BinLevel.bin_id)
        .where(Bin.location_id == location_id, Bin.kind == "default", BinLevel.quantity > 0)
        .group_by(BinLevel.variant_id)
    )
    return {row[0]: int(row[1]) for row in rows}


def _under_way(session: Session, location_id: int) -> tuple[dict[Any, int], dict[Any, int]]:
    """Return units that open lists still bring, by (bin, variant), and still take, by (bin, variant, lot)."""
    rows = session.execute(
        sa.select(_LINE.from_bin_id, _LINE.to_bin_id, _LINE.variant_id, _LINE.lot_id, _OPEN_UNITS.label("units"))
        .join(BinReplenishment, BinReplenishment.id == _LINE.bin_replenishment_id)
        .where(BinReplenishment.location_id == location_id, BinReplenishment.state == "open", _OPEN_UNITS > 0)
    )
    coming, going = dict[Any, int](), dict[Any, int]()
    for row in rows:
        into, out = (row.to_bin_id, row.variant_id), (row.from_bin_id, row.variant_id, row.lot_id)
        coming[into] = coming.get(into, 0) + row.units
        going[out] = going.get(out, 0) + row.units
    return coming, going


def _needs(session: Session, location_id: int, coming: dict[Any, int]) -> list[Need]:
    held = (
        sa.select(BinLevel.bin_id, BinLevel.variant_id, sa.func.sum(BinLevel.quantity).label("units"))
        .group_by(BinLevel.bin_id, BinLevel.variant_id)
        .subquery()
    )
    rows = session.execute(
        sa.select(BinRule, sa.func.coalesce(held.c.units, 0).label("units"))
        .join(Bin, Bin.id == BinRule.bin_id)
        .outerjoin(held, sa.and_(held.c.bin_id == BinRule.bin_id, held.c.variant_id == BinRule.variant_id))
        .where(Bin.location_id == location_id)
        .order_by(Bin.position, Bin.code, BinRule.variant_id)
    )
    return [
        Need(
            r.bin_id, r.variant_id, r.minimum_qty, r.maximum_qty, r.increment_qty, int(units),
            coming.get((r.bin_id, r.variant_id), 0),
        )
        for r, units in rows
    ]  # fmt: skip


def _sources(session: Session, location_id: int, going: dict[Any, int]) -> list[Source]:
    rows = session.execute(
        sa.select(BinLevel, Bin.position, Lot.expires_on)
        .join(Bin, Bin.id == BinLevel.bin_id)
        .outerjoin(Lot, Lot.id == BinLevel.lot_id)
        .where(Bin.location_id == location_id, Bin.kind == "overstock", BinLevel.quantity > 0)
        .where(BinLevel.variant_id.in_(sa.select(BinRule.variant_id)))
        .order_by(BinLevel.id)
    )
    return [
        Source(
            level.bin_id, level.variant_id,
            max(level.quantity - going.get((level.bin_id, level.variant_id, level.lot_id), 0), 0),
            position, level.lot_id, expires,
        )
        for level, position, expires in rows
    ]  # fmt: skip


def open_list(session: Session, *, location_id: int, zone: str, actor: str = "system") -> BinReplenishment:
    """Write the proposal down as a worker's list.

    Raises
    ------
    Refused
        ``bin_replenishment.nothing``: every pick bin holds its minimum, or overstock has nothing for them.
    """
    require(session, location_ids=(location_id,))
    # two runs at once must not propose the same units twice: rules are the rows both read first
    bins_here = sa.select(Bin.id).where(Bin.location_id == location_id)
    session.execute(sa.select(BinRule.id).where(BinRule.bin_id.in_(bins_here)).order_by(BinRule.id).with_for_update())
    found = proposal(session, location_id=location_id, zone=zone)
    if not found.carries:
        raise Refused(
            "bin_replenishment.nothing",
            f"There is nothing to carry: {len(found.unmet)} pick bin(s) are below their minimum and cannot be filled.",
            "Put overstock away, or change the rules of the bins.",
            unmet=len(found.unmet),
        )
    (key,) = next_ids(core(session), "bin_replenishments")
    made = BinReplenishment(
        id=key, number=f"BR-{key:06d}", location_id=location_id, state=BIN_REPLENISHMENT.start,
        unmet=[_unmet(*one, found.not_put_away) for one in found.unmet], created_at=clock.now(), created_by=actor,
    )  # fmt: skip
    session.add(made)
    session.flush()
    session.add_all(_line(key, one) for one in found.carries)
    session.flush()
    journal.record(
        session, "bin_replenishment.opened", "bin_replenishment", key, actor=actor, lines=len(found.carries),
        units=sum(one.quantity for one in found.carries), unmet=len(found.unmet),
    )  # fmt: skip
    return made


def _line(key: int, one: Carry) -> BinReplenishmentLine:
    need = one.need
    return BinReplenishmentLine(
        bin_replenishment_id=key, variant_id=need.variant_id, lot_id=one.source.lot_id,
        from_bin_id=one.source.bin_id, to_bin_id=need.bin_id, quantity=one.quantity,
        receipt={
            "in_bin": need.in_bin, "coming": need.coming, "minimum": need.minimum, "maximum": need.maximum,
            "increment": need.increment, "wanted": need.wanted, "overstock": one.there, "why": one.why,
            "expires_on": one.source.expires_on.isoformat() if one.source.expires_on else None,
        },
    )  # fmt: skip


def _unmet(need: Need, missing: int, why: str, not_put_away: dict[int, int]) -> dict[str, Any]:
    return {
        "bin_id": need.bin_id, "variant_id": need.variant_id, "in_bin": need.in_bin, "minimum": need.minimum,
        "missing": missing, "why": why, "not_put_away": not_put_away.get(need.variant_id, 0),
    }  # fmt: skip


def confirm(
    session: Session, list_id: int, *, line_id: int, moved: int, missing: int = 0, left: int = 0, reason: str = "",
    actor: str = "system",
) -> BinReplenishment:  # fmt: skip
    """Book what a worker did of one line; what is not named is still to do. The list is done with its last unit.

    Parameters
    ----------
    moved : int
        Units that are in the pick bin now.
    missing : int
        Units that were not in the overstock bin: they lie in the default bin from now on. Needs a reason.
    left : int
        Units that need not be carried any more.

    Raises
    ------
    InvalidInput
        Nothing, or more than the line still has to do; a discrepancy without a reason.
    InsufficientStock
        The overstock bin does not hold the units any more.
    """
    found = _locked(session, list_id, "done")
    lines = lines_of(session, list_id)
    line = next((one for one in lines if one.id == line_id), None)
    if line is None:
        raise NotFound(
            "line", line_id, hint=f"It is not a line of {found.number}.", code="bin_replenishment.line_not_found"
        )
    _require_sound(line, moved, missing, left, reason)
    ledger.lock(core(session), [(line.variant_id, found.location_id)])
    _carry_all(session, line, moved=moved, missing=missing, reason=reason.strip(), actor=actor)
    line.moved_qty, line.missing_qty, line.left_qty = (
        line.moved_qty + moved, line.missing_qty + missing, line.left_qty + left,
    )  # fmt: skip
    line.reason = reason.strip() or line.reason
    journal.record(
        session, "bin_replenishment.confirmed", "bin_replenishment", found.id, actor=actor, line_id=line_id,
        moved=moved, missing=missing, left=left, reason=reason.strip(),
    )  # fmt: skip
    if all(to_do(one) == 0 for one in lines):
        found.state, found.closed_at = "done", clock.now()
    found.version += 1
    session.flush()
    return found


def to_do(line: BinReplenishmentLine) -> int:
    """Return the units of a line that nobody has confirmed."""
    return line.quantity - line.moved_qty - line.missing_qty - line.left_qty


def _require_sound(line: BinReplenishmentLine, moved: int, missing: int, left: int, reason: str) -> None:
    total = moved + missing + left
    if min(moved, missing, left) < 0 or not 1 <= total <= to_do(line):
        raise InvalidInput("moved", total, f"from 1 to the {to_do(line)} unit(s) still to do, none of them below zero")
    if missing and not reason.strip():
        raise InvalidInput("reason", reason, "a word on why units are missing", code="bin_replenishment.no_reason")


def _carry_all(
    session: Session, line: BinReplenishmentLine, *, moved: int, missing: int, reason: str, actor: str
) -> None:
    one, other = session.get_one(Bin, line.from_bin_id), session.get_one(Bin, line.to_bin_id)
    default = session.scalars(sa.select(Bin).where(Bin.location_id == one.location_id, Bin.kind == "default")).one()
    for target, units, kind in ((other, moved, "replenished"), (default, missing, "missing")):
        if units:
            carry(
                session, one, target, variant_id=line.variant_id, quantity=units, kind=kind, lot_id=line.lot_id,
                reason=reason, line_id=line.id, actor=actor,
            )  # fmt: skip


def cancel(session: Session, list_id: int, *, reason: str, actor: str = "system") -> BinReplenishment:
    """Give up what is still to do of a list; what was carried stays where it is."""
    found = _locked(session, list_id, "cancelled")
    found.state, found.closed_at = "cancelled", clock.now()
    found.version += 1
    session.flush()
    journal.record(
        session, "bin_replenishment.cancelled", "bin_replenishment", found.id, actor=actor, reason=reason.strip()
    )
    return found


def lines_of(session: Session, list_id: int) -> Sequence[BinReplenishmentLine]:
    """Return the lines of a list, in the order they are walked."""
    statement = sa.select(_LINE).where(_LINE.bin_replenishment_id == list_id).order_by(_LINE.id)
    return session.scalars(statement, execution_options={"populate_existing": True}).all()


def _locked(session: Session, list_id: int, target: str) -> BinReplenishment:
    statement = sa.select(BinReplenishment).where(BinReplenishment.id == list_id).with_for_update(key_share=True)
    found = session.scalars(statement, execution_options={"populate_existing": True}).one_or_none()
    if found is None:
        raise NotFound("bin replenishment", list_id)
    BIN_REPLENISHMENT.check(found.number, found.state, target)
    return found
