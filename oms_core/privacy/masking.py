"""Who somebody is, hidden from those who need not know: enough is left to tell two people apart at a glance."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
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
#: Shorter texts are not looked for inside other texts: "Ada" and "May" are words of much else.
_TELLING = 6
Known = dict[str, str]


def masked(value: Any, *, names: AbstractSet[str] = frozenset()) -> Any:
    """Return a record with everything that tells who somebody is masked, however deep; other values as they are.

    A ``name`` is masked in a record of a customer (its ``kind`` says so), of an address (it has a street), of a
    customer's account (``party``), or beside an e-mail address (unless it is a supplier's: they have a ``code``).
    Names, phones and streets so found are then masked in the other texts of the record, too, such as the words
    of a message; and any e-mail address inside any text.

    Parameters
    ----------
    names : set of str
        Further keys under which these records hold somebody's name.
    """
    known: Known = {}
    once = _fields_masked(value, names, known)
    telling = {text: hidden for text, hidden in known.items() if len(text) >= _TELLING}
    if not telling:
        return once
    longest_first = sorted(telling, key=len, reverse=True)
    pattern = re.compile("|".join(rf"(?<!\w){re.escape(text)}(?!\w)" for text in longest_first))
    return _texts_masked(once, lambda text: pattern.sub(lambda found: telling[found[0]], text))


def _fields_masked(value: Any, names: AbstractSet[str], known: Known) -> Any:
    """Return the value with the fields of people masked; what they said is added to `known`."""
    if isinstance(value, Mapping):
        mine = _NAMES | names | ({"name"} if _is_somebody(value) else set())
        return {key: _field(str(key), held, mine, names, known) for key, held in value.items()}
    if type(value) in {list, tuple}:
        return type(value)(_fields_masked(item, names, known) for item in value)
    return masked_email(value) if isinstance(value, str) and "@" in value else value


def _texts_masked(value: Any, how: Callable[[str], str]) -> Any:
    if isinstance(value, Mapping):
        return {key: _texts_masked(held, how) for key, held in value.items()}
    if type(value) in {list, tuple}:
        return type(value)(_texts_masked(item, how) for item in value)
    return how(value) if isinstance(value, str) else value


def _is_somebody(record: Mapping[Any, Any]) -> bool:
    """Whether a record's ``name`` is a person's."""
    of_customer = str(record.get("party", "")).startswith(
        "C:"
    )  # a guest's account says that it is one, a supplier's whose
    reached = "email" in record and "code" not in record
    return record.get("kind") in CUSTOMER_KINDS or "line1" in record or of_customer or reached


def _field(key: str, held: Any, mine: AbstractSet[str], names: AbstractSet[str], known: Known) -> Any:
    how = _how(key, mine)
    if how is None or not isinstance(held, str) or not held:
        return _fields_masked(held, names, known)
    hidden = masked_email(held) if "@" in held else how(held)
    if "@" not in held:
        known[held] = hidden
    return hidden


def _how(key: str, names: AbstractSet[str]) -> Callable[[str], str] | None:
    """Return how a text under a key is masked; None where the key tells nothing of a person."""
    if key in _PHONES:
        return masked_phone
    if key in _STREETS:
        return masked_street
    return masked_name if key in names or key in _EMAILS else None
