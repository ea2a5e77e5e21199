"""Message templates: what may stand in one, what each person reads, and what does not get out by one."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oms_core.kernel.errors import OmsError
from segmentation.destinations.model import Person
from segmentation.messages.fields import FIELDS, Offer
from segmentation.messages.sms import length, unaccented
from segmentation.messages.vocative import called
from segmentation.messages.writing import Incomplete, Template, advice, too_long

ANNA = Person(
    number="C-1", address="a@b.pl", name="ANNA KOWALSKA", city="Łódź", country="PL", orders=3, rfm_group="CHAMPIONS",
    last_order_on=date(2026, 11, 3), spent_minor=123450, currency="PLN", segment="europe",
)  # fmt: skip
FIRM = Person(number="C-2", address="b@b.pl", name="X sp. z o.o.", kind="business", currency="PLN")
MUG = Offer("MUG", "Kubek <b>", 1999, "PLN")


def template(body, *, subject="Hi", html="", language="pl", medium="email"):
    return Template(medium, language, body, "" if medium == "sms" else subject, html)


@pytest.mark.parametrize(("name", "said"), [
    ("Anna", "Anno"), ("KASIA", "Kasiu"), ("Maria", "Mario"), ("Piotr", "Piotrze"), ("marek", "Marku"),
    ("Jan", "Janie"), ("Rafał", "Rafale"), ("Ernest", "Erneście"), ("Paweł", "Pawle"), ("Łukasz", "Łukaszu"),
    ("Jerzy", "Jerzy"),
    ("Kacper", "Kacprze"), ("Robert", "Robercie"), ("Jan Maria", "Janie"), ("Xerxes", "Xerxes"), ("", ""),
])  # fmt: skip
def test_poles_are_called_by_the_vocative_and_strangers_by_their_name(name, said):
    assert called(name) == said


def test_a_message_speaks_the_language_of_its_template():
    body = "{{ called }} z {{ city }}, {{ country }}: {{ amount_spent }} do {{ last_order }}, "
    body += "{{ orders }} × {{ rfm_group }}"
    assert template(body).check().write(ANNA).text == (
        "Anno z Łódź, Polska: 1 234,50 zł do 3 listopada 2026, 3 × Najlepsi"
    )
    english = template(body, language="en").check().write(ANNA).text
    assert english == "Anna z Łódź, Poland: PLN 1,234.50 do 3 November 2026, 3 × Champions"
    assert {name for name in FIELDS if FIELDS[name].meanings.keys() != {"en", "pl"}} == set()


def test_what_is_not_known_is_never_written():
    plain = template("Dzień dobry, {{ called }}!").check()
    with pytest.raises(Incomplete) as lacking:
        plain.write(FIRM)
    assert str(lacking.value) == "called"
    kind = template("Dzień dobry{% if called %}, {{ called }}{% endif %}! {{ city | default('u nas') }}").check()
    assert kind.write(FIRM).text == "Dzień dobry! u nas"
    with pytest.raises(Incomplete):
        template("{% if city != 'Łódź' %}x{% endif %}").check().write(FIRM)
    offers = template(
        "{% for o in offers %}{{ loop.index }}. {{ o.title }} {{ o.price | default('?') }}\n{% endfor %}"
    ).check()
    assert offers.write(ANNA, [MUG, Offer("BAG", "Torba")]).text == "1. Kubek <b> 19,99 zł\n2. Torba ?"


def test_names_bring_no_markup_no_header_and_no_template():
    evil = Person(number="C-3", address="c@b.pl", name="{{ 7 }} <script>\r\nBcc: all@x.pl Z", city="=cmd|' /C calc'!A0")
    said = template("{{ name }} {{ city }}", subject="{{ name }}", html="<p>{{ name }}</p>").check().write(evil)
    assert said.subject == "{{ 7 }} <script> Bcc: all@x.pl Z"
    assert said.html == "<p>{{ 7 }} &lt;script&gt; Bcc: all@x.pl Z</p>"
    assert "\n" not in said.text


@pytest.mark.parametrize(("body", "code"), [
    ("{{ fist_name }}", "template.unknown_field"),
    ("{% for o in offers %}{{ o.titel }}{% endfor %}", "template.unknown_field"),
    ("{% for o in offers %}{{ o }}{% endfor %}", "template.not_allowed"),
    ("{{ ''.__class__.__mro__ }}", "template.not_allowed"),
    ("{{ name.__init__ }}", "template.not_allowed"),
    ("{{ name['x'] }}", "template.not_allowed"),
    ("{{ name | attr('__class__') }}", "template.not_allowed"),
    ("{{ range(9) }}", "template.not_allowed"),
    ("{{ 'x' * 999999999 }}", "template.not_allowed"),
    ("{% include 'secrets' %}", "template.not_allowed"),
    ("{% macro m() %}{% endmacro %}", "template.not_allowed"),
    ("{% for a in offers %}{% for b in offers %}{% endfor %}{% endfor %}", "template.not_allowed"),
    ("{% for a in name %}{{ a }}{% endfor %}", "template.not_allowed"),
    ("{% autoescape false %}{{ name }}{% endautoescape %}", "template.not_allowed"),
    ("{% if name > 1 %}x{% endif %}", "template.not_allowed"),
    ("{% if offers > orders %}x{% endif %}", "template.not_allowed"),
    ("{% if 1 in name %}x{% endif %}", "template.not_allowed"),
    ("{{ name", "template.syntax"),
    ("{% if " + "(" * 5000 + "orders" + ")" * 5000 + " %}x{% endif %}", "template.syntax"),
    ("{% if " + "not " * 60 + "orders %}x{% endif %}", "template.syntax"),
    ("x" * 20_001, "template.too_long"),
])  # fmt: skip
def test_what_a_template_may_not_do_is_refused_with_its_place(body, code):
    with pytest.raises(OmsError) as refused:
        template(body).check()
    assert refused.value.code == code
    if code == "template.unknown_field":
        assert "Did you mean" in refused.value.hint


def test_an_html_part_runs_no_scripts_and_an_email_has_a_subject():
    for wrong, code in (
        (template("x", html="<SCRIPT>"), "template.script"), (template("x", subject=" "), "template.no_subject"),
    ):  # fmt: skip
        with pytest.raises(OmsError) as refused:
            wrong.check()
        assert refused.value.code == code
    assert too_long(template("x" * 20_000 + "{{ name }}").write(Person(number="1", address="a", name="y " * 20_000)))


# 3GPP TS 23.038: 160 of 7 bits alone, 153 in a part; 70 and 67 of 16 bits; ^{}\[~]| and the euro take two places
@pytest.mark.parametrize(("text", "alphabet", "parts"), [
    ("", "GSM-7", 0), ("x" * 160, "GSM-7", 1), ("x" * 161, "GSM-7", 2), ("x" * 306, "GSM-7", 2),
    ("x" * 307, "GSM-7", 3),
    ("€" * 80, "GSM-7", 1), ("€" * 81, "GSM-7", 2), ("x" * 152 + "€" + "x" * 152, "GSM-7", 3),
    ("ż" * 70, "UCS-2", 1), ("ż" * 71, "UCS-2", 2), ("ż" * 134, "UCS-2", 2), ("ż" * 135, "UCS-2", 3),
    ("😀" * 35, "UCS-2", 1), ("😀" * 36, "UCS-2", 2), ("Dzień", "UCS-2", 1), ("àäñöüÄÖÑÜ§", "GSM-7", 1),
])  # fmt: skip
def test_text_messages_are_counted_as_networks_charge_them(text, alphabet, parts):
    found = length(text)
    assert (found.alphabet, found.parts) == (alphabet, parts)


def test_plain_letters_save_parts_and_advice_says_so():
    assert unaccented("Zażółć gęślą jaźń – „Łódź”…") == 'Zazolc gesla jazn - "Lodz"...'
    body = "Zażółć gęślą jaźń " * 5
    (said,) = advice(template(body, medium="sms"))
    assert said["code"] == "template.letters"
    assert [one["code"] for one in advice(template("-10 % dla Ciebie", subject="=Promocja"))] == [
        "template.formula"
    ] * 2
    assert template("{{ city | unaccented | upper }}", medium="sms").check().write(ANNA).text == "LODZ"
    body = "{% if 1 < orders <= 3 and city != 'Kraków' %}{{ orders | unaccented }}{% endif %}"
    assert template(body, medium="sms").check().write(ANNA).text == "3"


TOKENS = [
    "{{",
    "}}",
    "{%",
    "%}",
    "if",
    "else",
    "endif",
    "for",
    "in",
    "endfor",
    "offers",
    "o",
    ".title",
    ".price",
    "name",
    "city",
    "orders",
    "called",
    "|",
    "upper",
    "and",
    "or",
    "not",
    "==",
    ">",
    "<",
    "1",
    "'a'",
    "(",
    ")",
    "loop",
    ".index",
    "is",
    "defined",
    "~",
    "[",
    "]",
    "{#",
    "#}",
    "elif",
    "set",
    "raw",
    "endraw",
    "default('x')",
    "unaccented",
    "d(1)",
    "escape",
    "none",
    "true",
]


@settings(max_examples=300, deadline=None)
@given(words=st.lists(st.sampled_from(TOKENS), max_size=7), is_print=st.booleans(), is_loop=st.booleans())
def test_whatever_is_typed_is_refused_or_written(words, is_print, is_loop):
    source = f"{{{{ {' '.join(words)} }}}}" if is_print else " ".join(words)
    source = f"{{% for o in offers %}}{source}{{% endfor %}}" if is_loop else source
    try:
        typed = template(source).check()
    except OmsError:
        return
    for person in (ANNA, FIRM):
        with suppress(Incomplete):
            typed.write(person, [MUG])
