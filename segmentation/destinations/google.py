"""Google Ads: Customer Match from a hashed customer file.

Rules, as Google publishes them: e-mail lower-case without spaces; before ``@gmail.com`` and ``@googlemail.com`` the
dots and a ``+suffix`` go, at other domains both stay; phone in E.164 with its plus; names lower-case without spaces
around or extra ones between; country and postal code are not hashed. An address is matched only with all four
of first name, family name, country and postal code, so they leave together or not at all.

The dots: the help page of hashed files does not mention them, Google's description of user data for uploads (Data
Manager API, which takes Customer Match) asks for it. A Google account's own address is matched either way.
"""

from __future__ import annotations

import re

from segmentation.destinations.model import Column, Destination, Person, Row
from segmentation.destinations.people import e164, names, sha256
from segmentation.destinations.writing import CSV, comma_separated, is_harmless

_GMAIL = ("gmail.com", "googlemail.com")


def email(text: str | None) -> str:
    """Return an e-mail address as Google hashes it."""
    local, at, domain = "".join((text or "").split()).lower().rpartition("@")
    if domain in _GMAIL:
        local = local.partition("+")[0].replace(".", "")
    return f"{local}{at}{domain}" if local and domain else ""


def phone(person: Person) -> str:
    """Return the phone number in E.164, plus included."""
    return e164(person)


def name(text: str) -> str:
    """Return a first or family name: lower-case, no spaces around, single ones between."""
    return " ".join(text.lower().split())


def country(text: str) -> str:
    """Return a country's two capital letters; nothing for anything else."""
    written = text.strip().upper()
    return written if re.fullmatch("[A-Z]{2}", written) else ""


def postal_code(text: str) -> str:
    """Return a postal code as it is written, in capitals; nothing when a spreadsheet would run it."""
    written = " ".join(text.upper().split())
    return written if is_harmless(written) else ""


def row(person: Person) -> Row | None:
    """Return the cells; None without an e-mail address and a readable phone number."""
    found = (email(person.email), phone(person))
    if not any(found):
        return None
    first, last = (name(part) for part in names(person))
    where = (country(person.country), postal_code(person.postal_code))
    address = (sha256(first), sha256(last), *where) if first and last and all(where) else ("", "", "", "")
    return (*(sha256(text) for text in found), *address)


DESTINATION = Destination(
    name="google",
    title="Google Customer Match",
    suffix=".csv",
    media_type=CSV,
    about={
        "en": "E-mail, phone and names hashed (SHA-256); country and postal code readable, as Google wants them.",
        "pl": "E-mail, telefon, imię i nazwisko zahaszowane (SHA-256); kraj i kod czytelne, jak chce Google.",
    },
    purposes=("ads",),
    version=1,
    columns=(
        Column(
            "Email", "SHA-256 of the e-mail address; Gmail's dots and +suffix removed.", hashed=True, identifies=True
        ),
        Column("Phone", "SHA-256 of the phone number in E.164, plus included.", hashed=True, identifies=True),
        Column("First Name", "SHA-256 of the first name, lower-case.", hashed=True),
        Column("Last Name", "SHA-256 of the family name, lower-case.", hashed=True),
        Column("Country", "Two letters, not hashed."),
        Column("Zip", "Postal code, not hashed."),
    ),
    row=row,
    write=comma_separated,
    sources=(
        "https://support.google.com/google-ads/answer/7476159",
        "https://developers.google.com/data-manager/api/devguides/concepts/formatting",
    ),
)
