"""What one unit's disposition moves in the ledger; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oms_core.inventory.commands import Move

if TYPE_CHECKING:
    from oms_core.returns.tables import ReturnLine, ReturnUnit

#: Stock state by disposition; scrap passes through damaged on its way to loss.
STATE_OF = {"restock": "available", "damaged": "damaged", "quality_control": "quality_control", "scrap": "damaged"}


def unit_moves(line: ReturnLine, unit: ReturnUnit, *, before: str) -> list[Move]:
    """Return the movements of a unit whose disposition became what it now is.

    Parameters
    ----------
    before : str
        Its disposition before; empty for a unit that arrives just now.
    """
    now = unit.disposition
    if now in ("counted", "not_received", before):
        return []
    if before == "quality_control":
        return [_out_of_control(line, unit)]
    moves = [_in(line, unit, STATE_OF[now])]
    return [*moves, _to_loss(line, unit, STATE_OF[now])] if now == "scrap" else moves


def _in(line: ReturnLine, unit: ReturnUnit, state: str) -> Move:
    return Move(
        line.variant_id, 1, "returned", None, "customer", unit.location_id, state, return_line_id=line.id,
        reason=unit.disposition,
    )  # fmt: skip


def _out_of_control(line: ReturnLine, unit: ReturnUnit) -> Move:
    if unit.disposition == "scrap":
        return _to_loss(line, unit, "quality_control")
    return Move(
        line.variant_id, 1, "state_changed", unit.location_id, "quality_control", unit.location_id,
        STATE_OF[unit.disposition], return_line_id=line.id, reason="inspected",
    )  # fmt: skip


def _to_loss(line: ReturnLine, unit: ReturnUnit, state: str) -> Move:
    return Move(
        line.variant_id, 1, "adjusted", unit.location_id, state, None, "loss", return_line_id=line.id, reason="scrap"
    )
