"""Who may be written to, how the hold-out is drawn, and what a spreadsheet sees."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime

import polars as pl
import pytest
from customer_frames import customer, facts_of, random_facts, random_scores

from oms_core.kernel.errors import InvalidInput, NotFound, Refused
from segmentation import exporting, rfm
from segmentation.destinations import neutral
from segmentation.gatekeeping import HELD_OUT, draw_holdout, verdicts
from segmentation.library import Library, builtin, in_words
from segmentation.membership import evaluate, overlap
from segmentation.messages.fields import Offer
from segmentation.messages.writing import Template
from segmentation.personalising import Personal

LIBRARY = Library(builtin("GBP", "GB"))


def everybody(*customers):
    facts = facts_of(list(customers))
    return facts, evaluate(LIBRARY.resolve("number_of_orders >= 0"), facts, LIBRARY)


@pytest.mark.parametrize(
    ("given", "purpose", "verdict"),
    [
        ({}, "email", ""),
        ({"email_consent": "unsubscribed"}, "email", "unsubscribed"),
        ({"email_consent": "pending"}, "email", "pending"),
        ({"email_consent": "not_subscribed"}, "sms", ""),
        ({"sms_consent": "not_subscribed"}, "sms", "not_subscribed"),
        ({"is_erased": True, "email_consent": "unsubscribed"}, "email", "erased"),
        ({"email": None}, "email", "address_missing"),
        ({"email": "  "}, "email", "address_missing"),
        ({"email": "no-at-sign.example.com"}, "email", "address_invalid"),
        ({"email": "a@b"}, "email", "address_invalid"),
        ({"phone": "call me"}, "sms", "address_invalid"),
        ({"email": None}, "ads", ""),
        ({"email": None, "phone": None}, "ads", "address_missing"),
    ],
)
def test_only_subscribed_people_with_an_address_pass(given, purpose, verdict):
    frame = facts_of([customer(1, **given)]).customers
    assert verdicts(frame, purpose).to_list() == [verdict]


def test_two_members_with_one_address_get_one_line():
    frame = facts_of([customer(1, email="A@x.com"), customer(2, email="a@x.com "), customer(3)]).customers
    assert verdicts(frame, "email").to_list() == ["", "duplicate_address", ""]


def test_an_unknown_purpose_is_refused():
    with pytest.raises(InvalidInput, match="purpose"):
        verdicts(facts_of([customer(1)]).customers, "fax")


def test_the_hold_out_is_the_same_on_every_call_and_in_any_order():
    numbers = pl.Series([f"C-{i}" for i in range(200)])
    held = draw_holdout(numbers, share=0.1, seed=1, salt="x")
    assert held.sum() == 20
    backwards = draw_holdout(numbers.reverse(), share=0.1, seed=1, salt="x").reverse()
    assert held.to_list() == backwards.to_list()
    for other in ({"seed": 2, "salt": "x"}, {"seed": 1, "salt": "y"}):
        assert draw_holdout(numbers, share=0.1, **other).to_list() != held.to_list()


@pytest.mark.parametrize("share", [-0.1, 1.0, 2.0])
def test_a_hold_out_share_is_a_share(share):
    with pytest.raises(InvalidInput, match="holdout"):
        draw_holdout(pl.Series(["a"]), share=share, seed=0, salt="")


def test_every_member_is_exported_or_left_out_for_one_reason():
    facts = random_facts(3, n=120)
    found = evaluate(LIBRARY.resolve("number_of_orders >= 1"), facts, LIBRARY)
    chosen = exporting.select(found, holdout=0.2, seed=7)
    made = exporting.manifest(
        found, chosen, facts, file=b"x", file_name="x.csv",
        at=datetime(2010, 12, 9, 12, tzinfo=UTC), actor="test",
    )  # fmt: skip
    assert made["members"] == made["exported"] + made["dropped"]
    assert made["dropped"] == sum(made["dropped_by_reason"].values())
    assert len(made["dropped_customers"]) + len(made["hold_out"]["customers"]) == made["dropped"]
    allowed = made["exported"] + made["dropped_by_reason"][HELD_OUT]
    assert made["dropped_by_reason"][HELD_OUT] == round(0.2 * allowed)
    assert found.reachable["email"] == allowed
    assert made["segment"]["sentence"]["pl"] == "liczba zamówień: co najmniej 1"


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+48 600 700 800", "+48 600 700 800"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-12.50", "-12.50"),
        ("\t=1", "'\t=1"),
        ("Łódź", "Łódź"),
        (None, None),
    ],
)
def test_no_spreadsheet_runs_a_name(text, safe):
    assert neutral(text) == safe


def test_the_guides_three_segments():
    def bought(key, **given):
        day = given.pop("on", date(2010, 12, 1))
        return customer(key, orders=1, first_order_on=day, last_order_on=day, **given)

    facts, _ = everybody(
        bought(1, country="DE", aov_minor=4001),
        bought(2, country="GB", aov_minor=4000, on=date(2010, 6, 1)),
        bought(3, country="US", aov_minor=9000, currency="USD"),
        customer(4, country=""),
    )

    def ids(name):
        return sorted(evaluate(LIBRARY.find(name), facts, LIBRARY).members.get_column("customer_id"))

    assert ids("europe") == [1, 2]
    assert ids("europe_abroad") == [1]
    assert ids("high_aov") == [1]  # 40.00 is not above 40; dollars are not converted
    assert ids("one_time_gone") == [2]


@pytest.mark.parametrize("segment", list(LIBRARY), ids=lambda s: s.name)
def test_every_built_in_segment_runs_and_reads_in_both_languages(segment):
    facts = random_facts(2, scores=random_scores(2))
    assert evaluate(segment, facts, LIBRARY).members.height <= facts.customers.height
    assert segment.label("pl") != segment.label("en")
    assert "{" not in segment.description("pl") + segment.expression
    assert in_words(segment.tree(), "pl") != in_words(segment.tree(), "en")


def test_segments_of_segments_and_the_circle_that_is_refused():
    from segmentation.library import Segment

    facts = random_facts(2)
    loop = Library(builtin("GBP", "GB"), (Segment("a", "segment('b') = TRUE"), Segment("b", "segment('a') = TRUE")))
    abroad = evaluate(loop.resolve("segment('europe') AND NOT segment('europe_abroad')"), facts, loop)
    assert set(abroad.members.get_column("country")) == {"GB"}
    with pytest.raises(Refused, match="a → b"):
        evaluate(loop.find("a"), facts, loop)
    with pytest.raises(NotFound, match="eu_rope"):
        evaluate(loop.resolve("segment('eu_rope')"), facts, loop)


def test_overlap_counts_common_members():
    facts = random_facts(4, scores=random_scores(4))
    found = evaluate(LIBRARY.find("europe"), facts, LIBRARY)
    rows = {r["name"]: r for r in overlap(found, LIBRARY, facts, LIBRARY).to_dicts()}
    assert "europe" not in rows
    abroad = evaluate(LIBRARY.find("europe_abroad"), facts, LIBRARY)
    assert rows["europe_abroad"]["members"] == abroad.members.height


def test_a_misspelt_name_offers_near_ones():
    with pytest.raises(NotFound) as caught:
        LIBRARY.resolve("high_oav")
    assert "'high_aov'" in caught.value.hint


def test_the_rfm_grid_is_complete_and_uses_every_group():
    used = {group for row in rfm.GRID.values() for group in row} | {rfm.NO_ORDERS}
    assert used == set(rfm.GROUPS)
    assert all(set(labels) == set(rfm.GROUPS) for labels in rfm.GROUP_LABELS.values())


def added(**given):
    return Personal(
        template=Template(**({"medium": "email", "language": "en", "name": "spring", "version": 3} | given))
    )


def test_a_message_is_written_after_the_gate_and_before_the_hold_out():
    people = [customer(1, name="=Ada One"), customer(2, name=""), customer(3, email_consent="pending"), customer(4)]
    facts, found = everybody(*people)
    letter = added(subject="Hi", body="{{ name }}, hello")
    letter.count, letter.offers = 1, {"C-1": [Offer("MUG", "-Mug")]}
    chosen = exporting.select(found, purpose="email", personal=letter)
    assert dict(chosen.outcomes.select("number", "outcome").iter_rows()) == {
        "C-1": "exported", "C-2": "message_incomplete", "C-3": "pending", "C-4": "exported",
    }  # fmt: skip
    rows = list(csv.reader(io.StringIO(exporting.content_of(chosen, facts).decode("utf-8-sig"))))
    assert [row[-4:] for row in rows] == [
        ["recommended_1", "recommended_1_sku", "subject", "message"],
        ["'-Mug", "MUG", "Hi", "'=Ada One, hello"],  # neutral after it was written
        ["", "", "Hi", "Customer 4, hello"],
    ]
    said = exporting.manifest(
        found, chosen, facts, file=b"", file_name="a.csv", at=datetime(2026, 1, 1, tzinfo=UTC), actor="ola"
    )["personal"]
    assert (said["template"]["name"], said["template"]["version"], said["not_known"]) == ("spring", 3, {"name": 1})
    half = exporting.select(found, purpose="email", holdout=0.5, personal=added(subject="Hi", body="{{ name }}"))
    assert sorted(half.outcomes["outcome"]) == ["exported", "hold_out", "message_incomplete", "pending"]


def test_what_cannot_go_there_is_refused_before_anything_is_written():
    _, found = everybody(customer(1))
    for to, letter, code in (
        ("google", Personal(count=1), "export.cannot_carry"),
        ("mailchimp", added(subject="Hi", body="x"), "export.cannot_carry"),
        ("csv", added(medium="sms", body="x"), "export.template_purpose"),
    ):
        with pytest.raises(Refused) as refused:
            exporting.select(found, to=to, personal=letter)
        assert refused.value.code == code
    cut = exporting.select(found, to="mailchimp", personal=Personal(1, {"C-1": [Offer("MUG", "ż" * 200)]}))
    assert [column.name for column in cut.columns][-2:] == ["OFFER1", "OFFSKU1"]
    assert cut.rows[0][-2:] == ("ż" * 127, "MUG")  # 255 bytes, cut between letters
    texts = exporting.select(found, purpose="sms", personal=added(medium="sms", body="ż" * 71))
    assert texts.personal.told()["sms_parts"] == {"2": 1}
