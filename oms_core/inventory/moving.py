"""Move units between the named states of one level, by hand and with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oms_core.inventory.lots import lot_named
from oms_core.inventory.posting import post, require
from oms_core.inventory.rules import Move
from oms_core.inventory.states import STOCK_STATE
from oms_core.inventory.tables import ON_HAND_STATES
from oms_core.kernel import journal
from oms_core.kernel.errors import InvalidInput, Refused

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

#: States that belong to somebody's promise, and how units get in and out of them.
_PROMISED = {
    "reserved": "Units are reserved and freed by a reservation: ordersight stock reserve, release.",
    "committed": "Units are committed and freed by an order: allocate it, change it or cancel it.",
}


def change_state(
    session: Session,
    *,
    variant_id: int,
    location_id: int,
    quantity: int,
    from_state: str,
    to_state: str,
    reason: str,
    zone: str,
    actor: str = "system",
    lot: str = "",
    simulated: bool = False,
) -> None:
    """Move units of a level from one named state to another; on hand stays as it is.

    Parameters
    ----------
    quantity : int
        Units, positive.
    from_state, to_state : str
        See ``inventory.states.STOCK_STATE`` for the moves there are.
    reason : str
        Why, for the ledger; required.
    lot : str
        Number of the lot, for a variant tracked by lot; left out, what expires first is moved.

    Raises
    ------
    InvalidInput
        No units, no reason, an unknown state.
    Refused
        ``stock_state.refused``: there is no such move; names both states and what is allowed.
    NotFound
        An unknown variant, location or lot.
    InsufficientStock
        The state does not hold the units.
    """
    _require_sound(quantity, from_state, to_state, reason)
    require(session, variant_ids=(variant_id,), location_ids=(location_id,))
    lot_id = lot_named(session, variant_id, lot).id if lot else None
    ends = (location_id, from_state, location_id, to_state)
    move = Move(variant_id, quantity, "state_changed", *ends, reason=reason.strip(), lot_id=lot_id)
    post(session, [move], zone=zone, actor=actor, simulated=simulated)
    journal.record(
        session, "stock.state_changed", "variant", variant_id, actor=actor, location_id=location_id,
        quantity=quantity, before=from_state, after=to_state, reason=reason.strip(),
    )  # fmt: skip


def _require_sound(quantity: int, from_state: str, to_state: str, reason: str) -> None:
    if quantity <= 0:
        raise InvalidInput("quantity", quantity, "at least one unit")
    if not reason.strip():
        raise InvalidInput("reason", reason, "a word on why units change their state", code="stock.no_reason")
    for name, state in (("from_state", from_state), ("to_state", to_state)):
        if state not in ON_HAND_STATES:
            raise InvalidInput(name, state, f"one of {', '.join(ON_HAND_STATES)}")
    allowed = STOCK_STATE.moves[from_state]
    if to_state not in allowed:
        raise _refusal(from_state, to_state, allowed)


def _refusal(from_state: str, to_state: str, allowed: tuple[str, ...]) -> Refused:
    """Name both states, what is allowed, and where the promised states come from."""
    may = ", ".join(allowed) or "nothing by hand"
    hint = f"From {from_state} units may move to: {may}."
    promised = _PROMISED.get(to_state) or _PROMISED.get(from_state, "")
    return Refused(
        "stock_state.refused",
        f"Units that are {from_state} cannot be moved to {to_state}.",
        f"{hint} {promised}".strip(),
        current=from_state,
        target=to_state,
        allowed=list(allowed),
    )
