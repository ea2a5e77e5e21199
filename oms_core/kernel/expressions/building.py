"""Each grammar rule to its node of the tree."""

# ruff: noqa: D102 - the methods are the grammar's rules, named in grammar.lark; their types say the rest

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from lark import Token, Transformer

from oms_core.kernel.expressions.tree import And, Between, Call, Compare, In, IsNull, Name, Not, Offset, Or

if TYPE_CHECKING:
    from oms_core.kernel.expressions.tree import Expression, Subject, Value

#: About a century: further away is a slip of the keyboard, and dates end at the year 9999.
MAX_OFFSET = {"d": 36_525, "w": 5_218, "m": 1_200, "y": 100}
MAX_DIGITS = 15
#: A zero byte, or half of a sign outside the first plane.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class BadLiteral(Exception):
    """A literal that is no value; carries its place from inside the parser to `parse`."""

    def __init__(self, sentence: str, token: Token, hint: str = "") -> None:
        super().__init__(sentence)
        self.sentence, self.at, self.hint = sentence, token.start_pos or 0, hint


class Builder(Transformer[Token, Any]):
    """Each grammar rule to its node."""

    # Runs inside the LALR parser, so a deep nesting never becomes a deep recursion.

    def start(self, c: list[Any]) -> Expression:
        tree: Expression = c[0]
        return tree

    def any_of(self, c: list[Any]) -> Expression:
        return c[0] if len(c) == 1 else Or(tuple(c))

    def all_of(self, c: list[Any]) -> Expression:
        return c[0] if len(c) == 1 else And(tuple(c))

    def negated(self, c: list[Any]) -> Not:
        return Not(c[0])

    def compare(self, c: list[Any]) -> Compare:
        return Compare(c[0], "!=" if c[1] == "<>" else str(c[1]), c[2])

    def compare_items(self, c: list[Any]) -> In:
        if c[1] not in {"=", "!=", "<>"}:
            raise BadLiteral("A list can only be compared with = or !=", c[1], "Write IN ('a', 'b').")
        return In(c[0], c[2], negated=c[1] != "=")

    def contains(self, c: list[Any]) -> Compare:
        return Compare(c[0], "CONTAINS", c[1])

    def not_contains(self, c: list[Any]) -> Compare:
        return Compare(c[0], "NOT CONTAINS", c[1])

    def starts_with(self, c: list[Any]) -> Compare:
        return Compare(c[0], "STARTS WITH", c[1])

    def not_starts_with(self, c: list[Any]) -> Compare:
        return Compare(c[0], "NOT STARTS WITH", c[1])

    def between(self, c: list[Any]) -> Between:
        return Between(c[0], c[1], c[2])

    def not_between(self, c: list[Any]) -> Between:
        return Between(c[0], c[1], c[2], negated=True)

    def in_items(self, c: list[Any]) -> In:
        return In(c[0], c[1])

    def not_in_items(self, c: list[Any]) -> In:
        return In(c[0], c[1], negated=True)

    def is_null(self, c: list[Any]) -> IsNull:
        return IsNull(c[0])

    def is_not_null(self, c: list[Any]) -> IsNull:
        return IsNull(c[0], negated=True)

    def matches(self, c: list[Any]) -> Compare:
        return Compare(_matched(c), "=", value=True)

    def not_matches(self, c: list[Any]) -> Compare:
        return Compare(_matched(c), "!=", value=True)

    def bare(self, c: list[Any]) -> Compare:
        return Compare(c[0], "=", value=True)

    def name(self, c: list[Any]) -> Subject:
        return Name(str(c[0]).lower(), c[0].start_pos)

    def call(self, c: list[Any]) -> Subject:
        given = [pair for pair in c[1:] if pair is not None]
        names = [name for name, _ in given]
        if len(set(names)) < len(names):
            raise BadLiteral("An argument is given twice", c[0])
        return Call(str(c[0]).lower(), tuple(sorted(given, key=lambda pair: pair[0])), at=c[0].start_pos or 0)

    def named_argument(self, c: list[Any]) -> tuple[str, Value]:
        return str(c[0]).lower(), c[1]

    def positional_argument(self, c: list[Any]) -> tuple[str, Value]:
        return "", c[0]

    def items(self, c: list[Any]) -> tuple[Value, ...]:
        return tuple(c)

    def text(self, c: list[Any]) -> str:
        said = re.sub(r"\\([\s\S])|''", lambda m: m[1] or "'", str(c[0])[1:-1])
        if _UNSTORABLE.search(said):
            raise BadLiteral("A text holds a sign no database can keep", c[0], "Take the zero byte or half a sign out.")
        return said

    def date(self, c: list[Any]) -> date:
        try:
            return date.fromisoformat(str(c[0]))
        except ValueError:
            raise BadLiteral(f"{str(c[0])!r} is not a day of the calendar", c[0], "Write YYYY-MM-DD.") from None

    def ago(self, c: list[Any]) -> Offset:
        count, unit, _ = str(c[0]).lower().split("_")
        return _offset("-" + count, unit[0], c[0])

    def offset(self, c: list[Any]) -> Offset:
        return _offset(str(c[0])[:-1], str(c[0])[-1].lower(), c[0])

    def number(self, c: list[Any]) -> int | Decimal:
        text = str(c[0])
        if len(text) > MAX_DIGITS + 2:
            raise BadLiteral(f"A number has more than {MAX_DIGITS} digits", c[0])
        return Decimal(text) if "." in text else int(text)

    def today(self, _: list[Any]) -> Offset:
        return Offset(0, "d")

    def yesterday(self, _: list[Any]) -> Offset:
        return Offset(-1, "d")

    def true(self, _: list[Any]) -> bool:
        return True

    def false(self, _: list[Any]) -> bool:
        return False


def _matched(c: list[Any]) -> Call:
    return Call(str(c[0]).lower(), (), tuple(t for t in c[1:] if t is not None), at=c[0].start_pos or 0)


def _offset(count: str, unit: str, token: Token) -> Offset:
    if len(count) > 7 or abs(int(count)) > MAX_OFFSET[unit]:
        raise BadLiteral(f"{str(token)!r} is more than a century away", token)
    return Offset(int(count), unit)
