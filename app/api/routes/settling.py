"""Balances, write-offs, couriers' lists, exchange rates, landed costs."""

from __future__ import annotations

from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Path, Query

from app.api.asking import Asking
from app.api.forms import Code, Day, Number
from app.api.models import settling as m
from app.api.naming import near
from app.api.operations import Operations
from app.api.records import maybe_minor, minor
from oms_core.finance.commands import land_cost, settle_orders
from oms_core.kernel import clock
from oms_core.kernel.errors import NotFound
from oms_core.kernel.exchange import rate_on
from oms_core.orders.queries import order_named
from oms_core.orders.tables import Order
from oms_core.payments import cod, rates, settling
from oms_core.payments.queries import balance_record
from oms_core.purchasing.tables import Receipt

operations = Operations("finance", tag="settling")
ONE: dict[str, Any] = {"answers": m.Balance, "example": m.BALANCE}
CurrencyCode = Annotated[str, Path(pattern="^[A-Z]{3}$", description="ISO 4217 code.")]


@operations.read("/orders/{number}/balance", **ONE)
def show(asking: Asking, number: Number) -> dict[str, Any]:
    """Show what an order owes, what was paid, what is over-paid."""
    return _balance(asking, order_named(asking.session, number))


@operations.write("/orders/{number}/refund-overpaid", **ONE)
def refund_overpaid(asking: Asking, number: Number) -> dict[str, Any]:
    """Give back what was paid beyond the total, the way it came."""
    order = order_named(asking.session, number)
    settling.refund_overpaid(asking.session, order_id=order.id, zone=asking.zone, actor=asking.actor)
    return _settled(asking, order)


@operations.write("/orders/{number}/write-off", **ONE)
def write_off(asking: Asking, number: Number, body: m.WriteOff) -> dict[str, Any]:
    """Forgive a small rest; the order counts as paid, the loss stands in the books."""
    order = order_named(asking.session, number)
    most = maybe_minor(body.limit, order.currency, "limit")
    settling.write_off(
        asking.session, order_id=order.id, reason=body.reason, zone=asking.zone, actor=asking.actor,
        limit_minor=settling.WRITE_OFF_LIMIT_MINOR if most is None else most,
    )  # fmt: skip
    return _settled(asking, order)


@operations.write("/orders/{number}/spend-credit", **ONE)
def spend_credit(asking: Asking, number: Number, body: m.SpendCredit) -> dict[str, Any]:
    """Pay an order from its customer's store credit."""
    order = order_named(asking.session, number)
    wanted = maybe_minor(body.amount, order.currency)
    settling.spend_credit(asking.session, order_id=order.id, amount_minor=wanted, zone=asking.zone, actor=asking.actor)
    return _settled(asking, order)


@operations.write("/remittances", status=201, answers=m.Remittance, example=m.REMITTANCE)
def remit(asking: Asking, body: m.NewRemittance) -> dict[str, Any]:
    """Book a courier's cash-on-delivery list; the same list again books nothing."""
    rows = [cod.Remitted(row.parcel, minor(row.amount, body.currency), body.currency) for row in body.rows]
    said = cod.book_remittance(
        asking.session, carrier=body.carrier, reference=body.reference, rows=rows, zone=asking.zone, actor=asking.actor
    )
    numbers = sorted({row["order"] for row in said["rows"] if row["order"]})
    touched = asking.session.scalars(sa.select(Order.id).where(Order.number.in_(numbers))).all()
    settle_orders(asking.session, touched, actor=asking.actor)
    for row in said["rows"]:
        row["currency"] = body.currency
    return said


@operations.write("/rates", status=201, answers=m.RatesTaken, example={
    "added": 1, "unchanged": 0, "replaced": 0, "orders": 3, "payments": 2, "without_rate": 0,
})  # fmt: skip
def publish(asking: Asking, body: m.NewRates) -> dict[str, Any]:
    """Take published exchange rates in, then state what waited for them."""
    given = [rates.NewRate(row.base, row.quote, row.on, row.rate) for row in body.rates]
    taken = rates.publish(asking.session, given, source=body.source, replace=body.replace)
    return {**taken, **rates.restate(asking.session, asking.shop.currency)}


@operations.read("/rates/{base}", answers=m.Rate, example={
    "base": "EUR", "quote": "PLN", "asked_for": "2026-05-05", "rate": "4.2567", "published_for": "2026-05-04",
})  # fmt: skip
def rate(asking: Asking, base: CurrencyCode, on: Annotated[Day | None, Query()] = None) -> dict[str, Any]:
    """Show the rate into the shop's currency that counts on a day."""
    own = asking.shop.currency
    day = on or clock.business_date(clock.now(), asking.zone)
    found = rate_on(asking.session, base, own, day)
    if found is None:
        raise NotFound("exchange rate", f"{base}/{own} on or before {day}", hint="Publish it: POST /v1/rates")
    return {"base": base, "quote": own, "asked_for": day, "rate": found.text, "published_for": found.on}


@operations.write("/landed-costs", status=201, answers=m.Landed, example=m.LANDED)
def land(asking: Asking, body: m.NewLanded) -> dict[str, Any]:
    """Spread freight, duty or the like over what receipts brought in."""
    ids = [_receipt(asking, number) for number in body.receipts]
    made = land_cost(
        asking.session, kind=body.kind, amount_minor=minor(body.amount, body.currency), currency=body.currency,
        receipt_ids=ids, basis=body.basis, on_date=body.on_date, reference=body.reference, zone=asking.zone,
        actor=asking.actor,
    )  # fmt: skip
    return {name: getattr(made, name) for name in ("number", "kind", "basis", "amount_minor", "currency", "on_date")}


def _receipt(asking: Asking, number: Code) -> int:
    found = asking.session.scalar(sa.select(Receipt.id).where(Receipt.number == number))
    if found is None:
        raise NotFound("receipt", number, near(asking.session, Receipt.number, number))
    return int(found)


def _settled(asking: Asking, order: Order) -> dict[str, Any]:
    settle_orders(asking.session, [order.id], actor=asking.actor)
    return _balance(asking, order)


def _balance(asking: Asking, order: Order) -> dict[str, Any]:
    asking.session.refresh(order)
    record = balance_record(asking.session, order.id)
    return {"number": order.number, "payment_status": order.payment_status, **record}
