"""Who somebody is, hidden from those who need not know: enough is left to tell two people apart at a glance."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from oms_core.customers.tables import CUSTOMER_KINDS

_EMAIL = re.compile(r"[^\s@,;<>\"'()]+@[^\s@,;<>\"'()]+\.[^\s@,;<>\"'().]{2,}")


def masked_email(text: str) -> str:
    """Return the first letter and the domain: ``a***@x.pl``; also of every address inside a longer text."""
    return _EMAIL.sub(lambda found: f"{found[0][0]}***@{found[0].rpartition('@')[2]}", text)


def masked_phone(text: str) -> str:
    """Return the last two figures: ``***03``."""
    figures = "".join(sign for sign in text if sign.isdigit())
    return f"***{figures[-2:]}" if figures else ""


def masked_name(text: str) -> str:
    """Return first letters: ``A. K.``."""
    return " ".join(f"{word[0]}." for word in text.split())


def masked_street(text: str) -> str:
    """Return nothing but that there is one."""
    return "***" if text else ""


_EMAILS = {"email", "recipient", "sender", "reply_to"}
_PHONES = {"phone", "phone_number"}
_NAMES = {"ship_name", "bill_name", "buyer_name", "customer_name"}
_STREETS = {"line1", "line2", "ship_line1", "bill_line1", "buyer_address", "street"}


def masked(value: Any) -> Any:
    """Return a record with everything that tells who somebody is masked, however deep; other values as they are.

    A ``name`` is masked in a record of a customer (its ``kind`` says so) or of an address (it has a street).
    Any e-mail address inside any text is masked too.
    """
    if isinstance(value, Mapping):
        names = _NAMES | ({"name"} if _is_somebody(value) else set())
        return {key: _field(str(key), held, names) for key, held in value.items()}
    if isinstance(value, list | tuple):
        return [masked(item) for item in value]
    return masked_email(value) if isinstance(value, str) and "@" in value else value


def _is_somebody(record: Mapping[Any, Any]) -> bool:
    return record.get("kind") in CUSTOMER_KINDS or "line1" in record


def _field(key: str, held: Any, names: set[str]) -> Any:
    if not isinstance(held, str) or not held:
        return masked(held)
    if key in _EMAILS:
        return masked_email(held) if "@" in held else masked_name(held)
    if key in _PHONES:
        return masked_phone(held)
    if key in _STREETS:
        return masked_street(held)
    return masked_name(held) if key in names else masked(held)
