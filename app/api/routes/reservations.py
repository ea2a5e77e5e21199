"""Reservations: units held for a buyer who is paying."""

from __future__ import annotations

from typing import Any

from app.api.asking import Asking
from app.api.forms import Number
from app.api.models import stock as m
from app.api.naming import channel, place, units
from app.api.operations import Operations
from oms_core.inventory import reservations

operations = Operations("stock", tag="reservations")
ONE: dict[str, Any] = {"answers": m.Reservation, "example": m.RESERVATION}


@operations.write("/reservations", status=201, **ONE)
def reserve(asking: Asking, body: m.NewReservation) -> dict[str, Any]:
    """Hold units, all lines or none, until the reservation expires."""
    session = asking.session
    made = reservations.reserve(
        session, channel_id=channel(session, body.channel), lines=units(session, body.lines), minutes=body.minutes,
        location_id=place(session, body.location), token=body.token, zone=asking.zone, actor=asking.actor,
    )  # fmt: skip
    return reservations.reservation_record(session, made)


@operations.read("/reservations/{number}", **ONE)
def show(asking: Asking, number: Number) -> dict[str, Any]:
    """Show one reservation by its number or token."""
    found = reservations.reservation_named(asking.session, number)
    return reservations.reservation_record(asking.session, found)


@operations.write("/reservations/{number}/release", **ONE)
def release(asking: Asking, number: Number, body: m.Reason) -> dict[str, Any]:
    """Let a reservation go: its units are available again."""
    found = reservations.reservation_named(asking.session, number)
    released = reservations.release(asking.session, found.id, reason=body.reason, zone=asking.zone, actor=asking.actor)
    return reservations.reservation_record(asking.session, released)
