"""What is probably not meant: clauses that never or always hold, ranges that exclude each other, old spelling.

Advice never refuses anything: an expression with advice still runs. It reasons about one attribute at a time, on
its known values (a missing value follows the rule of `tree`), with days counted from `today`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from oms_core.kernel.expressions.faults import place
from oms_core.kernel.expressions.formatting import as_text
from oms_core.kernel.expressions.reach import Reach, reach_of
from oms_core.kernel.expressions.tree import And, Compare, Expression, IsNull, Name, Not, Or, conditions, parts_of, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from oms_core.kernel.expressions.declaring import Attributes
    from oms_core.kernel.expressions.tree import Condition


@dataclass(frozen=True, slots=True)
class Advice:
    """One remark about an expression.

    Attributes
    ----------
    code : str
        ``lint.never``, ``lint.always``, ``lint.contradiction``, ``lint.covers_all``, ``lint.repeated``,
        ``lint.adds_nothing``, ``lint.unknown_kept`` or ``lint.old_spelling``.
    sentence : str
        What it does, and what to write instead.
    line, column : int
        Where, from 1.
    clause : str
        The clause or clauses it speaks of; for old spelling, the new one.
    """

    code: str
    sentence: str
    line: int
    column: int
    clause: str = ""


def lint(text: str, tree: Expression, attributes: Attributes, today: date) -> list[Advice]:
    """Return the remarks about a checked expression, by place.

    Parameters
    ----------
    text : str
        What `tree` was read from.
    today : date
        Day that offsets count from.
    """
    found = [*_old_spelling(text), *_single(tree, attributes, today), *_together(tree, attributes, today)]
    return [Advice(code, sentence, *place(text, at), clause) for at, code, sentence, clause in sorted(found)]


_Found = tuple[int, str, str, str]
_QUOTED = r"'(?:[^'\\]|\\[\s\S]|'')*'"
_WORDS = re.compile(
    rf"{_QUOTED}|(?P<ago>\b(?P<n>\d+)_(?P<unit>day|week|month|year)s?_ago\b)|(?P<unequal><>)", re.IGNORECASE
)
_CALLS = re.compile(
    rf"{_QUOTED}|(?P<name>[A-Za-z]\w*)\s*\((?:{_QUOTED}|[^()'])*\)\s*=\s*(?P<yes>true|false)\b", re.IGNORECASE
)


def _old_spelling(text: str) -> Iterator[_Found]:
    """Yield what newer spelling replaced: Shopify retired named dates and ``f(…) = true`` in version 2026-10."""
    code = "lint.old_spelling"
    for match in _WORDS.finditer(text):
        if match["ago"]:
            new = f"-{match['n']}{match['unit'][0].lower()}"
            yield match.start(), code, f"{match['ago']} is old spelling: write {new}.", new
        elif match["unequal"]:
            yield match.start(), code, "<> is old spelling: write !=.", "!="
    for match in _CALLS.finditer(text):
        if match["name"] and match["name"].lower() not in _STAYS:
            new = f"{match['name']} {'MATCHES' if match['yes'].lower() == 'true' else 'NOT MATCHES'} (…)"
            yield match.start(), code, f"{match['name']}(…) = {match['yes']} is old spelling: write {new}.", new


#: Functions whose canonical form has arguments: they look at no rows.
_STAYS = {"segment", "customer_within_distance"}


def _single(tree: Expression, attributes: Attributes, today: date) -> Iterator[_Found]:
    """Yield clauses that never or always hold by themselves, and negated ones that keep the unknown."""
    asked_null = {c.subject.name for c in conditions(tree) if isinstance(c, IsNull)}
    for node in conditions(tree):
        kind = _kind(node, attributes)
        reach = _known(node, attributes, today)
        if reach is not None and _limited(reach, kind, today).is_empty:
            yield node.subject.at, "lint.never", f"{as_text(node)} never holds.", as_text(node)
        elif reach is not None and _limited(reach.without(), kind, today).is_empty:
            sentence = f"{as_text(node)} holds for every known {node.subject.name}."
            yield node.subject.at, "lint.always", sentence, as_text(node)
        elif _keeps_unknown(node) and kind not in {"choice", "boolean", "list"} and node.subject.name not in asked_null:
            known = f"{node.subject.name} IS NOT NULL"
            sentence = f"{as_text(node)} also takes customers of whom it is unknown: add AND {known} to leave them out."
            yield node.subject.at, "lint.unknown_kept", sentence, as_text(node)


def _keeps_unknown(node: Condition) -> bool:
    negated = getattr(node, "negated", False) or (isinstance(node, Compare) and node.op in {"!=", "NOT CONTAINS"})
    return negated and isinstance(node.subject, Name) and not isinstance(node, IsNull)


def _kind(node: Condition, attributes: Attributes) -> str:
    known = attributes.get(node.subject.name) if isinstance(node.subject, Name) else None
    return known.kind if known else ""


def _known(node: Condition, attributes: Attributes, today: date) -> Reach | None:
    """Return what a condition on one plain value lets through; a list has several values at once."""
    if not isinstance(node.subject, Name) or _kind(node, attributes) in {"", "list", "boolean"}:
        return None
    return reach_of(node, today)


def _limited(reach: Reach, kind: str, today: date) -> Reach:
    """Keep what can occur: shares lie in 0–1, counts are not negative."""
    name = Name("")
    possible = {"share": Compare(name, ">=", 0), "number": Compare(name, ">=", 0)}.get(kind)
    whole = reach_of(possible, today) if possible else None
    if whole is not None and kind == "share":
        upper = reach_of(Compare(name, "<=", 1), today)
        whole = whole.cut(upper)  # type: ignore[arg-type]  # both are numbers
    return reach if whole is None else reach.cut(whole)  # type: ignore[arg-type]  # kinds of one attribute agree


def _together(tree: Expression, attributes: Attributes, today: date) -> Iterator[_Found]:
    """Yield clauses of one AND or OR that exclude, repeat or swallow each other."""
    for node, _ in walk(tree):
        if isinstance(node, (And, Or)):
            yield from _repeated(node)
            yield from _joined(node, attributes, today)


def _repeated(node: And | Or) -> Iterator[_Found]:
    seen: set[Expression] = set()
    for part in node.parts:
        if part in seen:
            yield _at(part), "lint.repeated", f"{as_text(part)} is said twice.", as_text(part)
        seen.add(part)


def _joined(node: And | Or, attributes: Attributes, today: date) -> Iterator[_Found]:
    groups: dict[str, list[tuple[Condition, Reach]]] = defaultdict(list)
    for part in node.parts:
        if isinstance(part, (And, Or, Not)):
            continue
        reach = _known(part, attributes, today)
        if reach is not None:
            groups[part.subject.name].append((part, reach))
    for name, group in groups.items():
        yield from _of_one(name, group, isinstance(node, And))


def _of_one(name: str, group: list[tuple[Condition, Reach]], is_and: bool) -> Iterator[_Found]:  # noqa: FBT001 - private
    whole = group[0][1]
    for part, reach in group[1:]:
        if type(whole) is not type(reach):
            return
        after = whole.cut(reach) if is_and else whole.join(reach)  # type: ignore[arg-type]  # same kind, just asked
        if is_and and after.is_empty and not whole.is_empty and not reach.is_empty:
            yield part.subject.at, "lint.contradiction", f"No {name} fits all of these: {_list(group)}.", _list(group)
            return
        if not is_and and after.is_all and not whole.is_all and not reach.is_all:
            sentence = f"Every known {name} fits one of these: {_list(group)}."
            yield part.subject.at, "lint.covers_all", sentence, _list(group)
            return
        if after == whole and part != group[0][0] and not _is_twin(part, group):
            sentence = f"{as_text(part)} adds nothing to the clauses before it."
            yield part.subject.at, "lint.adds_nothing", sentence, as_text(part)
        whole = after


def _is_twin(part: Condition, group: list[tuple[Condition, Reach]]) -> bool:
    return sum(part == other for other, _ in group) > 1


def _list(group: list[tuple[Condition, Reach]]) -> str:
    return ", ".join(as_text(part) for part, _ in group)


def _at(node: Expression) -> int:
    while parts_of(node):
        node = parts_of(node)[0]
    return 0 if isinstance(node, (And, Or, Not)) else node.subject.at
