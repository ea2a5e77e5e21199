"""A checked expression as a SQL condition: SQLAlchemy Core for SQLite, PostgreSQL and DuckDB, every value bound.

The rule of missing values is that of :mod:`oms_core.kernel.expressions.tree`: each condition is written so that it
is true or false, never unknown. A list is one text: see :mod:`oms_core.kernel.expressions.sql_shape`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import reduce
from operator import and_, eq, ge, gt, le, lt, or_
from typing import Any

import sqlalchemy as sa

from oms_core.kernel.errors import Refused
from oms_core.kernel.expressions.dates import anniversary_spans, resolve
from oms_core.kernel.expressions.distance import reach, target
from oms_core.kernel.expressions.rows import COUNT, RowFunction, asks_for_any, holds_for_zero
from oms_core.kernel.expressions.sql_shape import BREAK
from oms_core.kernel.expressions.sql_words import contains, low
from oms_core.kernel.expressions.tree import (
    NEGATED,
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
    Value,
    values_of,
)
from oms_core.kernel.folding import fold

Column = sa.ColumnElement[Any]
Test = sa.ColumnElement[bool]
#: How deep segments may be made of segments.
MAX_CHAIN = 10


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What an expression is asked of.

    Attributes
    ----------
    people : mapping of str to column
        ``customer_id``, each attribute under its name (money in minor units) and ``place_x, place_y, place_z``.
    kinds : mapping of str to str
        Kind of each attribute.
    rows : mapping of str to selectable
        Relations of the row functions.
    lookup : callable
        Expression behind ``segment('name')``.
    frozen : mapping of str to select
        Customers of the segments that are lists, by name in lower case.
    today : date
        Day that offsets count from.
    currency, minor_units
        The shop's; money in another currency is unknown.
    """

    people: Mapping[str, Column]
    kinds: Mapping[str, str]
    rows: Mapping[str, sa.FromClause]
    functions: Mapping[str, RowFunction]
    lookup: Callable[[str], Expression]
    today: date
    currency: str
    minor_units: int
    frozen: Mapping[str, sa.Select[Any]] = field(default_factory=dict)


def condition(expression: Expression, ground: Ground) -> Test:
    """Return the condition that is true for members and false for everybody else.

    Raises
    ------
    Refused
        ``segment.cycle`` when a segment is made of itself.
    """
    return _Compiler(ground, ()).node(expression)


@dataclass(frozen=True, slots=True)
class _Compiler:
    ground: Ground
    chain: tuple[str, ...]

    def node(self, node: Expression) -> Test:
        if isinstance(node, And):
            return sa.and_(*(self.node(part) for part in node.parts)).self_group()
        if isinstance(node, Or):
            return sa.or_(*(self.node(part) for part in node.parts)).self_group()
        if isinstance(node, Not):
            return sa.not_(self.node(node.part).self_group())
        if isinstance(node.subject, Call):
            return self.called(node, node.subject)
        kind = self.ground.kinds[node.subject.name]
        return self.tested(node, self.ground.people[node.subject.name], kind)

    def called(self, node: Condition, call: Call) -> Test:
        if call.name in self.ground.functions and not isinstance(node, IsNull):
            return self.counted(node, call, self.ground.functions[call.name])
        made = {"segment": self.segment, "customer_within_distance": self.near, "anniversary": self.anniversary}
        return made[call.name](node, call)

    # -- one value -----------------------------------------------------------------------------------------

    def tested(self, node: Condition, column: Column, kind: str) -> Test:
        """Return a condition on one value: true or false, also where it is missing."""
        if isinstance(node, IsNull):
            return column.is_not(None) if node.negated else column.is_(None)
        test = _FORMS.get(kind, _ordered)(column, node, lambda value: self.literal(value, kind))
        negated = node.op in NEGATED if isinstance(node, Compare) else node.negated
        if negated:
            return sa.or_(column.is_(None), sa.not_(test.self_group())).self_group()
        return sa.and_(column.is_not(None), test).self_group()

    def literal(self, value: Value, kind: str) -> Column:
        """Return a literal as a bound value: days, minor units, folded text."""
        if isinstance(value, (Offset, date)):
            return sa.literal(resolve(value, self.ground.today), sa.Date)
        if isinstance(value, bool):
            return sa.true() if value else sa.false()
        if isinstance(value, (int, Decimal)):
            return sa.literal(float(value * self.ground.minor_units if kind == "money" else value), sa.Double)
        return sa.literal(fold(value), sa.Text)

    # -- rows ----------------------------------------------------------------------------------------------

    def counted(self, node: Compare | Between | In, call: Call, entry: RowFunction) -> Test:
        """Return ``customer_id IN (those whose rows pass)``; turned round where no rows at all would pass too."""
        on_rows, on_totals = entry.asked(node, call)
        rows = self.ground.rows[entry.rows]
        passing = reduce(and_, (self.total(test, rows, entry) for test in on_totals))
        for_nobody = all(holds_for_zero(test) for test in on_totals)
        found = sa.select(rows.c.customer_id).where(*(self.row(test, rows, entry) for test in on_rows))
        if asks_for_any(on_totals):
            chosen = found
        else:
            chosen = found.group_by(rows.c.customer_id).having(sa.not_(passing) if for_nobody else passing)
        inside = self.ground.people["customer_id"].in_(chosen)
        is_positive = not (isinstance(node, Compare) and isinstance(node.value, bool) and node.op == "!=")
        return inside if is_positive != for_nobody else sa.not_(inside)

    def row(self, test: Condition, rows: sa.FromClause, entry: RowFunction) -> Test:
        name = test.subject.name
        kind = entry.function.fields[name]
        column: Column = rows.c[entry.columns[name]]
        if kind == "money":
            column = sa.case((rows.c.currency == self.ground.currency, column), else_=None)
        elif kind in {"text", "choice"}:
            column = sa.func.nullif(column, "")
        return self.tested(test, column, kind)

    def total(self, test: Condition, rows: sa.FromClause, entry: RowFunction) -> Test:
        what, kind = entry.total_of(test), entry.kind_of(test)
        column: Column = sa.func.count() if what == COUNT else sa.func.sum(rows.c[what])
        if kind == "money":
            column = sa.func.sum(sa.case((rows.c.currency == self.ground.currency, rows.c[what]), else_=0))
        compared = _ordered(column, test, lambda value: self.literal(value, kind))
        negated = test.op in NEGATED if isinstance(test, Compare) else getattr(test, "negated", False)
        return sa.not_(compared.self_group()) if negated else compared

    # -- the other functions -------------------------------------------------------------------------------

    def segment(self, node: Condition, call: Call) -> Test:
        name = str(call.get("name")).lower()
        if name in self.chain or len(self.chain) >= MAX_CHAIN:
            made = " → ".join((*self.chain, name))
            raise Refused("segment.cycle", f"Segment {name!r} is made of itself ({made}).", "Break the circle.")
        if name in self.ground.frozen:
            inner: Test = self.ground.people["customer_id"].in_(self.ground.frozen[name])
        else:
            inner = _Compiler(self.ground, (*self.chain, name)).node(self.ground.lookup(name))
        return inner if isinstance(node, Compare) and node.op == "=" else sa.not_(inner.self_group())

    def near(self, node: Condition, call: Call) -> Test:
        at, within = target(call), reach(call)
        axes = [self.ground.people[f"place_{axis}"] for axis in "xyz"]
        parts = [
            (axis - sa.literal(c, sa.Double)) * (axis - sa.literal(c, sa.Double))
            for axis, c in zip(axes, at, strict=True)
        ]
        test = sa.and_(axes[0].is_not(None), sum(parts[1:], parts[0]) <= sa.literal(within, sa.Double)).self_group()
        return test if isinstance(node, Compare) and node.op == "=" else sa.not_(test)

    def anniversary(self, node: Condition, call: Call) -> Test:
        day = self.ground.people[str(call.get("date"))]
        of_year = sa.extract("month", day) * 100 + sa.extract("day", day)
        tests = [of_year.between(low, high) for low, high in anniversary_spans(node, self.ground.today)]
        test = sa.and_(day.is_not(None), reduce(or_, tests, sa.false())).self_group()
        return sa.not_(test) if getattr(node, "negated", False) else test


Literal = Callable[[Value], Column]


def _ordered(it: Column, node: Condition, literal: Literal) -> Test:
    if isinstance(node, Between):
        return sa.and_(it >= literal(node.low), it <= literal(node.high)).self_group()
    if isinstance(node, In):
        return it.in_([literal(v) for v in node.values])
    assert isinstance(node, Compare)  # noqa: S101 - IS NULL is answered before
    return _COMPARED[node.op](it, literal(node.value))


#: The positive form of each comparison: != is = turned round, with the rule of missing values.
_COMPARED: dict[str, Callable[[Column, Column], Test]] = {"=": eq, "!=": eq, ">": gt, ">=": ge, "<": lt, "<=": le}


def _choice(it: Column, node: Condition, literal: Literal) -> Test:
    """Return the positive form of a condition on a value out of a list: both sides are spelled as the list is."""
    if isinstance(node, In):
        return it.in_([sa.literal(str(v), sa.Text) for v in node.values])
    if isinstance(node, Compare) and node.op in {"=", "!="}:
        return it == sa.literal(str(node.value), sa.Text)
    return _text(it, node, literal)


def _text(it: Column, node: Condition, literal: Literal) -> Test:
    it = low(it, [fold(str(v)) for v in values_of(node)])
    if isinstance(node, In):
        return it.in_([literal(v) for v in node.values])
    assert isinstance(node, Compare)  # noqa: S101 - texts have no BETWEEN
    value = literal(node.value)
    if node.op.endswith("CONTAINS"):
        return contains(it, value)
    if node.op.endswith("STARTS WITH"):
        return sa.func.substr(it, 1, sa.func.length(value)) == value
    return it == value


def _list(it: Column, node: Condition, literal: Literal) -> Test:
    """Return the positive form of a condition on several texts: one of them is equal."""
    values = node.values if isinstance(node, In) else (node.value,) if isinstance(node, Compare) else ()
    marked = (sa.literal(BREAK, sa.Text) + literal(v) + sa.literal(BREAK, sa.Text) for v in values)
    return reduce(or_, (contains(it, item) for item in marked))


_FORMS = {"text": _text, "choice": _choice, "list": _list}
