"""The values a condition lets through, as a set that can be joined and cut: what the linter reasons with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

from oms_core.kernel.expressions.dates import resolve
from oms_core.kernel.expressions.tree import Between, Compare, Condition, In, IsNull, Offset, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

INFINITY = Decimal("Infinity")
#: ``(low, low is in, high, high is in)``.
Interval: TypeAlias = tuple[Decimal, bool, Decimal, bool]
ALL: tuple[Interval, ...] = ((-INFINITY, False, INFINITY, False),)


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers or days as intervals in order, apart from each other."""

    spans: tuple[Interval, ...]

    def cut(self, other: Numbers) -> Numbers:
        """Return what both let through."""
        return joined(_shared(a, b) for a in self.spans for b in other.spans)

    def join(self, other: Numbers) -> Numbers:
        """Return what either lets through."""
        return joined((*self.spans, *other.spans))

    def without(self) -> Numbers:
        """Return everything else."""
        left = Numbers(ALL)
        for low, low_in, high, high_in in self.spans:
            around = joined([(-INFINITY, False, low, not low_in), (high, not high_in, INFINITY, False)])
            left = left.cut(around)
        return left

    @property
    def is_empty(self) -> bool:
        """Whether nothing passes."""
        return not self.spans

    @property
    def is_all(self) -> bool:
        """Whether every known value passes."""
        return self.spans == ALL


@dataclass(frozen=True, slots=True)
class Words:
    """A set of texts, or everything but a set of texts."""

    words: frozenset[str]
    negated: bool = False

    def cut(self, other: Words) -> Words:
        """Return what both let through."""
        return self.without().join(other.without()).without()

    def join(self, other: Words) -> Words:
        """Return what either lets through."""
        if self.negated and other.negated:
            return Words(self.words & other.words, negated=True)
        if not self.negated and not other.negated:
            return Words(self.words | other.words)
        kept, left_out = (other, self) if self.negated else (self, other)
        return Words(left_out.words - kept.words, negated=True)

    def without(self) -> Words:
        """Return everything else."""
        return Words(self.words, negated=not self.negated)

    @property
    def is_empty(self) -> bool:
        """Whether nothing passes."""
        return not self.words and not self.negated

    @property
    def is_all(self) -> bool:
        """Whether every known value passes."""
        return not self.words and self.negated


Reach: TypeAlias = Numbers | Words


def reach_of(condition: Condition, today: date) -> Reach | None:
    """Return what a condition lets through; None where that is no set of plain values (CONTAINS, IS NULL)."""
    if isinstance(condition, IsNull):
        return None
    if isinstance(condition, Between):
        low, high = _number(condition.low, today), _number(condition.high, today)
        found: Reach = joined([(low, True, high, True)])
        return found.without() if condition.negated else found
    if isinstance(condition, In):
        found = _points(condition.values, today)
        return found.without() if condition.negated else found
    return _compared(condition, today)


def _compared(node: Compare, today: date) -> Reach | None:
    if isinstance(node.value, bool) or node.op not in _SPANS:
        return None
    if isinstance(node.value, str):
        return Words(frozenset({node.value.lower()}), negated=node.op == "!=")
    at = _number(node.value, today)
    return joined([(at, True, at, True)]).without() if node.op == "!=" else joined([_SPANS[node.op](at)])


_SPANS: dict[str, Callable[[Decimal], Interval]] = {
    "=": lambda at: (at, True, at, True),
    "!=": lambda at: (at, True, at, True),
    ">": lambda at: (at, False, INFINITY, False),
    ">=": lambda at: (at, True, INFINITY, False),
    "<": lambda at: (-INFINITY, False, at, False),
    "<=": lambda at: (-INFINITY, False, at, True),
}


def _points(values: Iterable[Value], today: date) -> Reach:
    values = list(values)
    if all(isinstance(v, str) for v in values):
        return Words(frozenset(str(v).lower() for v in values))
    numbers = [_number(v, today) for v in values]
    return joined((n, True, n, True) for n in numbers)


def _number(value: Value, today: date) -> Decimal:
    if isinstance(value, (date, Offset)):
        return Decimal(resolve(value, today).toordinal())
    return Decimal(value) if isinstance(value, (int, Decimal)) else Decimal(0)


def _shared(a: Interval, b: Interval) -> Interval:
    # the higher start, and of two equal ones the one that leaves its end out; likewise the lower end
    low, low_in = max((a[0], not a[1]), (b[0], not b[1]))
    high, high_in = min((a[2], a[3]), (b[2], b[3]))
    return low, not low_in, high, high_in


def joined(spans: Iterable[Interval]) -> Numbers:
    """Return intervals as one set: empty ones left out, touching ones made one."""
    real = [s for s in spans if s[0] < s[2] or (s[0] == s[2] and s[1] and s[3])]
    made: list[Interval] = []
    for span in sorted(real, key=lambda s: (s[0], not s[1])):
        if made and (span[0] < made[-1][2] or (span[0] == made[-1][2] and (span[1] or made[-1][3]))):
            low, low_in, high, high_in = made[-1]
            end = max((high, high_in), (span[2], span[3]))
            made[-1] = (low, low_in, *end)
        else:
            made.append(span)
    return Numbers(tuple(made))
