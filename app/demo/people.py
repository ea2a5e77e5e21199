"""Invented names, e-mail addresses, towns and consents of the data's anonymous customers."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.demo.chance import dice, share
from app.demo.words import names, towns

WORDING = ("2009-11", "2010-05")
SOURCES = ("checkout", "trade account form", "newsletter form")


@dataclass(frozen=True, slots=True)
class Person:
    """An invented identity for one anonymous customer number."""

    kind: str
    name: str
    email: str
    city: str
    postal_code: str


def person(number: str, country: str, *, seed: int) -> Person:
    """Invent who stands behind a customer number; the address is under the reserved ``example.com``."""
    roll = dice(seed, "person", number)
    if roll.random() < 0.78:
        kind, name = "business", f"{roll.choice(names('first'))} {roll.choice(names('second'))}"
    else:
        kind, name = "consumer", f"{roll.choice(names('given'))} {roll.choice(names('family'))}"
    slug = re.sub(r"[^a-z]+", "-", name.lower())
    city, postal_code = roll.choice(towns(country))
    return Person(kind, name, f"{slug}-{number.lower()}@example.com", city, postal_code)


def consents(number: str, *, seed: int) -> list[tuple[str, str, str, str]]:
    """Return ``(channel, state, source, wording version)`` of one customer's permissions."""
    turn = share(seed, "consent", number)
    states = (("subscribed", 0.52), ("unsubscribed", 0.63), ("pending", 0.67), ("invalid", 0.68), ("not_subscribed", 1))
    email = next(state for state, until in states if turn < until)
    source = SOURCES[int(share(seed, "source", number) * 3)]
    wording = WORDING[int(share(seed, "wording", number) * 2)]
    ads = "subscribed" if email == "subscribed" and share(seed, "ads", number) < 0.7 else "not_subscribed"
    return [("email", email, source, wording), ("ads", ads, source, wording)]
