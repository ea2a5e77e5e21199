"""Segments every shop starts with. Adding one is one entry in `_ENTRIES`.

The first three are those of the guide: customers located in Europe (the home country included; the
neighbouring `europe_abroad` leaves it out), customers whose average order is above an amount, and customers who
bought once and never came back (no second order in 90 days).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from oms_core.kernel.errors import NotFound
from oms_core.kernel.expressions import Expression, as_text, read, sentence
from segmentation.attributes import ABSENT, ATTRIBUTES
from segmentation.functions import FUNCTIONS, refuse_the_impossible

#: Amount from which an average order counts as high, by currency: the guide's 200 zł and round amounts of about
#: that worth. Not an exchange rate: change the segment to change the amount.
HIGH_AOV = {"PLN": 200, "EUR": 50, "USD": 50, "GBP": 40, "CHF": 50, "CZK": 1200, "SEK": 550, "NOK": 550, "DKK": 350}
OTHER_CURRENCY = 50


@dataclass(frozen=True, slots=True)
class Segment:
    """A named segment.

    Attributes
    ----------
    expression : str
        Its definition; `version` counts its changes (the library's own are version 1).
    labels, descriptions : mapping of str to str
        By language.
    """

    name: str
    expression: str
    labels: Mapping[str, str] = field(default_factory=dict)
    descriptions: Mapping[str, str] = field(default_factory=dict)
    version: int = 1
    is_builtin: bool = False

    def label(self, language: str = "en") -> str:
        """Return the label in a language, else the name with blanks."""
        return self.labels.get(language) or self.labels.get("en") or self.name.replace("_", " ").capitalize()

    def description(self, language: str = "en") -> str:
        """Return the description in a language, else in English."""
        return self.descriptions.get(language) or self.descriptions.get("en", "")

    def tree(self) -> Expression:
        """Return the definition, read and checked."""
        return understand(self.expression)


def understand(text: str) -> Expression:
    """Read a segment's expression against the attributes and functions there are.

    Raises
    ------
    ExpressionFault
        With the place of the mistake and what was probably meant.
    """
    tree = read(text, ATTRIBUTES, FUNCTIONS, ABSENT)
    refuse_the_impossible(tree, text)
    return tree


def in_words(expression: Expression, language: str = "en") -> str:
    """Return a segment's expression as a sentence."""
    return sentence(expression, language, ATTRIBUTES, FUNCTIONS)


def _entry(name: str, expression: str, en: tuple[str, str], pl: tuple[str, str]) -> Segment:
    labels, descriptions = zip(en, pl, strict=True)
    languages = ("en", "pl")
    return Segment(
        name,
        expression,
        dict(zip(languages, labels, strict=True)),
        dict(zip(languages, descriptions, strict=True)),
        is_builtin=True,
    )


_ENTRIES = (
    _entry("europe", "in_europe = TRUE",
           ("Customers in Europe", "Located in Europe, the home country included."),
           ("Klienci w Europie", "Zlokalizowani w Europie, także w kraju sklepu.")),
    _entry("europe_abroad", "in_europe = TRUE AND country != '{country}'",
           ("Europe, abroad", "Located in Europe outside the home country."),
           ("Europa, zagranica", "Zlokalizowani w Europie poza krajem sklepu.")),
    _entry("high_aov", "aov > {high_aov}",
           ("High average order", "Average order value above {high_aov} {currency}."),
           ("Wysoka średnia zamówienia", "Średnia wartość zamówienia powyżej {high_aov} {currency}.")),
    _entry("one_time_gone", "number_of_orders = 1 AND last_order_date < -90d",
           ("Bought once, never came back", "One order, more than 90 days ago."),
           ("Jeden zakup i cisza", "Jedno zamówienie, ponad 90 dni temu.")),
    _entry("champions", "rfm_group IN ('CHAMPIONS', 'LOYAL')",
           ("Best customers", "Recent, frequent and high in spend."),
           ("Najlepsi klienci", "Kupują niedawno, często i dużo.")),
    _entry("new_customers", "first_order_date >= -30d",
           ("New customers", "First order within 30 days."),
           ("Nowi klienci", "Pierwsze zamówienie w ostatnich 30 dniach.")),
    _entry("at_risk", "rfm_group IN ('AT_RISK', 'PREVIOUSLY_LOYAL')",
           ("At risk", "Strong history, quiet for long."),
           ("Zagrożeni", "Mocna historia, od dawna cisza.")),
    _entry("win_back", "number_of_orders >= 2 AND last_order_date < -180d",
           ("Win back", "Came back at least once, then silent for half a year."),
           ("Do odzyskania", "Wrócili przynajmniej raz, potem pół roku ciszy.")),
    _entry("frequent_returners", "number_of_orders >= 2 AND return_rate > 0.3",
           ("Many returns", "More than 30 % of the value comes back."),
           ("Dużo zwrotów", "Wraca ponad 30 % wartości.")),
    _entry("reachable_by_email", "email_subscription_status = 'SUBSCRIBED'",
           ("Reachable by e-mail", "Agreed to marketing e-mail."),
           ("Osiągalni e-mailem", "Zgoda na e-maile marketingowe.")),
)  # fmt: skip


def builtin(currency: str, country: str) -> tuple[Segment, ...]:
    """Return the library with the shop's currency and country filled in."""
    facts = {"currency": currency, "country": country, "high_aov": HIGH_AOV.get(currency, OTHER_CURRENCY)}
    return tuple(
        Segment(
            s.name,
            as_text(understand(s.expression.format(**facts))),
            s.labels,
            {language: text.format(**facts) for language, text in s.descriptions.items()},
            is_builtin=True,
        )
        for s in _ENTRIES
    )


class Library:
    """The segments of a shop by name; a stored one hides the built-in one of the same name."""

    def __init__(self, *groups: tuple[Segment, ...]) -> None:
        self._by_name = {s.name.lower(): s for group in groups for s in group}

    def __iter__(self) -> Iterator[Segment]:
        return iter(self._by_name.values())

    def find(self, name: str) -> Segment:
        """Return a segment; NotFound offers near names."""
        found = self._by_name.get(name.lower())
        if found is None:
            raise NotFound("segment", name, self._by_name, "See: ordersight segments list")
        return found

    def lookup(self, name: str) -> Expression:
        """Return the checked expression of a segment, for ``segment('name')``."""
        return self.find(name).tree()

    def resolve(self, text: str) -> Segment:
        """Return the segment of a name, or an unnamed one of an expression.

        A single word that is neither is looked up as a name, so that a slip offers near names.
        """
        word = text.strip()
        if word.lower() in self._by_name:
            return self._by_name[word.lower()]
        if word.isidentifier() and word.lower() not in ATTRIBUTES:
            return self.find(word)
        return Segment("", as_text(understand(text)))
