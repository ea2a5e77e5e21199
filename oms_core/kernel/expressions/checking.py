"""Does the tree fit the attributes? Values are brought to the attribute's type on the way.

A room declares what it knows as :class:`Attribute` and :class:`Function`; the tree that comes
back holds only known names, fitting operators and values of the declared kind, so a compiler need not
look again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from oms_core.kernel.expressions.declaring import EQUAL, KINDS, Attributes, Function, Functions
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
    IsNull,
    Not,
    Offset,
    Or,
    Subject,
    Value,
)

_NEEDS = {
    "text": "a text in single quotes",
    "choice": "a text in single quotes",
    "list": "a text in single quotes",
    "number": "a number",
    "money": "a number (in the shop's currency)",
    "share": "a number from 0 to 1",
    "day_of_year": "a date or an offset: anniversary(date: 'first_order_date') BETWEEN today AND 30d",
    "date": "a date (2024-01-31) or an offset (-30d, -4w, -8m, -1y, today)",
    "boolean": "TRUE or FALSE",
}


def read(
    text: str,
    attributes: Attributes,
    functions: Functions | None = None,
    absent: Mapping[str, str] | None = None,
) -> Expression:
    """Parse and check in one go; faults show their place in the text.

    Parameters
    ----------
    absent : mapping of str to str, optional
        Names that other dialects have and this one answers with a hint instead of a guess.

    Raises
    ------
    ExpressionFault
        See :func:`parse` and :func:`check`.
    """
    return _Check(attributes, functions or {}, text, absent or {}).node(parse(text))


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
        ``expression.unknown_attribute``, ``expression.unknown_function``, ``expression.no_source`` or
        ``expression.type``.
    """
    return _Check(attributes, functions or {}, text, {}).node(expression)


@dataclass(frozen=True, slots=True)
class _Check:
    attributes: Attributes
    functions: Functions
    text: str | None
    absent: Mapping[str, str]

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
        if isinstance(node, IsNull):
            return self.missing(node, subject)
        kind = self.fitting(node, kinds, op)

        def fit(value: Value) -> Value:
            whole = op in EQUAL or kind == "list"
            return self.value(value, kind, options if whole else (), node.subject)

        if isinstance(node, Compare) and isinstance(node.value, bool) and isinstance(subject, Call):
            return self.yes_or_no(node, subject)
        if isinstance(node, Compare):
            return Compare(subject, node.op, fit(node.value))
        if isinstance(node, Between):
            return Between(subject, fit(node.low), fit(node.high), node.negated)
        assert isinstance(node, In)  # noqa: S101 - the last of the four
        return In(subject, tuple(fit(v) for v in node.values), node.negated)

    def missing(self, node: IsNull, subject: Subject) -> IsNull:
        if isinstance(subject, Call):
            raise self.fault("type", f"{subject.name}() is never NULL", "Nothing found counts as 0.", node.subject)
        return replace(node, subject=subject)

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

    def yes_or_no(self, node: Compare, call: Call) -> Compare:
        """Return a function that stands alone as ``MATCHES`` or ``NOT MATCHES`` where it looks at rows."""
        function, op = self.functions[call.name], "=" if (node.value is True) == (node.op == "=") else "!="
        if not function.fields:
            return Compare(call, op, value=True)
        return Compare(Call(call.name, (), function.tests(call), at=call.at), op, value=True)

    def subject(self, subject: Subject) -> tuple[Subject, tuple[str, ...], tuple[str, ...]]:
        if isinstance(subject, Call):
            function = self.function(subject)
            return self.call(subject, function), function.returns, ()
        attribute = self.attributes.get(subject.name)
        if attribute is None and subject.name in self.absent:
            raise self.absence(subject)
        if attribute is None:
            hint = near(subject.name, self.attributes)
            if subject.name in self.functions:
                hint = f"Write it with parentheses: {subject.name}(…)."
            hint = hint or f"Known: {', '.join(sorted(self.attributes))}."
            raise self.fault("unknown_attribute", f"There is no attribute {subject.name!r}", hint, subject)
        return subject, (attribute.kind,), attribute.options

    def function(self, call: Call) -> Function:
        function = self.functions.get(call.name)
        if function is None and call.name in self.absent:
            raise self.absence(call)
        if function is None:
            hint = near(call.name, self.functions) or f"Known: {', '.join(sorted(self.functions)) or 'none here'}."
            raise self.fault("unknown_function", f"There is no function {call.name}()", hint, call)
        return function

    def absence(self, subject: Subject) -> ExpressionFault:
        sentence = f"{subject.name} is one of Shopify's filters that has no data here"
        return self.fault("no_source", sentence, self.absent[subject.name], subject)

    def call(self, call: Call, function: Function) -> Call:
        if call.tests is not None and function.fields:
            inside = _Check(function.columns(), {}, self.text, {})
            return Call(call.name, (), tuple(inside.condition(test) for test in call.tests), at=call.at)
        if call.tests is not None:
            call = self.as_arguments(call)
        return replace(call, arguments=tuple(sorted(self.arguments(call, function).items())), tests=None)

    def as_arguments(self, call: Call) -> Call:
        """Return ``f MATCHES (a = 1, b = 2)`` as ``f(a: 1, b: 2)``: this function looks at no rows."""
        for test in call.tests or ():
            if not isinstance(test, Compare) or test.op != "=" or isinstance(test.subject, Call):
                raise self.fault("type", f"{call.name} takes only =", f"Write {call.name}(name: value).", test.subject)
        given = [(t.subject.name, t.value) for t in call.tests or () if isinstance(t, Compare)]
        return Call(call.name, tuple(given), at=call.at)

    def arguments(self, call: Call, function: Function) -> dict[str, Value]:
        """Return the arguments by name, each in its kind."""
        given: dict[str, Value] = {}
        for name, value in call.arguments:
            key = name or function.positional
            kind = function.arguments.get(key)
            if key in given:
                raise self.fault("type", f"{call.name}() has {key} twice", "Give each argument once.", call)
            if kind is None:
                hint = near(name, function.arguments) or f"It takes: {', '.join(function.arguments)}."
                raise self.fault("type", f"{call.name}() has no place for the argument {name!r}", hint, call)
            given[key] = self.value(value, kind, function.options.get(key, ()), call)
        for name in function.required:
            if name not in given:
                raise self.fault("type", f"{call.name}() needs {name}", f"Write {call.name}({name}: …).", call)
        return given

    def value(self, value: Value, kind: str, options: tuple[str, ...], subject: Subject) -> Value:
        """Return the literal in the kind's type, or refuse it."""
        if kind in _DAYS and isinstance(value, str):
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


_DAYS = {"date", "day_of_year"}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _fits(value: Value, kind: str) -> bool:
    if kind == "boolean":
        return isinstance(value, bool)
    if kind in _DAYS:
        return isinstance(value, (date, Offset))
    if kind in {"number", "money", "share"}:
        return isinstance(value, (int, Decimal)) and not isinstance(value, bool)
    return isinstance(value, str)
