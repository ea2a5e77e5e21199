"""Transfers: units on their way between two of our locations.

Shipping takes them out of `available` into ``transit``; receiving puts what arrived into
`available` and what is missing into ``loss``. What neither arrived nor was lost stays in transit.
Whatever is not as it was sent (lost, found later, too many) is a discrepancy with a reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.inventory.count_tables import TransferDiscrepancy
from oms_core.inventory.posting import post, require
from oms_core.inventory.rules import Move
from oms_core.inventory.states import TRANSFER
from oms_core.inventory.tables import Transfer, TransferLine
from oms_core.kernel import clock, journal
from oms_core.kernel.errors import InvalidInput, NotFound
from oms_core.kernel.rows import next_ids

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session


def draft_transfer(
    session: Session, *, from_location_id: int, to_location_id: int, lines: Mapping[int, int], actor: str = "system"
) -> Transfer:
    """Plan a transfer; stock does not move yet.

    Parameters
    ----------
    lines : mapping of int to int
        Units by variant id; at least one, all positive.
    """
    if from_location_id == to_location_id:
        raise InvalidInput("to_location_id", to_location_id, "another location than the one it comes from")
    if not lines:
        raise InvalidInput("lines", {}, "at least one variant", code="transfer.empty")
    for variant_id, quantity in lines.items():
        if quantity <= 0:
            raise InvalidInput("quantity", quantity, f"at least one unit of variant {variant_id}")
    require(session, variant_ids=list(lines), location_ids=(from_location_id, to_location_id))
    (key,) = next_ids(session.connection(), "transfers")
    transfer = Transfer(
        id=key,
        number=f"TR-{key:06d}",
        from_location_id=from_location_id,
        to_location_id=to_location_id,
        state=TRANSFER.start,
        created_at=clock.now(),
    )
    session.add(transfer)
    session.flush()
    session.add_all(TransferLine(transfer_id=key, variant_id=v, quantity=q) for v, q in sorted(lines.items()))
    session.flush()
    journal.record(session, "transfer.drafted", "transfer", key, actor=actor, units=sum(lines.values()))
    return transfer


def ship_transfer(session: Session, transfer_id: int, *, zone: str, actor: str = "system") -> Transfer:
    """Send a drafted transfer off: available units go into transit.

    Raises
    ------
    InsufficientStock
        If the sending location does not have every line available; nothing moves.
    """
    transfer = _locked(session, transfer_id)
    TRANSFER.check(transfer.number, transfer.state, "in_transit")
    origin = (transfer.from_location_id, "available")
    moves = [
        Move(line.variant_id, line.quantity, "transferred_out", *origin, None, "transit", transfer_line_id=line.id)
        for line in _lines(session, transfer_id)
    ]
    post(session, moves, zone=zone, actor=actor)
    transfer.shipped_at = clock.now()
    _become(session, transfer, "in_transit", actor=actor)
    return transfer


def receive_transfer(
    session: Session,
    transfer_id: int,
    *,
    zone: str,
    received: Mapping[int, int] | None = None,
    lost: Mapping[int, int] | None = None,
    over: Mapping[int, int] | None = None,
    reason: str = "",
    actor: str = "system",
) -> Transfer:
    """Book what arrived and what never will.

    Parameters
    ----------
    received, lost : mapping of int to int, optional
        Units by transfer line id. Both left out: everything still in transit arrived.
    over : mapping of int to int, optional
        Units that arrived beyond what was sent, by line: booked as found at the receiving location.
    reason : str
        Why units are lost or too many; required with either.

    Raises
    ------
    InvalidInput
        If a line is not of this transfer, a quantity is negative, more is booked than is in transit
        (``transfer.over_receipt``), or a discrepancy has no reason (``transfer.no_reason``).
    """
    transfer = _locked(session, transfer_id)
    lines = {line.id: line for line in _lines(session, transfer_id)}
    if received is None and lost is None:
        received = {key: in_transit(line) for key, line in lines.items()}
    arrived, gone, extra = received or {}, lost or {}, over or {}
    _check_booking(lines, arrived, gone)
    _check_reason(lines, gone, extra, reason)
    left = sum(in_transit(line) - arrived.get(key, 0) - gone.get(key, 0) for key, line in lines.items())
    target = "partially_received" if left else "received"
    if not (transfer.state == target == "partially_received"):
        TRANSFER.check(transfer.number, transfer.state, target)
    moves = [*_arrivals(transfer, lines, arrived, gone, reason), *_findings(transfer, lines, extra, reason)]
    post(session, moves, zone=zone, actor=actor)
    for key, line in lines.items():
        line.received_qty += arrived.get(key, 0)
        line.lost_qty += gone.get(key, 0)
        line.over_qty += extra.get(key, 0)
    _note(session, "lost", gone, reason, actor)
    _note(session, "over", extra, reason, actor)
    if target == "received":
        transfer.received_at = clock.now()
    units = {"received": sum(arrived.values()), "lost": sum(gone.values())}
    facts: dict[str, object] = {"over": sum(extra.values()), "reason": reason} if reason else {}
    _become(session, transfer, target, actor=actor, units=units, **facts)
    return transfer


def book_found_units(
    session: Session, transfer_id: int, *, found: Mapping[int, int], reason: str, zone: str, actor: str = "system"
) -> Transfer:
    """Book units that were lost on the way and turned up: loss to available at the receiving location.

    Parameters
    ----------
    found : mapping of int to int
        Units by transfer line id, at most what is still lost of each.
    reason : str
        Where they turned up; required.

    Raises
    ------
    InvalidInput
        More than is lost (``transfer.not_lost``), no units, no reason.
    """
    transfer = _locked(session, transfer_id)
    lines = {line.id: line for line in _lines(session, transfer_id)}
    _check_reason(lines, {}, found, reason)
    for key, n in found.items():
        lost = lines[key].lost_qty - lines[key].found_qty
        if not 1 <= n <= lost:
            raise InvalidInput(
                "found", n, f"between 1 and the {lost} units still lost on line {key}", code="transfer.not_lost"
            )
    if not found:
        raise InvalidInput("found", {}, "at least one unit", code="transfer.empty")
    post(session, _findings(transfer, lines, found, reason), zone=zone, actor=actor)
    for key, n in found.items():
        lines[key].found_qty += n
    _note(session, "found", found, reason, actor)
    transfer.version += 1
    session.flush()
    journal.record(
        session, "transfer.units_found", "transfer", transfer.id, actor=actor, units=sum(found.values()), reason=reason
    )
    return transfer


def cancel_transfer(session: Session, transfer_id: int, *, actor: str = "system") -> Transfer:
    """Give up a transfer that was not shipped."""
    transfer = _locked(session, transfer_id)
    TRANSFER.check(transfer.number, transfer.state, "cancelled")
    _become(session, transfer, "cancelled", actor=actor)
    return transfer


def in_transit(line: TransferLine) -> int:
    """Return the units of a line that neither arrived nor were lost yet."""
    return line.quantity - line.received_qty - line.lost_qty


def _locked(session: Session, transfer_id: int) -> Transfer:
    statement = sa.select(Transfer).where(Transfer.id == transfer_id).with_for_update(key_share=True)
    found = session.scalars(statement, execution_options={"populate_existing": True}).one_or_none()
    if found is None:
        raise NotFound("transfer", transfer_id)
    return found


def _lines(session: Session, transfer_id: int) -> Sequence[TransferLine]:
    statement = sa.select(TransferLine).where(TransferLine.transfer_id == transfer_id).order_by(TransferLine.id)
    return session.scalars(statement, execution_options={"populate_existing": True}).all()


def _check_booking(lines: Mapping[int, TransferLine], received: Mapping[int, int], lost: Mapping[int, int]) -> None:
    for key in {**received, **lost}:
        if key not in lines:
            raise NotFound("transfer line", key)
        booked = (received.get(key, 0), lost.get(key, 0))
        if min(booked) < 0 or sum(booked) > in_transit(lines[key]):
            expectation = f"at most the {in_transit(lines[key])} units still in transit on line {key}"
            raise InvalidInput("quantity", sum(booked), expectation, code="transfer.over_receipt")
    if not any(received.values()) and not any(lost.values()):
        raise InvalidInput("received", 0, "at least one unit received or lost", code="transfer.empty")


def _check_reason(
    lines: Mapping[int, TransferLine], gone: Mapping[int, int], extra: Mapping[int, int], reason: str
) -> None:
    for key, n in extra.items():
        if key not in lines:
            raise NotFound("transfer line", key)
        if n < 0:
            raise InvalidInput("quantity", n, "zero or more units")
    if not reason.strip() and (any(gone.values()) or any(extra.values())):
        raise InvalidInput(
            "reason", reason, "a word on why units are missing, found or too many", code="transfer.no_reason"
        )


def _arrivals(
    transfer: Transfer,
    lines: Mapping[int, TransferLine],
    arrived: Mapping[int, int],
    gone: Mapping[int, int],
    reason: str,
) -> list[Move]:
    here = (transfer.to_location_id, "available")
    came = [
        Move(lines[key].variant_id, n, "transferred_in", None, "transit", *here, transfer_line_id=key)
        for key, n in sorted(arrived.items())
        if n
    ]
    lost = [
        Move(lines[key].variant_id, n, "adjusted", None, "transit", None, "loss", transfer_line_id=key, reason=reason)
        for key, n in sorted(gone.items())
        if n
    ]
    return came + lost


def _findings(
    transfer: Transfer, lines: Mapping[int, TransferLine], found: Mapping[int, int], reason: str
) -> list[Move]:
    """Return the movements of units nobody expected here: out of loss, into available."""
    here = (transfer.to_location_id, "available")
    return [
        Move(lines[key].variant_id, n, "adjusted", None, "loss", *here, transfer_line_id=key, reason=reason)
        for key, n in sorted(found.items())
        if n
    ]


def _note(session: Session, kind: str, units: Mapping[int, int], reason: str, actor: str) -> None:
    session.add_all(
        TransferDiscrepancy(
            transfer_line_id=key, kind=kind, quantity=n, reason=reason.strip(), at=clock.now(), actor=actor
        )
        for key, n in sorted(units.items())
        if n
    )


def _become(session: Session, transfer: Transfer, state: str, *, actor: str, **facts: object) -> None:
    before, transfer.state = transfer.state, state
    transfer.version += 1
    session.flush()
    journal.record(
        session, f"transfer.{state}", "transfer", transfer.id, actor=actor, before=before, after=state, **facts
    )
