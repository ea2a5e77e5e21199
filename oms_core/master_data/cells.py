"""What may stand in a cell: each kind reads a text and writes it back, and says in words what it takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from oms_core.kernel.errors import InvalidInput
from oms_core.kernel.money import exponent, to_decimal, to_minor
from oms_core.locations.geography import countries

#: A row as it came: texts by column.
Row = Mapping[str, str]
YES, NO = {"yes", "true", "1", "tak", "y", "t"}, {"no", "false", "0", "nie", "n", "f"}
_CURRENCY = re.compile(r"^[A-Z]{3}$")
#: Whole numbers in a cell: what the database's integers hold with room to be summed.
HIGHEST = 10**12


@dataclass(frozen=True, slots=True)
class Kind:
    """How a cell is read and written.

    Attributes
    ----------
    read : callable
        (text, row's currency) → value; raises ``ValueError`` with what was expected.
    write : callable
        (value, row's currency) → text that reads back as the same value.
    """

    read: Callable[[str, str], Any]
    write: Callable[[Any, str], str] = lambda value, _: "" if value is None else str(value)


def text(most: int) -> Kind:
    """Return the kind of a text of at most so many characters."""

    def read(given: str, _: str) -> str:
        if len(given) > most:
            raise ValueError(f"at most {most} characters")
        if not given.isprintable():
            raise ValueError("characters that can be read")
        return given

    return Kind(read)


def whole(lowest: int = 0) -> Kind:
    """Return the kind of a whole number from `lowest` on."""

    def read(given: str, _: str) -> int:
        plain = _plain(given)
        if not re.fullmatch(r"-?[0-9]+", plain) or not lowest <= int(plain) <= HIGHEST:
            raise ValueError(f"a whole number of {lowest} or more")
        return int(plain)

    return Kind(read)


def number(lowest: float = 0.0, *, above: bool = False) -> Kind:
    """Return the kind of a decimal number from `lowest` on, or above it."""

    def read(given: str, _: str) -> float:
        try:
            value = float(_plain(given))
        except ValueError:
            value = float("nan")
        if not (lowest < value if above else lowest <= value) or value > HIGHEST:
            raise ValueError(f"a number {'above' if above else 'of at least'} {lowest:g}")
        return value

    return Kind(read, lambda value, _: "" if value is None else f"{value:.12g}")


def choice(known: tuple[str, ...]) -> Kind:
    """Return the kind of one word of several."""

    def read(given: str, _: str) -> str:
        if given.lower() not in known:
            raise ValueError(f"one of {', '.join(known)}")
        return given.lower()

    return Kind(read)


def _plain(given: str) -> str:
    return given.replace("\u00a0", "").replace(" ", "").replace(",", ".")


def _amount(given: str, currency: str) -> int:
    try:
        value = Decimal(_plain(given))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or not 0 <= value <= HIGHEST or value != round(value, exponent(currency)):
        raise ValueError(f"an amount of zero or more with at most {exponent(currency)} decimals")
    return to_minor(value, currency)


def _flag(given: str, _: str) -> bool:
    if given.lower() not in YES | NO:
        raise ValueError("yes or no")
    return given.lower() in YES


def _currency(given: str, _: str) -> str:
    if not _CURRENCY.match(given.upper()):
        raise ValueError("three letters such as PLN")
    return given.upper()


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    return frozenset(countries())


def _country(given: str, _: str) -> str:
    if given.upper() not in _countries():
        raise ValueError("a country's two letters (ISO), such as PL")
    return given.upper()


AMOUNT = Kind(_amount, lambda value, currency: "" if value is None else f"{to_decimal(value, currency):f}")
FLAG = Kind(_flag, lambda value, _: "yes" if value else "no")
CURRENCY, COUNTRY = Kind(_currency), Kind(_country)


def read_cell(kind: Kind, name: str, given: str, currency: str) -> Any:
    """Return the value of a cell.

    Raises
    ------
    InvalidInput
        ``input.<column>``: says what was expected.
    """
    try:
        return kind.read(given, currency)
    except ValueError as error:
        raise InvalidInput(name, given, f"{error} was expected") from error
