"""Does the tree fit the attributes? Values are brought to the attribute's type on the way.

A room declares what it knows as :class:`Attribute` and :class:`Function`; the tree that comes
back holds only known names, fitting operators and values of the declared kind, so a compiler need not
look again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from oms_core.kernel.expressions.faults import ExpressionFault, near
from oms_core.kernel.expressions.formatting import value_text
from oms_core.kernel.expressions.parser import parse
from oms_core.kernel.expressions.tree import (
    And,
    Between,
    Call,
    Compare,
    Condition,
    Expression,
    In,
    Not,
    Offset,
    Or,
    Subject,
    Value,
)

_EQUAL, _ORDERED = {"=", "!=", "IN"}, {"=", "!=", "IN", ">", ">=", "<", "<=", "BETWEEN"}
_TEXT = _EQUAL | {"CONTAINS", "NOT CONTAINS", "STARTS WITH", "NOT STARTS WITH"}

#: Operators of each kind; IS NULL fits all. `money` is a decimal amount in the shop's currency,
#: `share` a number from 0 to 1, `list` several texts (= and CONTAINS: one of them is equal).
KINDS: dict[str, set[str]] = {
    "text": _TEXT,
    "choice": _TEXT,
    "number": _ORDERED,
    "money": _ORDERED,
    "share": _ORDERED,
    "date": _ORDERED,
    "boolean": {"=", "!="},
    "list": _EQUAL | {"CONTAINS", "NOT CONTAINS"},
}
_NEEDS = {
    "text": "a text in single quotes",
    "choice": "a text in single quotes",
    "list": "a text in single quotes",
    "number": "a number",
    "money": "a number (in the shop's currency)",
    "share": "a number from 0 to 1",
    "date": "a date (2024-01-31) or an offset (-30d, -4w, -8m, -1y, today)",
    "boolean": "TRUE or FALSE",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """Something an expression can compare.

    Parameters
    ----------
    name : str
        As written in expressions.
    kind : str
        Key of `KINDS`.
    labels : mapping of str to str
        What people read, by language (``en``, ``pl``), as it follows "customers whose …".
    options : tuple of str
        The only values of a `choice`, canonical case.
    """

    name: str
    kind: str
    labels: Mapping[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()

    def label(self, language: str = "en") -> str:
        """Return the label in a language, else in English, else the name."""
        return self.labels.get(language) or self.labels.get("en") or self.name.replace("_", " ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A counted or looked-up fact with arguments.

    Parameters
    ----------
    arguments : mapping of str to str
        Kind of each argument by name.
    returns : tuple of str
        Kinds it may be compared as; ``("boolean", "number")``: ``= TRUE`` or ``>= 3``.
    positional : str
        The argument that may be given without its name.
    """

    name: str
    arguments: Mapping[str, str]
    returns: tuple[str, ...]
    positional: str = ""
    required: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)

    def label(self, language: str = "en") -> str:
        """Return the label in a language, else in English, else the name."""
        return self.labels.get(language) or self.labels.get("en") or self.name.replace("_", " ")


Attributes: TypeAlias = Mapping[str, Attribute]
Functions: TypeAlias = Mapping[str, Function]


def read(text: str, attributes: Attributes, functions: Functions | None = None) -> Expression:
    """Parse and check in one go; faults show their place in the text.

    Raises
    ------
    ExpressionFault
        See :func:`parse` and :func:`check`.
    """
    return check(parse(text), attributes, functions, text=text)


def check(
    expression: Expression, attributes: Attributes, functions: Functions | None = None, *, text: str | None = None
) -> Expression:
    """Return the expression with every value in its attribute's type.

    Parameters
    ----------
    text : str, optional
        What the tree was parsed from; lets a fault show its place.

    Raises
    ------
    ExpressionFault
        ``expression.unknown_attribute``, ``expression.unknown_function`` or ``expression.type``.
    """
    return _Check(attributes, functions or {}, text).node(expression)


@dataclass(frozen=True, slots=True)
class _Check:
    attributes: Attributes
    functions: Functions
    text: str | None

    def node(self, node: Expression) -> Expression:
        """Check a node and all below it; depth is limited by the parser."""
        if isinstance(node, And):
            return And(tuple(self.node(p) for p in node.parts))
        if isinstance(node, Or):
            return Or(tuple(self.node(p) for p in node.parts))
        return Not(self.node(node.part)) if isinstance(node, Not) else self.condition(node)

    def condition(self, node: Condition) -> Condition:
        subject, kinds, options = self.subject(node.subject)
        op = node.op if isinstance(node, Compare) else type(node).__name__.upper()
        if op == "ISNULL":
            return replace(node, subject=subject)
        kind = self.fitting(node, kinds, op)

        def fit(value: Value) -> Value:
            whole = op in _EQUAL or kind == "list"
            return self.value(value, kind, options if whole else (), node.subject)

        if isinstance(node, Compare):
            return Compare(subject, node.op, fit(node.value))
        if isinstance(node, Between):
            return Between(subject, fit(node.low), fit(node.high), node.negated)
        assert isinstance(node, In)  # noqa: S101 - the last of the four
        return In(subject, tuple(fit(v) for v in node.values), node.negated)

    def fitting(self, node: Condition, kinds: tuple[str, ...], op: str) -> str:
        """Return the kind the condition is compared as: the first whose values and operator fit."""
        if len(kinds) > 1 and isinstance(node, Compare) and isinstance(node.value, bool):
            kinds = tuple(k for k in kinds if k == "boolean")
        elif len(kinds) > 1:
            kinds = tuple(k for k in kinds if k != "boolean")
        for kind in kinds:
            if op in KINDS[kind]:
                return kind
        may = ", ".join(sorted(set().union(*(KINDS[k] for k in kinds)))) or "IS NULL"
        raise self.fault("type", f"{node.subject.name} cannot be compared with {op}", f"It takes {may}.", node.subject)

    def subject(self, subject: Subject) -> tuple[Subject, tuple[str, ...], tuple[str, ...]]:
        if isinstance(subject, Call):
            function = self.function(subject)
            return self.call(subject, function), function.returns, ()
        attribute = self.attributes.get(subject.name)
        if attribute is None:
            hint = near(subject.name, self.attributes)
            if subject.name in self.functions:
                hint = f"Write it with parentheses: {subject.name}(…)."
            hint = hint or f"Known: {', '.join(sorted(self.attributes))}."
            raise self.fault("unknown_attribute", f"There is no attribute {subject.name!r}", hint, subject)
        return subject, (attribute.kind,), attribute.options

    def function(self, call: Call) -> Function:
        function = self.functions.get(call.name)
        if function is None:
            hint = near(call.name, self.functions) or f"Known: {', '.join(sorted(self.functions)) or 'none here'}."
            raise self.fault("unknown_function", f"There is no function {call.name}()", hint, call)
        return function

    def call(self, call: Call, function: Function) -> Call:
        given: dict[str, Value] = {}
        for name, value in call.arguments:
            key = name or function.positional
            kind = function.arguments.get(key)
            if key in given:
                raise self.fault("type", f"{call.name}() has {key} twice", "Give each argument once.", call)
            if kind is None:
                hint = near(name, function.arguments) or f"It takes: {', '.join(function.arguments)}."
                raise self.fault("type", f"{call.name}() has no place for the argument {name!r}", hint, call)
            given[key] = self.value(value, kind, (), call)
        for name in function.required:
            if name not in given:
                raise self.fault("type", f"{call.name}() needs {name}", f"Write {call.name}({name}: …).", call)
        return replace(call, arguments=tuple(sorted(given.items())))

    def value(self, value: Value, kind: str, options: tuple[str, ...], subject: Subject) -> Value:
        """Return the literal in the kind's type, or refuse it."""
        if kind == "date" and isinstance(value, str):
            value = _day(value) or value
        if not _fits(value, kind):
            sentence = f"{subject.name} cannot be compared with {value_text(value)}"
            raise self.fault("type", sentence, f"It needs {_NEEDS[kind]}.", subject)
        return self.option(value, options, subject) if options and isinstance(value, str) else value

    def option(self, value: str, options: tuple[str, ...], subject: Subject) -> str:
        by_lower = {o.lower(): o for o in options}
        if value.lower() not in by_lower:
            shown = ", ".join(options[:12]) + (" …" if len(options) > 12 else "")
            hint = near(value, options) or f"It is one of: {shown}."
            raise self.fault("type", f"{subject.name} is never {value_text(value)}", hint, subject)
        return by_lower[value.lower()]

    def fault(self, code: str, sentence: str, hint: str, subject: Subject) -> ExpressionFault:
        return ExpressionFault(f"expression.{code}", sentence, hint, text=self.text, at=subject.at)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _fits(value: Value, kind: str) -> bool:
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "date":
        return isinstance(value, (date, Offset))
    if kind in {"number", "money", "share"}:
        return isinstance(value, (int, Decimal)) and not isinstance(value, bool)
    return isinstance(value, str)
