"""Tree back to text, in one canonical form: ``parse(as_text(tree)) == tree``."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from oms_core.kernel.expressions.tree import And, Between, Compare, In, Name, Not, Offset, Or

if TYPE_CHECKING:
    from oms_core.kernel.expressions.tree import Condition, Expression, Subject, Value


def as_text(expression: Expression) -> str:
    """Return the expression as text in canonical form."""
    if isinstance(expression, (And, Or)):
        word = " AND " if isinstance(expression, And) else " OR "
        return word.join(_bracketed(part) for part in expression.parts)
    if isinstance(expression, Not):
        return f"NOT {_bracketed(expression.part)}"
    return _condition(expression)


def _bracketed(part: Expression) -> str:
    text = as_text(part)
    return f"({text})" if isinstance(part, (And, Or)) else text


def _condition(node: Condition) -> str:
    subject, no = subject_text(node.subject), " NOT" if getattr(node, "negated", False) else ""
    if isinstance(node, Compare):
        return f"{subject} {node.op} {value_text(node.value)}"
    if isinstance(node, Between):
        return f"{subject}{no} BETWEEN {value_text(node.low)} AND {value_text(node.high)}"
    if isinstance(node, In):
        return f"{subject}{no} IN ({', '.join(value_text(v) for v in node.values)})"
    return f"{subject} IS{no} NULL"


def subject_text(subject: Subject) -> str:
    """Return an attribute, or a function with its arguments, as text."""
    if isinstance(subject, Name):
        return subject.name
    given = ", ".join(f"{k}: {value_text(v)}" if k else value_text(v) for k, v in subject.arguments)
    return f"{subject.name}({given})"


def value_text(value: Value) -> str:
    """Return a literal as text."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, (int, Decimal)):
        return f"{value:f}" if isinstance(value, Decimal) else str(value)
    if isinstance(value, Offset):
        return "today" if value == Offset(0, "d") else f"{value.count}{value.unit}"
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return value.isoformat()
