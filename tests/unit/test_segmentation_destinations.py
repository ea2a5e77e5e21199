"""Each platform's own way of writing an address, held to the examples the platform publishes."""

from __future__ import annotations

import csv
import hashlib
import io
import unicodedata
from datetime import UTC, date, datetime

import openpyxl
import pytest
from customer_frames import customer, facts_of

from oms_core.kernel.errors import InvalidInput, NotFound, Refused
from segmentation import exporting
from segmentation.destinations import (
    DESTINATIONS,
    Person,
    destination,
    google,
    klaviyo,
    mailchimp,
    meta,
    people,
    tiktok,
)
from segmentation.library import Library, builtin
from segmentation.membership import evaluate

LIBRARY = Library(builtin("GBP", "GB"))
ADS = ("meta", "google", "tiktok")
MAIL = ("mailchimp", "klaviyo")


def person(**given) -> Person:
    return Person(**({"number": "C-1", "address": "a@example.com", "country": "PL"} | given))


def chosen(*customers, to, **given):
    facts = facts_of(list(customers))
    found = evaluate(LIBRARY.resolve("number_of_orders >= 0"), facts, LIBRARY)
    return exporting.select(found, to=to, **given), facts, found


def file_of(*customers, to, **given) -> list[dict[str, str]]:
    selection, facts, _ = chosen(*customers, to=to, **given)
    text = exporting.content_of(selection, facts).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


# Meta: "Customer information parameters", input, normalised form and expected SHA-256 as published.
# https://developers.facebook.com/documentation/ads-commerce/conversions-api/parameters/customer-information-parameters
META_VECTORS = (
    (lambda: meta.email("John_Smith@gmail.com"), "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"),
    (
        lambda: meta.phone(person(phone="(650)555-1212", country="US")),
        "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176",
    ),
    (lambda: meta.name("Mary"), "6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec"),
    (lambda: meta.name("정"), "8fa8cd9c440be61d0151429310034083132b35975c4bea67fdd74158eb51db14"),
    (lambda: meta.name("Valéry"), "08e1996b5dd49e62a4b4c010d44e4345592a863bb9f8e3976219bac29417149c"),
    (lambda: meta.country_code("US"), "79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621"),
)


@pytest.mark.parametrize(("normalised", "published"), META_VECTORS)
def test_meta_hashes_as_meta_publishes(normalised, published):
    assert people.sha256(normalised()) == published


# The same page: the form of city, state and postal code.
@pytest.mark.parametrize(
    ("normalised", "published"),
    [
        (meta.city("New York"), "newyork"),
        (meta.city("Saint-Étienne"), "saintétienne"),
        (meta.state("AZ", "US"), "az"),
        (meta.state("Arizona", "US"), ""),  # not the two letters Meta matches on
        (meta.state("Mazowieckie", "PL"), "mazowieckie"),
        (meta.postal_code("94035-1234", "US"), "94035"),
        (meta.postal_code("M1 1AE", "GB"), "m11ae"),
        (meta.postal_code("00-950", "PL"), "00950"),
        (meta.name("O'Neil-Smith"), "oneilsmith"),
        (meta.name("Vale\u0301ry"), unicodedata.normalize("NFC", "valéry")),
        (meta.email(" a.b+c@gmail.com "), "a.b+c@gmail.com"),  # Meta takes neither dots nor suffix away
        (meta.country_code("Poland"), ""),
    ],
)
def test_meta_writes_places_and_names_as_meta_describes(normalised, published):
    assert normalised == published


# Google: "Format user data", https://developers.google.com/data-manager/api/devguides/concepts/formatting
# and "Formatting guidelines for uploading hashed data", https://support.google.com/google-ads/answer/7476159
@pytest.mark.parametrize(
    ("normalised", "published"),
    [
        (google.email("cloudy.sanfrancisco+shopping@gmail.com"), "cloudysanfrancisco@gmail.com"),
        (google.email("Cloudy.SanFrancisco@GoogleMail.com"), "cloudysanfrancisco@googlemail.com"),
        (google.email("user.name+NYC@Example.com"), "user.name+nyc@example.com"),
        (google.email("mail.gmail.com@example.com"), "mail.gmail.com@example.com"),
        (google.email(" te st@example.com "), "test@example.com"),
        (google.phone(person(phone="(800)555-0100", country="US")), "+18005550100"),
        (google.phone(person(phone="(212) 565-0000", country="US")), "+12125650000"),
        (google.phone(person(phone="+44 20 7031 3000", country="")), "+442070313000"),
        (google.name("  Zoë  "), "zoë"),
        (google.country("gb"), "GB"),
        (google.postal_code("wc2h  8lg"), "WC2H 8LG"),
        (google.postal_code("=1+1"), ""),
    ],
)
def test_google_normalises_as_google_describes(normalised, published):
    assert normalised == published


def test_google_gets_an_address_whole_or_not_at_all():
    whole = google.row(person(email="a@example.com", name="Anna Nowak", postal_code="00-950"))
    assert whole[2:] == (people.sha256("anna"), people.sha256("nowak"), "PL", "00-950")
    assert google.row(person(email="a@example.com", name="Anna Nowak"))[2:] == ("", "", "", "")


# TikTok: the hashed example of https://ads.tiktok.com/help/article/how-to-create-a-custom-audience-with-a-customer-file;
# the forms of https://ads.tiktok.com/help/article/list-of-supported-ids-and-formats-for-a-customer-file.
# The hash beside the phone numbers of that page is of neither of the forms shown, so the forms alone are held.
@pytest.mark.parametrize(
    ("normalised", "published"),
    [
        (
            people.sha256(tiktok.email("JaneDoe@gmail.com")),
            "d6117306485ed0e50afab3ac871e98f81699151f30281527d63ff5f233656c69",
        ),
        (tiktok.phone(person(phone="(657)777-0000", country="US")), "16577770000"),
        (tiktok.phone(person(phone="374-93-828222", country="")), ""),  # without plus or country nobody knows
        (tiktok.phone(person(phone="+374-93-828222", country="")), "37493828222"),
        (tiktok.email("firstname-lastname+shop@gmail.com"), "firstname-lastname@gmail.com"),
        (tiktok.email("first.last@gmail.com"), "first.last@gmail.com"),
        (tiktok.email("_hidden@gmail.com"), ""),
        (tiktok.email("+only@gmail.com"), ""),
    ],
)
def test_tiktok_normalises_as_tiktok_describes(normalised, published):
    assert normalised == published


def test_one_address_is_written_differently_by_each_platform():
    one = person(email="A.b+c@Gmail.com", phone="600 700 801")
    assert len({meta.email(one.email), google.email(one.email), tiktok.email(one.email)}) == 3
    assert (meta.phone(one), google.phone(one), tiktok.phone(one)) == ("48600700801", "+48600700801", "48600700801")


@pytest.mark.parametrize(
    ("phone", "country", "read"),
    [
        ("600 700 800", "PL", "+48600700800"),
        ("0048 600 700 800", "", "+48600700800"),
        ("020 7031 3000", "GB", "+442070313000"),  # the trunk 0 goes
        ("+39 06 698 12345", "IT", "+390669812345"),  # in Italy it stays
        ("600 700 800", "", ""),
        ("123", "PL", ""),
        ("call me", "PL", ""),
        (None, "PL", ""),
        ("600 700 800", "XX", ""),
    ],
)
def test_a_phone_number_is_read_or_left_out_never_guessed(phone, country, read):
    assert people.e164(person(phone=phone, country=country)) == read


@pytest.mark.parametrize(
    ("name", "kind", "parts"),
    [
        ("Anna Nowak", "consumer", ("Anna", "Nowak")),
        ("Pani Anna Maria Nowak", "consumer", ("Anna Maria", "Nowak")),
        ("Mr. John Smith, Jr.", "consumer", ("John", "Smith")),
        ("Cher", "consumer", ("Cher", "")),
        ("", "consumer", ("", "")),
        ("Juniper Interiors", "business", ("", "")),
    ],
)
def test_a_name_is_parted(name, kind, parts):
    assert people.names(person(name=name, kind=kind)) == parts


HEADERS = {
    "csv": "email,customer_number,name,language,country,city,rfm_group,orders,last_order_on,amount_spent,currency",
    "klaviyo": "Email,First Name,Last Name,Phone Number,City,State / Region,Zip Code,Country,Locale,"
    "Email Marketing Consent,Email Marketing Consent Timestamp,Consent Source,Segment,RFM Group,Orders,"
    "Last Order Date,Customer Number",
    "mailchimp": "Email Address,FNAME,LNAME,PHONE,CITY,STATE,ZIP,COUNTRY,LANGUAGE,TAGS,"
    "CONSENT,OPTIN_TIME,CONSENT_SOURCE",
    "google": "Email,Phone,First Name,Last Name,Country,Zip",
    "meta": "email,phone,fn,ln,ct,st,zip,country",
    "tiktok": "Email_SHA256,Phone_SHA256",
}


@pytest.mark.parametrize("to", HEADERS)
def test_a_file_has_the_headers_its_platform_reads(to):
    selection, facts, _ = chosen(customer(1), to=to)
    content = exporting.content_of(selection, facts)
    assert content.startswith(b"\xef\xbb\xbf") == (to == "csv")  # a platform would read the mark into its first header
    assert content.decode("utf-8-sig").splitlines()[0] == HEADERS[to]


def test_every_destination_says_what_it_holds():
    assert list(DESTINATIONS) == ["csv", "xlsx", "klaviyo", "mailchimp", "google", "meta", "tiktok"]
    for one in DESTINATIONS.values():
        assert set(one.about) == {"en", "pl"}
        assert all(column.meaning for column in one.columns)
        assert one.sources or one.name in {"csv", "xlsx"}


@pytest.mark.parametrize("to", MAIL)
def test_a_phone_number_leaves_only_with_consent_to_sms(to):
    both = file_of(customer(1, phone="+48600700801"), customer(2, phone="+48600700802", sms_consent="pending"), to=to)
    column = {"klaviyo": "Phone Number", "mailchimp": "PHONE"}[to]
    assert [row[column] for row in both] == ["+48600700801", ""]


def test_the_proof_of_consent_goes_along():
    agreed = {"consent_at": datetime(2010, 3, 1, 13, 5, tzinfo=UTC), "consent_source": "checkout"}
    one = person(email="A@Example.com", name="Anna Nowak", segment="win_back", rfm_group="AT_RISK", **agreed)
    cells = dict(zip((c.name for c in destination("klaviyo").columns), klaviyo.row(one), strict=True))
    assert (cells["Email"], cells["Email Marketing Consent"]) == ("a@example.com", "Subscribe")
    assert cells["Email Marketing Consent Timestamp"] == "2010-03-01 13:05:00+00:00"
    cells = dict(zip((c.name for c in destination("mailchimp").columns), mailchimp.row(one), strict=True))
    assert (cells["TAGS"], cells["OPTIN_TIME"]) == ("win_back,AT_RISK", "2010-03-01 13:05:00")
    assert cells["CONSENT_SOURCE"] == "checkout"


# https://mailchimp.com/help/format-guidelines-for-your-import-file/
def test_mailchimp_takes_ascii_before_the_at_and_255_bytes():
    assert mailchimp.email("józef@example.com") == ""
    assert mailchimp.email("jozef@łódź.pl") == "jozef@łódź.pl"
    assert mailchimp.text("ł" * 200) == "ł" * 127
    assert mailchimp.tags(person(segment="a,b", rfm_group="")) == "a b"


@pytest.mark.parametrize(("to", "email"), [("mailchimp", "józef@example.com"), ("klaviyo", "=cmd@example.com")])
def test_an_address_the_platform_does_not_take_is_left_out_and_said(to, email):
    selection, *_ = chosen(customer(1, email=email), customer(2), to=to)
    assert selection.dropped == {"address_unusable": 1}
    assert len(selection.rows) == 1


def test_two_members_who_are_one_to_google_get_one_line():
    twins = customer(1, email="a.b@gmail.com", phone=None), customer(2, email="ab+x@gmail.com", phone=None)
    assert chosen(*twins, to="google")[0].dropped == {"duplicate_address": 1}
    assert chosen(*twins, to="meta")[0].dropped == {}


def test_an_unreadable_phone_alone_is_nothing_to_match_on():
    selection, *_ = chosen(customer(1, email=None, phone="600700801", country=""), customer(2), to="meta")
    assert selection.dropped == {"address_unusable": 1}


@pytest.mark.parametrize(
    ("to", "purpose"), [*((a, "email") for a in ADS), *((m, "ads") for m in MAIL), ("meta", "sms")]
)
def test_a_consent_to_one_thing_is_none_to_another(to, purpose):
    with pytest.raises(Refused) as caught:
        exporting.purpose_of(to, purpose)
    assert caught.value.code == "export.purpose_not_allowed"


def test_the_destination_brings_its_purpose():
    assert [exporting.purpose_of(to, None) for to in DESTINATIONS] == ["email"] * 4 + ["ads"] * 3
    members = customer(1, ads_consent="not_subscribed"), customer(2, email_consent="unsubscribed")
    assert chosen(*members, to="meta")[0].dropped == {"not_subscribed": 1}
    assert chosen(*members, to="klaviyo")[0].dropped == {"unsubscribed": 1}


def test_bad_wishes_are_answered_with_a_code():
    with pytest.raises(NotFound, match="facebok") as caught:
        destination("facebok")
    assert caught.value.code == "destination.not_found"
    assert "meta" in caught.value.hint
    with pytest.raises(InvalidInput) as wrong:
        exporting.purpose_of("csv", "fax")
    assert wrong.value.code == "export.purpose"


def test_nobody_left_is_one_sentence():
    selection, facts, _ = chosen(customer(1, ads_consent="pending"), to="google")
    with pytest.raises(Refused, match="Nobody is left for a Google Customer Match file") as caught:
        exporting.content_of(selection, facts)
    assert caught.value.code == "export.nobody_left"
    assert caught.value.facts["dropped_by_reason"] == {"pending": 1}


def test_the_manifest_says_columns_rules_and_what_to_mind():
    selection, facts, found = chosen(customer(1), customer(2), to="meta", holdout=0.5)
    content = exporting.content_of(selection, facts)
    made = exporting.manifest(
        found, selection, facts, file=content, file_name="x.csv", at=datetime(2010, 12, 9, tzinfo=UTC), actor="test"
    )
    assert made["file"]["sha256"] == hashlib.sha256(content).hexdigest()
    assert made["normalisation"]["version"] == "meta/1"
    assert made["columns"][0] == {
        "name": "email", "meaning": "SHA-256 of the e-mail address, trimmed and lower-case.", "hashed": True,
    }  # fmt: skip
    assert [w["code"] for w in made["warnings"]] == ["export.below_minimum"]
    assert (made["exported"], len(made["hold_out"]["customers"])) == (1, 1)
    assert "@" not in str(made["dropped_customers"])


FORMULAS = ("=HYPERLINK(1)", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1")


@pytest.mark.parametrize("name", FORMULAS)
def test_excel_sees_a_text_where_a_customer_typed_a_formula(name):
    bought = {"gross_minor": 12345, "orders": 1, "last_order_on": date(2010, 1, 2)}
    selection, facts, _ = chosen(customer(1, name=name, city="http://example.com", **bought), to="xlsx")
    content = exporting.content_of(selection, facts)
    page = openpyxl.load_workbook(io.BytesIO(content))["customers"]
    cells = {head.value: cell for head, cell in zip(page[1], page[2], strict=True)}
    assert cells["name"].data_type == "s"
    assert cells["name"].value.startswith("'")
    assert cells["city"].hyperlink is None
    assert (cells["amount_spent"].value, cells["last_order_on"].value.date()) == (123.45, date(2010, 1, 2))
    assert content == exporting.content_of(selection, facts)  # the same people are the same file


@pytest.mark.parametrize("to", ["csv", *MAIL])
@pytest.mark.parametrize("name", FORMULAS)
def test_no_cell_of_a_readable_file_is_a_formula(to, name):
    (row,) = file_of(customer(1, name=f"{name} x", city=name, region=name, phone="+48600700801"), to=to)
    for cell in row.values():
        assert not cell or cell[0] not in "=+-@\t" or cell == "+48600700801"
