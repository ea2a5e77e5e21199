"""Take an order from outside: place, pay, allocate; once for each idempotency key."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from oms_core.fulfilment.commands import open_fulfillment_orders
from oms_core.inventory.tables import Allocation
from oms_core.kernel import clock
from oms_core.kernel.errors import Conflict
from oms_core.kernel.journal import IdempotencyKey
from oms_core.kernel.money import to_decimal
from oms_core.kernel.rows import core, table_of
from oms_core.locations.tables import Location
from oms_core.orders.commands import NewOrder, place_order
from oms_core.orders.tables import Order, OrderLine
from oms_core.payments.commands import pay
from oms_core.routing.commands import allocate_order

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from oms_core.kernel.settings import Shop

_KEY, _ALLOCATION, _LINE = table_of(IdempotencyKey), table_of(Allocation), table_of(OrderLine)
_LOCATION = table_of(Location)
_PROMISED = (
    sa.select(_LINE.c.sku, _ALLOCATION.c.quantity, _LOCATION.c.code, _LOCATION.c.name)
    .join(_LINE, _LINE.c.id == _ALLOCATION.c.order_line_id)
    .join(_LOCATION, _LOCATION.c.id == _ALLOCATION.c.location_id)
    .where(_LINE.c.order_id == sa.bindparam("order_id"))
    .order_by(_ALLOCATION.c.id)
)


def place(
    session: Session, shop: Shop, new: NewOrder, *, idempotency_key: str | None = None, actor: str = "api"
) -> dict[str, Any]:
    """Place an order, book its payments and promise its stock; all or nothing.

    Parameters
    ----------
    idempotency_key : str, optional
        The caller's key: the same key with the same order gets the first answer again.

    Returns
    -------
    dict
        ``id, number, state, payment_status, fulfillment_status, delivery_status, return_status,
        total, currency, allocations [{sku, quantity, location, location_name}]``.

    Raises
    ------
    InsufficientStock
        With every shortage; nothing is kept, not even the key.
    Conflict
        If the key was used for another order (``idempotency.other_request``).
    """
    fingerprint = request_hash(new)
    if idempotency_key:
        answer = _claim(session, idempotency_key, fingerprint)
        if answer is not None:
            return answer
    order = place_order(session, new, zone=shop.zone, actor=actor)
    allocate_order(session, order.id, zone=shop.zone, actor=actor)
    open_fulfillment_orders(session, order.id, actor=actor)
    for payment in new.payments:
        pay(
            session, order_id=order.id, kind=payment.kind, amount_minor=payment.amount_minor,
            gateway=payment.gateway, external_id=payment.external_id, zone=shop.zone, actor=actor,
            simulated=new.is_simulated,
        )  # fmt: skip
    given = answer_of(session, order)
    if idempotency_key:
        update = sa.update(_KEY).where(_KEY.c.key == idempotency_key).values(response=given)
        core(session).execute(update)
    return given


def request_hash(new: NewOrder) -> str:
    """Return the fingerprint of an order: equal for equal content."""
    return hashlib.sha256(json.dumps(asdict(new), sort_keys=True, default=str).encode()).hexdigest()


def answer_of(session: Session, order: Order) -> dict[str, Any]:
    """Return what the outside is told about a placed order."""
    promised = core(session).execute(_PROMISED, {"order_id": order.id})
    return {
        "id": order.id,
        "number": order.number,
        "state": order.state,
        "payment_status": order.payment_status,
        "fulfillment_status": order.fulfillment_status,
        "delivery_status": order.delivery_status,
        "return_status": order.return_status,
        "total": str(to_decimal(order.total_minor, order.currency)),
        "currency": order.currency,
        "allocations": [
            {"sku": row.sku, "quantity": row.quantity, "location": row.code, "location_name": row.name}
            for row in promised
        ],
    }


def _claim(session: Session, key: str, fingerprint: str) -> dict[str, Any] | None:
    """Claim a key, or return the answer it already got.

    On PostgreSQL a second caller waits here for the first one's transaction to end.
    """
    connection = core(session)
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    row = {"key": key, "request_hash": fingerprint, "response": {}, "at": clock.now()}
    claim = insert(_KEY).values(row).on_conflict_do_nothing(index_elements=["key"]).returning(_KEY.c.id)
    if connection.execute(claim).first() is not None:
        return None
    found = connection.execute(sa.select(_KEY.c.request_hash, _KEY.c.response).where(_KEY.c.key == key)).one()
    if found.request_hash != fingerprint:
        raise Conflict(
            "idempotency.other_request",
            f"Idempotency key {key!r} was used for another order.",
            "Send a new key with a new order; the same key only repeats the same order.",
        )
    answer: dict[str, Any] = found.response
    return answer
