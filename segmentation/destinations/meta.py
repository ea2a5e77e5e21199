"""Meta (Facebook, Instagram): a Custom Audience from a customer list, hashed here.

Rules, as Meta publishes them: e-mail trimmed and lower-case, its dots and ``+`` kept; phone digits only with the
country code; names lower-case without punctuation; city and state without spaces as well; postal code
without spaces and dash, the first five digits in the United States; country two lower-case letters. Letters
beyond a–z stay and are hashed as UTF-8.
"""

from __future__ import annotations

import re
import unicodedata

from segmentation.destinations.model import Column, Destination, Person, Row
from segmentation.destinations.people import e164, names, sha256
from segmentation.destinations.writing import CSV, comma_separated


def email(text: str | None) -> str:
    """Return an e-mail address as Meta hashes it."""
    return (text or "").strip().lower()


def phone(person: Person) -> str:
    """Return the phone number with its country code, digits only."""
    return e164(person).removeprefix("+")


def name(text: str) -> str:
    """Return a first or family name: lower-case, no punctuation, single spaces."""
    return " ".join(_letters(text, keep=" ").split())


def city(text: str) -> str:
    """Return a city: lower-case letters only."""
    return _letters(text)


def state(text: str, country: str) -> str:
    """Return a state or region: two letters in the United States, elsewhere lower-case letters only."""
    written = _letters(text)
    return written if country.upper() != "US" or len(written) == 2 else ""


def postal_code(text: str, country: str) -> str:
    """Return a postal code without spaces and dash; five digits in the United States."""
    written = re.sub(r"[\s\-]", "", text.lower())
    return written[:5] if country.upper() == "US" else written


def country_code(text: str) -> str:
    """Return a country's two letters, lower-case; nothing for anything else."""
    written = text.strip().lower()
    return written if re.fullmatch("[a-z]{2}", written) else ""


def _letters(text: str, keep: str = "") -> str:
    composed = unicodedata.normalize("NFC", text.lower())
    return "".join(c for c in composed if c in keep or unicodedata.category(c)[0] in "LM")


def row(person: Person) -> Row | None:
    """Return the hashed cells; None without an e-mail address and a readable phone number."""
    first, last = names(person)
    found = (email(person.email), phone(person))
    if not any(found):
        return None
    place = (
        city(person.city), state(person.region, person.country), postal_code(person.postal_code, person.country),
        country_code(person.country),
    )  # fmt: skip
    return tuple(sha256(text) for text in (*found, name(first), name(last), *place))


DESTINATION = Destination(
    name="meta",
    title="Meta Custom Audience",
    suffix=".csv",
    media_type=CSV,
    about={
        "en": "E-mail, phone, first and family name, city, state, postal code and country, every one hashed (SHA-256).",
        "pl": "E-mail, telefon, imię, nazwisko, miasto, region, kod i kraj, wszystkie zahaszowane (SHA-256).",
    },
    purposes=("ads",),
    version=1,
    columns=(
        Column("email", "SHA-256 of the e-mail address, trimmed and lower-case.", hashed=True, identifies=True),
        Column("phone", "SHA-256 of the phone number: country code and digits, no plus.", hashed=True, identifies=True),
        Column("fn", "SHA-256 of the first name, lower-case, no punctuation.", hashed=True),
        Column("ln", "SHA-256 of the family name, lower-case, no punctuation.", hashed=True),
        Column("ct", "SHA-256 of the city, lower-case letters only.", hashed=True),
        Column("st", "SHA-256 of the state or region, lower-case letters only.", hashed=True),
        Column("zip", "SHA-256 of the postal code without spaces and dash; US: five digits.", hashed=True),
        Column("country", "SHA-256 of the country's two letters, lower-case.", hashed=True),
    ),
    row=row,
    write=comma_separated,
    minimum=100,
    sources=(
        "https://www.facebook.com/business/help/2082575038703844",
        "https://developers.facebook.com/documentation/ads-commerce/conversions-api/parameters/customer-information-parameters",
    ),
)
