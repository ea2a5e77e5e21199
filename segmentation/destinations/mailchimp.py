"""Mailchimp: contacts to import into an audience, with tags and the proof of consent.

Rules, as Mailchimp publishes them: one e-mail address, letters beyond a–z only after the ``@``; texts of 255 bytes at
most, longer ones would be clipped; a country is two letters; a tag is at most 100 characters and a comma parts two.
An *Address* field wants a street, which a campaign by e-mail does not need: city, state, postal code and country
leave as texts.
"""

from __future__ import annotations

from datetime import UTC

from segmentation.destinations.model import Column, Destination, Person, Row
from segmentation.destinations.people import names, phone_if_agreed
from segmentation.destinations.writing import CSV, comma_separated, is_harmless

_BYTES, _TAG = 255, 100


def email(text: str | None) -> str:
    """Return an e-mail address Mailchimp takes; nothing for letters beyond ASCII before the ``@``."""
    written = (text or "").strip().lower()
    return written if written.rpartition("@")[0].isascii() and is_harmless(written) else ""


def text(value: str) -> str:
    """Return a text of at most 255 bytes, cut between letters."""
    return " ".join(value.split()).encode("utf-8")[:_BYTES].decode("utf-8", errors="ignore")


def tags(person: Person) -> str:
    """Return the segment and the RFM group as tags, parted by a comma."""
    return ",".join(tag.replace(",", " ")[:_TAG] for tag in (person.segment, person.rfm_group) if tag)


def row(person: Person) -> Row | None:
    """Return the cells; None without an e-mail address Mailchimp takes."""
    address = email(person.email)
    if not address:
        return None
    first, last = names(person)
    agreed_at = person.consent_at
    return (
        address, text(first), text(last), phone_if_agreed(person), text(person.city), text(person.region),
        text(person.postal_code), person.country.upper(), person.language, tags(person), "subscribed",
        agreed_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") if agreed_at else "", text(person.consent_source),
    )  # fmt: skip


DESTINATION = Destination(
    name="mailchimp",
    title="Mailchimp",
    suffix=".csv",
    media_type=CSV,
    about={
        "en": "Address, name, place, language, tags, consent with its time; the phone only with consent to SMS.",
        "pl": "Adres, imię, miejsce, język, tagi, zgoda z czasem; telefon tylko ze zgodą na SMS.",
    },
    purposes=("email",),
    version=1,
    columns=(
        Column("Email Address", "E-mail address, lower-case.", identifies=True),
        Column("FNAME", "First name."),
        Column("LNAME", "Family name."),
        Column("PHONE", "Phone in E.164, only of those who agreed to SMS too."),
        Column("CITY", "City of the latest order."),
        Column("STATE", "Region of the latest order."),
        Column("ZIP", "Postal code of the latest order; map to a text field."),
        Column("COUNTRY", "Two letters."),
        Column("LANGUAGE", "Language the customer uses."),
        Column("TAGS", "Segment and RFM group, parted by a comma."),
        Column("CONSENT", "subscribed: nobody else is in the file."),
        Column("OPTIN_TIME", "When it was agreed to, UTC; empty when the shop does not know."),
        Column("CONSENT_SOURCE", "Where it was agreed to."),
    ),
    row=row,
    write=comma_separated,
    carries={"offer": "OFFER{n}", "offer_sku": "OFFSKU{n}", "subject": "SUBJECT"},
    most_bytes=_BYTES,
    sources=("https://mailchimp.com/help/format-guidelines-for-your-import-file/",),
)
