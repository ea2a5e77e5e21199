"""Take orders from outside: place, pay, allocate; once for each idempotency key.

One order or many in one transaction cost the same number of statements, so a burst of orders is
committed in groups (:func:`place_many`); a single order is a group of one.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.backorders.commands import Answer, promise_orders
from oms_core.fulfilment.commands import open_work_for
from oms_core.intake.keys import claim, keep
from oms_core.intake.plain import place_plain, place_plain_alone, requests_of, without_twins
from oms_core.inventory.tables import Allocation
from oms_core.kernel.database import transaction
from oms_core.kernel.errors import Conflict, OmsError
from oms_core.kernel.money import to_decimal
from oms_core.kernel.rows import core, packed, table_of, unpacked
from oms_core.locations.tables import Location
from oms_core.orders.commands import NewOrder, place_orders
from oms_core.orders.tables import Order, OrderLine
from oms_core.payments.commands import NewMoney, pay_all

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from oms_core.kernel.settings import Shop

_ALLOCATION, _LINE, _ORDER = table_of(Allocation), table_of(OrderLine), table_of(Order)
_LOCATION = table_of(Location)
_AXES = ("state", "payment_status", "fulfillment_status", "delivery_status", "return_status")
#: Times a group is tried when others place the same orders.
_TRIES = 3
#: What became of an order: the answer it gets, or why it was refused.
Outcome = dict[str, Any] | OmsError


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
    said = place_plain(session, shop, [new], [idempotency_key], actor=actor)
    return said[0] if said else _place_long(session, shop, new, idempotency_key, actor=actor)


def place_many(
    session: Session,
    shop: Shop,
    orders: Sequence[NewOrder],
    *,
    idempotency_keys: Sequence[str | None] | None = None,
    actor: str = "api",
) -> list[Outcome]:
    """Place many orders in one transaction, first come first served; each stands for itself.

    An order that is refused leaves nothing behind and does not disturb the others: the group is
    placed again without it.

    Returns
    -------
    list of dict or OmsError
        For each order what :func:`place` returns or raises.
    """
    keys = list(idempotency_keys or [None] * len(orders))
    outcome: dict[int, Outcome] = {**place_plain(session, shop, orders, keys, actor=actor, whole=True)}
    tries = 0
    while waiting := [n for n in range(len(orders)) if n not in outcome]:
        group = without_twins(orders, keys, waiting)
        try:
            found = _kept_or_undone(session, shop, [orders[n] for n in group], [keys[n] for n in group], actor=actor)
        except Conflict:
            # somebody placed one of them in this moment: it is seen when the group is tried again
            tries += 1
            if tries == _TRIES:
                raise
            continue
        outcome |= {group[n]: said for n, said in found.items()}
    return [outcome[n] for n in range(len(orders))]


def place_alone(
    engine: sa.Engine, shop: Shop, new: NewOrder, *, idempotency_key: str | None = None, actor: str = "api"
) -> dict[str, Any]:
    """Do what :func:`place` does in a transaction of its own: a plain order costs two round trips to the server."""
    said = place_plain_alone(engine, shop, [new], requests_of([new], [idempotency_key]), actor=actor)
    if said:
        return said[0]
    with transaction(engine) as session:
        return _place_long(session, shop, new, idempotency_key, actor=actor)


def place_many_alone(
    engine: sa.Engine,
    shop: Shop,
    orders: Sequence[NewOrder],
    *,
    idempotency_keys: Sequence[str | None] | None = None,
    actor: str = "api",
) -> list[Outcome]:
    """Place many orders: the plain ones in a transaction of their own, what is left in one like :func:`place_many`.

    What was answered is durable, even if this stops between the two: the same keys get the same answers.
    """
    keys = list(idempotency_keys or [None] * len(orders))
    outcome: dict[int, Outcome] = {**place_plain_alone(engine, shop, orders, requests_of(orders, keys), actor=actor)}
    if rest := [n for n in range(len(orders)) if n not in outcome]:
        with transaction(engine) as session:
            left, left_keys = [orders[n] for n in rest], [keys[n] for n in rest]
            said = place_many(session, shop, left, idempotency_keys=left_keys, actor=actor)
        outcome |= dict(zip(rest, said, strict=True))
    return [outcome[n] for n in range(len(orders))]


def _place_long(session: Session, shop: Shop, new: NewOrder, key: str | None, *, actor: str) -> dict[str, Any]:
    outcome = _attempt(session, shop, [new], [key], actor=actor)[0]
    if isinstance(outcome, OmsError):
        raise outcome
    return outcome


def _claimed(
    session: Session, orders: Sequence[NewOrder], keys: Sequence[str | None]
) -> list[dict[str, Any] | OmsError | None]:
    return claim(session, [request or (None, "") for request in requests_of(orders, keys)])


class _Undone(Exception):
    """What was written is taken back, because of these refusals."""

    def __init__(self, refused: dict[int, Outcome]) -> None:
        super().__init__("taken back")
        self.refused = refused


def _kept_or_undone(
    session: Session, shop: Shop, orders: Sequence[NewOrder], keys: Sequence[str | None], *, actor: str
) -> dict[int, Outcome]:
    """Place a group: all answers, or nothing written and the refusals alone."""
    try:
        with session.begin_nested():
            found = _attempt(session, shop, orders, keys, actor=actor)
            _require_answers(found)
    except _Undone as undone:
        return undone.refused
    return found


def _require_answers(found: Mapping[int, Outcome]) -> None:
    refused: dict[int, Outcome] = {n: said for n, said in found.items() if isinstance(said, OmsError)}
    if refused:
        raise _Undone(refused)


def _attempt(
    session: Session, shop: Shop, orders: Sequence[NewOrder], keys: Sequence[str | None], *, actor: str
) -> dict[int, Outcome]:
    """Place the orders whose keys are new; return answers and refusals by place in the group.

    As soon as one is refused the others have no answer: what was written is for the caller to undo.
    """
    known = _claimed(session, orders, keys)
    outcome: dict[int, Outcome] = {n: said for n, said in enumerate(known) if said is not None}
    fresh = [n for n in range(len(orders)) if n not in outcome]
    news = [orders[n] for n in fresh]
    own = shop.currency
    placed = place_orders(session, news, zone=shop.zone, actor=actor, shop_currency=own) if fresh else []
    outcome |= {n: said for n, said in zip(fresh, placed, strict=True) if isinstance(said, OmsError)}
    ids = {n: key for n, key in zip(fresh, placed, strict=True) if isinstance(key, int)}
    zone = shop.zone
    held = {key: orders[n].reservation for n, key in ids.items() if orders[n].reservation}
    promised = promise_orders(session, list(ids.values()), reservations=held, zone=zone, actor=actor) if ids else []
    outcome |= {n: said for n, said in zip(ids, promised, strict=True) if isinstance(said, OmsError)}
    if ids and not any(n in outcome for n in ids):
        open_work_for(session, list(ids.values()), actor=actor)
        outcome |= _take_money(session, shop, {n: (key, orders[n]) for n, key in ids.items()}, actor=actor)
        answers = answers_of(session, list(ids.values()))
        for key, said in zip(ids.values(), promised, strict=True):
            answers[key] |= said.told if isinstance(said, Answer) else {}
        keep(session, {keys[n]: answers[key] for n, key in ids.items()})
        for n, key in ids.items():
            outcome.setdefault(n, answers[key])
    return outcome


def _take_money(
    session: Session, shop: Shop, orders: Mapping[int, tuple[int, NewOrder]], *, actor: str
) -> dict[int, Outcome]:
    """Book the payments that came with the orders; return those refused, by place in the group."""
    came = [(n, order_id, payment) for n, (order_id, new) in orders.items() for payment in new.payments]
    moved = [
        NewMoney(
            order_id=order_id, kind=payment.kind, amount_minor=payment.amount_minor, gateway=payment.gateway,
            external_id=payment.external_id,
        )
        for _, order_id, payment in came
    ]  # fmt: skip
    simulated = all(new.is_simulated for _, new in orders.values())
    said = pay_all(session, moved, zone=shop.zone, actor=actor, simulated=simulated) if moved else []
    return {n: refused for (n, *_), refused in zip(came, said, strict=True) if isinstance(refused, OmsError)}


def answer_of(session: Session, order: Order) -> dict[str, Any]:
    """Return what the outside is told about a placed order."""
    return answers_of(session, [order.id])[order.id]


def answers_of(session: Session, order_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return what the outside is told about placed orders, by id; two statements."""
    connection = core(session)
    dialect, batch = connection.dialect.name, {"batch": packed((key,) for key in order_ids)}
    answers = {
        row.id: {
            "id": row.id,
            "number": row.number,
            **{name: getattr(row, name) for name in _AXES},
            "total": str(to_decimal(row.total_minor, row.currency)),
            "currency": row.currency,
            "allocations": [],
        }
        for row in connection.execute(_heads(dialect), batch)
    }
    for row in connection.execute(_promised(dialect), batch):
        answers[row.order_id]["allocations"].append(
            {"sku": row.sku, "quantity": row.quantity, "location": row.code, "location_name": row.name}
        )
    return answers


@lru_cache
def _heads(dialect: str) -> sa.Select[Any]:
    wanted = unpacked(dialect, order_id=int)
    columns = (_ORDER.c[name] for name in ("id", "number", *_AXES, "total_minor", "currency"))
    return sa.select(*columns).join(wanted, wanted.c.order_id == _ORDER.c.id)


@lru_cache
def _promised(dialect: str) -> sa.Select[Any]:
    wanted = unpacked(dialect, order_id=int)
    return (
        sa.select(_LINE.c.order_id, _LINE.c.sku, _ALLOCATION.c.quantity, _LOCATION.c.code, _LOCATION.c.name)
        .join(wanted, wanted.c.order_id == _LINE.c.order_id)
        .join(_ALLOCATION, _ALLOCATION.c.order_line_id == _LINE.c.id)
        .join(_LOCATION, _LOCATION.c.id == _ALLOCATION.c.location_id)
        .order_by(_ALLOCATION.c.id)
    )
