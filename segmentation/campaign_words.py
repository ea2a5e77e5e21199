"""What a campaign did, or could show, as a sentence in Polish and English."""

from __future__ import annotations

import math
from collections.abc import Callable

#: Writes an amount of a measure: 12 orders, 340.00 zł.
Amount = Callable[[float], str]

_MEASURES = {
    "en": {"orders": "orders", "revenue": "revenue", "margin": "margin"},
    "pl": {"orders": "zamówień", "revenue": "przychodu", "margin": "marży"},
}
_SAID = {
    "en": {
        "gain": "Writing brought {total} more {measure} than silence would have; 95% sure it was {low} to {high}.",
        "loss": "Writing cost {total} of {measure}; 95% sure it was {low} to {high}.",
        "open": "Not proven either way for {measure}: best guess {total}, but anything from {low} to {high} fits.",
        "chance": "Chance alone would show a difference this large in {chance} of campaigns that do nothing.",
        "no_chance": "Nobody's result differs, so nothing can be said about chance.",
        "shaky": "Few people or few buyers in one of the groups: do not trust the interval.",
        "disturbed": "{n} of those held out got another message in the same days: the effect may look too small.",
        "sees": "An effect of {share} or more on {measure} would be found in 8 of 10 such campaigns.",
        "blind": "Nobody of them ordered in the last year: no effect on {measure} can be foreseen.",
        "no_arm": "Without a hold-out no effect can be measured.",
        "share": "To find {asked}, hold out {share}.",
        "small": "This segment is too small to see {asked}: it takes {members} people, half of them held out.",
    },
    "pl": {
        "gain": "Wysyłka przyniosła {total} więcej {measure} niż cisza; z pewnością 95% od {low} do {high}.",
        "loss": "Wysyłka kosztowała {total} {measure}; z pewnością 95% od {low} do {high}.",
        "open": "Bez rozstrzygnięcia dla {measure}: najpewniej {total}, ale możliwe wszystko od {low} do {high}.",
        "chance": "Sam przypadek dałby tak dużą różnicę w {chance} kampanii, które nic nie dają.",
        "no_chance": "Wyniki osób się nie różnią, więc o przypadku nie da się nic powiedzieć.",
        "shaky": "Mało osób lub kupujących w jednej z grup: przedziałowi nie należy ufać.",
        "disturbed": "Inną wiadomość w tych dniach dostały osoby z grupy kontrolnej ({n}): efekt może być zaniżony.",
        "sees": "Efekt {share} lub większy dla {measure} wyjdzie na jaw w 8 z 10 takich kampanii.",
        "blind": "Nikt z nich nie zamawiał przez ostatni rok: efektu dla {measure} nie da się przewidzieć.",
        "no_arm": "Bez grupy kontrolnej nie da się zmierzyć efektu.",
        "share": "Aby wykryć {asked}, grupa kontrolna musi mieć {share}.",
        "small": "Ten segment jest za mały, by zobaczyć {asked}: trzeba {members} osób, z połową w grupie kontrolnej.",
    },
}  # fmt: skip


def say(key: str, language: str, **facts: str) -> str:
    """Return one of the sentences, filled in."""
    return _SAID[language if language in _SAID else "en"][key].format(**facts)


def verdict(low: float, high: float) -> str:
    """Return ``gain``, ``loss`` or ``open`` (the interval holds zero)."""
    return "gain" if low > 0 else "loss" if high < 0 else "open"


def told(measure: str, total: tuple[float, float, float], amount: Amount, language: str) -> str:
    """Return what a campaign did to one measure.

    Parameters
    ----------
    total : (float, float, float)
        Best guess, low and high end, over all who got the message.
    """
    best, low, high = total
    kind = verdict(low, high)
    if kind == "loss":
        best, low, high = -best, -high, -low
    word = _MEASURES[language if language in _MEASURES else "en"][measure]
    return say(kind, language, measure=word, total=amount(best), low=amount(low), high=amount(high))


def _as_written(number: str, language: str) -> str:
    """Return an English number with the separators of the language."""
    return number.translate(str.maketrans(",.", "\N{NO-BREAK SPACE},")) if language == "pl" else number


def chance_of(p_value: float | None, language: str) -> str:
    """Return what a p-value says."""
    if p_value is None:
        return say("no_chance", language)
    return say("chance", language, chance=_as_written("< 0.1%" if p_value < 0.001 else f"{p_value:.1%}", language))


def foreseen(measure: str, share: float | None, language: str) -> str:
    """Return the smallest effect that would be found, as a share of what members order anyway."""
    word = _MEASURES[language if language in _MEASURES else "en"][measure]
    if share is None:
        return say("blind", language, measure=word)
    return say("no_arm", language) if math.isinf(share) else say("sees", language, share=f"{share:.0%}", measure=word)


def advised(asked: float, needed_share: float | None, needed_members: int | None, language: str) -> str:
    """Return what hold-out finds the effect asked for, or how many people it takes; empty when unknown."""
    if needed_members is None:
        return ""
    if needed_share is None:
        return say("small", language, asked=f"{asked:.0%}", members=_as_written(f"{needed_members:,}", language))
    return say(
        "share",
        language,
        asked=f"{asked:.0%}",
        share=_as_written(f"{math.ceil(needed_share * 1000) / 10:g}%", language),
    )
