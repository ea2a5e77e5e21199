"""Many orders at once: each is answered for itself, and one that is refused leaves the others alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from app.api.asking import Asking
from app.api.models import many as m
from app.api.operations import Operations
from oms_core.fulfilment.commands import NewHold, hold_all, release_order
from oms_core.kernel.errors import NotFound, OmsError
from oms_core.orders.commands import cancel_orders
from oms_core.orders.queries import order_named
from oms_core.orders.tables import Order
from oms_core.orders.tags import add_tags, clean, remove_tags, tags_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

operations = Operations("orders", tag="many orders")
ROWS = {"items": [m.DONE, m.REFUSED]}


@operations.write(
    "/orders/bulk-tag", answers=m.Rows, example={"items": [{**m.DONE, "tags": ["vip"]}, {**m.REFUSED, "tags": []}]}
)
def tag(asking: Asking, body: m.TagMany) -> dict[str, Any]:
    """Put tags on orders and take tags off them."""
    session = asking.session
    for words in (body.add, body.remove):
        if words:
            clean(words)

    def change(keys: Sequence[int]) -> Sequence[Any]:
        if body.remove:
            remove_tags(session, keys, body.remove, actor=asking.actor)
        if body.add:
            add_tags(session, keys, body.add, actor=asking.actor)
        held = tags_of(session, keys)
        return [held[key] for key in keys]

    return _each(asking, body.orders, change, "tags", [])


@operations.write("/orders/bulk-hold", answers=m.Rows, example={"items": [{**m.DONE, "hold_id": 4}]})
def put_on_hold(asking: Asking, body: m.HoldMany) -> dict[str, Any]:
    """Keep orders back from shipping, with a reason and an owner."""
    facts = body.model_dump(exclude={"orders"})

    def change(keys: Sequence[int]) -> Sequence[Any]:
        return hold_all(asking.session, [NewHold(order_id=key, **facts) for key in keys], actor=asking.actor)

    return _each(asking, body.orders, change, "hold_id", None)


@operations.write("/orders/bulk-release", answers=m.Rows, example={"items": [{**m.DONE, "released": 1}]})
def release(asking: Asking, body: m.ReleaseMany) -> dict[str, Any]:
    """Release every hold of orders; under their guard keys they are not put on again."""

    def change(keys: Sequence[int]) -> Sequence[Any]:
        return release_order(asking.session, keys, actor=asking.actor)

    return _each(asking, body.orders, change, "released", 0)


@operations.write("/orders/bulk-cancel", answers=m.Rows, example=ROWS)
def cancel(asking: Asking, body: m.CancelMany) -> dict[str, Any]:
    """Cancel orders: their stock is released; those that shipped stand, and say so."""

    def change(keys: Sequence[int]) -> Sequence[Any]:
        return cancel_orders(asking.session, keys, reason=body.reason, actor=asking.actor, zone=asking.zone)

    return _each(asking, body.orders, change, "", None)


def _each(
    asking: Asking, numbers: Sequence[str], change: Callable[[Sequence[int]], Sequence[Any]], name: str, nothing: Any
) -> dict[str, Any]:
    """Do a command to the orders there are, each once, and return a row for every number asked.

    Parameters
    ----------
    name : str
        Field that holds what the command answered for an order; `nothing` stands there for one refused.
    """
    known = _named(asking, list(dict.fromkeys(numbers)))
    keys = list(dict.fromkeys(key for key in known.values() if isinstance(key, int)))
    answers = dict(zip(keys, change(keys), strict=True)) if keys else {}
    rows = []
    for number in numbers:
        key = known[number]
        said = answers[key] if isinstance(key, int) else key
        refused = said if isinstance(said, OmsError) else None
        row = {"number": number, "done": refused is None, "code": refused.code if refused else "",
               "message": refused.message if refused else ""}  # fmt: skip
        rows.append(row | ({name: nothing if refused else said} if name else {}))
    return {"items": rows}


def _named(asking: Asking, numbers: Sequence[str]) -> dict[str, int | NotFound]:
    """Return the id of each order, or why there is none."""
    found = asking.session.execute(sa.select(Order.number, Order.id).where(Order.number.in_(numbers)))
    known: dict[str, int | NotFound] = {row.number: int(row.id) for row in found}
    for number in numbers:
        if number not in known:
            try:
                known[number] = order_named(asking.session, number).id
            except NotFound as error:
                known[number] = error
    return known
