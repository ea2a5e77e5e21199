"""Commands of bins: name them, say what a pick bin should hold, put what lies at a location into bins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from oms_core.inventory import ledger
from oms_core.inventory.bin_following import Bins
from oms_core.inventory.bin_retiring import require_standing
from oms_core.inventory.bin_tables import Bin, BinRule
from oms_core.inventory.lot_tables import LotLevel
from oms_core.inventory.posting import require
from oms_core.inventory.tables import StockLevel
from oms_core.kernel import clock, journal
from oms_core.kernel.errors import InvalidInput, NotFound, Refused
from oms_core.kernel.rows import core, table_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from oms_core.inventory.rules import Level

#: The bin of what nobody has put away; every location with binned levels has one.
DEFAULT_BIN = "DEFAULT"
#: Kinds of bins that people name.
NAMED_KINDS = ("pick", "overstock")


def define(
    session: Session, *, location_id: int, code: str, kind: str, position: int = 1, actor: str = "system"
) -> Bin:
    """Name a bin of a location, or change the kind and rank of one.

    Parameters
    ----------
    kind : str
        ``pick`` or ``overstock``.
    position : int
        Rank on the way through the warehouse, from 1.

    Raises
    ------
    Refused
        ``bin.has_rules``: a pick bin that something should be in cannot become overstock.
    """
    code = code.strip()
    if not code or code.upper() == DEFAULT_BIN:
        raise InvalidInput("code", code, f"a code of its own; {DEFAULT_BIN} is kept for goods not put away")
    if kind not in NAMED_KINDS:
        raise InvalidInput("kind", kind, f"one of {', '.join(NAMED_KINDS)}")
    if position < 1:
        raise InvalidInput("position", position, "a rank from 1")
    require(session, location_ids=(location_id,))
    found = _bin_of(session, location_id, code, kind, position)
    if kind == "overstock" and session.scalar(sa.select(BinRule.id).where(BinRule.bin_id == found.id).limit(1)):
        raise Refused(
            "bin.has_rules", f"Bin {code} is filled up by rules: overstock is not.", "Drop its rules first.", bin=code
        )
    found.kind, found.position, found.retired_at = kind, position, None
    session.flush()
    journal.record(session, "bin.defined", "bin", found.id, actor=actor, code=code, kind=kind, position=position)
    return found


def _bin_of(session: Session, location_id: int, code: str, kind: str, position: int = 1) -> Bin:
    """Return the bin of a code, written when it is new; two at once write one."""
    insert = sqlite.insert if core(session).dialect.name == "sqlite" else postgresql.insert
    values = {"location_id": location_id, "code": code, "kind": kind, "position": position, "created_at": clock.now()}
    session.execute(insert(Bin).on_conflict_do_nothing(), [values])
    return session.scalars(sa.select(Bin).where(Bin.location_id == location_id, Bin.code == code)).one()


def bin_named(session: Session, location_id: int, code: str) -> Bin:
    """Return the bin of a code at a location; near matches are offered when there is none."""
    standing = sa.and_(Bin.location_id == location_id, Bin.retired_at.is_(None))
    found = session.scalars(sa.select(Bin).where(standing, Bin.code == code)).one_or_none()
    if found is None:
        known = session.scalars(sa.select(Bin.code).where(standing))
        raise NotFound("bin", code, known, "Name it first: ordersight stock bins define")
    return found


def begin(session: Session, *, variant_id: int, location_id: int, actor: str = "system") -> Level:
    """Lock a level and see to it that what lies there lies in bins; what was not yet is in the default bin."""
    key = (variant_id, location_id)
    connection = core(session)
    level = ledger.lock(connection, [key])[key]
    if level.is_binned:
        return level
    if level.on_hand < 0:
        raise Refused(
            "bin.less_than_nothing",
            f"On hand is {level.on_hand}: no bin can hold less than nothing.",
            "Count the variant first: ordersight stock count",
        )
    default = _bin_of(session, location_id, DEFAULT_BIN, "default", 0)
    bins = Bins({}, {}, clock.now(), actor)
    for lot, units in _by_lot(session, key, level).items():
        if units:
            bins.change((default.id, variant_id, lot), units, "opening")
    bins.write(connection)
    here = sa.and_(StockLevel.variant_id == variant_id, StockLevel.location_id == location_id)
    session.execute(sa.update(table_of(StockLevel)).where(here).values(is_binned=True))
    level.is_binned = True
    journal.record(session, "stock.binned", "variant", variant_id, actor=actor, location_id=location_id)
    return level


def _by_lot(session: Session, key: tuple[int, int], level: Level) -> Mapping[int | None, int]:
    if not level.tracks_lots:
        return {None: level.on_hand}
    rows = session.execute(
        sa.select(LotLevel.lot_id, sa.cast(sa.func.sum(LotLevel.quantity), sa.BigInteger))
        .where(LotLevel.variant_id == key[0], LotLevel.location_id == key[1])
        .group_by(LotLevel.lot_id)
        .order_by(LotLevel.lot_id)
    )
    return {row[0]: row[1] for row in rows}


def set_rule(
    session: Session, *, bin_id: int, variant_id: int, minimum: int, maximum: int, increment: int = 1,
    actor: str = "system",
) -> BinRule:  # fmt: skip
    """Say how many units of a variant a pick bin should hold.

    Parameters
    ----------
    minimum, maximum : int
        Units: below the minimum the bin is filled up towards the maximum, never beyond it.
    increment : int
        Whole multiples of this are carried (a case).
    """
    place = require_standing(session, bin_id)
    if place.kind != "pick":
        raise Refused(
            "bin.not_pick", f"Bin {place.code} is {place.kind}: only pick bins are filled up.", bin=place.code
        )
    if not 1 <= minimum <= maximum:
        raise InvalidInput("minimum", minimum, f"from 1 to the maximum of {maximum}")
    if not 1 <= increment <= maximum:
        raise InvalidInput("increment", increment, f"from 1 to the maximum of {maximum}")
    require(session, variant_ids=(variant_id,))
    begin(session, variant_id=variant_id, location_id=place.location_id, actor=actor)
    found = session.scalars(_rule(bin_id, variant_id)).one_or_none()
    if found is None:
        found = BinRule(bin_id=bin_id, variant_id=variant_id)
        session.add(found)
    found.minimum_qty, found.maximum_qty, found.increment_qty = minimum, maximum, increment
    session.flush()
    journal.record(
        session, "bin.rule_set", "bin", bin_id, actor=actor, variant_id=variant_id, minimum=minimum, maximum=maximum,
        increment=increment,
    )  # fmt: skip
    return found


def drop_rule(session: Session, *, bin_id: int, variant_id: int, actor: str = "system") -> None:
    """Stop filling a bin up with a variant; nothing happens when nobody asked for it."""
    found = session.scalars(_rule(bin_id, variant_id)).one_or_none()
    if found is not None:
        session.delete(found)
        session.flush()
        journal.record(session, "bin.rule_dropped", "bin", bin_id, actor=actor, variant_id=variant_id)


def _rule(bin_id: int, variant_id: int) -> sa.Select[BinRule]:
    return sa.select(BinRule).where(BinRule.bin_id == bin_id, BinRule.variant_id == variant_id).with_for_update()
