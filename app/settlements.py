"""What the Finance page asks about store credit, couriers' money and orders that are paid too much or too little."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from app import desk

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

#: The most rows of a list.
MOST = 300


def balances() -> list[dict[str, Any]]:
    """Return the customers who have store credit, the largest balance first."""
    from oms_core.customers.tables import Customer
    from oms_core.payments.tables import StoreCreditAccount

    columns = (
        Customer.number,
        Customer.kind,
        Customer.name,
        StoreCreditAccount.currency,
        StoreCreditAccount.balance_minor,
    )
    statement = (
        sa.select(*columns)
        .join(Customer, Customer.id == StoreCreditAccount.customer_id)
        .where(StoreCreditAccount.balance_minor != 0)
        .order_by(StoreCreditAccount.balance_minor.desc(), Customer.number)
        .limit(MOST)
    )
    return desk.read(lambda session: [dict(row) for row in session.execute(statement).mappings()])


def customer_id(session: Session, name: str) -> int:
    """Return a customer's id by number or e-mail.

    Raises
    ------
    NotFound
        ``customer.not_found``, with numbers that end alike.
    """
    from oms_core.customers.tables import Customer
    from oms_core.kernel.errors import NotFound

    named = sa.or_(Customer.number == name, Customer.email == name.lower())
    found = session.scalar(sa.select(Customer.id).where(named).limit(1))
    if found is None:
        alike = sa.select(Customer.number).where(Customer.number.contains(name[-3:], autoescape=True)).limit(200)
        raise NotFound("customer", name, session.scalars(alike).all(), "Give the customer's number or e-mail.")
    return int(found)


def credit_of(number: str) -> list[dict[str, Any]]:
    """Return how a customer's store credit moved, newest first."""
    from oms_core.payments.queries import credit_entries

    return desk.read(lambda session: credit_entries(session, customer_id(session, number)))[::-1]


def uneven() -> list[dict[str, Any]]:
    """Return orders that hold more money than they cost, or only a part of it; the oldest first."""
    return desk.read(_uneven)


def _uneven(session: Session) -> list[dict[str, Any]]:
    from oms_core.orders.tables import Order
    from oms_core.payments.queries import balance_of
    from oms_core.payments.reading import accounts

    wanted = Order.payment_status.in_(("overpaid", "partially_paid"))
    columns = (Order.id, Order.number, Order.ship_name, Order.email, Order.business_date, Order.currency)
    heads = session.execute(sa.select(*columns).where(wanted).order_by(Order.id).limit(MOST)).all()
    held = accounts(session.connection(), [head.id for head in heads], lock=False) if heads else {}
    rows = []
    for head in heads:
        balance = balance_of(held[head.id])
        if balance.overpaid_minor or balance.due_minor:
            rows.append({
                "id": head.id, "number": head.number, "customer": head.ship_name or head.email or "",
                "on_date": head.business_date, "currency": head.currency, "total_minor": balance.total_minor,
                "captured_minor": balance.captured_minor - balance.refunded_minor,
                "overpaid_minor": balance.overpaid_minor, "due_minor": balance.due_minor,
            })  # fmt: skip
    return rows


def carriers() -> list[str]:
    """Return the carriers that deliver cash on delivery, and those that sent lists."""
    from oms_core.fulfilment.tables import Shipment
    from oms_core.payments.accounts import COD
    from oms_core.payments.tables import CodRemittance, Payment

    sent = (
        sa.select(Shipment.carrier)
        .join(Payment, Payment.order_id == Shipment.order_id)
        .where(Payment.gateway == COD, Payment.kind == "authorize")
        .distinct()
    )
    told = sa.select(CodRemittance.carrier).distinct()
    return desk.read(lambda session: sorted({*session.scalars(sent), *session.scalars(told)}))


def missing() -> list[dict[str, Any]]:
    """Return delivered parcels whose money is on no courier's list yet, with their carrier, oldest first."""
    from oms_core.payments.cod_reading import missing as of_carrier

    names = carriers()
    found = desk.read(
        lambda session: [
            {**parcel, "carrier": name} for name in names for parcel in of_carrier(session.connection(), name)
        ]
    )
    return sorted(found, key=lambda parcel: parcel["delivered_at"])


def lists() -> list[dict[str, Any]]:
    """Return the newest couriers' lists that were booked, with how many rows did not fit."""
    from oms_core.payments.tables import CodRemittance, CodRemittanceLine

    odd = sa.func.sum(sa.case((CodRemittanceLine.outcome != "matched", 1), else_=0))
    columns = (
        CodRemittance.id, CodRemittance.carrier, CodRemittance.reference, CodRemittance.currency,
        CodRemittance.total_minor, CodRemittance.booked_minor, CodRemittance.business_date,
    )  # fmt: skip
    statement = (
        sa.select(*columns, sa.func.count(CodRemittanceLine.id).label("rows"), odd.label("odd"))
        .join(CodRemittanceLine, CodRemittanceLine.remittance_id == CodRemittance.id)
        .group_by(*columns)
        .order_by(CodRemittance.id.desc())
        .limit(MOST)
    )
    return desk.read(lambda session: [dict(row) for row in session.execute(statement).mappings()])


def booked_list(key: int) -> dict[str, Any]:
    """Return a booked list row by row (`payments.cod_reading.report`)."""
    from oms_core.payments.cod_reading import report

    return desk.read(lambda session: report(session.connection(), key, again=True))


def payout_channels() -> list[str]:
    """Return the codes of all channels, in the shop's order."""
    from oms_core.locations.tables import Channel

    statement = sa.select(Channel.code).order_by(Channel.position, Channel.id)
    return desk.read(lambda session: list(session.scalars(statement)))


def payout_statements() -> list[dict[str, Any]]:
    """Return the newest payout statements beside the books (`payments.payout_reading.statements`)."""
    from oms_core.payments.payout_reading import statements

    return desk.read(lambda session: statements(session.connection()))


def payout_statement(key: int) -> dict[str, Any]:
    """Return one payout statement row by row (`payments.payout_reading.report`).

    Raises
    ------
    NotFound
        ``payout_statement.not_found``.
    """
    from oms_core.payments.payout_reading import report

    return desk.read(lambda session: report(session.connection(), key))


def not_paid_out() -> list[dict[str, Any]]:
    """Return captured payments that stand on no statement of their days, with their channel, oldest first."""
    from oms_core.payments.payout_reading import missing as of_channel

    names = sorted({row["channel"] for row in payout_statements()})
    found = desk.read(
        lambda session: [
            {**row, "channel": name} for name in names for row in of_channel(session.connection(), name, limit=MOST)
        ]
    )
    return sorted(found, key=lambda row: row["captured_on"])[:MOST]
