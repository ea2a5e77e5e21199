"""What to do about a segment and how to speak to it: one action and one message strategy each, in English and Polish.

A segment that ships has its own; any other one takes that of the RFM group most of its members are in. The lines follow
the guide: customers abroad do not get the messages of those at home, dear products go to customers with a high
average order, bestsellers to those who bought once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

    from segmentation.library import Segment


@dataclass(frozen=True, slots=True)
class Strategy:
    """What to do and how to say it.

    Attributes
    ----------
    action : mapping of str to str
        The recommended action, by language.
    message : mapping of str to str
        What the message shows and what it leaves out.
    goal : str
        ``grow``, ``keep``, ``return``, ``learn`` or ``spare``: what a campaign is measured by.
    """

    action: Mapping[str, str]
    message: Mapping[str, str]
    goal: str

    def said(self, language: str = "en") -> dict[str, str]:
        """Return ``action, message, goal`` in a language, else in English."""
        return {
            "action": self.action.get(language, self.action["en"]),
            "message": self.message.get(language, self.message["en"]),
            "goal": self.goal,
        }


def _strategy(goal: str, action: tuple[str, str], message: tuple[str, str]) -> Strategy:
    languages = ("en", "pl")
    return Strategy(
        dict(zip(languages, action, strict=True)), dict(zip(languages, message, strict=True)), goal
    )  # fmt: skip


#: By RFM group.
GROUPS: Mapping[str, Strategy] = {
    "CHAMPIONS": _strategy(
        "grow",
        ("Ask them first: early access, a review, a referral.",
         "Zapytaj ich pierwszych: wcześniejszy dostęp, opinia, polecenie."),
        ("New and dear products, thanks by name, no discount: they buy without one.",
         "Nowości i droższe produkty, imienne podziękowanie, bez rabatu: kupują i bez niego."),
    ),
    "LOYAL": _strategy(
        "grow",
        ("Offer what goes with their last purchases.", "Zaproponuj to, co pasuje do ich ostatnich zakupów."),
        ("Recommendations from their own basket, a loyalty threshold within reach.",
         "Polecenia z ich własnego koszyka, próg lojalnościowy w zasięgu."),
    ),
    "ACTIVE": _strategy(
        "grow",
        ("Win the next category.", "Zdobądź kolejną kategorię."),
        ("Bestsellers of a category they have not bought yet, free delivery from a basket above their usual one.",
         "Bestsellery kategorii, której jeszcze nie kupowali; darmowa dostawa od koszyka wyższego niż zwykle."),
    ),
    "NEW": _strategy(
        "learn",
        ("Welcome them and earn the second order within 30 days.", "Przywitaj i zdobądź drugie zamówienie w 30 dni."),
        ("How to use what they bought, bestsellers beside it; a small reason to return, with a date.",
         "Jak korzystać z zakupu, obok bestsellery; drobny powód do powrotu z datą."),
    ),
    "PROMISING": _strategy(
        "grow",
        ("Remind them before the usual second order is late.", "Przypomnij się, zanim drugie zamówienie się spóźni."),
        ("Bestsellers and what others bought next; proof instead of discount.",
         "Bestsellery i to, co inni kupili potem; dowód zamiast rabatu."),
    ),
    "NEEDS_ATTENTION": _strategy(
        "keep",
        ("Write now, before they become quiet.", "Napisz teraz, zanim zamilkną."),
        ("What is new since their last visit, one offer with an end.",
         "Co nowego od ostatniej wizyty, jedna oferta z końcem."),
    ),
    "PREVIOUSLY_LOYAL": _strategy(
        "return",
        ("Call or write personally: each is worth a hand-made offer.",
         "Zadzwoń lub napisz osobiście: każdy wart jest własnej oferty."),
        ("Ask what went wrong, show what changed, a generous and single offer.",
         "Zapytaj, co poszło źle, pokaż, co się zmieniło, jedna hojna oferta."),
    ),
    "AT_RISK": _strategy(
        "return",
        ("Win back with an offer tested against a hold-out.", "Odzyskaj ofertą sprawdzoną na grupie kontrolnej."),
        ("Their own favourites in stock again, an offer with a date.", "Ich ulubione znów dostępne, oferta z datą."),
    ),
    "ALMOST_LOST": _strategy(
        "return",
        ("One cheap attempt a season.", "Jedna tania próba na sezon."),
        ("Bestsellers and a clear discount; stop after two silent attempts.",
         "Bestsellery i czytelny rabat; po dwóch próbach bez odpowiedzi przestań."),
    ),
    "DORMANT": _strategy(
        "spare",
        ("Leave them out of costly campaigns; ask once whether they want to stay.",
         "Pomijaj w kosztownych kampaniach; raz zapytaj, czy chcą zostać."),
        ("A short question with two buttons: stay or leave.",
         "Krótkie pytanie z dwoma przyciskami: zostaję albo rezygnuję."),
    ),
    "PROSPECTS": _strategy(
        "learn",
        ("Turn interest into the first order.", "Zamień zainteresowanie w pierwsze zamówienie."),
        ("Bestsellers with reviews, delivery and returns explained, a welcome offer.",
         "Bestsellery z opiniami, jasna dostawa i zwroty, oferta powitalna."),
    ),
}  # fmt: skip

#: By the name of a segment that ships, where the group's line is not enough.
SEGMENTS: Mapping[str, Strategy] = {
    "europe": _strategy(
        "grow",
        ("Split by language and send local offers.", "Podziel według języka i wysyłaj lokalne oferty."),
        ("Local language, currency and delivery time; prices with tax; no offers that end at home only.",
         "Lokalny język, waluta i czas dostawy; ceny z podatkiem; bez ofert tylko na kraj."),
    ),
    "europe_abroad": _strategy(
        "grow",
        ("Show delivery and returns across the border first.", "Najpierw pokaż dostawę i zwroty za granicę."),
        ("Not the message of the home market: their language, delivery cost and time, local payment.",
         "Nie ta wiadomość co w kraju: ich język, koszt i czas dostawy, lokalna płatność."),
    ),
    "high_aov": _strategy(
        "grow",
        ("Promote dear products and sets.", "Promuj droższe produkty i zestawy."),
        ("Quality, sets, new premium lines, service; no discount on what they buy anyway.",
         "Jakość, zestawy, nowe linie premium, obsługa; bez rabatu na to, co i tak kupują."),
    ),
    "one_time_gone": _strategy(
        "return",
        ("Send bestsellers with one reason to return.", "Wyślij bestsellery z jednym powodem do powrotu."),
        ("Bestsellers of the category they bought, reviews, a first-return offer with a date.",
         "Bestsellery kategorii, którą kupili, opinie, oferta na powrót z datą."),
    ),
    "champions": GROUPS["CHAMPIONS"],
    "new_customers": GROUPS["NEW"],
    "second_order_due": GROUPS["PROMISING"],
    "repeat_customers": GROUPS["LOYAL"],
    "loyal_year": GROUPS["LOYAL"],
    "big_basket": _strategy(
        "grow",
        ("Offer sets and quantity prices.", "Zaproponuj zestawy i ceny od ilości."),
        ("What completes the big order, free delivery kept; a person to ask.",
         "To, co dopełnia duże zamówienie, darmowa dostawa zostaje; osoba do kontaktu."),
    ),
    "at_risk": GROUPS["AT_RISK"],
    "likely_to_leave": GROUPS["AT_RISK"],
    "top_tenth": GROUPS["CHAMPIONS"],
    "win_back": GROUPS["PREVIOUSLY_LOYAL"],
    "lapsed_year": GROUPS["ALMOST_LOST"],
    "anniversary_week": _strategy(
        "keep",
        ("Congratulate on the day.", "Złóż życzenia w dniu rocznicy."),
        ("Thanks for the years, what they bought first, a small gift with the next order.",
         "Podziękowanie za lata, pierwszy zakup, drobny upominek do następnego zamówienia."),
    ),
    "business_customers": _strategy(
        "grow",
        ("Offer terms: quantity prices, invoices, re-ordering.",
         "Zaproponuj warunki: ceny od ilości, faktury, ponowne zamówienia."),
        ("Net prices, availability in packs, last order as a list to repeat; on working days.",
         "Ceny netto, dostępność w opakowaniach, ostatnie zamówienie jako lista; w dni robocze."),
    ),
    "store_credit_waiting": _strategy(
        "return",
        ("Remind them of their own money.", "Przypomnij o ich własnych środkach."),
        ("The amount in the subject, three things it buys.", "Kwota w temacie, trzy rzeczy, które za nią kupią."),
    ),
    "frequent_returners": _strategy(
        "spare",
        ("Help them choose; no free returns as a bait.", "Pomóż wybrać; nie wab darmowym zwrotem."),
        ("Size guide, real photographs, reviews; leave out of discount campaigns.",
         "Tabela rozmiarów, prawdziwe zdjęcia, opinie; pomiń w kampaniach rabatowych."),
    ),
    "reachable_by_email": _strategy(
        "keep",
        ("Do not send to all: take a segment within it.", "Nie wysyłaj do wszystkich: wybierz z nich segment."),
        ("At most one message a week to each; combine with another segment.",
         "Najwyżej jedna wiadomość w tygodniu na osobę; połącz z innym segmentem."),
    ),
}  # fmt: skip


def strategy_for(segment: Segment, members: pl.DataFrame) -> Strategy:
    """Return the strategy of a segment: its own, else that of the RFM group most members are in.

    Parameters
    ----------
    members : polars.DataFrame
        Rows of `Facts.customers`; an empty segment is spoken to like prospects.
    """
    own = SEGMENTS.get(segment.name.lower())
    if own is not None:
        return own
    if members.is_empty():
        return GROUPS["PROSPECTS"]
    counts = members.get_column("rfm_group").value_counts(sort=True, name="n")
    most = counts.sort(["n", "rfm_group"], descending=[True, False]).get_column("rfm_group")[0]
    return GROUPS[str(most)]
