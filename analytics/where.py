"""Filters on metrics: the one expression language, compiled to DuckDB SQL with bound values.

Attributes are the dimensions. The rule of missing values is the language's own: a condition is
true or false, never unknown (see `oms_core.kernel.expressions.tree`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from analytics.metrics import DIMENSIONS, Dimension, dimension
from oms_core.kernel.expressions import (
    NEGATED,
    And,
    Attribute,
    Between,
    Compare,
    Condition,
    Expression,
    In,
    IsNull,
    Name,
    Not,
    Offset,
    Or,
    Value,
    conditions,
    read,
    resolve,
)

if TYPE_CHECKING:
    from collections.abc import Callable

ATTRIBUTES = {d.slug: Attribute(name=d.slug, kind=d.kind, labels={"en": d.label.lower()}) for d in DIMENSIONS}


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition that fits the dimensions, not yet bound to a mart.

    Attributes
    ----------
    expression : Expression
        Checked tree.
    today : date
        Day that offsets such as ``-30d`` count from, in the shop's zone.
    """

    expression: Expression
    today: date

    @property
    def dimensions(self) -> tuple[Dimension, ...]:
        """The dimensions it speaks of, each once."""
        names = {c.subject.name for c in conditions(self.expression)}
        return tuple(d for d in DIMENSIONS if d.slug in names)

    def sql(self, value_of: Callable[[Dimension], str]) -> tuple[str, dict[str, object]]:
        """Return the condition and its bound values; `value_of` gives a dimension's expression in the mart."""
        compiler = _Compiler(value_of, self.today)
        return compiler.node(self.expression), compiler.params


def parse_filter(text: str | None, today: date) -> Filter | None:
    """Read a filter on dimensions; None when there is none.

    Raises
    ------
    ExpressionFault
        With the place of the fault and what was probably meant.
    """
    return Filter(read(text, ATTRIBUTES), today) if text else None


@dataclass
class _Compiler:
    value_of: Callable[[Dimension], str]
    today: date
    params: dict[str, object] = field(default_factory=dict)

    def node(self, node: Expression) -> str:
        if isinstance(node, (And, Or)):
            word = " AND " if isinstance(node, And) else " OR "
            return "(" + word.join(self.node(part) for part in node.parts) + ")"
        if isinstance(node, Not):
            return f"(NOT {self.node(node.part)})"
        return self.condition(node)

    def condition(self, node: Condition) -> str:
        """Return a condition that is true or false: a missing value satisfies only negated ones."""
        assert isinstance(node.subject, Name)  # noqa: S101 - dimensions have no functions, `read` refused them
        found = dimension(node.subject.name)
        value = self.value_of(found)
        if isinstance(node, IsNull):
            return f"({value} IS {'NOT ' if node.negated else ''}NULL)"
        value = f"LOWER({value})" if found.kind == "text" else value
        negated = node.op in NEGATED if isinstance(node, Compare) else node.negated
        return f"COALESCE({self.compared(node, value, found)}, {'TRUE' if negated else 'FALSE'})"

    def compared(self, node: Condition, value: str, found: Dimension) -> str:
        if isinstance(node, Compare):
            right = self.bind(node.value, found)
            if node.op.endswith("CONTAINS"):
                return f"{'NOT ' if node.op.startswith('NOT') else ''}CONTAINS({value}, {right})"
            if node.op.endswith("STARTS WITH"):
                return f"{'NOT ' if node.op.startswith('NOT') else ''}STARTS_WITH({value}, {right})"
            return f"({value} {'<>' if node.op == '!=' else node.op} {right})"
        not_ = "NOT " if not isinstance(node, IsNull) and node.negated else ""
        if isinstance(node, Between):
            return f"({value} {not_}BETWEEN {self.bind(node.low, found)} AND {self.bind(node.high, found)})"
        assert isinstance(node, In)  # noqa: S101 - the last kind of condition
        return f"({value} {not_}IN ({', '.join(self.bind(v, found) for v in node.values)}))"

    def bind(self, value: Value, found: Dimension) -> str:
        name = f"w{len(self.params)}"
        if isinstance(value, (date, Offset)):
            self.params[name] = resolve(value, self.today)
            return f"CAST(${name} AS DATE)"
        if found.kind == "text":
            self.params[name] = str(value)
            return f"LOWER(${name})"
        self.params[name] = value
        return f"${name}"
