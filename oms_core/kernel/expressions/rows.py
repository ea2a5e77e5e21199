"""Functions that look at a customer's rows (orders, lines, credits): declared once, read by every compiler.

``f MATCHES (tests)`` keeps the rows that pass the tests on fields, then asks the tests on totals of what is left;
without a test on a total, one row is enough. ``f(arguments) >= n`` compares the function's measure. A customer
without rows has totals of zero, never a missing value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from oms_core.kernel.expressions.tree import Between, Call, Compare, Condition, In, IsNull

if TYPE_CHECKING:
    from oms_core.kernel.expressions.declaring import Function
    from oms_core.kernel.expressions.tree import Value

#: Total that counts rows; every other total is the sum of a column.
COUNT = "count"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFunction:
    """How a function is answered.

    Parameters
    ----------
    rows : str
        Relation it looks at; its rows have ``customer_id`` and, where money is asked, ``currency``.
    columns : mapping of str to str
        Column of each field that a test on a row may name.
    totals : mapping of str to str
        What each field that a test on a total may name adds up: a column, or :data:`COUNT`.
    measure : str
        The total that a number is compared with.
    """

    function: Function
    rows: str
    columns: Mapping[str, str]
    totals: Mapping[str, str] = field(default_factory=dict)
    measure: str = COUNT

    def asked(self, node: Compare | Between | In, call: Call) -> tuple[tuple[Condition, ...], tuple[Condition, ...]]:
        """Return the tests on rows and the tests on totals of one checked condition.

        A comparison with a number is one more test on a total.
        """
        tests = self.function.tests(call)
        on_rows = tuple(t for t in tests if t.subject.name in self.columns)
        on_totals = tuple(t for t in tests if t.subject.name in self.totals)
        if isinstance(node, Compare) and isinstance(node.value, bool):
            return on_rows, on_totals or (Compare(_ANY, ">=", 1),)
        return on_rows, (*on_totals, node)

    def total_of(self, test: Condition) -> str:
        """Return what a test on a total adds up: a column, or :data:`COUNT`."""
        if test.subject == _ANY:
            return COUNT
        return self.totals[self.measure if isinstance(test.subject, Call) else test.subject.name]

    def kind_of(self, test: Condition) -> str:
        """Return the kind of a test: ``money`` counts in minor units."""
        if test.subject == _ANY:
            return "number"
        return self.function.returns[-1] if isinstance(test.subject, Call) else self.function.fields[test.subject.name]


#: Stands for the number of rows where nothing names it.
_ANY = Call("rows")


def asks_for_any(on_totals: Sequence[Condition]) -> bool:
    """Tell whether one row is all that is asked, so that nothing need be counted."""
    return len(on_totals) == 1 and on_totals[0].subject == _ANY


def holds_for_zero(test: Condition) -> bool:
    """Tell whether a test on a total holds for a customer without rows."""
    if isinstance(test, IsNull):
        return test.negated
    if isinstance(test, Between):
        return (_plain(test.low) <= 0 <= _plain(test.high)) != test.negated
    if isinstance(test, In):
        return (0 in [_plain(v) for v in test.values]) != test.negated
    value = _plain(test.value)
    return {
        "=": value == 0, "!=": value != 0, ">": value < 0, ">=": value <= 0, "<": value > 0, "<=": value >= 0,
    }[test.op]  # fmt: skip


def _plain(value: Value) -> Decimal:
    return Decimal(value) if isinstance(value, (int, Decimal)) else Decimal(0)
