"""Every word the dashboard may show has its Polish, and placeholders survive translation."""

from __future__ import annotations

import string

import pytest

from app.catalogue import calls, messages, missing, translations
from app.i18n import LANGUAGES, _, catalogue, ngettext, speaking

POLISH = translations("pl")


def fields(text: str) -> set[str]:
    return {name for _literal, name, _spec, _conversion in string.Formatter().parse(text) if name}


def test_no_message_lacks_its_polish() -> None:
    assert missing("pl") == []


def keeps_every_fact(message: str | tuple[str, ...]) -> bool:
    wanted = fields(message if isinstance(message, str) else message[1])
    optional = set() if isinstance(message, str) else wanted - fields(message[0])
    return all(fields(text) <= wanted and wanted - fields(text) <= optional for text in POLISH[message])


def test_a_translation_keeps_every_fact() -> None:
    assert POLISH
    assert [message for message in POLISH if not keeps_every_fact(message)] == []


def test_every_counting_message_has_three_polish_forms() -> None:
    assert [m for m, forms in POLISH.items() if isinstance(m, tuple) and len(forms) != 3] == []


def test_polish_picks_the_form_by_the_number() -> None:
    with speaking("pl"):
        words = [ngettext("{n} order", "{n} orders", n).format(n=n) for n in (1, 2, 5, 12, 22)]
    assert words == ["1 zamówienie", "2 zamówienia", "5 zamówień", "12 zamówień", "22 zamówienia"]


def test_an_unknown_message_is_shown_as_it_is() -> None:
    with speaking("pl"):
        assert _("A channel of the merchant's own") == "A channel of the merchant's own"


def test_a_message_inside_an_f_string_is_found_and_an_f_string_as_message_is_refused() -> None:
    assert calls("text = f\"{_('Hello')} world\"") == ["Hello"]
    with pytest.raises(ValueError, match="f-string"):
        calls('_(f"Hello {name}")')


def test_messages_hold_the_registry_and_the_states() -> None:
    assert {"Net sales", "Partially fulfilled", ("{n} order", "{n} orders")} <= messages()


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_catalogue_loads(code: str) -> None:
    assert catalogue(code).gettext("Orders")
