"""An expression as a sentence a person reads, in English and Polish."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from oms_core.kernel.expressions.tree import And, Between, Call, Compare, In, Not, Offset, Or

if TYPE_CHECKING:
    from oms_core.kernel.expressions.declaring import Attributes, Functions
    from oms_core.kernel.expressions.tree import Condition, Expression, Subject, Value

PHRASES: dict[str, dict[str, str]] = {
    "en": {
        "and": " and ", "or": " or ", "not": "it is not so that {0}", "yes": "yes", "no": "no", "none": "nothing",
        "today": "today", "ago": "{0} ago", "ahead": "in {0}", "quote": "“{0}”",
        "=": "{0} is {1}", "!=": "{0} is not {1}", ">": "{0} is more than {1}", ">=": "{0} is at least {1}",
        "<": "{0} is less than {1}", "<=": "{0} is at most {1}",
        "date>": "{0} is after {1}", "date>=": "{0} is {1} or later",
        "date<": "{0} is before {1}", "date<=": "{0} is {1} or earlier",
        "CONTAINS": "{0} contains {1}", "NOT CONTAINS": "{0} does not contain {1}",
        "STARTS WITH": "{0} starts with {1}", "NOT STARTS WITH": "{0} does not start with {1}",
        "between": "{0} is between {1} and {2}", "not between": "{0} is not between {1} and {2}",
        "in": "{0} is one of {1}", "not in": "{0} is none of {1}",
        "null": "{0} is unknown", "not null": "{0} is known", "given": " ({0})",
        "ago>": "{0} less than {1} ago", "ago>=": "{0} at most {1} ago",
        "ago<": "{0} more than {1} ago", "ago<=": "{0} at least {1} ago",
        "true": "{0}", "false": "not {0}", "matches": "has {0}", "not matches": "has no {0}", "where": " where {0}",
        "d": "day|days|days", "w": "week|weeks|weeks", "m": "month|months|months", "y": "year|years|years",
        "since": "since {0}", "until": "until {0}", "amount": "of at least {0} each", "count": "at least {0}",
    },
    "pl": {
        "and": " i ", "or": " lub ", "not": "nie jest tak, że {0}", "yes": "tak", "no": "nie", "none": "nic",
        "today": "dziś", "ago": "{0} temu", "ahead": "za {0}", "quote": "„{0}”",
        "=": "{0}: {1}", "!=": "{0}: nie {1}", ">": "{0}: więcej niż {1}", ">=": "{0}: co najmniej {1}",
        "<": "{0}: mniej niż {1}", "<=": "{0}: najwyżej {1}",
        "date>": "{0}: po dniu {1}", "date>=": "{0}: {1} lub później",
        "date<": "{0}: przed dniem {1}", "date<=": "{0}: {1} lub wcześniej",
        "CONTAINS": "{0}: zawiera {1}", "NOT CONTAINS": "{0}: nie zawiera {1}",
        "STARTS WITH": "{0}: zaczyna się od {1}", "NOT STARTS WITH": "{0}: nie zaczyna się od {1}",
        "between": "{0}: od {1} do {2}", "not between": "{0}: poza przedziałem od {1} do {2}",
        "in": "{0}: jedno z {1}", "not in": "{0}: żadne z {1}",
        "null": "{0}: brak danych", "not null": "{0}: dane są", "given": " ({0})",
        "ago>": "{0}: mniej niż {1} temu", "ago>=": "{0}: najwyżej {1} temu",
        "ago<": "{0}: ponad {1} temu", "ago<=": "{0}: co najmniej {1} temu",
        "true": "{0}", "false": "nie {0}", "matches": "ma: {0}", "not matches": "nie ma: {0}", "where": ", gdzie {0}",
        "d": "dzień|dni|dni", "w": "tydzień|tygodnie|tygodni", "m": "miesiąc|miesiące|miesięcy",
        "y": "rok|lata|lat",
        "since": "od {0}", "until": "do {0}", "amount": "każde za co najmniej {0}", "count": "co najmniej {0}",
    },
}  # fmt: skip


def sentence(
    expression: Expression,
    language: str = "en",
    attributes: Attributes | None = None,
    functions: Functions | None = None,
) -> str:
    """Return the expression in words.

    Parameters
    ----------
    language : str
        ``en`` or ``pl``; another language reads English.
    attributes, functions : mapping, optional
        For their labels; without them names are shown with blanks.
    """
    words = PHRASES.get(language, PHRASES["en"])
    return _Speaker(words, language, attributes or {}, functions or {}).say(expression)


class _Speaker:
    def __init__(self, words: dict[str, str], language: str, attributes: Attributes, functions: Functions) -> None:
        self.words, self.language, self.attributes, self.functions = words, language, attributes, functions

    def say(self, node: Expression, *, inside: bool = False) -> str:
        if isinstance(node, (And, Or)):
            word = self.words["and" if isinstance(node, And) else "or"]
            text = word.join(self.say(p, inside=True) for p in node.parts)
            return f"({text})" if inside else text
        if isinstance(node, Not):
            return self.words["not"].format(self.say(node.part, inside=True))
        return self.condition(node)

    def condition(self, node: Condition) -> str:
        subject, no = self.subject(node.subject), "not " if getattr(node, "negated", False) else ""
        if isinstance(node, Compare):
            return self.comparison(node, subject)
        if isinstance(node, Between):
            return self.words[no + "between"].format(subject, self.value(node.low), self.value(node.high))
        if isinstance(node, In):
            return self.words[no + "in"].format(subject, ", ".join(self.value(v) for v in node.values))
        return self.words[no + "null"].format(subject)

    def comparison(self, node: Compare, subject: str) -> str:
        value, op = node.value, node.op
        if isinstance(node.subject, Call) and node.subject.tests is not None:
            return self.matches(node.subject, op)
        if isinstance(value, bool) and op in {"=", "!="}:
            return self.words["true" if value == (op == "=") else "false"].format(subject)
        if isinstance(value, Offset) and value.count < 0 and op[0] in "<>":
            return self.words["ago" + op].format(subject, self.span(value))
        prefix = "date" if isinstance(value, (date, Offset)) and op[0] in "<>" else ""
        return self.words[prefix + op].format(subject, self.value(value))

    def matches(self, call: Call, op: str) -> str:
        known = self.functions.get(call.name)
        inside = _Speaker(self.words, self.language, known.columns() if known else {}, {})
        tests = self.words["and"].join(inside.condition(test) for test in call.tests or ())
        said = (known.label(self.language) if known else call.name.replace("_", " ")) + (
            self.words["where"].format(tests) if tests else ""
        )
        return self.words["matches" if op == "=" else "not matches"].format(said)

    def subject(self, subject: Subject) -> str:
        known = self.functions if isinstance(subject, Call) else self.attributes
        entry = known.get(subject.name)
        label = entry.label(self.language) if entry else subject.name.replace("_", " ")
        if not isinstance(subject, Call) or not subject.arguments:
            return label
        return label + self.words["given"].format(", ".join(self.argument(k, v) for k, v in subject.arguments))

    def argument(self, name: str, value: Value) -> str:
        phrase = self.words.get(name) if name in {"since", "until", "amount", "count"} else None
        if phrase:
            return phrase.format(self.value(value))
        return f"{name} {self.value(value)}".strip()

    def value(self, value: Value) -> str:
        if isinstance(value, bool):
            return self.words["yes" if value else "no"]
        if isinstance(value, Offset):
            return self.offset(value)
        if isinstance(value, (int, Decimal)):
            return f"{value:f}" if isinstance(value, Decimal) else str(value)
        return self.words["quote"].format(value) if isinstance(value, str) else value.isoformat()

    def offset(self, value: Offset) -> str:
        if value.count == 0:
            return self.words["today"]
        return self.words["ago" if value.count < 0 else "ahead"].format(self.span(value))

    def span(self, value: Offset) -> str:
        """Return a number of days, weeks, months or years in the right form of the noun."""
        one, few, many = self.words[value.unit].split("|")
        n = abs(value.count)
        is_few = n % 10 in {2, 3, 4} and n % 100 not in {12, 13, 14}
        return f"{n} {one if n == 1 else few if is_few else many}"
