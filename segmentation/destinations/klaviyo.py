"""Klaviyo: profiles to import into a list, with their consent.

Rules, as Klaviyo publishes them: the first column is the e-mail address; phone in E.164; consent is *Subscribe* with
the time it was given; a date is YYYY-MM-DD. Headers are Klaviyo's own property names, so they map by themselves; the
rest become custom properties.
"""

from __future__ import annotations

from datetime import UTC

from segmentation.destinations.model import Column, Destination, Person, Row
from segmentation.destinations.people import names, phone_if_agreed
from segmentation.destinations.writing import CSV, comma_separated, is_harmless

#: What Klaviyo's import calls a person who agreed.
_AGREED = "Subscribe"


def email(text: str | None) -> str:
    """Return an e-mail address as Klaviyo keeps it; nothing when a spreadsheet would run it."""
    written = (text or "").strip().lower()
    return written if is_harmless(written) else ""


def row(person: Person) -> Row | None:
    """Return the cells; None without an e-mail address that can stand in a file."""
    address = email(person.email)
    if not address:
        return None
    agreed_at = person.consent_at
    return (
        address, *names(person), phone_if_agreed(person), person.city, person.region, person.postal_code,
        person.country.upper(), person.language, _AGREED,
        agreed_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S+00:00") if agreed_at else "", person.consent_source,
        person.segment, person.rfm_group, person.orders, person.last_order_on, person.number,
    )  # fmt: skip


DESTINATION = Destination(
    name="klaviyo",
    title="Klaviyo",
    suffix=".csv",
    media_type=CSV,
    about={
        "en": "Address, name, place, language, consent, segment, RFM group; the phone only with consent to SMS.",
        "pl": "Adres, imię, miejsce, język, zgoda z czasem, segment i grupa RFM; telefon tylko ze zgodą na SMS.",
    },
    purposes=("email",),
    version=1,
    columns=(
        Column("Email", "E-mail address, lower-case.", identifies=True),
        Column("First Name", "First name."),
        Column("Last Name", "Family name."),
        Column("Phone Number", "Phone in E.164, only of those who agreed to SMS too."),
        Column("City", "City of the latest order."),
        Column("State / Region", "Region of the latest order."),
        Column("Zip Code", "Postal code of the latest order."),
        Column("Country", "Two letters."),
        Column("Locale", "Language the customer uses."),
        Column("Email Marketing Consent", "Subscribe: nobody else is in the file."),
        Column("Email Marketing Consent Timestamp", "When it was agreed to, UTC; empty when the shop does not know."),
        Column("Consent Source", "Where it was agreed to."),
        Column("Segment", "Name of the segment."),
        Column("RFM Group", "Group by recency, frequency and money."),
        Column("Orders", "Orders that stand."),
        Column("Last Order Date", "Day of the latest order."),
        Column("Customer Number", "The customer's number in this shop."),
    ),
    row=row,
    write=comma_separated,
    carries={
        "offer": "Recommended {n}",
        "offer_sku": "Recommended {n} SKU",
        "subject": "Message Subject",
        "text": "Message Text",
        "html": "Message HTML",
    },
    sources=(
        "https://help.klaviyo.com/hc/en-us/articles/360043841811",
        "https://help.klaviyo.com/hc/en-us/articles/115005078967",
        "https://developers.klaviyo.com/en/docs/acceptable-date-and-timestamp-formats-for-profile-and-event-properties",
    ),
)
