"""Categories derived from product titles by the first rule that matches (the data has none)."""

from __future__ import annotations

import re
from functools import cache

from app.demo.words import words

OTHER = "Home and gifts"


@cache
def _rules() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((rule["name"], re.compile("|".join(rule["patterns"]))) for rule in words()["category"])


def category_of(title: str) -> str:
    """Return the category of a product title; ``Home and gifts`` when no rule matches."""
    capitals = title.upper()
    return next((name for name, pattern in _rules() if pattern.search(capitals)), OTHER)
