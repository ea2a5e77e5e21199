"""Whatever a customer typed: normalising twice is normalising once, and a hashed file shows no address."""

from __future__ import annotations

import phonenumbers
import pytest
from customer_frames import customer, facts_of
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation import exporting
from segmentation.destinations import Person, destination, google, klaviyo, mailchimp, meta, people, tiktok
from segmentation.library import Library, builtin
from segmentation.membership import evaluate

LIBRARY = Library(builtin("GBP", "GB"))


def person(**given) -> Person:
    return Person(number="C-1", address="", **given)


TEXTS = st.text(max_size=40) | st.emails() | st.from_regex(r"[A-Za-z.+_ ]{1,12}@(gmail|Example)\.com", fullmatch=True)
WRITERS = (
    meta.email, meta.name, meta.city, meta.country_code, google.email, google.name, google.country, google.postal_code,
    tiktok.email, klaviyo.email, mailchimp.email, mailchimp.text,
)  # fmt: skip


@settings(deadline=None)
@given(TEXTS)
def test_what_is_normalised_stays_as_it_is(text):
    for write in WRITERS:
        once = write(text)
        assert write(once) == once, write
        assert people.sha256(write(once)) == people.sha256(once)


@settings(deadline=None)
@given(st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS)))
def test_every_country_s_example_number_is_read_from_its_national_form(region):
    number = phonenumbers.example_number(region)
    if number is not None:
        national = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
        whole = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        assert people.e164(person(phone=national, country=region)) in {whole, ""}
        assert people.e164(person(phone=whole, country="")) == whole


@settings(deadline=None, max_examples=40)
@given(name=st.text(max_size=20), local=st.from_regex(r"[a-z]{3,8}[.+_]?[a-z0-9]{3,8}", fullmatch=True))
@pytest.mark.parametrize("to", ["meta", "google", "tiktok"])
def test_no_address_stands_readable_in_a_hashed_file(to, name, local):
    raw = customer(
        1, name=f"{name} Kowalewska", email=f"{local}@example.com", phone="+48600700801", postal_code="00-950"
    )
    facts = facts_of([raw])
    selection = exporting.select(evaluate(LIBRARY.resolve("number_of_orders >= 0"), facts, LIBRARY), to=to)
    text = exporting.content_of(selection, facts).decode().lower()
    for secret in (raw["email"], local, "600700801", "kowalewska"):
        assert secret not in text
    hashed = set(destination(to).hashed)
    for cell, column in zip(selection.rows[0], selection.columns, strict=True):
        assert column.name not in hashed or cell == "" or (len(cell) == 64 and set(cell) <= set("0123456789abcdef"))
