"""A checked expression to a mask over customers.

The rule of missing values is that of `oms_core.kernel.expressions.tree`: every condition is true or false; a
missing value satisfies only IS NULL and the negated operators. Text ignores case. The SQL compiler
(`oms_core.kernel.expressions.sql`) answers the same; a property test holds the four back ends to one set of members.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import reduce
from operator import and_, or_
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
from oms_core.kernel.expressions.dates import anniversary_spans
from oms_core.kernel.expressions.distance import reach, target
from oms_core.kernel.expressions.rows import COUNT, RowFunction, holds_for_zero
from oms_core.kernel.folding import AFTER, BEFORE, fold
from segmentation import attributes, functions
from segmentation.facts import Facts

#: Returns the checked expression of a named segment, or the ids of a frozen one, or raises NotFound.
Lookup: TypeAlias = Callable[[str], Expression | pl.Series]
#: How deep segments may be made of segments.
MAX_CHAIN = 10


def mask(expression: Expression, facts: Facts, lookup: Lookup) -> pl.Series:
    """Return which of `facts.customers` are members, in their order.

    Parameters
    ----------
    expression : Expression
        Checked against `attributes.ATTRIBUTES` and `functions.FUNCTIONS`.
    lookup : callable
        Finds what is behind ``segment('name')``.

    Raises
    ------
    DataNotReady
        ``segment.no_scores`` or ``segment.no_clusters`` when a stored result is asked that is not there.
    Refused
        ``segment.cycle`` when a segment is made of itself.
    """
    return _Mask(facts, lookup, ()).of(expression)


def values(condition: Condition, facts: Facts) -> pl.Series | None:
    """Return what a condition looks at, one a customer; None for functions that stand for a whole question."""
    subject = condition.subject
    asked = _Mask(facts, _nothing, ())
    if isinstance(subject, Name):
        return asked.column(subject)
    entry = functions.ROWS.get(subject.name)
    if entry is None or isinstance(condition, IsNull):
        return None
    on_rows, on_totals = entry.asked(condition, subject)
    return asked.joined(asked.totals(entry, on_rows, on_totals[:1]), "t0")


def _nothing(name: str) -> Expression:
    raise Refused("segment.cycle", f"Segment {name!r} cannot be asked here.", "Ask it by its own name.")


@dataclass(frozen=True, slots=True)
class _Mask:
    facts: Facts
    lookup: Lookup
    chain: tuple[str, ...]

    def of(self, node: Expression) -> pl.Series:
        if isinstance(node, (And, Or)):
            return reduce(and_ if isinstance(node, And) else or_, (self.of(part) for part in node.parts))
        if isinstance(node, Not):
            return ~self.of(node.part)
        if isinstance(node.subject, Name):
            return tested(self.column(node.subject), node, attributes.ATTRIBUTES[node.subject.name].kind, self.facts)
        return self.called(node, node.subject)

    def called(self, node: Condition, call: Call) -> pl.Series:
        if call.name in functions.ROWS and not isinstance(node, IsNull):
            return self.counted(node, call, functions.ROWS[call.name])
        made = {"segment": self.segment, "customer_within_distance": self.near, "anniversary": self.anniversary}
        return made[call.name](node, call)

    def column(self, subject: Name) -> pl.Series:
        """Return an attribute, one value a customer."""
        entry = attributes.ENTRIES[subject.name]
        if entry.needs and entry.needs not in self.facts.customers.columns:
            raise _not_there(subject.name, entry)
        return self.facts.customers.select(entry.column(self.facts).alias("it")).to_series()

    # -- rows ----------------------------------------------------------------------------------------------

    def counted(self, node: Compare | Between | In, call: Call, entry: RowFunction) -> pl.Series:
        on_rows, on_totals = entry.asked(node, call)
        answers = self.totals(entry, on_rows, on_totals)
        passing = [
            tested(answers.get_column(f"t{n}"), test, entry.kind_of(test), self.facts)
            for n, test in enumerate(on_totals)
        ]
        nobody = all(holds_for_zero(test) for test in on_totals)
        chosen = answers.with_columns(reduce(and_, passing).alias("ok"))
        inside = self.joined(chosen, "ok", default=nobody)
        turned = isinstance(node, Compare) and isinstance(node.value, bool) and node.op == "!="
        return ~inside if turned else inside

    def totals(
        self, entry: RowFunction, on_rows: tuple[Condition, ...], on_totals: tuple[Condition, ...]
    ) -> pl.DataFrame:
        """Return ``customer_id, t0, t1 …``: the totals of the rows that pass."""
        rows: pl.DataFrame = getattr(self.facts, entry.rows)
        if on_rows:
            rows = rows.filter(reduce(and_, (self.row(rows, test, entry) for test in on_rows)))
        sums = [self.total(entry, test).alias(f"t{n}") for n, test in enumerate(on_totals)]
        return rows.group_by("customer_id").agg(sums)

    def row(self, rows: pl.DataFrame, test: Condition, entry: RowFunction) -> pl.Series:
        kind, name = entry.function.fields[test.subject.name], entry.columns[test.subject.name]
        it = pl.col(name)
        if kind == "money":
            it = pl.when(pl.col("currency") == self.facts.currency).then(it).otherwise(None)
        elif kind == "text":
            it = pl.when(it != "").then(it).otherwise(None)
        return tested(rows.select(it.alias("it")).to_series(), test, kind, self.facts)

    def total(self, entry: RowFunction, test: Condition) -> pl.Expr:
        what = entry.total_of(test)
        if what == COUNT:
            return pl.len().cast(pl.Int64)
        if entry.kind_of(test) == "money":
            own = pl.col("currency") == self.facts.currency
            return pl.when(own).then(pl.col(what)).otherwise(0).sum()
        return pl.col(what).sum()

    def joined(self, answers: pl.DataFrame, name: str, *, default: float | bool = 0) -> pl.Series:
        """Return a column of `answers`, one a customer in their order."""
        ids = self.facts.customers.select("customer_id")
        wide = ids.join(answers.select("customer_id", name), on="customer_id", how="left", maintain_order="left")
        return wide.get_column(name).fill_null(default)

    # -- the other functions -------------------------------------------------------------------------------

    def segment(self, node: Condition, call: Call) -> pl.Series:
        name = str(call.get("name")).lower()
        if name in self.chain or len(self.chain) >= MAX_CHAIN:
            raise cycle((*self.chain, name))
        found = self.lookup(name)
        if isinstance(found, pl.Series):
            inner = self.facts.customers.get_column("customer_id").is_in(found.implode())
        else:
            inner = _Mask(self.facts, self.lookup, (*self.chain, name)).of(found)
        return inner if isinstance(node, Compare) and (node.value is True) == (node.op == "=") else ~inner

    def near(self, node: Condition, call: Call) -> pl.Series:
        at, within = target(call), reach(call)
        apart = [
            (pl.col(f"place_{axis}") - c) * (pl.col(f"place_{axis}") - c) for axis, c in zip("xyz", at, strict=True)
        ]
        close = self.facts.places.select((apart[0] + apart[1] + apart[2] <= within).fill_null(value=False)).to_series()
        return close if isinstance(node, Compare) and (node.value is True) == (node.op == "=") else ~close

    def anniversary(self, node: Condition, call: Call) -> pl.Series:
        day = self.column(Name(str(call.get("date")))).dt
        of_year = day.month().cast(pl.Int64) * 100 + day.day()
        spans = anniversary_spans(node, self.facts.today)
        near = [of_year.is_between(low, high) for low, high in spans]
        return reduce(or_, near, of_year.is_in([])).fill_null(value=False)


def cycle(chain: tuple[str, ...]) -> Refused:
    """Return the refusal of a segment that is made of itself."""
    made = " → ".join(chain)
    return Refused("segment.cycle", f"Segment {chain[-1]!r} is made of itself ({made}).", "Break the circle.")


def _not_there(name: str, entry: attributes.Entry) -> DataNotReady:
    if entry.predicted:
        sentence = f"{name} is predicted, and no such scores are stored yet."
        return DataNotReady("segment.no_scores", sentence, "Run: ordersight clv score")
    return DataNotReady(
        "segment.no_clusters", "No clusters are kept yet.", "Run: ordersight segments clusters --save"
    )  # fmt: skip


def tested(column: pl.Series, node: Condition, kind: str, facts: Facts) -> pl.Series:
    """Return where a condition holds for values of a kind: true or false, also where the value is missing."""
    if isinstance(node, IsNull):
        return column.is_not_null() if node.negated else column.is_null()
    test = _TESTS.get(kind, _ordered)(column, node, _literal(facts, kind)).fill_null(value=False)
    negated = node.op in NEGATED if isinstance(node, Compare) else node.negated
    return ~test if negated else test


Literal: TypeAlias = Callable[[Value], object]


def _literal(facts: Facts, kind: str) -> Literal:
    """Return how literals of a kind become comparable: minor units, days, folded text."""

    def plain(value: Value) -> object:
        if isinstance(value, (Offset, date)):
            return resolve(value, facts.today)
        if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
            return float(value * facts.minor_units if kind == "money" else value)
        return fold(value) if isinstance(value, str) else value

    return plain


def _ordered(it: pl.Series, node: Condition, literal: Literal) -> pl.Series:
    """Return the positive form of a condition on numbers, money, dates and booleans."""
    named = pl.col(it.name)
    if isinstance(node, Between):
        test = (named >= pl.lit(literal(node.low))) & (named <= pl.lit(literal(node.high)))
    elif isinstance(node, In):
        test = pl.any_horizontal([named == pl.lit(literal(v)) for v in node.values])
    else:
        assert isinstance(node, Compare)  # noqa: S101 - IsNull is answered before
        test = _COMPARED[node.op](named, pl.lit(literal(node.value)))
    return it.to_frame().select(test).to_series()


_COMPARED: dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a == b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
}


def folded(it: pl.Expr) -> pl.Expr:
    """Return texts as they are compared: `oms_core.kernel.folding.fold`."""
    return (
        it.str.replace_all(*BEFORE, literal=True).str.to_lowercase().str.replace_all(*AFTER, literal=True)
    )  # fmt: skip


def _text(it: pl.Series, node: Condition, literal: Literal) -> pl.Series:
    """Return the positive form of a condition on texts: each different text is looked at once."""
    different = it.unique().drop_nulls().to_frame("it")
    low = folded(pl.col("it"))
    if isinstance(node, In):
        test = low.is_in([literal(v) for v in node.values])
    else:
        assert isinstance(node, Compare)  # noqa: S101 - texts have no BETWEEN
        value = str(literal(node.value))
        if node.op.endswith("CONTAINS"):
            test = low.str.contains(value, literal=True)
        else:
            test = low.str.starts_with(value) if node.op.endswith("STARTS WITH") else low == value
    return it.is_in(different.filter(test).to_series().implode())


def _list(it: pl.Series, node: Condition, literal: Literal) -> pl.Series:
    """Return the positive form of a condition on several texts: one of them is equal."""
    said = node.values if isinstance(node, In) else (node.value,) if isinstance(node, Compare) else ()
    wanted = [literal(v) for v in said]
    return it.list.eval(folded(pl.element()).is_in(wanted)).list.any()


def _choice(it: pl.Series, node: Condition, literal: Literal) -> pl.Series:
    """Return the positive form of a condition on a value out of a list: both sides are spelled as the list is."""
    if isinstance(node, In):
        return it.is_in([str(v) for v in node.values])
    if isinstance(node, Compare) and node.op in {"=", "!="}:
        return it == str(node.value)
    return _text(it, node, literal)


_TESTS = {"text": _text, "choice": _choice, "list": _list}
