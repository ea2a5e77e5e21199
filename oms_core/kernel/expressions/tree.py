"""The typed tree of an expression: what every compiler reads.

::

    Expression
    ├── And(parts)  Or(parts)  Not(part)
    ├── Compare(subject, op, value)          op: = != > >= < <= CONTAINS, STARTS WITH and their NOTs
    ├── Between(subject, low, high, negated)
    ├── In(subject, values, negated)
    └── IsNull(subject, negated)

    subject: Name(name) | Call(name, arguments, tests)
    value:   str | int | Decimal | bool | date | Offset

Rule of missing values (the same in every compiler): a condition is true or false, never
unknown. A missing value satisfies only ``IS NULL`` and the negated operators ``!=``, ``NOT IN``,
``NOT CONTAINS``, ``NOT STARTS WITH``, ``NOT BETWEEN``; ``NOT x`` is true exactly where x is false.
Text is compared without regard to case.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Operators of :class:`Compare`.
ORDERINGS = ("=", "!=", ">", ">=", "<", "<=")
TEXT_OPERATORS = ("CONTAINS", "NOT CONTAINS", "STARTS WITH", "NOT STARTS WITH")
#: Operators that a missing value satisfies.
NEGATED = ("!=", "NOT CONTAINS", "NOT STARTS WITH")

#: Units of :class:`Offset`: days, weeks, months, years.
UNITS = ("d", "w", "m", "y")


@dataclass(frozen=True, slots=True)
class Offset:
    """A day counted from today: ``-30d`` is thirty days ago, ``0d`` today, ``2w`` in two weeks."""

    count: int
    unit: str


Value: TypeAlias = str | int | Decimal | bool | date | Offset


@dataclass(frozen=True, slots=True)
class Name:
    """An attribute. `at` is where it stands in the text; it does not count for equality."""

    name: str
    at: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments by name, sorted; an unnamed argument has the name ``""``.

    `tests` are the conditions of ``name MATCHES (…)`` on each row the function looks at; None when the
    function was written with arguments. ``MATCHES`` is ``Compare(call, "=", True)``, ``NOT MATCHES`` is ``!=``.
    """

    name: str
    arguments: tuple[tuple[str, Value], ...] = ()
    tests: tuple[Condition, ...] | None = None
    at: int = field(default=0, compare=False, repr=False)

    def get(self, name: str) -> Value | None:
        """Return an argument, or None when it was not given."""
        return dict(self.arguments).get(name)


Subject: TypeAlias = Name | Call


@dataclass(frozen=True, slots=True)
class Compare:
    """``subject op value``; `op` is one of `ORDERINGS` or `TEXT_OPERATORS`."""

    subject: Subject
    op: str
    value: Value


@dataclass(frozen=True, slots=True)
class Between:
    """``subject BETWEEN low AND high``, both ends included."""

    subject: Subject
    low: Value
    high: Value
    negated: bool = False


@dataclass(frozen=True, slots=True)
class In:
    """``subject IN (values)``."""

    subject: Subject
    values: tuple[Value, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class IsNull:
    """``subject IS NULL``."""

    subject: Subject
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Not:
    """True where its part is false."""

    part: Expression


@dataclass(frozen=True, slots=True)
class And:
    """True where all parts are; at least two parts."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """True where any part is; at least two parts."""

    parts: tuple[Expression, ...]


Condition: TypeAlias = Compare | Between | In | IsNull
Expression: TypeAlias = And | Or | Not | Condition


def parts_of(expression: Expression) -> tuple[Expression, ...]:
    """Return the expressions directly inside another; a condition has none."""
    if isinstance(expression, (And, Or)):
        return expression.parts
    return (expression.part,) if isinstance(expression, Not) else ()


def walk(expression: Expression) -> Iterator[tuple[Expression, int]]:
    """Yield every node with its depth (the root is 1), without recursion."""
    todo = [(expression, 1)]
    while todo:
        node, depth = todo.pop()
        yield node, depth
        todo += [(part, depth + 1) for part in reversed(parts_of(node))]


def conditions(expression: Expression) -> Iterator[Condition]:
    """Yield the conditions from left to right."""
    for node, _ in walk(expression):
        if not isinstance(node, (And, Or, Not)):
            yield node


def tests_of(condition: Condition) -> tuple[Condition, ...]:
    """Return the conditions inside a ``MATCHES (…)``; none for any other condition."""
    return (condition.subject.tests or ()) if isinstance(condition.subject, Call) else ()


def values_of(condition: Condition) -> tuple[Value, ...]:
    """Return the literals a condition compares with."""
    if isinstance(condition, Compare):
        return (condition.value,)
    if isinstance(condition, Between):
        return (condition.low, condition.high)
    return condition.values if isinstance(condition, In) else ()
