"""Read couriers' lists: which order a parcel belongs to, what became of a row, whose money is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel.database import UtcDateTime
from oms_core.kernel.errors import Conflict
from oms_core.kernel.rows import table_of
from oms_core.orders.tables import Order
from oms_core.payments.accounts import COD
from oms_core.payments.reading import accounts
from oms_core.payments.tables import CodRemittance, CodRemittanceLine, Payment

if TYPE_CHECKING:
    from collections.abc import Sequence

_LIST, _LINE, _ORDER, _PAYMENT = map(table_of, (CodRemittance, CodRemittanceLine, Order, Payment))
#: Parcels live in a room above this one: their columns are named and not imported (as in `orders.facts`).
SHIPMENTS = sa.table(
    "shipments",
    sa.column("order_id", sa.BigInteger()),
    sa.column("carrier", sa.String()),
    sa.column("tracking_number", sa.String()),
    sa.column("delivered_at", UtcDateTime()),
)


def find(connection: sa.Connection, carrier: str, reference: str, fingerprint: str) -> int | None:
    """Return the list of this name if it was booked with these rows; refuse one booked with others."""
    statement = sa.select(_LIST.c.id, _LIST.c.fingerprint, _LIST.c.business_date).where(
        _LIST.c.carrier == carrier, _LIST.c.reference == reference
    )
    row = connection.execute(statement).one_or_none()
    if row is not None and row.fingerprint != fingerprint:
        raise Conflict(
            "cod.other_list",
            f"{carrier} {reference} was booked on {row.business_date} with other rows.",
            "Nothing was booked; give a correcting list a reference of its own.",
        )
    return None if row is None else int(row.id)


def orders_named(connection: sa.Connection, carrier: str, names: Sequence[str]) -> dict[str, int]:
    """Return the orders of parcels by tracking number of this carrier, else by the order's own number."""
    s = SHIPMENTS.c
    parcels = sa.select(s.tracking_number, s.order_id).where(s.carrier == carrier, s.tracking_number.in_(names))
    found = {row[0]: int(row[1]) for row in connection.execute(parcels)}
    rest = [name for name in names if name not in found]
    numbered = connection.execute(sa.select(_ORDER.c.number, _ORDER.c.id).where(_ORDER.c.number.in_(rest)))
    return found | {row[0]: int(row[1]) for row in numbered}


def report(connection: sa.Connection, key: int, *, again: bool) -> dict[str, Any]:
    """Return a booked list: its rows with what became of them, and whose money is still missing."""
    head = connection.execute(sa.select(_LIST).where(_LIST.c.id == key)).one()
    lines = connection.execute(
        sa.select(_LINE, _ORDER.c.number)
        .outerjoin(_ORDER, _ORDER.c.id == _LINE.c.order_id)
        .where(_LINE.c.remittance_id == key)
        .order_by(_LINE.c.position)
    )
    rows = [
        {
            "name": line.name, "outcome": line.outcome, "amount_minor": line.amount_minor,
            "expected_minor": line.expected_minor, "booked_minor": line.booked_minor, "order": line.number,
        }
        for line in lines
    ]  # fmt: skip
    return {
        "carrier": head.carrier, "reference": head.reference, "currency": head.currency,
        "total_minor": head.total_minor, "booked_minor": head.booked_minor, "again": again, "rows": rows,
        "missing": missing(connection, head.carrier),
    }  # fmt: skip


def missing(connection: sa.Connection, carrier: str) -> list[dict[str, Any]]:
    """Return delivered cash-on-delivery parcels of a carrier whose money has not come, oldest first."""
    s = SHIPMENTS.c
    held = sa.select(_PAYMENT.c.order_id).where(_PAYMENT.c.gateway == COD, _PAYMENT.c.kind == "authorize")
    statement = (
        sa.select(s.order_id, s.tracking_number, s.delivered_at)
        .where(s.carrier == carrier, s.delivered_at.is_not(None), s.order_id.in_(held))
        .order_by(s.delivered_at, s.order_id)
    )
    parcels = connection.execute(statement).all()
    open_ = accounts(connection, {row.order_id for row in parcels}, lock=False) if parcels else {}
    told = []
    for order_id, tracking, delivered in parcels:
        account = open_[order_id]
        cod = {entry.id for entry in account.of_kind("authorize") if entry.gateway == COD}
        expected = sum(n for key, n in account.authorized_left().items() if key in cod)
        if expected:
            told.append({
                "order": account.number, "tracking_number": tracking, "expected_minor": expected,
                "currency": account.currency, "delivered_at": delivered,
            })  # fmt: skip
    return told
