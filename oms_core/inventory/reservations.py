"""Checkout reservations: units held for a buyer at the till, until they are ordered, let go or too old.

A reservation locks its own row before levels, as every command that ends it does. What it holds
is in the state ``reserved``; nothing else is, so the two are equal for ever (a law).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from oms_core.inventory import ledger
from oms_core.inventory.channels import rules_about, units_for
from oms_core.inventory.posting import post, require
from oms_core.inventory.promise_tables import Reservation, ReservationLine
from oms_core.inventory.reserving import behind_who_waits, choose, shortages_of
from oms_core.inventory.rules import Move
from oms_core.inventory.states import RESERVATION
from oms_core.inventory.waiting import waiting_units
from oms_core.kernel import clock, journal
from oms_core.kernel.errors import Conflict, InsufficientStock, InvalidInput, NotFound
from oms_core.kernel.rows import core, next_ids
from oms_core.locations.tables import Channel

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

DEFAULT_MINUTES = 15
#: A reservation is for a checkout, not for keeps.
MAX_MINUTES = 7 * 24 * 60


def reserve(
    session: Session,
    *,
    channel_id: int,
    lines: Mapping[int, int],
    minutes: int = DEFAULT_MINUTES,
    location_id: int | None = None,
    token: str | None = None,
    reason: str = "checkout",
    zone: str,
    actor: str = "system",
) -> Reservation:
    """Hold units for a buyer who is paying, all lines or none; who waits for units already comes first.

    Parameters
    ----------
    lines : mapping of int to int
        Units by variant id.
    minutes : int
        Until it expires.
    location_id : int, optional
        Hold them there; else where the fewest places are needed, first in the shop's order.
    token : str, optional
        The caller's own name for it: the same token with the same lines is the same reservation.

    Raises
    ------
    InvalidInput
        No lines, no units, minutes outside 1 to 10,080.
    InsufficientStock
        With every shortage, what is held back from the channel and what earlier orders wait for.
    Conflict
        ``reservation.other_request``: the token was used for other lines.
    """
    _require_sound(session, channel_id, lines, minutes, location_id)
    token = token or secrets.token_urlsafe(16)
    known = session.scalars(sa.select(Reservation).where(Reservation.token == token)).one_or_none()
    if known is not None:
        return _same(session, known, channel_id, lines)
    connection = core(session)
    levels = ledger.lock_promisable(connection, list(lines))
    free = units_for(rules_about(connection, lines), channel_id, levels)
    left = behind_who_waits(connection, free, waiting_units(connection, lines), location_id=location_id)
    asked = {key: level for key, level in levels.items() if location_id in {None, key[1]}}
    chosen = choose(connection, lines, {key: left[key] for key in asked})
    if chosen is None:
        raise InsufficientStock(shortages_of(connection, lines, left, free=free, levels=asked))
    now = clock.now()
    (key,) = next_ids(connection, "reservations")
    found = Reservation(
        id=key, number=f"RS-{key:06d}", token=token, channel_id=channel_id, state=RESERVATION.start, created_at=now,
        expires_at=now + timedelta(minutes=minutes), reason=reason, actor=actor,
    )  # fmt: skip
    session.add(found)
    try:
        session.flush()
    except IntegrityError as error:
        # another transaction used the token in the same moment
        raise _other_request(found.token, found.number) from error
    _hold(session, found, chosen, zone=zone, actor=actor)
    return found


def _require_sound(
    session: Session, channel_id: int, lines: Mapping[int, int], minutes: int, location_id: int | None
) -> None:
    if not lines:
        raise InvalidInput("lines", {}, "at least one variant", code="reservation.empty")
    for variant_id, quantity in lines.items():
        if quantity <= 0:
            raise InvalidInput("quantity", quantity, f"at least one unit of variant {variant_id}")
    if not 1 <= minutes <= MAX_MINUTES:
        raise InvalidInput("minutes", minutes, f"between 1 and {MAX_MINUTES:,}")
    if session.get(Channel, channel_id) is None:
        raise NotFound("channel", channel_id)
    require(session, variant_ids=list(lines), location_ids=() if location_id is None else (location_id,))


def _same(session: Session, known: Reservation, channel_id: int, lines: Mapping[int, int]) -> Reservation:
    """Return the reservation the token already has, if it is the same."""
    held: dict[int, int] = {}
    for line in lines_of(session, known.id):
        held[line.variant_id] = held.get(line.variant_id, 0) + line.quantity
    if known.channel_id != channel_id or held != dict(lines):
        raise _other_request(known.token, known.number)
    return known


def _other_request(token: str, number: str) -> Conflict:
    return Conflict(
        "reservation.other_request",
        f"Token {token!r} is that of another reservation.",
        "Send a new token with a new reservation; the same token only repeats the same one.",
        number=number,
    )


def _hold(
    session: Session, found: Reservation, chosen: Sequence[tuple[int, int, int]], *, zone: str, actor: str
) -> None:
    """Write the lines and move the units: available to reserved."""
    held = [ReservationLine(reservation_id=found.id, variant_id=v, location_id=p, quantity=n) for v, p, n in chosen]
    session.add_all(held)
    session.flush()
    moves = [
        Move(
            line.variant_id, line.quantity, "state_changed", line.location_id, "available", line.location_id,
            "reserved", reservation_line_id=line.id, reason=found.reason,
        )
        for line in held
    ]  # fmt: skip
    post(session, moves, zone=zone, actor=actor)
    journal.record(
        session, "reservation.made", "reservation", found.id, actor=actor, number=found.number,
        units=sum(line.quantity for line in held), expires_at=found.expires_at.isoformat(),
    )  # fmt: skip


def release(
    session: Session, reservation_id: int, *, reason: str = "let go", zone: str, actor: str = "system"
) -> Reservation:
    """Let a reservation go: its units are available again.

    Raises
    ------
    TransitionRefused
        It is over already.
    """
    rows = locked(session, [reservation_id])
    if not rows:
        raise NotFound("reservation", reservation_id)
    found = rows[0]
    RESERVATION.check(found.number, found.state, "released")
    end(session, [found], "released", reason=reason, zone=zone, actor=actor)
    return found


def expire_due(session: Session, *, zone: str, actor: str = "worker", limit: int = 500) -> int:
    """Let go of every reservation whose time is over; run by the worker.

    Returns
    -------
    int
        Reservations that expired. Those another transaction is ending in this moment are left to it.
    """
    due = (
        sa.select(Reservation)
        .where(Reservation.state == "active", Reservation.expires_at <= clock.now())
        .order_by(Reservation.id)
        .limit(limit)
        .with_for_update(skip_locked=True, key_share=True)
    )
    found = session.scalars(due, execution_options={"populate_existing": True}).all()
    if found:
        end(session, found, "expired", reason="time is over", zone=zone, actor=actor)
    return len(found)


def end(session: Session, found: Sequence[Reservation], state: str, *, reason: str, zone: str, actor: str) -> None:
    """Give back what (locked) reservations still hold and close them."""
    held = [line for one in found for line in lines_of(session, one.id)]
    moves = [
        Move(
            line.variant_id, n, "state_changed", line.location_id, "reserved", line.location_id, "available",
            reservation_line_id=line.id, reason=reason,
        )
        for line in held
        if (n := open_units(line))
    ]  # fmt: skip
    for line in held:
        line.released_qty += open_units(line)
    for one in found:
        one.state, one.closed_at = state, clock.now()
    session.flush()
    post(session, moves, zone=zone, actor=actor)
    for one in found:
        journal.record(
            session, f"reservation.{state}", "reservation", one.id, actor=actor, number=one.number, reason=reason
        )


def locked(session: Session, reservation_ids: Sequence[int]) -> list[Reservation]:
    """Return reservations, their rows locked in id order."""
    statement = (
        sa.select(Reservation)
        .where(Reservation.id.in_(reservation_ids))
        .order_by(Reservation.id)
        .with_for_update(key_share=True)
    )
    return list(session.scalars(statement, execution_options={"populate_existing": True}))


def lines_of(session: Session, reservation_id: int) -> Sequence[ReservationLine]:
    """Return the lines of a reservation, in the order levels are locked."""
    statement = (
        sa.select(ReservationLine)
        .where(ReservationLine.reservation_id == reservation_id)
        .order_by(ReservationLine.variant_id, ReservationLine.location_id)
    )
    return session.scalars(statement, execution_options={"populate_existing": True}).all()


def open_units(line: ReservationLine) -> int:
    """Return the units a line still holds."""
    return line.quantity - line.converted_qty - line.released_qty


def reservation_named(session: Session, name: str) -> Reservation:
    """Return the reservation of a number or token."""
    statement = sa.select(Reservation).where(sa.or_(Reservation.number == name, Reservation.token == name))
    found = session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound("reservation", name, session.scalars(sa.select(Reservation.number).limit(1000)))
    return found


def is_over(found: Reservation, now: datetime) -> bool:
    """Return whether a reservation holds nothing for its buyer any more: ended, or past its time."""
    return found.state != "active" or found.expires_at <= now


def reservation_record(session: Session, found: Reservation) -> dict[str, Any]:
    """Return a reservation as a record, with its lines by SKU and place."""
    from oms_core.inventory.reserving import named_lines

    return {
        "id": found.id, "number": found.number, "token": found.token, "state": found.state,
        "created_at": found.created_at, "expires_at": found.expires_at, "order_id": found.order_id,
        "lines": named_lines(core(session), found.id),
    }  # fmt: skip
