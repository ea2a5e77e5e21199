"""What may be proposed: actions as plain dictionaries, checked in themselves.

Amounts are integer minor units of the order's currency. A line is named by its ``line_id``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from oms_core.kernel.errors import InvalidInput

#: An action: its kind and its fields.
Action = Mapping[str, Any]

ADDRESS = {"name": 200, "line1": 200, "city": 120, "region": 120, "postal_code": 20, "country": 2}
#: Kinds of money that have an action of their own, and what it is.
_OWN_ACTION = {"shipping": "set_shipping", "discount": "set_discount"}
ADJUSTMENTS = ("tax", "fee", "gift_card", "manual")

#: Fields by kind: name to (type, required).
_FIELDS: dict[str, dict[str, tuple[type, bool]]] = {
    "add_line": {
        "sku": (str, True),
        "quantity": (int, True),
        "unit_price_minor": (int, False),
        "discount_minor": (int, False),
        "tax_minor": (int, False),
        "title": (str, False),
        "attributes": (dict, False),
    },
    "remove_line": {"line_id": (int, True)},
    "set_quantity": {"line_id": (int, True), "quantity": (int, True)},
    "set_price": {"line_id": (int, True), "unit_price_minor": (int, True)},
    "set_discount": {"line_id": (int, False), "amount_minor": (int, True), "title": (str, False)},
    "set_address": {"address": (dict, True)},
    "set_shipping": {"amount_minor": (int, True), "title": (str, False)},
    "add_adjustment": {"adjustment": (str, True), "amount_minor": (int, True), "title": (str, False)},
}
KINDS = tuple(_FIELDS)
#: Fields whose value may be below zero.
_SIGNED = {("add_adjustment", "amount_minor")}
_WORDS = {int: "a whole number", str: "a text", dict: "an object with named fields"}


def check_actions(actions: Sequence[Action]) -> list[dict[str, Any]]:
    """Return the actions as they are kept, or refuse the first that is none.

    Raises
    ------
    InvalidInput
        No action at all, an unknown kind or field, a field missing, of the wrong type or below zero.
    """
    if not actions:
        raise InvalidInput("actions", [], "at least one action", code="order_change.no_actions")
    return [_checked(action) for action in actions]


def _checked(action: Action) -> dict[str, Any]:
    kind = action.get("kind") if isinstance(action, Mapping) else None
    if kind not in _FIELDS:
        raise InvalidInput("action", kind, f"one of {', '.join(KINDS)}")
    fields = _FIELDS[kind]
    unknown = sorted(set(action) - set(fields) - {"kind"})
    if unknown:
        raise InvalidInput(unknown[0], action[unknown[0]], f"{kind} knows {', '.join(fields)}")
    kept: dict[str, Any] = {"kind": kind}
    for name, (wanted, required) in fields.items():
        value = action.get(name)
        if value is None and not required:
            continue
        _check_field(kind, name, value, wanted)
        kept[name] = value
    _check_whole(kept)
    return kept


def _check_field(kind: str, name: str, value: object, wanted: type) -> None:
    right = isinstance(value, wanted) and not isinstance(value, bool)
    if not right:
        raise InvalidInput(name, value, f"{_WORDS[wanted]} was expected ({kind})")
    if wanted is int and (kind, name) not in _SIGNED and int(value) < 0:  # type: ignore[call-overload]
        raise InvalidInput(name, value, f"not below zero ({kind})")


def _check_whole(action: Action) -> None:
    kind = action["kind"]
    if kind == "add_line" and action["quantity"] < 1:
        raise InvalidInput("quantity", action["quantity"], "at least one unit")
    if kind == "set_address":
        _check_address(action["address"])
    if kind == "add_adjustment" and action["adjustment"] not in ADJUSTMENTS:
        own = _OWN_ACTION.get(action["adjustment"])
        hint = f"Use the action {own}." if own else ""
        raise InvalidInput("adjustment", action["adjustment"], f"one of {', '.join(ADJUSTMENTS)}", hint)
    if kind == "add_adjustment" and action["amount_minor"] == 0:
        raise InvalidInput("amount_minor", 0, "an amount; zero changes nothing")


def _check_address(address: Mapping[str, Any]) -> None:
    if not address:
        raise InvalidInput("address", {}, f"at least one of {', '.join(ADDRESS)}")
    for name, value in address.items():
        if name not in ADDRESS:
            raise InvalidInput("address", name, f"fields are {', '.join(ADDRESS)}")
        if not isinstance(value, str) or len(value) > ADDRESS[name]:
            raise InvalidInput(name, value, f"a text of at most {ADDRESS[name]} characters")
    country = address.get("country", "")
    if country and not (len(country) == ADDRESS["country"] and country.isalpha() and country.isupper()):
        raise InvalidInput("country", country, "two capital letters (ISO 3166)")
