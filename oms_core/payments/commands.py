"""Take, hold, let go and give back money for an order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from oms_core.kernel import clock, journal
from oms_core.kernel.errors import Conflict, NotFound
from oms_core.kernel.money import Money
from oms_core.kernel.rows import core, loaded, next_ids, table_of
from oms_core.orders.status import refresh
from oms_core.orders.tables import Order
from oms_core.payments.rules import check_payment
from oms_core.payments.tables import Payment

if TYPE_CHECKING:
    from typing import Any

    from sqlalchemy.orm import Session

_PAYMENT, _ORDER = table_of(Payment), table_of(Order)
_INSERT = sa.insert(_PAYMENT)
#: Locks the order's money: two refunds at once see each other.
_HEAD = (
    sa.select(_ORDER.c.number, _ORDER.c.currency, _ORDER.c.state)
    .where(_ORDER.c.id == sa.bindparam("order_id"))
    .with_for_update()
)
_SUMS = (
    sa.select(_PAYMENT.c.kind, sa.func.sum(_PAYMENT.c.amount_minor))
    .where(_PAYMENT.c.order_id == sa.bindparam("order_id"))
    .group_by(_PAYMENT.c.kind)
)
_SAME = sa.select(_PAYMENT.c.id, _PAYMENT.c.order_id, _PAYMENT.c.kind, _PAYMENT.c.amount_minor).where(
    _PAYMENT.c.gateway == sa.bindparam("gateway"), _PAYMENT.c.external_id == sa.bindparam("external_id")
)


def pay(
    session: Session,
    *,
    order_id: int,
    kind: str,
    amount_minor: int,
    gateway: str,
    external_id: str | None = None,
    zone: str,
    actor: str = "system",
    return_id: int | None = None,
    simulated: bool = False,
) -> Payment:
    """Book one movement of money; the same gateway's same id twice is one payment.

    Parameters
    ----------
    kind : str
        ``authorize``, ``capture``, ``void`` or ``refund``.
    amount_minor : int
        Above zero, minor units of the order's currency.
    external_id : str, optional
        The gateway's own id; makes a repeated call harmless.

    Raises
    ------
    Refused
        If a refund exceeds what was captured and is left (see `payments.rules`).
    Conflict
        If the gateway's id already names another payment.
    """
    connection = core(session)
    order = connection.execute(_HEAD, {"order_id": order_id}).one_or_none()
    if order is None:
        raise NotFound("order", order_id)
    if external_id is not None:
        same = connection.execute(_SAME, {"gateway": gateway, "external_id": external_id}).one_or_none()
        if same is not None:
            _require_same(same, (order_id, kind, amount_minor), gateway, external_id)
            return loaded(session, Payment, same.id)
    sums = {k: int(v) for k, v in connection.execute(_SUMS, {"order_id": order_id})}
    amount = Money(amount_minor, order.currency)
    check_payment(kind, amount, sums, number=order.number, cancelled=order.state == "cancelled")
    (key,) = next_ids(connection, "payments")
    at = clock.now()
    row = {
        "id": key, "order_id": order_id, "kind": kind, "amount_minor": amount_minor, "currency": order.currency,
        "gateway": gateway, "external_id": external_id, "at": at, "business_date": clock.business_date(at, zone),
        "return_id": return_id, "is_simulated": simulated,
    }  # fmt: skip
    try:
        connection.execute(_INSERT, row)
    except IntegrityError as error:
        raise _taken(gateway, external_id) from error
    journal.record(
        session, f"payment.{kind}", "order", order_id, actor=actor, amount_minor=amount_minor, gateway=gateway
    )
    refresh(session, [order_id])
    return loaded(session, Payment, key)


def _require_same(same: Any, wanted: tuple[int, str, int], gateway: str, external_id: str) -> None:
    if tuple(same)[1:] != wanted:
        raise _taken(gateway, external_id)


def _taken(gateway: str, external_id: str | None) -> Conflict:
    return Conflict(
        "payment.duplicate",
        f"{gateway} already sent {external_id!r} for another movement of money.",
        "Check the gateway's report: one id names one payment.",
    )
