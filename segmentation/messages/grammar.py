"""The part of Jinja a template may use, and what is wrong with one: unknown fields, steps that are not allowed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from jinja2 import Template, TemplateSyntaxError, Undefined, UndefinedError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from oms_core.kernel.errors import InvalidInput, NotFound
from segmentation.messages.fields import FIELDS, NUMBERS, OFFER_FIELDS, OFFERS
from segmentation.messages.sms import unaccented

#: Signs of a template's source, and of what it may become for one person.
MOST_SOURCE, MOST_RENDERED = 20_000, 30_000
#: Steps inside each other: what is compiled must not exhaust the compiler.
DEEPEST = 40
_STEP_ALONE = re.compile(r"^[ \t]*(\{%(?:(?!%\}).)*%\})[ \t]*\r?\n", re.MULTILINE)
#: Nothing else: no macros, imports, sums, calls or nested loops, so every template ends and soon.
_STEPS = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Getattr, nodes.Filter, nodes.If,
    nodes.CondExpr, nodes.For, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Test, nodes.Keyword,
)  # fmt: skip
FILTERS = ("default", "d", "upper", "lower", "capitalize", "title", "trim", "unaccented", "e", "escape")
_TESTS = ("defined",)
_LOOP = ("first", "last", "index")
_SIZES = {"gt", "gteq", "lt", "lteq"}


class Missing(Undefined):
    """A value nobody knows: false in a condition, filled by ``default``, and never written."""

    def _refuse(self, *_: Any) -> Any:
        raise UndefinedError(self._undefined_name or "value")

    __str__ = __iter__ = __len__ = __html__ = _refuse
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __hash__ = Undefined.__hash__


@cache
def environment(*, html: bool) -> ImmutableSandboxedEnvironment:
    """Return the sandbox; in HTML every value is escaped."""
    found = ImmutableSandboxedEnvironment(autoescape=html, undefined=Missing)
    found.filters = {name: one for name, one in found.filters.items() if name in FILTERS}
    found.filters["unaccented"] = lambda value: unaccented(str(value))
    found.tests = {name: one for name, one in found.tests.items() if name in _TESTS}
    found.globals = {}
    return found


def compiled(source: str, *, html: bool = False) -> Template:
    """Return a template ready to be filled; a line that holds nothing but a step leaves no empty line behind."""
    return environment(html=html).from_string(_STEP_ALONE.sub(r"\1", source))


def require_sound(part: str, source: str, *, html: bool = False) -> None:
    """Refuse a template that is not sound.

    Parameters
    ----------
    part : str
        ``subject``, ``body`` or ``html``, for the sentence.

    Raises
    ------
    InvalidInput
        ``template.too_long, template.syntax, template.not_allowed, template.script``.
    NotFound
        ``template.unknown_field``, with near matches.
    """
    if len(source) > MOST_SOURCE:
        raise InvalidInput(
            part, f"{source[:20]}…", f"at most {MOST_SOURCE:,} signs were expected", code="template.too_long"
        )
    if html and "<script" in source.lower():
        raise InvalidInput(part, "<script", "no mail program runs scripts", code="template.script")
    try:
        tree = environment(html=html).parse(source)
    except TemplateSyntaxError as error:
        expected = f"line {error.lineno}: {error.message}"
        raise InvalidInput(part, _line(source, error.lineno), expected, code="template.syntax") from error
    except RecursionError as error:
        raise InvalidInput(part, _line(source, 1), "it is nested too deeply", code="template.syntax") from error
    for node, depth in _walk(tree):
        if depth > DEEPEST:
            raise InvalidInput(part, _line(source, node.lineno), "it is nested too deeply", code="template.syntax")
        _require_step(part, source, node)
    _require_names(part, source, tree, frozenset(), looping=False)


def _walk(node: nodes.Node) -> Iterator[tuple[nodes.Node, int]]:
    """Return every step with its depth."""
    waiting = [(node, 0)]
    while waiting:
        one, depth = waiting.pop()
        yield one, depth
        waiting.extend((child, depth + 1) for child in one.iter_child_nodes())


def _require_step(part: str, source: str, node: nodes.Node) -> None:
    """Refuse what is not in the grammar, with its line."""
    allowed = "fields, conditions, a loop over offers, and these filters: " + ", ".join(sorted(FILTERS))
    wrong = ""
    if not isinstance(node, _STEPS):
        wrong = type(node).__name__.lower()
    elif isinstance(node, nodes.Filter) and node.name not in FILTERS:
        wrong = f"| {node.name}"
    elif isinstance(node, nodes.Test) and node.name not in _TESTS:
        wrong = f"is {node.name}"
    elif isinstance(node, nodes.For) and not _is_plain_loop(node):
        wrong = "for"
    elif isinstance(node, nodes.Compare) and not _can_compare(node):
        wrong = "a comparison of what is not of one kind"
    if wrong:
        raise InvalidInput(
            part, wrong, f"line {node.lineno}; a template may use {allowed}",
            hint=f"See: {_line(source, node.lineno)}", code="template.not_allowed",
        )  # fmt: skip


def _can_compare(node: nodes.Compare) -> bool:
    """Tell whether sides compare: equal or not always, larger and smaller between numbers alone."""
    asked = {operand.op for operand in node.ops}
    sides = [node.expr, *(operand.expr for operand in node.ops)]
    return asked <= {"eq", "ne"} or (asked <= _SIZES and all(map(_is_number, sides)))


def _is_number(node: nodes.Expr) -> bool:
    if isinstance(node, nodes.Const):
        return isinstance(node.value, int | float)
    return getattr(node, "name", "") in NUMBERS or (isinstance(node, nodes.Getattr) and node.attr == "index")


def _is_plain_loop(node: nodes.For) -> bool:
    inner = any(isinstance(one, nodes.For) for child in node.body for one, _ in _walk(child))
    over = isinstance(node.iter, nodes.Name) and node.iter.name == OFFERS
    return over and isinstance(node.target, nodes.Name) and not (inner or node.test or node.recursive)


def _require_names(part: str, source: str, node: nodes.Node, items: frozenset[str], *, looping: bool) -> None:
    """Refuse names that are no fields; inside a loop its item and ``loop`` are known too."""
    if isinstance(node, nodes.Getattr):
        _require_attribute(part, source, node, items, looping=looping)
        return
    if isinstance(node, nodes.Name) and node.ctx == "load" and node.name not in {*FIELDS, OFFERS, *items}:
        raise unknown(node.name, (*FIELDS, OFFERS, *items), f"line {node.lineno} of the {part}")
    if isinstance(node, nodes.For):
        inside = items | {str(getattr(node.target, "name", ""))}
        for child in node.body:
            _require_names(part, source, child, inside, looping=True)
        for child in node.else_:
            _require_names(part, source, child, items, looping=looping)
        return
    for child in node.iter_child_nodes():
        if isinstance(node, (nodes.Output, nodes.Filter)) and getattr(child, "name", "") in {OFFERS, *items}:
            raise InvalidInput(
                part, getattr(child, "name", ""), f"line {node.lineno}: an offer is written by its parts",
                hint="{% for offer in offers %}{{ offer.title }}{% endfor %}", code="template.not_allowed",
            )  # fmt: skip
        _require_names(part, source, child, items, looping=looping)


def _require_attribute(part: str, source: str, node: nodes.Getattr, items: frozenset[str], *, looping: bool) -> None:
    owner = node.node.name if isinstance(node.node, nodes.Name) else ""
    known = OFFER_FIELDS if owner in items else _LOOP if owner == "loop" and looping else ()
    if not known:
        raise InvalidInput(
            part, f"{owner}.{node.attr}", f"line {node.lineno}: only an offer of the loop has parts",
            hint=f"See: {_line(source, node.lineno)}", code="template.not_allowed",
        )  # fmt: skip
    if node.attr not in known:
        raise unknown(
            f"{owner}.{node.attr}", [f"{owner}.{name}" for name in known], f"line {node.lineno} of the {part}"
        )


def unknown(name: str, known: Any, where: str) -> NotFound:
    """Return the error of an unknown field, with near matches."""
    error = NotFound("field", name, known, "List them: ordersight templates fields", "template.unknown_field")
    error.message = f"There is no field {name!r} ({where})."
    return error


def _line(source: str, number: int | None) -> str:
    lines = source.splitlines() or [""]
    return lines[min(max(number or 1, 1), len(lines)) - 1].strip()[:120]
