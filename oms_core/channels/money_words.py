"""Currencies as sources write them: ISO codes, signs and local words."""

from __future__ import annotations

from functools import cache

SIGNS = {
    "zł": "PLN", "zl": "PLN", "€": "EUR", "eur.": "EUR", "£": "GBP", "$": "USD", "us$": "USD", "kč": "CZK", "ft": "HUF",
    "lei": "RON", "лв": "BGN", "¥": "JPY", "₴": "UAH", "chf.": "CHF", "euro": "EUR",
}  # fmt: skip


@cache
def _codes() -> frozenset[str]:
    from babel.numbers import list_currencies

    return frozenset(list_currencies())


def is_currency(code: str) -> bool:
    """Return whether `code` is an ISO 4217 code."""
    return code in _codes()


def currency_code(text: str, words: dict[str, str]) -> str | None:
    """Return the ISO code of a currency as written, or None."""
    word = text.strip().lower()
    code = words.get(word) or SIGNS.get(word) or text.strip().upper()
    return code if is_currency(code) else None
