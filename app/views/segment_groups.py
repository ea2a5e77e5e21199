"""A segment's definition as the builder's groups, and back: AND between groups, OR inside one.

The expression is the truth; the builder is a way of seeing it. What the builder cannot show (a NOT
around a group, a window between two dates) is edited as text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from oms_core.kernel.expressions import (
    And,
    Attribute,
    Call,
    Compare,
    Condition,
    Expression,
    In,
    Offset,
    Or,
    Value,
)
from oms_core.kernel.expressions.formatting import value_text
from segmentation.attributes import ATTRIBUTES

#: Functions the builder offers: counted or summed over the last days.
COUNTED = ("orders_placed", "amount_spent", "products_purchased")
IN_LAST, BEFORE_LAST = "last", "not_last"
NUMBERS = ("number", "money", "share")

#: Operators of the builder by kind, in the order they are offered.
OPERATORS: Mapping[str, tuple[str, ...]] = {
    "text": ("=", "!=", "CONTAINS", "STARTS WITH"),
    "choice": ("IN", "NOT IN"),
    "list": ("IN", "NOT IN"),
    "number": (">=", ">", "<=", "<", "="),
    "money": (">", ">=", "<", "<="),
    "share": (">", ">=", "<", "<="),
    "date": (BEFORE_LAST, IN_LAST, ">=", "<"),
    "boolean": ("TRUE", "FALSE"),
    "counted": (">=", ">", "<=", "<", "="),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One condition of the builder.

    Attributes
    ----------
    subject : str
        Attribute, or ``function()`` counted over the last `days`.
    values : tuple of str
        As people type them: decimals, ISO dates, lengths of time, words.
    days : int
        Length of the window a function is counted over.
    unit : str
        What a window is counted in: d, w, m or y.
    """

    subject: str
    op: str
    values: tuple[str, ...] = ()
    days: int = 0
    unit: str = "d"

    @property
    def kind(self) -> str:
        """Kind of the subject: a key of :data:`OPERATORS`."""
        return kind_of(self.subject)


Groups = tuple[tuple[Row, ...], ...]


def kind_of(subject: str) -> str:
    """Return the kind of a subject: ``counted`` for functions."""
    return "counted" if subject.endswith("()") else ATTRIBUTES[subject].kind


def attribute(subject: str) -> Attribute:
    """Return the attribute of a subject that is no function."""
    return ATTRIBUTES[subject]


def groups_of(expression: Expression) -> Groups | None:
    """Return the builder's groups of an expression; None when they cannot show it."""
    groups = []
    for part in expression.parts if isinstance(expression, And) else (expression,):
        inside = part.parts if isinstance(part, Or) else (part,)
        rows = [row_of(condition) for condition in inside]
        if any(row is None for row in rows):
            return None
        groups.append(tuple(row for row in rows if row is not None))
    return tuple(groups)


def row_of(condition: Expression) -> Row | None:
    """Return a condition as the builder's row; None when the builder has no such row."""
    if not isinstance(condition, Compare | In):
        return None
    if isinstance(condition.subject, Call):
        return _counted(condition)
    name = condition.subject.name
    if isinstance(condition, In):
        known = kind_of(name) in {"choice", "list"}
        return (
            Row(name, "NOT IN" if condition.negated else "IN", tuple(map(_typed, condition.values))) if known else None
        )
    return _compared(name, condition)


def _compared(name: str, condition: Compare) -> Row | None:
    kind, value = kind_of(name), condition.value
    if kind == "boolean":
        return Row(name, "TRUE" if (condition.op == "=") == bool(value) else "FALSE")
    if kind in {"choice", "list"}:
        op = {"=": "IN", "CONTAINS": "IN", "!=": "NOT IN", "NOT CONTAINS": "NOT IN"}.get(condition.op)
        return Row(name, op, (_typed(value),)) if op else None
    if isinstance(value, Offset):
        window = {">=": IN_LAST, "<": BEFORE_LAST}.get(condition.op)
        long = -value.count
        return Row(name, window, (str(long),), unit=value.unit) if window and long > 0 else None
    return Row(name, condition.op, (_typed(value),)) if condition.op in OPERATORS[kind] else None


def _counted(condition: Condition) -> Row | None:
    subject = condition.subject
    if not isinstance(condition, Compare) or not isinstance(subject, Call) or subject.name not in COUNTED:
        return None
    given, since = dict(subject.arguments), subject.get("since") or subject.get("")
    if len(given) != 1 or not isinstance(since, Offset) or isinstance(condition.value, bool):
        return None
    long = -since.count
    return Row(f"{subject.name}()", condition.op, (_typed(condition.value),), long, since.unit) if long > 0 else None


def _typed(value: Value) -> str:
    """Return a literal as a person types it."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else str(value)


def text_of(groups: Groups) -> str:
    """Return the expression of the builder's groups; rows without a value are left out."""
    parts = []
    for group in groups:
        rows = [text for text in map(row_text, group) if text]
        if rows:
            parts.append(f"({' OR '.join(rows)})" if len(rows) > 1 and len(groups) > 1 else " OR ".join(rows))
    return " AND ".join(parts)


def row_text(row: Row) -> str:
    """Return one row as a condition; an empty text while it has no value."""
    if row.kind == "boolean":
        return f"{row.subject} = {row.op}"
    if not row.values or not row.values[0]:
        return ""
    if row.op in {"IN", "NOT IN"}:
        return f"{row.subject} {row.op} ({', '.join(value_text(v) for v in row.values)})"
    if row.op in {IN_LAST, BEFORE_LAST}:
        return f"{row.subject} {'>=' if row.op == IN_LAST else '<'} -{row.values[0]}{row.unit}"
    if row.kind == "counted":
        return f"{row.subject[:-2]}(since: -{row.days or 365}{row.unit}) {row.op} {row.values[0]}"
    return f"{row.subject} {row.op} {row.values[0] if row.kind in {*NUMBERS, 'date'} else value_text(row.values[0])}"
