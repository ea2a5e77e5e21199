"""A checked expression to a mask over customers.

The rule of missing values is that of `oms_core.kernel.expressions.tree`: every condition is true or false; a
missing value satisfies only IS NULL and the negated operators. Text ignores case.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeAlias

import polars as pl

from oms_core.kernel.errors import DataNotReady, Refused
from oms_core.kernel.expressions import (
    NEGATED,
    And,
    Between,
    Call,
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
    resolve,
)
from segmentation import attributes, functions
from segmentation.facts import Facts

#: Returns the checked expression of a named segment, or raises NotFound.
Lookup: TypeAlias = Callable[[str], Expression]
#: How deep segments may be made of segments.
MAX_CHAIN = 10


def mask(expression: Expression, facts: Facts, lookup: Lookup) -> pl.Series:
    """Return which of `facts.customers` are members, in their order.

    Parameters
    ----------
    expression : Expression
        Checked against `attributes.ATTRIBUTES` and `functions.FUNCTIONS`.
    lookup : callable
        Finds the expressions behind ``segment('name')``.

    Raises
    ------
    DataNotReady
        ``segment.no_scores`` when a predicted attribute is asked and no scores are stored.
    Refused
        ``segment.cycle`` when a segment is made of itself.
    """
    return _Mask(facts, lookup, ()).of(expression)


@dataclass(frozen=True, slots=True)
class _Mask:
    facts: Facts
    lookup: Lookup
    chain: tuple[str, ...]

    def of(self, node: Expression) -> pl.Series:
        if isinstance(node, (And, Or)):
            masks = [self.of(part) for part in node.parts]
            result = masks[0]
            for other in masks[1:]:
                result = result & other if isinstance(node, And) else result | other
            return result
        return ~self.of(node.part) if isinstance(node, Not) else self.condition(node)

    def condition(self, node: Condition) -> pl.Series:
        if isinstance(node.subject, Call) and node.subject.name == "segment":
            return self.segment(node)
        column, kind = self.column(node)
        if isinstance(node, IsNull):
            return column.is_not_null() if node.negated else column.is_null()
        test = _TESTS.get(kind, _ordered)(pl.col("it"), node, self._literal(kind))
        negated = node.op in NEGATED if isinstance(node, Compare) else node.negated
        answer = column.to_frame("it").select(test.fill_null(value=False)).to_series()
        return ~answer if negated else answer

    def column(self, node: Condition) -> tuple[pl.Series, str]:
        """Return the values a condition looks at, one a customer, and their kind."""
        subject = node.subject
        if isinstance(subject, Name):
            entry = attributes.ENTRIES[subject.name]
            if entry.predicted and not self.facts.has_scores:
                raise DataNotReady(
                    "segment.no_scores",
                    f"{subject.name} is predicted, and no scores are stored yet.",
                    "Run: ordersight clv score",
                )
            column = self.facts.customers.select(entry.column(self.facts).alias("it")).to_series()
            return column, entry.attribute.kind
        counted = self.counted(subject)
        if isinstance(node, Compare) and isinstance(node.value, bool):
            return counted >= float(functions.least(subject)), "boolean"
        functions.refuse_count(subject)
        return counted, functions.FUNCTIONS[subject.name].returns[-1]

    def counted(self, call: Call) -> pl.Series:
        answers = functions.ENTRIES[call.name].answer(self.facts, call)
        ids = self.facts.customers.select("customer_id")
        joined = ids.join(answers, on="customer_id", how="left", maintain_order="left")
        return joined.get_column("answer").fill_null(0)

    def segment(self, node: Condition) -> pl.Series:
        assert isinstance(node, Compare)  # noqa: S101 - a boolean function is only ever compared
        name = str(node.subject.get("name")) if isinstance(node.subject, Call) else ""
        if name in self.chain or len(self.chain) >= MAX_CHAIN:
            made = " → ".join((*self.chain, name))
            raise Refused("segment.cycle", f"Segment {name!r} is made of itself ({made}).", "Break the circle.")
        inner = _Mask(self.facts, self.lookup, (*self.chain, name)).of(self.lookup(name))
        return inner if (node.value is True) == (node.op == "=") else ~inner

    def _literal(self, kind: str) -> Callable[[Value], object]:
        """Return how literals of a kind become comparable: minor units, days, lower case."""
        facts = self.facts

        def plain(value: Value) -> object:
            if isinstance(value, (Offset, date)):
                return resolve(value, facts.today)
            if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
                return float(value * facts.minor_units if kind == "money" else value)
            return value.lower() if isinstance(value, str) else value

        return plain


Literal: TypeAlias = Callable[[Value], object]


def _ordered(it: pl.Expr, node: Condition, literal: Literal) -> pl.Expr:
    """Return the positive form of a condition on numbers, money, dates and booleans."""
    if isinstance(node, Between):
        return (it >= pl.lit(literal(node.low))) & (it <= pl.lit(literal(node.high)))
    if isinstance(node, In):
        return pl.any_horizontal([it == pl.lit(literal(v)) for v in node.values])
    assert isinstance(node, Compare)  # noqa: S101 - IsNull is answered before
    value = pl.lit(literal(node.value))
    compared = {"=": it == value, "!=": it == value, ">": it > value, ">=": it >= value, "<": it < value}
    return compared.get(node.op, it <= value)


def _text(it: pl.Expr, node: Condition, literal: Literal) -> pl.Expr:
    """Return the positive form of a condition on texts."""
    it = it.str.to_lowercase()
    if isinstance(node, In):
        return it.is_in([literal(v) for v in node.values])
    assert isinstance(node, Compare)  # noqa: S101 - texts have no BETWEEN
    value = str(literal(node.value))
    if node.op.endswith("CONTAINS"):
        return it.str.contains(value, literal=True)
    return it.str.starts_with(value) if node.op.endswith("STARTS WITH") else it == value


def _list(it: pl.Expr, node: Condition, literal: Literal) -> pl.Expr:
    """Return the positive form of a condition on several texts: one of them is equal."""
    values = node.values if isinstance(node, In) else (node.value,) if isinstance(node, Compare) else ()
    wanted = [literal(v) for v in values]
    return it.list.eval(pl.element().str.to_lowercase().is_in(wanted)).list.any()


_TESTS = {"text": _text, "choice": _text, "list": _list}
