"""A kept reason as a sentence: which clause changed, from which value to which."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oms_core.kernel.errors import OmsError
from segmentation.attributes import ATTRIBUTES
from segmentation.functions import FUNCTIONS
from segmentation.library import in_words, understand

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "new_customer": "new customer", "gone": "no longer a customer of the shop",
        "frozen": "on the list when it was frozen",
        "definition": "the definition changed", "changed": "{subject}: {was} → {now}",
        "aged": "{subject}: {now}, and time went by", "none": "nothing", "yes": "yes",
        "no": "no", "clause": "{change} ({clause})",
    },
    "pl": {
        "new_customer": "nowy klient", "gone": "nie jest już klientem sklepu",
        "frozen": "na liście w chwili zamrożenia",
        "definition": "zmieniła się definicja", "changed": "{subject}: {was} → {now}",
        "aged": "{subject}: {now}, a czas minął", "none": "brak", "yes": "tak",
        "no": "nie", "clause": "{change} ({clause})",
    },
}  # fmt: skip


def told(reason: Mapping[str, Any], language: str = "en") -> str:
    """Return one reason in words; the clause itself in brackets."""
    words = _WORDS.get(language, _WORDS["en"])
    if not reason.get("clause"):
        return words.get(str(reason.get("reason")), str(reason.get("reason")))
    change = words["aged" if reason["was"] == reason["is"] else "changed"].format(
        subject=_subject(str(reason["subject"]), language),
        was=_value(reason["was"], words),
        now=_value(reason["is"], words),
    )
    return words["clause"].format(change=change, clause=_clause(str(reason["clause"]), language))


def _subject(name: str, language: str) -> str:
    known = ATTRIBUTES.get(name) or FUNCTIONS.get(name.split("(", maxsplit=1)[0])
    return known.label(language) if known else name


def _value(value: Any, words: Mapping[str, str]) -> str:
    if value is None:
        return words["none"]
    return words["yes" if value else "no"] if isinstance(value, bool) else str(value)


def _clause(text: str, language: str) -> str:
    """Return the clause in words; as it was kept where the language has moved on since."""
    try:
        return in_words(understand(text), language)
    except OmsError:
        return text
