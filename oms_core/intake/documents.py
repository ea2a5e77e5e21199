"""Read an order document (the body of ``POST /v1/orders``, a JSON file) into a `NewOrder`.

Money in documents is a decimal string or number in the order's currency; fields not named here
are left alone, so that a shop may send its whole order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from oms_core.kernel.errors import InvalidInput
from oms_core.kernel.money import to_minor
from oms_core.orders.commands import NewAddress, NewAdjustment, NewCustomer, NewLine, NewOrder, NewPayment

Document = Mapping[str, Any]


def order_from(document: object) -> NewOrder:
    """Return the order a document describes.

    Parameters
    ----------
    document : object
        Parsed JSON: ``channel, external_id, currency, lines [{sku, quantity, unit_price}]`` and
        optionally ``customer, shipping_address, billing_address, adjustments, payments, total, placed_at, ship_by_at``.

    Raises
    ------
    InvalidInput
        Naming the field, what it holds and what was expected.
    """
    body = _object("order", document)
    currency = _text(body, "currency")
    lines = [_line(_object("line", line), currency) for line in _list(body, "lines")]
    return NewOrder(
        channel=_text(body, "channel"),
        external_id=_text(body, "external_id"),
        currency=currency,
        lines=lines,
        adjustments=[_adjustment(_object("adjustment", a), currency) for a in _list(body, "adjustments", [])],
        customer=_customer(body),
        address=_address(_object("shipping_address", body.get("shipping_address") or {})),
        billing=_address(_object("billing_address", body["billing_address"])) if body.get("billing_address") else None,
        placed_at=_instant(body, "placed_at"),
        ship_by_at=_instant(body, "ship_by_at"),
        total_minor=_money(body, "total", currency) if body.get("total") is not None else None,
        payments=[_payment(_object("payment", p), currency) for p in _list(body, "payments", [])],
        reservation=_text(body, "reservation", ""),
    )


def _line(line: Document, currency: str) -> NewLine:
    """Read a line; a price finer than the minor unit leaves its rest in `rounding_minor`."""
    price, quantity = _decimal(line, "unit_price"), _whole(line, "quantity")
    unit = to_minor(price, currency)
    return NewLine(
        sku=_text(line, "sku"),
        quantity=quantity,
        unit_price_minor=unit,
        rounding_minor=to_minor(price * quantity, currency) - unit * quantity,
        discount_minor=_money(line, "discount", currency),
        tax_minor=_money(line, "tax", currency),
        title=_text(line, "title", ""),
        attributes=_attributes(line),
    )


def _attributes(line: Document) -> dict[str, Any] | None:
    """Read what a made-to-order unit is to be; numbers finer than whole are kept as they were written."""
    given = line.get("attributes")
    if given is None:
        return None
    return kept(_object("attributes", given)) or None


def kept(value: Any) -> Any:
    """Return parsed JSON as it is stored: exact numbers become text, texts no database takes are refused.

    Raises
    ------
    InvalidInput
        A text with a zero character or half a character.
    """
    if isinstance(value, Mapping):
        return {kept(str(key)): kept(x) for key, x in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [kept(x) for x in value]
    if isinstance(value, str) and ("\x00" in value or (not value.isascii() and _is_broken(value))):
        raise InvalidInput("text", repr(value)[:80], "whole characters, none of them zero")
    return value if value is None or isinstance(value, str | int) else str(value)


def _is_broken(value: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in value)


def _adjustment(item: Document, currency: str) -> NewAdjustment:
    return NewAdjustment(
        kind=_text(item, "kind"),
        amount_minor=_money(item, "amount", currency),
        code=_text(item, "code", ""),
        title=_text(item, "title", ""),
    )


def _payment(item: Document, currency: str) -> NewPayment:
    return NewPayment(
        gateway=_text(item, "gateway"),
        amount_minor=_money(item, "amount", currency),
        kind=_text(item, "kind", "capture"),
        external_id=_text(item, "external_id", "") or None,
    )


def _customer(body: Document) -> NewCustomer | None:
    if body.get("customer") is None:
        return None
    given = _object("customer", body["customer"])
    return NewCustomer(
        email=_text(given, "email", "") or None,
        name=_text(given, "name", ""),
        phone=_text(given, "phone", "") or None,
        external_id=_text(given, "external_id", "") or None,
        kind=_text(given, "kind", "consumer"),
        language=_text(given, "language", ""),
    )


def _address(given: Document) -> NewAddress:
    names = ("country", "postal_code", "city", "region", "line1", "name")
    return NewAddress(**{name: _text(given, name, "") for name in names})


def _object(name: str, value: object) -> Document:
    if not isinstance(value, Mapping):
        raise InvalidInput(name, value, "an object with named fields")
    return value


def _list(body: Document, name: str, missing: Sequence[Any] | None = None) -> Sequence[Any]:
    value = body.get(name, missing)
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise InvalidInput(name, value, "a list")
    return value


def _text(body: Document, name: str, missing: str | None = None) -> str:
    value = body.get(name)
    if value is None and missing is not None:
        return missing
    if not isinstance(value, str) or (missing is None and not value.strip()):
        raise InvalidInput(name, value, "a text was expected")
    return value.strip()


def _whole(body: Document, name: str) -> int:
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidInput(name, value, "a whole number was expected")
    return value


def _decimal(body: Document, name: str) -> Decimal:
    value = body.get(name)
    try:
        amount = Decimal("NaN" if isinstance(value, bool) or value is None else str(value))
    except InvalidOperation as error:
        raise InvalidInput(name, value, "a decimal number was expected, such as 12.30") from error
    if not amount.is_finite():
        raise InvalidInput(name, value, "a decimal number was expected, such as 12.30")
    return amount


def _money(body: Document, name: str, currency: str) -> int:
    return 0 if body.get(name) is None else to_minor(_decimal(body, name), currency)


def _instant(body: Document, name: str) -> datetime | None:
    value = body.get(name)
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise InvalidInput(name, value, "a time like 2026-05-01T12:00:00+02:00") from error
    if at.tzinfo is None:
        raise InvalidInput(name, value, "a time with its zone, like 2026-05-01T12:00:00+02:00")
    return at
