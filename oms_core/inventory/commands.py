"""Commands of stock: post movements, adjust a count, move goods between locations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oms_core.inventory.lots import lot_named
from oms_core.inventory.moving import change_state
from oms_core.inventory.posting import post, require
from oms_core.inventory.rules import Move
from oms_core.inventory.transfers import (
    book_found_units,
    cancel_transfer,
    draft_transfer,
    receive_transfer,
    ship_transfer,
)
from oms_core.kernel import journal
from oms_core.kernel.errors import InvalidInput

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

__all__ = [
    "Move", "adjust", "book_found_units", "cancel_transfer", "change_state", "draft_transfer", "post",
    "receive_transfer", "require", "ship_transfer",
]  # fmt: skip

#: States that may be counted and corrected by hand; the others are promises, corrected with their owner.
ADJUSTABLE = ("available", "damaged", "safety_stock", "quality_control")


def adjust(
    session: Session,
    *,
    variant_id: int,
    location_id: int,
    delta_qty: int,
    reason: str,
    zone: str,
    actor: str = "system",
    state: str = "available",
    lot: str = "",
    simulated: bool = False,
) -> None:
    """Correct a level by a counted difference; the other side of the movement is ``loss``.

    Parameters
    ----------
    delta_qty : int
        Units found (positive) or missing (negative).
    reason : str
        Why, for the ledger; required.
    lot : str
        Number of the lot, for a variant tracked by lot: needed for units found; of units missing
        what expires first goes first.

    Raises
    ------
    InvalidInput
        If the difference is zero, the reason is empty or the state unknown.
    NotFound
        If the variant or location does not exist.
    InsufficientStock
        If more is missing than the state holds.
    """
    if delta_qty == 0:
        raise InvalidInput("delta_qty", delta_qty, "a difference of at least one unit", code="stock.no_difference")
    if not reason.strip():
        raise InvalidInput("reason", reason, "a word on why stock changes", code="stock.no_reason")
    if state not in ADJUSTABLE:
        raise InvalidInput("state", state, f"one of {', '.join(ADJUSTABLE)}")
    require(session, variant_ids=(variant_id,), location_ids=(location_id,))
    lot_id = lot_named(session, variant_id, lot).id if lot else None
    out, into = ((None, "loss"), (location_id, state)) if delta_qty > 0 else ((location_id, state), (None, "loss"))
    move = Move(variant_id, abs(delta_qty), "adjusted", out[0], out[1], into[0], into[1], reason=reason, lot_id=lot_id)
    post(session, [move], zone=zone, actor=actor, simulated=simulated)
    journal.record(
        session,
        "stock.adjusted",
        "variant",
        variant_id,
        actor=actor,
        location_id=location_id,
        state=state,
        delta_qty=delta_qty,
        reason=reason,
    )
