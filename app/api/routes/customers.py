"""Customers: who buys."""

from __future__ import annotations

from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Query

from app.api.asking import Asking
from app.api.forms import Country, Number, PageOf, Text
from app.api.models import knowing as m
from app.api.naming import near
from app.api.operations import Operations
from app.api.pages import Cursor, Limit, newest_first
from oms_core.customers.tables import Address, Consent, Customer
from oms_core.kernel.errors import NotFound
from oms_core.orders.tables import Order

operations = Operations("customers")
_SHOWN = (
    "id", "number", "kind", "name", "email", "phone", "language", "country", "region", "city", "postal_code",
    "created_at", "erased_at",
)  # fmt: skip
_ADDRESS = ("name", "line1", "line2", "city", "region", "postal_code", "country", "is_default")


@operations.read("/customers", answers=PageOf[m.Customer], example={"items": [m.CUSTOMER], "next_cursor": None})
def list_(
    asking: Asking,
    q: Annotated[Text, Query(description="A whole e-mail or number, or the beginning of a name.")] = "",
    country: Annotated[Country, Query()] = "",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """List customers, newest first."""
    rows = sa.select(*(getattr(Customer, name) for name in _SHOWN))
    if q:
        whole = sa.or_(sa.func.lower(Customer.email) == q.lower(), Customer.number == q)
        rows = rows.where(sa.or_(whole, Customer.name.istartswith(q, autoescape=True)))
    if country:
        rows = rows.where(Customer.country == country.upper())
    return newest_first(asking.session, rows, Customer.id, limit=limit, cursor=cursor)


@operations.read("/customers/{number}", answers=m.Customer, example={
    **m.CUSTOMER, "orders": 3, "addresses": [], "consents": [],
})  # fmt: skip
def show(asking: Asking, number: Number) -> dict[str, Any]:
    """Show one customer with addresses, consents and the number of orders."""
    session = asking.session
    found = session.scalars(sa.select(Customer).where(Customer.number == number)).one_or_none()
    if found is None:
        raise NotFound("customer", number, near(session, Customer.number, number))
    addresses = session.scalars(sa.select(Address).where(Address.customer_id == found.id).order_by(Address.id))
    consents = sa.select(Consent.channel, Consent.purpose, Consent.state, Consent.source, Consent.at)
    orders = sa.select(sa.func.count()).select_from(Order).where(Order.customer_id == found.id)
    return {
        **{name: getattr(found, name) for name in _SHOWN},
        "orders": session.scalar(orders),
        "addresses": [{name: getattr(row, name) for name in _ADDRESS} for row in addresses],
        "consents": [dict(row) for row in session.execute(consents.where(Consent.customer_id == found.id)).mappings()],
    }
