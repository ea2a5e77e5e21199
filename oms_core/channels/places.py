"""Countries as sources write them: codes, names in many languages, trade habits."""

from __future__ import annotations

import unicodedata
from functools import cache

#: Languages whose country names are understood beside the codes.
LANGUAGES = ("en", "pl", "de", "fr", "es", "it", "nl", "cs", "sk", "pt", "sv", "da", "nb", "fi", "hu", "ro", "lt")
#: Names no locale has. Where the place is no single country the name as written is kept as the region.
ALIASES = {
    "eire": "IE", "rsa": "ZA", "usa": "US", "uk": "GB", "england": "GB", "scotland": "GB", "wales": "GB",
    "northern ireland": "GB", "great britain": "GB", "korea": "KR", "south korea": "KR", "hong kong": "HK",
    "czech republic": "CZ", "czechy": "CZ", "holland": "NL", "the netherlands": "NL", "holandia": "NL",
    "united states of america": "US", "uae": "AE", "turkey": "TR", "macedonia": "MK", "ivory coast": "CI",
    "vatican": "VA", "russia": "RU", "el": "GR",
}  # fmt: skip
LOOSE = {"channel islands": "JE", "european community": "EU", "unspecified": "", "west indies": ""}


def _key(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.strip().casefold())
    return "".join(c for c in plain if not unicodedata.combining(c)).replace("ł", "l")


@cache
def _names(language: str) -> dict[str, str]:
    """Return the country names of one language; read when a name needs it (a language costs 50 ms)."""
    from babel import Locale

    unreal = {"ZZ", "XA", "XB", "QO", "EZ", "UN"}
    territories = Locale(language).territories.items()
    return {_key(name): code for code, name in territories if len(code) == 2 and code.isalpha() and code not in unreal}


@cache
def _codes() -> frozenset[str]:
    return frozenset(_names("en").values()) | {"EU"}


def country(name: str, words: dict[str, str]) -> tuple[str, str]:
    """Return the ISO alpha-2 code of a country and, where the code says less than the name, the name.

    Parameters
    ----------
    name : str
        As written by the source.
    words : dict of str to str
        The mapping's own words (lower-cased) and codes, which go first.
    """
    text = name.strip()
    if text.lower() in words:
        return words[text.lower()].upper(), ""
    if len(text) == 2 and text.upper() in _codes():
        return ("GB" if text.upper() == "UK" else text.upper()), ""
    key = _key(text)
    if key in LOOSE:
        return LOOSE[key], text
    code = ALIASES.get(key) or next((c for c in (_names(each).get(key) for each in LANGUAGES) if c), "")
    return (code, "") if code else ("", text)
