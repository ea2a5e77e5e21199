"""Read a phone number and a name: which number is meant, which part is the family name.

Reading is one thing for all; writing is each destination's own.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

import phonenumbers

from segmentation.destinations.model import Person

#: Forms of address and generation marks; platforms match on the name alone.
_BEFORE = frozenset(("mr", "mrs", "ms", "miss", "dr", "prof", "sir", "pan", "pani", "herr", "frau", "mgr", "inż"))
_AFTER = frozenset(("jr", "sr", "ii", "iii", "iv", "phd", "esq"))


def e164(person: Person) -> str:
    """Return the phone number as ``+48600700800``; empty when it cannot be known.

    A number without a country code is read as one of the person's country; without a country it is
    not guessed, because a wrong guess is somebody else's number.
    """
    return _e164((person.phone or "").strip(), person.country.upper())


@lru_cache(maxsize=65_536)
def _e164(phone: str, country: str) -> str:
    if phone.startswith("00"):
        phone = "+" + phone[2:]
    try:
        number = phonenumbers.parse(phone, country or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def names(person: Person) -> tuple[str, str]:
    """Return first and family name: the last word is the family's; a company has neither.

    A name of one word is a first name, unless it is a company's.
    """
    words = person.name.split() if person.kind == "consumer" else []
    while words and words[0].strip(".").lower() in _BEFORE:
        words = words[1:]
    while len(words) > 1 and words[-1].strip(".,").lower() in _AFTER:
        words = words[:-1]
    if words:
        words[-1] = words[-1].rstrip(",")
    return (words[0] if len(words) == 1 else " ".join(words[:-1]), words[-1] if len(words) > 1 else "")


def phone_if_agreed(person: Person) -> str:
    """Return the phone number when SMS was agreed to as well: consent to e-mail does not give a phone away."""
    return e164(person) if person.sms_consent == "subscribed" else ""


def sha256(text: str) -> str:
    """Return the SHA-256 of a normalised text as lower-case hexadecimal; nothing stays nothing."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest() if text else ""
