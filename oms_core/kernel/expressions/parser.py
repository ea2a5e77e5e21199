"""Text to tree, with the place of a mistake and what was probably meant."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, cast

from lark import Lark
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from oms_core.kernel.expressions.building import BadLiteral, Builder
from oms_core.kernel.expressions.faults import ExpressionFault, near
from oms_core.kernel.expressions.tree import And, In, Not, Or, conditions, tests_of, walk

if TYPE_CHECKING:
    from oms_core.kernel.expressions.tree import Expression

MAX_DEPTH, MAX_CLAUSES, MAX_ITEMS, MAX_LENGTH = 20, 100, 1000, 100_000

KEYWORDS = (
    "AND", "OR", "NOT", "IN", "IS", "NULL", "BETWEEN", "CONTAINS", "STARTS WITH", "MATCHES", "TRUE", "FALSE",
)  # fmt: skip
SLIPS = {
    '"': "Text stands in single quotes: 'like this'.",
    "“": "Text stands in single quotes: 'like this'.",
    "’": "Text stands in straight single quotes: 'like this'.",
    "'": "A text is not closed: add a single quote at its end.",
    "&": "Write AND.",
    "|": "Write OR.",
    "!": "Write != or NOT.",
    ";": "An expression has no semicolons.",
    "%": "Use CONTAINS or STARTS WITH; there are no wildcards.",
}


def parse(text: str) -> Expression:
    """Read an expression.

    Parameters
    ----------
    text : str
        Such as ``number_of_orders > 3 AND country IN ('PL', 'DE')``.

    Returns
    -------
    Expression
        The frozen tree.

    Raises
    ------
    ExpressionFault
        Codes ``expression.syntax`` and ``expression.too_large`` with line, column and a caret.
    """
    if not text.strip():
        raise ExpressionFault("expression.syntax", "The expression is empty", "Write e.g. number_of_orders > 1.")
    if len(text) > MAX_LENGTH:
        sentence = f"The expression has more than {MAX_LENGTH} signs"
        raise ExpressionFault("expression.too_large", sentence, text=text, at=MAX_LENGTH)
    try:
        tree = cast("Expression", _lark().parse(text))
    except UnexpectedCharacters as error:
        raise _bad_sign(text, error) from None
    except UnexpectedToken as error:
        raise _bad_word(text, error) from None
    except BadLiteral as error:
        raise ExpressionFault("expression.syntax", error.sentence, error.hint, text=text, at=error.at) from None
    _limit(tree, text)
    return tree


@cache
def _lark() -> Lark:
    grammar = files("oms_core.kernel.expressions").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="contextual", transformer=Builder(), maybe_placeholders=False)


def _limit(tree: Expression, text: str) -> None:
    """Refuse what is deeper or longer than any definition a person keeps; without recursion."""
    clauses = 0
    for node, depth in walk(tree):
        if isinstance(node, (And, Or, Not)):
            if depth >= MAX_DEPTH:
                raise _too_large(f"is nested more than {MAX_DEPTH} deep", node, text)
            continue
        tests = tests_of(node)
        clauses += 1 + len(tests)
        if clauses > MAX_CLAUSES:
            raise _too_large(f"has more than {MAX_CLAUSES} conditions", node, text)
        if any(isinstance(one, In) and len(one.values) > MAX_ITEMS for one in (node, *tests)):
            raise _too_large(f"has a list of more than {MAX_ITEMS} items", node, text)


def _too_large(what: str, node: Expression, text: str) -> ExpressionFault:
    first = next(conditions(node))
    hint = "Save parts of it as segments and name them: segment('part')."
    return ExpressionFault(
        "expression.too_large", f"The expression {what}", hint, text=text, at=first.subject.at
    )  # fmt: skip


def _bad_sign(text: str, error: UnexpectedCharacters) -> ExpressionFault:
    at = error.pos_in_stream or 0
    sign = text[at]
    return ExpressionFault("expression.syntax", f"{sign!r} was not expected", SLIPS.get(sign, ""), text=text, at=at)


def _bad_word(text: str, error: UnexpectedToken) -> ExpressionFault:
    token = error.token
    if token.type == "$END":
        return ExpressionFault(
            "expression.syntax", "The expression ends too early", _wanted(error), text=text, at=len(text)
        )
    at, word = token.start_pos or 0, str(token.value)
    if word == "=" and text[:at].rstrip().endswith("="):
        hint = "Write = once."
    elif word == "," and text[:at][-1:].isdigit() and text[at + 1 :][:1].isdigit():
        hint = "Write decimals with a point: 1.5."
    elif word.upper() == "NULL":
        hint = "Write IS NULL or IS NOT NULL."
    else:
        hint = near(word, KEYWORDS) or _wanted(error)
    return ExpressionFault("expression.syntax", f"{word!r} was not expected", hint, text=text, at=at)


def _wanted(error: UnexpectedToken) -> str:
    """Say what could stand there, from what the parser would have taken."""
    accepts = error.accepts or error.expected
    if "COLON" in accepts:
        return "Inside parentheses write name: value, and compare behind them: orders_placed(since: -90d) >= 3."
    if "COMPARISON" in accepts:
        return "An operator was expected: =, !=, >, >=, <, <=, BETWEEN, IN, CONTAINS, STARTS WITH or IS NULL."
    if "TEXT" in accepts:
        return "A value was expected: 'text' in single quotes, a number, a date, -30d, TRUE or FALSE."
    if "NAME" in accepts:
        return "A condition was expected, such as number_of_orders > 1."
    if "RPAR" in accepts:
        return "A closing parenthesis is missing."
    return "AND or OR was expected between two conditions."
