"""The one expression language: saved views, segments, metric filters, routing conditions.

::

    from oms_core.kernel.expressions import Attribute, parse, check, as_text, sentence

    tree = parse("number_of_orders > 3 AND country IN ('PL', 'DE')")
    tree = check(tree, {"number_of_orders": Attribute(name="number_of_orders", kind="number"), ...})

`parse` reads the syntax, `check` fits it to the attributes a room declares, and each room has its
compiler: Polars in ``segmentation``, SQL where metrics are asked.
"""

from oms_core.kernel.expressions.checking import check, read
from oms_core.kernel.expressions.dates import resolve
from oms_core.kernel.expressions.declaring import KINDS, Attribute, Function
from oms_core.kernel.expressions.faults import ExpressionFault
from oms_core.kernel.expressions.formatting import as_lines, as_text, condition_text
from oms_core.kernel.expressions.linting import Advice, lint
from oms_core.kernel.expressions.parser import parse
from oms_core.kernel.expressions.sentences import sentence
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
    Name,
    Not,
    Offset,
    Or,
    Value,
    conditions,
    tests_of,
    values_of,
    walk,
)

__all__ = [
    "KINDS",
    "NEGATED",
    "Advice",
    "And",
    "Attribute",
    "Between",
    "Call",
    "Compare",
    "Condition",
    "Expression",
    "ExpressionFault",
    "Function",
    "In",
    "IsNull",
    "Name",
    "Not",
    "Offset",
    "Or",
    "Value",
    "as_lines",
    "as_text",
    "check",
    "condition_text",
    "conditions",
    "lint",
    "parse",
    "read",
    "resolve",
    "sentence",
    "tests_of",
    "values_of",
    "walk",
]
