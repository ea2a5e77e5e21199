"""Transfers: units on their way between two of our locations.

Shipping takes them out of `available` into ``transit``; receiving puts what arrived into
`available` and what is missing into ``loss``. What neither arrived nor was lost stays in transit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

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
    actor: str = "system",
) -> Transfer:
    """Book what arrived and what never will.

    Parameters
    ----------
    received, lost : mapping of int to int, optional
        Units by transfer line id. Both left out: everything still in transit arrived.

    Raises
    ------
    InvalidInput
        If a line is not of this transfer, a quantity is negative, or more is booked than is in transit.
    """
    transfer = _locked(session, transfer_id)
    lines = {line.id: line for line in _lines(session, transfer_id)}
    if received is None and lost is None:
        received = {key: _in_transit(line) for key, line in lines.items()}
    arrived, gone = received or {}, lost or {}
    _check_booking(lines, arrived, gone)
    left = sum(_in_transit(line) - arrived.get(key, 0) - gone.get(key, 0) for key, line in lines.items())
    target = "partially_received" if left else "received"
    if not (transfer.state == target == "partially_received"):
        TRANSFER.check(transfer.number, transfer.state, target)
    post(session, _arrivals(transfer, lines, arrived, gone), zone=zone, actor=actor)
    for key, line in lines.items():
        line.received_qty += arrived.get(key, 0)
        line.lost_qty += gone.get(key, 0)
    if target == "received":
        transfer.received_at = clock.now()
    units = {"received": sum(arrived.values()), "lost": sum(gone.values())}
    _become(session, transfer, target, actor=actor, units=units)
    return transfer


def cancel_transfer(session: Session, transfer_id: int, *, actor: str = "system") -> Transfer:
    """Give up a transfer that was not shipped."""
    transfer = _locked(session, transfer_id)
    TRANSFER.check(transfer.number, transfer.state, "cancelled")
    _become(session, transfer, "cancelled", actor=actor)
    return transfer


def _in_transit(line: TransferLine) -> int:
    return line.quantity - line.received_qty - line.lost_qty


def _locked(session: Session, transfer_id: int) -> Transfer:
    statement = sa.select(Transfer).where(Transfer.id == transfer_id).with_for_update()
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
        if min(booked) < 0 or sum(booked) > _in_transit(lines[key]):
            expectation = f"at most the {_in_transit(lines[key])} units still in transit on line {key}"
            raise InvalidInput("quantity", sum(booked), expectation, code="transfer.over_receipt")
    if not any(received.values()) and not any(lost.values()):
        raise InvalidInput("received", 0, "at least one unit received or lost", code="transfer.empty")


def _arrivals(
    transfer: Transfer, lines: Mapping[int, TransferLine], received: Mapping[int, int], lost: Mapping[int, int]
) -> list[Move]:
    here = (transfer.to_location_id, "available")
    found = [
        Move(lines[key].variant_id, n, "transferred_in", None, "transit", *here, transfer_line_id=key)
        for key, n in sorted(received.items())
        if n
    ]
    gone = [
        Move(
            lines[key].variant_id, n, "adjusted", None, "transit", None, "loss",
            transfer_line_id=key, reason="lost in transit",
        )
        for key, n in sorted(lost.items())
        if n
    ]  # fmt: skip
    return found + gone


def _become(session: Session, transfer: Transfer, state: str, *, actor: str, **facts: object) -> None:
    before, transfer.state = transfer.state, state
    transfer.version += 1
    session.flush()
    journal.record(
        session, f"transfer.{state}", "transfer", transfer.id, actor=actor, before=before, after=state, **facts
    )
