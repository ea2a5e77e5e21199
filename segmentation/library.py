"""Segments every shop starts with. Adding one is one entry in `_ENTRIES`.

The first three are those of the guide: customers located in Europe (the home country included; `europe_abroad` leaves
it out), customers whose average order is above an amount, and customers who bought once and never came back (no second
order in 90 days).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import polars as pl

from oms_core.kernel import clock
from oms_core.kernel.errors import InvalidInput, NotFound
from oms_core.kernel.expressions import Advice, Call, Expression, as_text, conditions, lint, read, sentence
from segmentation.attributes import ABSENT, ATTRIBUTES
from segmentation.compiling import MAX_CHAIN, cycle
from segmentation.functions import FUNCTIONS, refuse_the_impossible

#: Amount from which an average order counts as high, by currency: the guide's 200 zł and round amounts of about
#: that worth. Not an exchange rate: change the segment to change the amount.
HIGH_AOV = {"PLN": 200, "EUR": 50, "USD": 50, "GBP": 40, "CHF": 50, "CZK": 1200, "SEK": 550, "NOK": 550, "DKK": 350}
OTHER_CURRENCY = 50
#: A basket is big from this many times a high average order.
BASKET_TIMES = 3


@dataclass(frozen=True, slots=True)
class Segment:
    """A named segment.

    Attributes
    ----------
    expression : str
        Its definition; `version` counts its changes (the library's own are version 1).
    labels, descriptions : mapping of str to str
        By language.
    ids : polars.Series or None
        The customers of a list, which holds whom it held when it was frozen; None for a living segment.
    """

    name: str
    expression: str
    labels: Mapping[str, str] = field(default_factory=dict)
    descriptions: Mapping[str, str] = field(default_factory=dict)
    version: int = 1
    is_builtin: bool = False
    ids: pl.Series | None = field(default=None, compare=False, repr=False)

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


def advice(text: str, tree: Expression) -> list[Advice]:
    """Return what is probably not meant in an expression, by place."""
    return lint(text, tree, ATTRIBUTES, clock.now().date())


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
    _entry("high_aov", "aov > {high_aov}",
           ("High average order", "Average order value above {high_aov} {currency}."),
           ("Wysoka średnia zamówienia", "Średnia wartość zamówienia powyżej {high_aov} {currency}.")),
    _entry("one_time_gone", "number_of_orders = 1 AND last_order_date < -90d",
           ("Bought once, never came back", "One order, more than 90 days ago."),
           ("Jeden zakup i cisza", "Jedno zamówienie, ponad 90 dni temu.")),
    _entry("europe_abroad", "in_europe = TRUE AND country != '{country}'",
           ("Europe, abroad", "Located in Europe outside the home country."),
           ("Europa, zagranica", "Zlokalizowani w Europie poza krajem sklepu.")),
    _entry("champions", "rfm_group IN ('CHAMPIONS', 'LOYAL')",
           ("Best customers", "Recent, frequent and high in spend."),
           ("Najlepsi klienci", "Kupują niedawno, często i dużo.")),
    _entry("new_customers", "first_order_date >= -30d",
           ("New customers", "First order within 30 days."),
           ("Nowi klienci", "Pierwsze zamówienie w ostatnich 30 dniach.")),
    _entry("second_order_due", "number_of_orders = 1 AND last_order_date BETWEEN -60d AND -20d",
           ("Second order due", "One order, 20 to 60 days ago: when most second orders come."),
           ("Czas na drugie zamówienie", "Jedno zamówienie 20–60 dni temu: wtedy przychodzi najwięcej drugich.")),
    _entry("repeat_customers", "number_of_orders >= 2 AND last_order_date >= -180d",
           ("Came back", "At least two orders, the last within half a year."),
           ("Wracający", "Co najmniej dwa zamówienia, ostatnie w ciągu pół roku.")),
    _entry("loyal_year", "orders_placed MATCHES (date >= -12m, count >= 4)",
           ("Four orders a year", "At least four orders in the last 12 months."),
           ("Cztery zamówienia w roku", "Co najmniej cztery zamówienia w ostatnich 12 miesiącach.")),
    _entry("big_basket", "orders_placed MATCHES (date >= -12m, amount >= {big_basket})",
           ("A big basket", "An order of {big_basket} {currency} or more in the last 12 months."),
           ("Duży koszyk", "Zamówienie za co najmniej {big_basket} {currency} w ostatnich 12 miesiącach.")),
    _entry("at_risk", "rfm_group IN ('AT_RISK', 'PREVIOUSLY_LOYAL')",
           ("At risk", "Strong history, quiet for long."),
           ("Zagrożeni", "Mocna historia, od dawna cisza.")),
    _entry("likely_to_leave", "churn_risk = 'HIGH' AND number_of_orders >= 2",
           ("Likely to leave", "Bought at least twice; the forecast gives them little chance to return."),
           ("Zapewne odejdą", "Kupili co najmniej dwa razy; prognoza daje im małe szanse na powrót.")),
    _entry("top_tenth", "clv_decile = 10",
           ("Top tenth by expected value", "The tenth of customers expected to spend most in 12 months."),
           ("Górne 10 % przyszłej wartości", "Dziesiąta część klientów o najwyższych oczekiwanych wydatkach.")),
    _entry("win_back", "number_of_orders >= 2 AND last_order_date < -180d",
           ("Win back", "Came back at least once, then silent for half a year."),
           ("Do odzyskania", "Wrócili przynajmniej raz, potem pół roku ciszy.")),
    _entry("lapsed_year", "last_order_date < -12m",
           ("Silent for a year", "No order for more than 12 months."),
           ("Rok ciszy", "Bez zamówienia od ponad 12 miesięcy.")),
    _entry("anniversary_week",
           "anniversary(date: 'first_order_date') BETWEEN today AND 7d AND first_order_date < -300d",
           ("Anniversary this week", "The day of their first order comes round within a week."),
           ("Rocznica w tym tygodniu", "W ciągu tygodnia mija rocznica pierwszego zamówienia.")),
    _entry("business_customers", "customer_kind = 'business'",
           ("Business customers", "Buy as a company."),
           ("Klienci biznesowi", "Kupują jako firma.")),
    _entry("store_credit_waiting", "store_credit > 0",
           ("Store credit to spend", "Have store credit they have not spent."),
           ("Środki do wydania", "Mają niewydane środki na koncie sklepu.")),
    _entry("frequent_returners", "number_of_orders >= 2 AND return_rate > 0.3",
           ("Many returns", "More than 30 % of the value comes back."),
           ("Dużo zwrotów", "Wraca ponad 30 % wartości.")),
    _entry("reachable_by_email", "email_subscription_status = 'SUBSCRIBED'",
           ("Reachable by e-mail", "Agreed to marketing e-mail."),
           ("Osiągalni e-mailem", "Zgoda na e-maile marketingowe.")),
)  # fmt: skip


def builtin(currency: str, country: str) -> tuple[Segment, ...]:
    """Return the library with the shop's currency and country filled in."""
    high = HIGH_AOV.get(currency, OTHER_CURRENCY)
    facts = {"currency": currency, "country": country, "high_aov": high, "big_basket": BASKET_TIMES * high}
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


def plain_name(name: str) -> str:
    """Return a segment's name as it is kept: one word of letters, digits and low lines.

    Raises
    ------
    InvalidInput
        ``segment.name``.
    """
    word = name.strip().lower().replace(" ", "_")
    if not word or len(word) > 80 or not word.replace("-", "_").isidentifier():
        raise InvalidInput(
            "name",
            name,
            "one word of letters, digits and _ was expected",
            "Such as: quiet_regulars",
            code="segment.name",
        )
    return word


def asked_segments(tree: Expression) -> list[str]:
    """Return the names in ``segment('…')`` of an expression, in lower case."""
    calls = (c.subject for c in conditions(tree))
    return [str(c.get("name")).lower() for c in calls if isinstance(c, Call) and c.name == "segment"]


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

    def lookup(self, name: str) -> Expression | pl.Series:
        """Return the checked expression of a living segment or the customers of a list, for ``segment('name')``."""
        found = self.find(name)
        return found.tree() if found.ids is None else found.ids

    def refuse_cycles(self, name: str, tree: Expression) -> None:
        """Refuse a definition that leads back to its own name.

        Raises
        ------
        Refused
            ``segment.cycle``.
        """
        todo: list[tuple[Expression, tuple[str, ...]]] = [(tree, (name.lower(),))]
        while todo:
            node, chain = todo.pop()
            for inner in asked_segments(node):
                if inner == chain[0] or len(chain) >= MAX_CHAIN:
                    raise cycle((*chain, inner))
                found = self.lookup(inner)
                if not isinstance(found, pl.Series):
                    todo.append((found, (*chain, inner)))

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
