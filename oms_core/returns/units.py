"""Count what came back and decide on it unit by unit; stock moves when the count or the decision says so."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.inventory.commands import post
from oms_core.kernel import clock
from oms_core.kernel.errors import InvalidInput, NotFound, Refused
from oms_core.locations.tables import Location
from oms_core.returns.records import count_on_order, date_arrival, lines_of, locked, move, revalue
from oms_core.returns.states import RETURN
from oms_core.returns.tables import GRADES, Return, ReturnLine, ReturnUnit
from oms_core.returns.unit_moves import unit_moves

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from oms_core.inventory.commands import Move

#: When counted units enter our stock: at once (into quality control), or when somebody decided on them.
MOVES_AT = ("receipt", "inspection")
#: Dispositions of a unit that nobody has decided on yet.
UNDECIDED = ("counted", "quality_control")
#: What a person may decide on a unit that waits.
DECISIONS = ("restock", "damaged", "scrap", "quality_control", "not_received")


@dataclass(frozen=True, slots=True)
class UnitDecision:
    """What somebody decided on one unit.

    `grade` is a (as new), b (opened), c (used) or d (beyond selling); it may lower the refund, as
    the refund policy says. ``not_received`` takes back a unit that was counted and is not there.
    """

    unit_id: int
    disposition: str
    grade: str = ""
    note: str = ""


def count_units(
    session: Session,
    *,
    return_id: int,
    counts: Mapping[int, int],
    location_id: int,
    moves_at: str = "inspection",
    zone: str,
    actor: str = "system",
) -> list[ReturnUnit]:
    """Count units of a return in, by return line; the rest may still come another day.

    Parameters
    ----------
    counts : mapping of int to int
        Units that arrived, by id of the return line.
    moves_at : str
        ``inspection``: the units are here and in no stock until somebody decides on them;
        ``receipt``: they enter quality control at once.

    Raises
    ------
    TransitionRefused
        The return was not approved, or is finished.
    Refused
        ``return.already_received``: a line that was received as a whole before.
    NotFound, InvalidInput
        A line of another return, an unknown location, more units than are still to come.
    """
    found = locked(session, return_id)
    if found.state != "received":
        RETURN.check(found.number, found.state, "received")
    if moves_at not in MOVES_AT:
        raise InvalidInput("moves_at", moves_at, f"one of {', '.join(MOVES_AT)}")
    if session.get(Location, location_id) is None:
        raise NotFound("location", location_id)
    lines = {line.id: line for line in lines_of(session, return_id)}
    _require_countable(found, lines, counts)
    disposition = "quality_control" if moves_at == "receipt" else "counted"
    units = [
        unit
        for line_id, quantity in counts.items()
        for unit in _arrived(session, lines[line_id], quantity, location_id, disposition, actor)
    ]
    session.flush()
    moves = [m for unit in units for m in unit_moves(_line_of(lines, unit), unit, before="")]
    count_on_order(session, [(lines[key], n) for key, n in counts.items()])
    _settle_lines(session, [lines[key] for key in counts])
    date_arrival(found, zone)
    revalue(session, found)
    post(session, moves, zone=zone, actor=actor, simulated=found.is_simulated)
    counted = {lines[key].sku: n for key, n in counts.items()}
    move(session, found, "received", "return.counted", actor=actor, counted=counted, moves_at=moves_at)
    return units


def inspect_units(
    session: Session, *, return_id: int, decisions: Sequence[UnitDecision], zone: str, actor: str = "system"
) -> Return:
    """Decide on counted units one by one; the return is ``inspected`` when none waits any more.

    Raises
    ------
    TransitionRefused
        Nothing of the return has arrived.
    Refused
        ``return.unit_decided``: somebody decided on the unit before; names who and what.
    NotFound, InvalidInput
        A unit of another return, one unit twice, an unknown decision or grade.
    """
    found = locked(session, return_id)
    if found.state != "inspected":
        RETURN.check(found.number, found.state, "inspected")
    lines = {line.id: line for line in lines_of(session, return_id)}
    units = {unit.id: unit for unit in units_of(session, return_id)}
    _require_decidable(found, units, decisions)
    moves: list[Move] = []
    absent: Counter[int] = Counter()
    for new in decisions:
        unit = units[new.unit_id]
        moves += _decide(lines[unit.return_line_id], unit, new, actor)
        absent[unit.return_line_id] += new.disposition == "not_received"
    session.flush()
    count_on_order(session, [(lines[key], -n) for key, n in absent.items() if n])
    _settle_lines(session, [lines[key] for key in {units[new.unit_id].return_line_id for new in decisions}])
    revalue(session, found)
    post(session, moves, zone=zone, actor=actor, simulated=found.is_simulated)
    target = "received" if any(line.disposition in ("pending", "quality_control") for line in lines.values()) else ""
    told = [{"unit": d.unit_id, "disposition": d.disposition, "grade": d.grade, "note": d.note} for d in decisions]
    move(session, found, target or "inspected", "return.inspected", actor=actor, decisions=told)
    return found


def units_of(session: Session, return_id: int) -> Sequence[ReturnUnit]:
    """Return the units counted for a return, by line and position."""
    statement = (
        sa.select(ReturnUnit)
        .join(ReturnLine, ReturnLine.id == ReturnUnit.return_line_id)
        .where(ReturnLine.return_id == return_id)
        .order_by(ReturnUnit.return_line_id, ReturnUnit.position)
    )
    return session.scalars(statement.execution_options(populate_existing=True)).all()


def _require_countable(found: Return, lines: Mapping[int, ReturnLine], counts: Mapping[int, int]) -> None:
    if not counts:
        raise InvalidInput("counts", {}, "units of at least one line were expected", code="return.no_lines")
    for line_id, quantity in counts.items():
        line = lines.get(line_id)
        if line is None:
            raise NotFound("return line", line_id, hint=f"It is not a line of {found.number}.")
        if line.disposition != "pending":
            raise Refused(
                "return.already_received",
                f"{line.sku} of {found.number} was dealt with before: {line.disposition}, {line.received_qty} unit(s).",
                "Count the other lines; correct stock with an adjustment.",
            )
        left = line.quantity - line.received_qty
        if not 1 <= quantity <= left:
            raise InvalidInput("quantity", quantity, f"1 to {left} units of {line.sku} were expected")


def _arrived(
    session: Session, line: ReturnLine, quantity: int, location_id: int, disposition: str, actor: str
) -> list[ReturnUnit]:
    """Write the units of one line and count them on it."""
    at = clock.now()
    last = session.scalar(sa.select(sa.func.max(ReturnUnit.position)).where(ReturnUnit.return_line_id == line.id)) or 0
    units = [
        ReturnUnit(
            return_line_id=line.id, position=last + 1 + i, location_id=location_id, disposition=disposition,
            counted_at=at, counted_by=actor, moved_at=None if disposition == "counted" else at,
        )
        for i in range(quantity)
    ]  # fmt: skip
    session.add_all(units)
    line.received_qty += quantity
    line.location_id = location_id
    return units


def _line_of(lines: Mapping[int, ReturnLine], unit: ReturnUnit) -> ReturnLine:
    return lines[unit.return_line_id]


def _require_decidable(found: Return, units: Mapping[int, ReturnUnit], decisions: Sequence[UnitDecision]) -> None:
    named = [new.unit_id for new in decisions]
    if not named:
        raise InvalidInput("decisions", [], "at least one unit was expected", code="return.no_units")
    for new in decisions:
        unit = units.get(new.unit_id)
        if unit is None:
            raise NotFound("return unit", new.unit_id, hint=f"It is not a unit of {found.number}.")
        if named.count(new.unit_id) > 1:
            raise InvalidInput("decisions", new.unit_id, "each unit once", code="return.unit_twice")
        _require_decision(found, unit, new)


def _require_decision(found: Return, unit: ReturnUnit, new: UnitDecision) -> None:
    if unit.disposition not in UNDECIDED:
        raise Refused(
            "return.unit_decided",
            f"Unit {unit.id} of {found.number} is {unit.disposition}: {unit.inspected_by} decided it.",
            "Correct stock with an adjustment.",
        )
    allowed = DECISIONS if unit.disposition == "counted" else DECISIONS[:3]
    if new.disposition not in allowed:
        raise InvalidInput("disposition", new.disposition, f"{', '.join(allowed)} was expected")
    if new.grade not in GRADES:
        raise InvalidInput("grade", new.grade, "a, b, c, d or nothing was expected")


def _decide(line: ReturnLine, unit: ReturnUnit, new: UnitDecision, actor: str) -> list[Move]:
    """Write a decision on its unit and return what it moves."""
    before, at = unit.disposition, clock.now()
    unit.disposition, unit.grade, unit.note = new.disposition, new.grade or unit.grade, new.note or unit.note
    unit.inspected_at, unit.inspected_by = at, actor
    if new.disposition == "not_received":
        line.received_qty -= 1
    elif unit.moved_at is None:
        unit.moved_at = at
    return unit_moves(line, unit, before=before)


def _settle_lines(session: Session, lines: Sequence[ReturnLine]) -> None:
    """Say on each line what its units say: still coming, waiting for a decision, or what most of them became."""
    for line in lines:
        statement = sa.select(ReturnUnit.disposition).where(ReturnUnit.return_line_id == line.id)
        line.disposition = line_disposition(line, session.scalars(statement).all())
    session.flush()


def line_disposition(line: ReturnLine, dispositions: Sequence[str], *, short: bool = False) -> str:
    """Return a line's disposition from its units'; `short` is a line whose missing units will not come."""
    here = Counter(d for d in dispositions if d != "not_received")
    if line.received_qty < line.quantity and not short:
        return "pending"
    if any(here[d] for d in UNDECIDED):
        return "quality_control"
    if not here:
        return "not_received"
    # of equally many, the one that costs more is told
    costly = ("restock", "damaged", "scrap")
    return max(here, key=lambda d: (here[d], costly.index(d)))
