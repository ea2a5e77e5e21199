"""Goods come back: where each line goes, what inspection decides, what the order counts as returned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.inventory.commands import Move, post
from oms_core.kernel.errors import InvalidInput, NotFound, Refused
from oms_core.locations.tables import Location
from oms_core.returns.records import count_on_order, date_arrival, lines_of, locked, move, ready, revalue
from oms_core.returns.rules import share
from oms_core.returns.states import RETURN
from oms_core.returns.tables import Return, ReturnLine, ReturnUnit
from oms_core.returns.unit_moves import STATE_OF

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class ReceivedLine:
    """What arrived of one return line, and where it goes.

    `disposition` is ``restock`` (available again), ``damaged``, ``quality_control`` (inspect
    first) or ``scrap`` (written off at once).
    """

    line_id: int
    quantity: int
    disposition: str


def receive_return(
    session: Session,
    *,
    return_id: int,
    lines: Sequence[ReceivedLine],
    location_id: int,
    zone: str,
    actor: str = "system",
    simulated: bool = False,
) -> Return:
    """Take returned goods in at a location; lines not named here may still come.

    Units that came short lower the line's value. The return is dated on the day its first goods
    arrive, in the shop's `zone`.

    Raises
    ------
    TransitionRefused
        The return was not approved, or is finished.
    Refused
        ``return.already_received``: a line that was dealt with before.
    NotFound, InvalidInput
        A line of another return, an unknown location or disposition, more units than were asked for.
    """
    found = locked(session, return_id)
    if found.state != "received":
        RETURN.check(found.number, found.state, "received")
    if session.get(Location, location_id) is None:
        raise NotFound("location", location_id)
    asked = {line.id: line for line in lines_of(session, return_id)}
    _require_sound(found, asked, lines)
    moves = [m for new in lines for m in _arrival(asked[new.line_id], new, location_id)]
    for new in lines:
        _book(asked[new.line_id], new, location_id)
    count_on_order(session, [(asked[new.line_id], new.quantity) for new in lines])
    date_arrival(found, zone)
    revalue(session, found)
    post(session, moves, zone=zone, actor=actor, simulated=simulated or found.is_simulated)
    units = sum(new.quantity for new in lines)
    move(session, found, "received", "return.received", actor=actor, units=units, total_minor=found.total_minor)
    return found


def inspect_return(
    session: Session, *, return_id: int, lines: Mapping[int, str], zone: str, actor: str = "system"
) -> Return:
    """Decide on units that wait in quality control: restock, damaged or scrap, by return line.

    The return becomes ``inspected`` when no line waits any more, for goods or for a decision.

    Raises
    ------
    TransitionRefused
        The return has not been received.
    InvalidInput
        A line that does not wait in quality control, or an unknown decision.
    """
    found = ready(session, return_id, "inspected")
    known = {line.id: line for line in lines_of(session, return_id)}
    moves: list[Move] = []
    _refuse_counted(session, found, lines)
    for line_id, decision in lines.items():
        line = known.get(line_id)
        if line is None or line.disposition != "quality_control":
            raise InvalidInput("line", line_id, f"a line of {found.number} in quality control was expected")
        if decision not in ("restock", "damaged", "scrap"):
            raise InvalidInput("disposition", decision, "restock, damaged or scrap was expected")
        moves.append(_decided(line, decision))
        line.disposition = decision
    session.flush()
    post(session, moves, zone=zone, actor=actor, simulated=found.is_simulated)
    waits = any(line.disposition in ("pending", "quality_control") for line in known.values())
    target = "received" if waits else "inspected"
    move(session, found, target, "return.inspected", actor=actor, decisions={str(k): v for k, v in lines.items()})
    return found


def _refuse_counted(session: Session, found: Return, lines: Mapping[int, str]) -> None:
    """Refuse to decide on a whole line whose units were counted one by one."""
    statement = sa.select(ReturnUnit.return_line_id).where(ReturnUnit.return_line_id.in_(list(lines)))
    counted = session.scalars(statement.distinct()).all()
    if counted:
        raise Refused(
            "return.counted_by_unit",
            f"{len(counted)} line(s) of {found.number} were counted unit by unit.",
            "Decide on each unit: restock, damaged, scrap, quality_control or not_received.",
        )


def _require_sound(found: Return, asked: Mapping[int, ReturnLine], lines: Sequence[ReceivedLine]) -> None:
    """Refuse what cannot have arrived for this return."""
    if not lines:
        raise InvalidInput("lines", [], "at least one line was expected", code="return.no_lines")
    for new in lines:
        line = asked.get(new.line_id)
        if line is None:
            raise NotFound("return line", new.line_id, hint=f"It is not a line of {found.number}.")
        if [x.line_id for x in lines].count(new.line_id) > 1:
            raise InvalidInput("lines", new.line_id, "each return line once", code="return.line_twice")
        if line.disposition != "pending" or line.received_qty:
            raise Refused(
                "return.already_received",
                f"{line.sku} of {found.number} was dealt with before: {line.disposition}, {line.received_qty} unit(s).",
                "Receive the other lines; count the units that still come; correct stock with an adjustment.",
            )
        if new.disposition not in STATE_OF:
            raise InvalidInput("disposition", new.disposition, f"one of {', '.join(STATE_OF)} was expected")
        if not 1 <= new.quantity <= line.quantity:
            raise InvalidInput("quantity", new.quantity, f"1 to {line.quantity} units of {line.sku} were expected")


def _arrival(line: ReturnLine, new: ReceivedLine, location_id: int) -> list[Move]:
    """Return the movements of one line: customer to its state, and on to loss if it is scrap."""
    state = STATE_OF[new.disposition]
    moves = [
        Move(
            line.variant_id, new.quantity, "returned", None, "customer", location_id, state,
            return_line_id=line.id, reason=new.disposition,
        )
    ]  # fmt: skip
    if new.disposition == "scrap":
        moves.append(_to_loss(line, new.quantity, location_id, state))
    return moves


def _to_loss(line: ReturnLine, units: int, location_id: int, state: str) -> Move:
    return Move(
        line.variant_id, units, "adjusted", location_id, state, None, "loss", return_line_id=line.id, reason="scrap"
    )


def _decided(line: ReturnLine, decision: str) -> Move:
    """Return the movement out of quality control."""
    if line.location_id is None:
        raise InvalidInput("location", None, f"{line.sku} lies in quality control without a location")
    if decision == "scrap":
        return _to_loss(line, line.received_qty, line.location_id, "quality_control")
    return Move(
        line.variant_id, line.received_qty, "state_changed", line.location_id, "quality_control", line.location_id,
        STATE_OF[decision], return_line_id=line.id, reason="inspected",
    )  # fmt: skip


def _book(line: ReturnLine, new: ReceivedLine, location_id: int) -> None:
    """Write what arrived on the line; units that did not come take their value with them."""
    line.amount_minor = share(line.amount_minor, new.quantity, line.quantity)
    line.received_qty, line.disposition, line.location_id = new.quantity, new.disposition, location_id
