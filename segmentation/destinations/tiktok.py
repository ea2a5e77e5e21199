"""TikTok: a Custom Audience from a customer file, hashed here.

Rules, as TikTok publishes them: e-mail lower-case without spaces and without a ``+alias``, beginning with a letter or a
digit; phone digits only with the country code, no plus. A newer page of TikTok recommends the plus and says that the
form without it is supported too, so the form both pages take is written.
"""

from __future__ import annotations

import re

from segmentation.destinations.model import Column, Destination, Person, Row
from segmentation.destinations.people import e164, sha256
from segmentation.destinations.writing import CSV, comma_separated


def email(text: str | None) -> str:
    """Return an e-mail address as TikTok hashes it; nothing when it begins with a sign."""
    written = re.sub(r"\+[^@]*(?=@)", "", "".join((text or "").lower().split()))
    return written if re.match(r"[^\W_]", written) else ""


def phone(person: Person) -> str:
    """Return the phone number: country code and digits, no plus."""
    return e164(person).lstrip("+")


def row(person: Person) -> Row | None:
    """Return the hashed cells; None without an e-mail address and a phone number TikTok takes."""
    found = (email(person.email), phone(person))
    return tuple(sha256(text) for text in found) if any(found) else None


DESTINATION = Destination(
    name="tiktok",
    title="TikTok Custom Audience",
    suffix=".csv",
    media_type=CSV,
    about={
        "en": "E-mail and phone, both hashed (SHA-256); nothing else.",
        "pl": "E-mail i telefon, oba zahaszowane (SHA-256); nic więcej.",
    },
    purposes=("ads",),
    version=1,
    columns=(
        Column("Email_SHA256", "SHA-256 of the e-mail address, no +alias.", hashed=True, identifies=True),
        Column("Phone_SHA256", "SHA-256 of the phone number, no plus.", hashed=True, identifies=True),
    ),
    row=row,
    write=comma_separated,
    minimum=1000,
    sources=(
        "https://ads.tiktok.com/help/article/list-of-supported-ids-and-formats-for-a-customer-file",
        "https://ads.tiktok.com/help/article/how-to-create-a-custom-audience-with-a-customer-file",
    ),
)
