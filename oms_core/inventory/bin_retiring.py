"""Take a bin away: its shelf is gone, its history stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.inventory.bin_tables import Bin, BinLevel, BinReplenishment, BinReplenishmentLine, BinRule
from oms_core.kernel import clock, journal
from oms_core.kernel.errors import Refused

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def retire(session: Session, bin_id: int, *, actor: str = "system") -> None:
    """Take a bin away for good; naming its code again brings it back.

    Raises
    ------
    Refused
        ``bin.default`` (what is not put away needs it), ``bin.not_empty``, ``bin.has_rules``, or ``bin.in_list``
        while an open worker's list leads to it or takes from it.
    """
    found = session.get_one(Bin, bin_id, with_for_update=True)
    if found.retired_at is not None:
        return
    _require_unused(session, found)
    found.retired_at = clock.now()
    session.flush()
    journal.record(session, "bin.retired", "bin", bin_id, actor=actor, code=found.code, location_id=found.location_id)


def require_standing(session: Session, bin_id: int) -> Bin:
    """Return a bin that goods may go to, kept from being taken away until the transaction ends.

    Raises
    ------
    Refused
        ``bin.retired``.
    """
    found = session.get_one(Bin, bin_id, with_for_update={"read": True})
    if found.retired_at is not None:
        raise Refused(
            "bin.retired", f"Bin {found.code} was taken away.", "Name it again to use it, or choose another.",
            bin=found.code,
        )  # fmt: skip
    return found


def _require_unused(session: Session, found: Bin) -> None:
    """Refuse to take away what goods lie in, or what work leads to."""
    code = found.code
    if found.kind == "default":
        raise Refused("bin.default", f"{code} holds what nobody has put away yet: it stays.", bin=code)
    units = session.scalar(sa.select(sa.func.sum(BinLevel.quantity)).where(BinLevel.bin_id == found.id)) or 0
    if units:
        raise Refused(
            "bin.not_empty", f"{units} units lie in bin {code}.", "Carry them to another bin first.", bin=code,
            units=int(units),
        )  # fmt: skip
    if session.scalar(sa.select(BinRule.id).where(BinRule.bin_id == found.id).limit(1)):
        raise Refused("bin.has_rules", f"Bin {code} is filled up by rules.", "Drop its rules first.", bin=code)
    line, run = BinReplenishmentLine, BinReplenishment
    in_list = (
        sa.select(run.number)
        .join(line, line.bin_replenishment_id == run.id)
        .where(run.state == "open", sa.or_(line.from_bin_id == found.id, line.to_bin_id == found.id))
        .limit(1)
    )
    number = session.scalar(in_list)
    if number is not None:
        raise Refused("bin.in_list", f"Worker's list {number} needs bin {code}.", "Finish or cancel it.", bin=code)
