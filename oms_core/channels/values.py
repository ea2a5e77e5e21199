"""Numbers as sources write them, read once for each different spelling.

Amounts are integers of millionths of the currency unit (``micro``): exact for every price with up to six
decimals, and a product of two of them fits 64 bits.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any

import polars as pl

MICRO = 1_000_000
#: Larger amounts are taken for a mistake: 10^11 units.
LARGEST = 10**17
_CURRENCY_DRESS = re.compile(r"^(?:[A-Z]{3}|zł|€|£|\$|kč)?\s*|\s*(?:[A-Z]{3}|zł|€|£|\$|kč)?$", re.IGNORECASE)


#: "1.234" in a file of decimal commas: 1234 in Germany, 1.234 in a program's export.
_DOUBTFUL = re.compile(r"^[+-]?[1-9]\d{0,2}\.\d{3}$")
_COMMA = re.compile(r"^[+-]?\d+,\d+$")
#: A unit after a quantity: "2 szt.", "3 pcs".
_UNITS = re.compile(r"(?<=\d)\s*[^\W\d_]+\.?$")


class Unreadable(ValueError):
    """A cell that has no value of the wanted kind; its text is the reason."""


def amount(text: str, *, decimal: str, thousands: str) -> int:
    """Return an amount in micro units: ``"1 234,50 zł"``, ``"-3.5"``, ``"12,00-"``, ``"(4.20)"``."""
    plain = _CURRENCY_DRESS.sub("", text.strip())
    negative = plain.startswith("(") and plain.endswith(")")
    plain = plain.strip("()")
    if plain.endswith("-"):
        plain, negative = plain[:-1], not negative
    plain = re.sub(r"[\s\u00a0\u202f']", "", plain).replace("−", "-")
    if decimal == "," and not thousands and _DOUBTFUL.match(plain):
        raise Unreadable(f'{text!r} may be a thousand or a fraction: say thousands = "." or decimal = "." under [file]')
    if thousands:
        plain = plain.replace(thousands, "")
    if decimal == ",":
        plain = plain.replace(",", ".")
    return _micro(plain, text, negative=negative)


def _micro(plain: str, text: str, *, negative: bool) -> int:
    try:
        value = Decimal(plain)
        scaled = int((value * MICRO).to_integral_value(ROUND_HALF_EVEN))
    except (InvalidOperation, ValueError, OverflowError) as error:
        comma = ' (a decimal comma? say decimal = "," under [file])' if _COMMA.match(plain) else ""
        raise Unreadable(f"{text!r} is not a number{comma}") from error
    if abs(scaled) > LARGEST:
        raise Unreadable(f"{text!r} is too large to be an amount")
    return -scaled if negative else scaled


def whole(text: str, *, decimal: str, thousands: str) -> int:
    """Return a quantity (its unit may follow it); refuse fractions."""
    micro = amount(_UNITS.sub("", text), decimal=decimal, thousands=thousands)
    quantity, rest = divmod(micro, MICRO)
    if rest:
        raise Unreadable(f"{text!r} is not a whole number of units")
    return quantity


def each(column: pl.Series, parse: Callable[[str], Any], dtype: Any) -> tuple[pl.Series, pl.Series]:
    """Parse every different text of a column once.

    Returns
    -------
    (Series, Series)
        Values (null where absent or unreadable) and reasons (null where readable).
    """
    unique = column.drop_nulls().unique()
    values: list[Any] = []
    reasons: list[str | None] = []
    for text in unique:
        try:
            values.append(parse(text))
            reasons.append(None)
        except Unreadable as error:
            values.append(None)
            reasons.append(str(error))
    found = pl.Series("value", values, dtype=dtype)
    if not len(unique):
        return pl.Series(column.name, [None] * len(column), dtype=dtype), pl.Series(
            [None] * len(column), dtype=pl.String
        )
    why = pl.Series("reason", reasons, dtype=pl.String)
    bad = (
        column.replace_strict(unique, why, default=None, return_dtype=pl.String)
        if why.null_count() < len(why)
        else pl.Series([None] * len(column), dtype=pl.String)
    )
    return column.replace_strict(unique, found, default=None, return_dtype=dtype), bad
