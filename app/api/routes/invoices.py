"""Invoices, accounts, costs and store credit."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Query

from app.api.asking import Asking
from app.api.forms import Code, Currency, Day, Instant, Number, PageOf
from app.api.models import money as m
from app.api.naming import near, variants
from app.api.operations import Operations
from app.api.pages import Cursor, Limit, newest_first
from app.api.records import minor
from oms_core.customers.tables import Customer
from oms_core.finance.ageing import ageing, open_entries, statement
from oms_core.finance.correcting import correct_for_return
from oms_core.finance.cost_queries import order_costs, stock_value
from oms_core.finance.invoicing import Part, invoicing_state, issue_invoice
from oms_core.finance.parties import Buyer
from oms_core.finance.queries import invoice_detail, invoice_named
from oms_core.finance.tables import Invoice
from oms_core.fulfilment.listing import shipment_named
from oms_core.kernel import clock
from oms_core.kernel.errors import InvalidInput, NotFound
from oms_core.orders.queries import order_named
from oms_core.orders.tables import Order
from oms_core.payments.credit import balance, issue_credit
from oms_core.returns.queries import find as return_named

operations = Operations("finance")
ONE: dict[str, Any] = {"answers": m.Invoice, "example": m.INVOICE}
Side = Annotated[str, Query(pattern="^(receivable|payable)$", description="Who owes: customers, or we.")]
Method = Annotated[str, Query(pattern="^(fifo|average)$")]
_ROW = (
    "id", "number", "kind", "state", "buyer_name", "net_minor", "tax_minor", "gross_minor", "currency", "issued_on",
    "due_on",
)  # fmt: skip


@operations.read("/invoices", answers=PageOf[m.Invoice], example={"items": [m.INVOICE], "next_cursor": None})
def list_(
    asking: Asking, state: Annotated[Code | None, Query()] = None, order: Annotated[Code | None, Query()] = None,
    limit: Limit = 50, cursor: Cursor = None,
) -> dict[str, Any]:  # fmt: skip
    """List invoices and corrections, newest first."""
    rows = sa.select(*(getattr(Invoice, n) for n in _ROW), Order.number.label("order"))
    rows = rows.join(Order, Order.id == Invoice.order_id)
    wanted = {Invoice.state: state, Order.number: order}
    rows = rows.where(*(column == value for column, value in wanted.items() if value is not None))
    return newest_first(asking.session, rows, Invoice.id, limit=limit, cursor=cursor)


@operations.read("/invoices/{number}", **ONE)
def show(asking: Asking, number: Number) -> dict[str, Any]:
    """Show one invoice by its id, its number or its order's number."""
    return invoice_detail(asking.session, invoice_of(asking, number))


def invoice_of(asking: Asking, number: str) -> int:
    """Return the id of an invoice given by its id, its number or its order's number."""
    return int(number) if number.isdecimal() and len(number) < 19 else invoice_named(asking.session, number)


@operations.write("/orders/{number}/invoice", status=201, **ONE)
def issue(asking: Asking, number: Number, body: m.NewInvoice) -> dict[str, Any]:
    """Issue the invoice of an order or of a part of it: numbered without gaps, sealed, put into the ledger."""
    order = order_named(asking.session, number)
    buyer = Buyer(**body.buyer.model_dump()) if body.buyer else None
    made = issue_invoice(
        asking.session, asking.shop, order_id=order.id, buyer=buyer, due_days=body.due_days,
        part_of=_part(asking, order, body), actor=asking.actor,
    )  # fmt: skip
    return invoice_detail(asking.session, made.id)


def _part(asking: Asking, order: Order, body: m.NewInvoice) -> Part | None:
    """Return the part a request names; several ways at once are refused."""
    ways = [body.lines is not None, body.shipment is not None, body.shipped]
    if sum(ways) > 1:
        raise InvalidInput("lines", ways, "lines, shipment or shipped: one of them", code="invoice.which_part")
    if body.shipment is not None:
        found = shipment_named(asking.session, body.shipment)
        if found.order_id != order.id:
            raise NotFound("shipment", body.shipment, hint=f"It is not of order {order.number}.")
        return Part(shipment_id=found.id)
    if body.lines is None:
        return Part(shipped=True) if body.shipped else None
    units = Counter[int]()
    for line in body.lines:
        units[line.line_id] += line.quantity
    return Part(units)


@operations.read("/orders/{number}/invoicing", answers=m.Invoicing, example=m.INVOICING)
def invoicing(asking: Asking, number: Number) -> dict[str, Any]:
    """Show what of an order is invoiced, and the units and money left."""
    return invoicing_state(asking.session, asking.shop, order_named(asking.session, number).id)


@operations.write("/returns/{number}/invoice-correction", status=201, **ONE)
def correct(asking: Asking, number: Number) -> dict[str, Any]:
    """Issue the correction of a return's invoice."""
    key = return_named(asking.session, number)
    made = correct_for_return(asking.session, asking.shop, return_id=key, actor=asking.actor)
    return invoice_detail(asking.session, made.id)


@operations.read("/ledger/ageing", answers=m.Rows, example={
    "items": [{"party": "customer:4711", "name": "Ada Byron", "currency": "GBP", "open": "8.50", "current": "8.50"}],
})  # fmt: skip
def aged(asking: Asking, side: Side = "receivable") -> dict[str, Any]:
    """Show open claims by party and currency in buckets of age."""
    return {"items": ageing(asking.session, side=side, today=_today(asking))}


@operations.read("/ledger/open", answers=m.Rows, example={
    "items": [{"id": 77, "document": "FV/2026/00021", "due_on": "2026-05-16", "open": "8.50", "currency": "GBP"}],
})  # fmt: skip
def open_(
    asking: Asking, side: Side = "receivable", party: Annotated[Code | None, Query()] = None, limit: Limit = 50
) -> dict[str, Any]:
    """List entries with something open, oldest due first."""
    return {"items": open_entries(asking.session, side=side, today=_today(asking), party=party, limit=limit)}


@operations.read("/ledger/statement", answers=m.Statement, example={
    "party": "customer:4711", "currency": "GBP", "opening": "0.00", "entries": [], "closing": "8.50",
})  # fmt: skip
def account(
    asking: Asking, party: Annotated[Code, Query()], currency: Annotated[Currency, Query()],
    since: Annotated[Day, Query()], until: Annotated[Day, Query()],
) -> dict[str, Any]:  # fmt: skip
    """Show a party's account over a period, with the running balance."""
    return statement(asking.session, party=party, currency=currency, since=since, until=until)


@operations.read("/orders/{number}/costs", answers=m.Costs, example={
    "items": [{"sku": "22114", "units": 2, "cost": "5.06", "currency": "GBP", "sentence": "2 units of 22114 cost …"}],
})  # fmt: skip
def costs(asking: Asking, number: Number, method: Method = "fifo") -> dict[str, Any]:
    """Show what the shipped goods of an order cost, by receipt."""
    order = order_named(asking.session, number)
    return {"items": order_costs(asking.session, asking.shop, order.id, method=method)}


@operations.read("/inventory/value", answers=m.Costs, example={
    "items": [{"sku": "22114", "units": 47, "cost": "118.91", "currency": "GBP"}],
})  # fmt: skip
def value(
    asking: Asking, sku: Annotated[list[Code], Query(min_length=1, max_length=200)], method: Method = "fifo",
    at: Annotated[Instant | None, Query(description="As of this instant; now if left out.")] = None,
) -> dict[str, Any]:  # fmt: skip
    """Show what the stock of SKUs is worth, with the layers it is made of."""
    ids = list(variants(asking.session, sku).values())
    return {"items": stock_value(asking.session, asking.shop, as_of=at, method=method, variant_ids=ids)}


@operations.read("/customers/{number}/credit", answers=m.Credit, example={
    "customer": "CU-004711", "balance": "10.00", "currency": "GBP",
})  # fmt: skip
def credit(asking: Asking, number: Number, currency: Annotated[Currency, Query()]) -> dict[str, Any]:
    """Show what a customer may still spend in a currency."""
    key = _customer(asking, number)
    return {"customer": number, "balance_minor": balance(asking.session, key, currency), "currency": currency}


@operations.write("/customers/{number}/credit", status=201, answers=m.Credit, example={
    "customer": "CU-004711", "balance": "10.00", "currency": "GBP",
})  # fmt: skip
def give_credit(asking: Asking, number: Number, body: m.NewCredit) -> dict[str, Any]:
    """Give a customer store credit, or take back what was given wrongly."""
    left = issue_credit(
        asking.session, customer_id=_customer(asking, number), amount_minor=minor(body.amount, body.currency),
        currency=body.currency, reason=body.reason, actor=asking.actor,
    )  # fmt: skip
    return {"customer": number, "balance_minor": left, "currency": body.currency}


def _customer(asking: Asking, number: str) -> int:
    found = asking.session.scalar(sa.select(Customer.id).where(Customer.number == number))
    if found is None:
        raise NotFound("customer", number, near(asking.session, Customer.number, number))
    return int(found)


def _today(asking: Asking) -> Any:
    return clock.business_date(clock.now(), asking.zone)
