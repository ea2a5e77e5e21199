"""Links that let a customer in: the order's id, signed; nobody can guess one, and none tells anything.

The signature covers the order's e-mail address: when that changes, or is erased, the link is dead.
A new secret (`settings.renew_secret`) ends all links at once.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.customers.tables import Customer
from oms_core.kernel.errors import NotFound, Refused
from oms_core.orders.tables import Order
from oms_core.portal.settings import portal_settings, secret

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

#: Where the customer's pages begin on the server.
ROOT = "/my"
#: Hexadecimal digits of a signature: 160 bits.
_DIGITS = 40
_LONGEST = 64


def signed(key: bytes, purpose: str, text: str) -> str:
    """Return the signature of a text for one purpose (HMAC-SHA256), hexadecimal."""
    return hmac.new(key, f"{purpose}\n{text}".encode(), hashlib.sha256).hexdigest()[:_DIGITS]


def same_email(one: str, other: str) -> bool:
    """Compare two addresses in constant time, whatever their letters' case; none is like no address."""
    given, known = other.strip().casefold().encode(), one.strip().casefold().encode()
    return hmac.compare_digest(given, known) and bool(known)


def email_of(session: Session, order: Order) -> str:
    """Return the address an order's customer is known by: the order's own, else the customer's; empty for none."""
    if order.email or order.customer_id is None:
        return order.email or ""
    return session.scalar(sa.select(Customer.email).where(Customer.id == order.customer_id)) or ""


def token_of(session: Session, order: Order) -> str:
    """Return the token of an order's pages.

    Raises
    ------
    Refused
        ``portal.closed`` while the pages are off; ``portal.no_email`` for an order without an address.
    """
    key = secret(session)
    if key is None or not portal_settings(session).is_on:
        raise Refused("portal.closed", "The customer's pages are off.", "Turn them on: ordersight portal set --on")
    if not email_of(session, order):
        raise Refused(
            "portal.no_email",
            f"Order {order.number} has no e-mail address: its customer cannot enter.",
            "Take the return in at the desk.",
        )
    return f"{order.id:x}-{_signature(session, key, order)}"


def link_of(session: Session, order: Order) -> str:
    """Return the whole address of an order's pages; raises as :func:`token_of`."""
    token = token_of(session, order)
    return f"{portal_settings(session).address}{ROOT}/{token}"


def order_of(session: Session, token: str) -> Order:
    """Return the order a token lets in to.

    Raises
    ------
    NotFound
        ``link.not_found``: for a token that was changed, revoked, or whose customer was erased alike.
    """
    name, _dash, signature = token.partition("-")
    key = secret(session)
    order = session.get(Order, int(name, 16)) if key and _is_key(name) and len(token) <= _LONGEST else None
    expected = _signature(session, key, order) if key and order is not None and email_of(session, order) else ""
    if order is None or not expected or not hmac.compare_digest(expected.encode(), signature.encode()):
        raise NotFound("link", "this one", hint="Enter with the order's number and e-mail address.")
    return order


def _is_key(name: str) -> bool:
    return 0 < len(name) <= 15 and all(sign in "0123456789abcdef" for sign in name)


def _signature(session: Session, key: bytes, order: Order) -> str:
    return signed(key, "order", f"{order.id}\n{email_of(session, order).strip().casefold()}")
