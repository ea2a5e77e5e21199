"""What a template may speak of: each field with its meaning and how it is written in the template's language.

One registry: a field added here is in the list of fields, in the check of templates and in every message.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, get_currency_symbol

from oms_core.kernel.money import to_decimal
from segmentation.destinations.model import Person
from segmentation.destinations.people import names
from segmentation.messages.vocative import called
from segmentation.rfm import GROUP_LABELS

#: Locale in which dates and amounts are written.
LOCALES = {"en": "en_GB", "pl": "pl_PL"}


@dataclass(frozen=True, slots=True)
class Offer:
    """A product offered to somebody; its price in minor units of `currency`, None when it has none."""

    sku: str
    title: str
    price_minor: int | None = None
    currency: str = "EUR"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a template.

    Attributes
    ----------
    meanings : mapping of str to str
        What it is, by language.
    value : callable
        Of a person and a language: the text, the number to compare with, or None when it is not known.
    """

    name: str
    meanings: Mapping[str, str]
    value: Callable[[Person, str], Any]


@lru_cache(maxsize=4096)  # products are few, messages many
def money(amount: Decimal, currency: str, language: str) -> str:
    """Write an amount as the language does: ``£12.50``, ``12,50 zł``; with plain spaces, which an SMS has room for."""
    locale = LOCALES[language]
    # a code is parted from its number, a symbol is not
    apart = "¤¤ #,##0.00" if language == "en" and get_currency_symbol(currency, locale) == currency else None
    return str(_plain(format_currency(amount, currency, apart, locale=locale)))


def _first(person: Person, _language: str) -> str:
    """Return the first name, given a capital when it came in one case only."""
    first = names(person)[0]
    return first.title() if first.isupper() or first.islower() else first


def _called(person: Person, language: str) -> str:
    first = _first(person, language)
    return called(first) if language == "pl" else first


def _country(person: Person, language: str) -> str | None:
    return Locale.parse(LOCALES[language]).territories.get(person.country) if person.country else None


def _last_order(person: Person, language: str) -> str | None:
    return format_date(person.last_order_on, "long", locale=LOCALES[language]) if person.last_order_on else None


def _group(person: Person, language: str) -> str | None:
    return GROUP_LABELS[language].get(person.rfm_group) if person.rfm_group else None


FIELDS = {
    field.name: field
    for field in (
        Field("first_name", {"en": "First name; a company has none.", "pl": "Imię; firma go nie ma."}, _first),
        Field("called", {
            "en": "First name as one is called by it: Polish in the vocative (Anno, Marku); others as they are.",
            "pl": "Imię w wołaczu (Anno, Marku); imię spoza listy bez zmian.",
        }, _called),
        Field("last_name", {"en": "Family name.", "pl": "Nazwisko."}, lambda p, _: names(p)[1]),
        Field("name", {"en": "Name as it stands in the shop.", "pl": "Nazwa jak w sklepie."}, lambda p, _: p.name),
        Field("customer_number", {"en": "The customer's number.", "pl": "Numer klienta."}, lambda p, _: p.number),
        Field("city", {"en": "City of the latest order.", "pl": "Miasto ostatniego zamówienia."}, lambda p, _: p.city),
        Field("country", {"en": "Country, in words.", "pl": "Kraj, słowem."}, _country),
        Field("orders", {"en": "Orders that stand, a number.", "pl": "Liczba zamówień."}, lambda p, _: p.orders),
        Field("last_order", {"en": "Day of the latest order.", "pl": "Dzień ostatniego zamówienia."}, _last_order),
        Field("amount_spent", {
            "en": "Goods ordered less discounts, with the currency.", "pl": "Kwota zamówień po rabatach, z walutą.",
        }, lambda p, language: money(p.spent, p.currency, language)),
        Field("rfm_group", {"en": "RFM group, in words.", "pl": "Grupa RFM, słowem."}, _group),
        Field("segment", {"en": "Name of the segment.", "pl": "Nazwa segmentu."}, lambda p, _: p.segment),
    )
}  # fmt: skip
#: Fields that are numbers: only these can be larger or smaller.
NUMBERS = ("orders",)
#: The one list, and what each of its items has.
OFFERS = "offers"
OFFER_FIELDS = {
    "title": {"en": "Name of the product.", "pl": "Nazwa produktu."},
    "sku": {"en": "Its SKU.", "pl": "Jego SKU."},
    "price": {"en": "Its price, with the currency; may be missing.", "pl": "Cena z walutą; może jej nie być."},
}


def values(person: Person, offers: Sequence[Offer], language: str) -> dict[str, Any]:
    """Return what is known of a person by field; what is not known is left out."""
    found = {name: field.value(person, language) for name, field in FIELDS.items()}
    known = {name: _plain(value) for name, value in found.items() if value is not None and value != ""}
    return known | {OFFERS: [_offer(one, language) for one in offers]}


def _offer(one: Offer, language: str) -> dict[str, str]:
    said = {"title": _plain(one.title), "sku": _plain(one.sku)}
    if one.price_minor is not None:
        said["price"] = money(to_decimal(one.price_minor, one.currency), one.currency, language)
    return said


def _plain(value: Any) -> Any:
    """Return a text on one line without control characters: a name can start no new header and no new line."""
    return " ".join("".join(c if c.isprintable() else " " for c in value).split()) if isinstance(value, str) else value
