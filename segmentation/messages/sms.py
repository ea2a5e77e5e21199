"""How long a text message is: its parts as networks count and charge them (3GPP TS 23.038, 23.040)."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

#: The default alphabet of 7 bits, and what takes two of its places.
_PLAIN = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_DOUBLE = frozenset("\f^{}\\[~]|€")
#: Signs of a message alone, and of each part when there are several: by alphabet.
ROOM = {"GSM-7": (160, 153), "UCS-2": (70, 67)}
_STROKES = str.maketrans({
    "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ø": "o", "Ø": "O", "–": "-", "—": "-", "„": '"', "”": '"', "“": '"',
    "’": "'", "‘": "'", "…": "...", "\u00a0": " ", "\u202f": " ",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Length:
    """A message's length.

    Attributes
    ----------
    alphabet : str
        ``GSM-7``, or ``UCS-2`` as soon as one sign is not in it: Polish letters with a tail, stroke or dot are such.
    signs : int
        Places taken, of which the parts have so many.
    parts : int
        Messages it is sent and charged as.
    forcing : str
        The signs that make it UCS-2, each once.
    """

    alphabet: str
    signs: int
    parts: int
    forcing: str = ""


def length(text: str) -> Length:
    """Return the length of a text message; one that is empty has no part."""
    forcing = "".join(dict.fromkeys(sign for sign in text if sign not in _PLAIN and sign not in _DOUBLE))
    alphabet = "UCS-2" if forcing else "GSM-7"
    widths = [(2 if ord(sign) > 0xFFFF else 1) if forcing else (2 if sign in _DOUBLE else 1) for sign in text]
    alone, each = ROOM[alphabet]
    total = sum(widths)
    return Length(alphabet, total, int(total > 0) if total <= alone else _parts(widths, each), forcing)


def _parts(widths: list[int], room: int) -> int:
    """Count the parts; a sign of two places is never cut in two."""
    parts, left = 1, room
    for width in widths:
        if width > left:
            parts, left = parts + 1, room
        left -= width
    return parts


def unaccented(text: str) -> str:
    """Return a text with its letters plain, so that it needs fewer parts: *Zażółć* becomes *Zazolc*."""
    apart = unicodedata.normalize("NFKD", text.translate(_STROKES))
    return "".join(sign for sign in apart if not unicodedata.combining(sign))
