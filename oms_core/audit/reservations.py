"""Laws of what is held for buyers at the till."""

from __future__ import annotations

import sqlalchemy as sa

from oms_core.audit.law import Law, by_query, count_of, summed, zero
from oms_core.audit.stock import LEVEL, MOVEMENT
from oms_core.inventory.promise_tables import Reservation, ReservationLine
from oms_core.kernel.rows import table_of

RESERVATION, HELD = table_of(Reservation), table_of(ReservationLine)
_OPEN = HELD.c.quantity - HELD.c.converted_qty - HELD.c.released_qty


def _unequal() -> sa.Select[*tuple[object, ...]]:
    """Return levels whose reserved units are not what active reservations hold."""
    nothing: sa.ColumnElement[int] = sa.literal_column("0", sa.BigInteger)
    active = sa.select(HELD.c.variant_id, HELD.c.location_id, nothing, _OPEN).join(
        RESERVATION, sa.and_(RESERVATION.c.id == HELD.c.reservation_id, RESERVATION.c.state == "active")
    )
    levels = sa.select(LEVEL.c.variant_id, LEVEL.c.location_id, LEVEL.c.reserved, nothing.label("held"))
    parts = sa.union_all(levels, active).subquery()
    reserved, held = sa.func.sum(parts.c.reserved), sa.func.sum(parts.c.held)
    return (
        sa.select(parts.c.variant_id, parts.c.location_id, reserved.label("reserved"), held.label("held"))
        .group_by(parts.c.variant_id, parts.c.location_id)
        .having(reserved != held)
    )


def _still_holding() -> sa.Select[*tuple[object, ...]]:
    open_units = sa.func.sum(_OPEN)
    return (
        sa.select(RESERVATION.c.number, RESERVATION.c.state, open_units.label("units"))
        .join(HELD, HELD.c.reservation_id == RESERVATION.c.id)
        .where(RESERVATION.c.state != "active")
        .group_by(RESERVATION.c.number, RESERVATION.c.state)
        .having(open_units != 0)
    )


def _unmoved() -> sa.Select[*tuple[object, ...]]:
    m = MOVEMENT.c
    moved = summed(
        MOVEMENT, m.reservation_line_id,
        held=sa.case((m.to_state == "reserved", m.quantity), else_=0),
        converted=sa.case((m.kind == "allocated", m.quantity), else_=0),
        freed=sa.case((sa.and_(m.from_state == "reserved", m.to_state == "available"), m.quantity), else_=0),
    )  # fmt: skip
    wrong = sa.or_(
        zero(moved.c.held) != HELD.c.quantity,
        zero(moved.c.converted) != HELD.c.converted_qty,
        zero(moved.c.freed) != HELD.c.released_qty,
    )
    return (
        sa.select(
            RESERVATION.c.number, HELD.c.id, HELD.c.quantity, HELD.c.converted_qty, HELD.c.released_qty,
            zero(moved.c.held).label("held"), zero(moved.c.converted).label("converted"),
            zero(moved.c.freed).label("freed"),
        )
        .select_from(HELD.join(RESERVATION, RESERVATION.c.id == HELD.c.reservation_id))
        .outerjoin(moved, moved.c.key == HELD.c.id)
        .where(wrong)
    )  # fmt: skip


LAWS = (
    Law(
        "stock.reserved_equals_reservations",
        "Reserved units of a level are what active reservations hold of it, and nothing else is reserved.",
        by_query(
            count_of(LEVEL),
            _unequal(),
            "variant {variant_id} at location {location_id}: reserved is {reserved}, active reservations hold {held}",
        ),
    ),
    Law(
        "stock.ended_reservations_hold_nothing",
        "A reservation that expired, was let go or became an order holds nothing any more.",
        by_query(
            count_of(RESERVATION),
            _still_holding(),
            "reservation {number} is {state} and still holds {units} unit(s)",
        ),
    ),
    Law(
        "stock.reservations_in_ledger",
        "What a reservation held, turned into promises and let go is in the ledger under its lines.",
        by_query(
            count_of(HELD),
            _unmoved(),
            "reservation {number}, line {id}: {quantity} held, {converted_qty} ordered, {released_qty} let go;"
            " the ledger has {held}, {converted}, {freed}",
        ),
    ),
)
