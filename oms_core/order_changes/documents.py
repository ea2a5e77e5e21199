"""Read actions as people write them: decimal amounts in the order's currency, lines by position or SKU."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel.errors import InvalidInput, NotFound, Refused
from oms_core.kernel.money import exponent, to_decimal, to_minor
from oms_core.orders.tables import Order, OrderLine

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

#: Field of a document to the field of an action that holds it in minor units.
_AMOUNTS = {
    "unit_price": "unit_price_minor",
    "discount": "discount_minor",
    "tax": "tax_minor",
    "amount": "amount_minor",
}


def actions_from(session: Session, order: Order, documents: object) -> list[dict[str, Any]]:
    """Return documents as actions of an order.

    Parameters
    ----------
    documents : object
        Parsed JSON: a list of objects with ``kind`` and its fields; amounts are decimals
        (``unit_price, discount, tax, amount``) or integers with ``_minor`` at the end of their
        name; a line is ``line_id``, ``line`` (its position) or, for changing one, ``line_sku``.

    Raises
    ------
    InvalidInput
        Not a list of objects, an amount that is no decimal of the currency.
    NotFound, Refused
        No such line, or more than one line of the SKU (``order_change.which_line``).
    """
    if not isinstance(documents, Sequence) or isinstance(documents, str):
        raise InvalidInput("actions", documents, "a list of actions")
    found = sa.select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.position)
    lines = session.scalars(found).all()
    return [_action(order, lines, document) for document in documents]


def _action(order: Order, lines: Sequence[OrderLine], document: object) -> dict[str, Any]:
    if not isinstance(document, Mapping):
        raise InvalidInput("action", document, "an object with a kind")
    action: dict[str, Any] = {}
    for name, value in document.items():
        if name in _AMOUNTS and value is not None:
            action[_AMOUNTS[name]] = _minor(name, value, order.currency)
        elif name == "line":
            action["line_id"] = _at_position(order, lines, value).id
        elif name == "line_sku":
            action["line_id"] = _of_sku(order, lines, value).id
        else:
            action[name] = value
    return action


def _minor(name: str, value: object, currency: str) -> int:
    """Return a decimal as minor units; an amount finer than the currency is refused, not rounded."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise InvalidInput(name, value, "a decimal number was expected, such as 12.30")
    minor = to_minor(str(value), currency)
    if to_decimal(minor, currency) != _exact(name, value):
        raise InvalidInput(name, value, f"at most {exponent(currency)} decimals ({currency})")
    return minor


def _exact(name: str, value: str | float | Decimal) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation as error:
        raise InvalidInput(name, value, "a decimal number was expected, such as 12.30") from error


def line_at(session: Session, order: Order, position: int) -> OrderLine:
    """Return the order's line at a position."""
    found = sa.select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.position)
    return _at_position(order, session.scalars(found).all(), position)


def _at_position(order: Order, lines: Sequence[OrderLine], position: object) -> OrderLine:
    for line in lines:
        if line.position == position:
            return line
    raise NotFound("order line", position, hint=f"Positions of {order.number}: 1 to {len(lines)}.")


def _of_sku(order: Order, lines: Sequence[OrderLine], sku: object) -> OrderLine:
    mine = [line for line in lines if line.sku == sku]
    if not mine:
        raise NotFound("order line", sku, [line.sku for line in lines])
    if len(mine) > 1:
        positions = ", ".join(str(line.position) for line in mine)
        raise Refused(
            "order_change.which_line",
            f"Order {order.number} has {len(mine)} lines of {sku}.",
            f"Name one by its position: {positions}.",
        )
    return mine[0]
