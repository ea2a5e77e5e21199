"""Tree back to text, in one canonical form: ``parse(as_text(tree)) == tree``, also when laid out in lines."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from oms_core.kernel.expressions.tree import And, Between, Call, Compare, In, Name, Not, Offset, Or

if TYPE_CHECKING:
    from oms_core.kernel.expressions.tree import Condition, Expression, Subject, Value

#: Longest expression that stays on one line.
WIDTH = 88
INDENT = "  "


def as_text(expression: Expression) -> str:
    """Return the expression as text in canonical form, on one line."""
    if isinstance(expression, (And, Or)):
        return _word(expression).join(_bracketed(part) for part in expression.parts)
    if isinstance(expression, Not):
        return f"NOT {_bracketed(expression.part)}"
    return condition_text(expression)


def as_lines(expression: Expression, *, indent: str = "") -> str:
    """Return the canonical text for people: one clause a line where it is long, brackets opened and indented."""
    text = as_text(expression)
    if len(indent) + len(text) <= WIDTH or not isinstance(expression, (And, Or)):
        return text
    word = _word(expression).lstrip()
    return f"\n{indent}{word}".join(_opened(part, indent) for part in expression.parts)


def _opened(part: Expression, indent: str) -> str:
    if not isinstance(part, (And, Or)) or len(indent) + len(as_text(part)) + 2 <= WIDTH:
        return _bracketed(part)
    deeper = indent + INDENT
    return f"(\n{deeper}{as_lines(part, indent=deeper)}\n{indent})"


def _word(node: And | Or) -> str:
    return " AND " if isinstance(node, And) else " OR "


def _bracketed(part: Expression) -> str:
    text = as_text(part)
    return f"({text})" if isinstance(part, (And, Or)) else text


def condition_text(node: Condition) -> str:
    """Return one condition as text."""
    no = " NOT" if getattr(node, "negated", False) else ""
    if isinstance(node, Compare):
        return _compared(node)
    subject = subject_text(node.subject)
    if isinstance(node, Between):
        return f"{subject}{no} BETWEEN {value_text(node.low)} AND {value_text(node.high)}"
    if isinstance(node, In):
        return f"{subject}{no} IN ({', '.join(value_text(v) for v in node.values)})"
    return f"{subject} IS{no} NULL"


def _compared(node: Compare) -> str:
    if isinstance(node.subject, Call) and node.subject.tests is not None:
        tests = ", ".join(condition_text(test) for test in node.subject.tests)
        return f"{node.subject.name}{'' if node.op == '=' else ' NOT'} MATCHES ({tests})"
    return f"{subject_text(node.subject)} {node.op} {value_text(node.value)}"


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
