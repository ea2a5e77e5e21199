"""Why a place ships an order, in the reader's language, rebuilt from the stored receipt of the decision.

English readers see the sentence that was stored. The parts are those of `oms_core.routing.receipt`; a receipt
of another kind (goods that were reserved before) keeps its own sentence.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from app import format as fmt
from app.i18n import DEFAULT, _, language, ngettext

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Short lines, and places that lack them, named before "and n more": as many as the stored sentence names.
_NAMED, _PLACES_NAMED = 3, 6
#: Rules whose answer is said by something else: one place alone, or what the others lack.
_SILENT = {"only_candidate", "stock", "fewest_splits"}
_TIE_BREAK = "location_id"


def told(receipt: Mapping[str, Any]) -> str:
    """Return the reason of a routing decision in the reader's language.

    Parameters
    ----------
    receipt : mapping
        A row of ``order_routing.sql``; JSON as text or read.
    """
    return str(receipt["reason"]) if language() == DEFAULT else sentence(receipt)


def sentence(receipt: Mapping[str, Any]) -> str:
    """Return the reason built from the receipt's facts; the stored one where they do not say enough; pure."""
    rules, candidates, chosen = (_read(receipt[name]) for name in ("rules", "candidates", "chosen"))
    if not chosen or not all({"name", "units", "lines", "scores", "decided_by"} <= set(one) for one in chosen):
        return str(receipt["reason"])
    order, parts = [rule["kind"] for rule in rules], list[str]()
    rest = sum(one["units"] for one in chosen)
    for n, one in enumerate(chosen):
        parts.append(_ships(one, rest, whole=len(chosen) == 1))
        parts += _lacking(one, candidates) if n == 0 else []
        parts.append(_why(one, candidates, order))
        rest -= one["units"]
    return "; ".join(part for part in parts if part)


def _read(stored: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(stored) if isinstance(stored, str) else stored
    return found or []


def _ships(one: Mapping[str, Any], rest: int, *, whole: bool) -> str:
    lines = one["lines"]
    if whole and lines == 1:
        return _("{place} ships the only line").format(place=one["name"])
    if whole:
        text = ngettext("{place} ships all {n} line", "{place} ships all {n} lines", lines)
        return text.format(place=one["name"], n=lines)
    text = ngettext(
        "{place} ships {units} of {rest} units ({n} line)", "{place} ships {units} of {rest} units ({n} lines)", lines
    )
    return text.format(place=one["name"], units=one["units"], rest=rest, n=lines)


def _lacking(one: Mapping[str, Any], candidates: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say of every other place which lines it does not have in full."""
    said = []
    for other in sorted(candidates, key=lambda c: (c["position"], c["location_id"])):
        if other["location_id"] == one["location_id"] or not other["lacks"]:
            continue
        if other["lines"] == 0 and len(other["lacks"]) > 1:
            said.append(_("{place} has no line in full").format(place=other["name"]))
        else:
            said.append(_("{place} lacks {skus}").format(place=other["name"], skus=_listed(other["lacks"])))
    more = len(said) - _PLACES_NAMED
    tail = ngettext("{n} more place lacks something", "{n} more places lack something", more).format(n=more)
    return said[:_PLACES_NAMED] + ([tail] if more > 0 else [])


def _listed(skus: Sequence[str]) -> str:
    more, named = len(skus) - _NAMED, ", ".join(skus[:_NAMED])
    return _("{skus} and {n} more").format(skus=named, n=more) if more > 0 else named


def _why(one: Mapping[str, Any], candidates: Sequence[Mapping[str, Any]], order: Sequence[str]) -> str:
    rule, scores = one["decided_by"], {int(key): held for key, held in one["scores"].items()}
    other = None if rule in _SILENT else _runner_up(one, candidates, order, scores)
    if other is None:
        return ""
    places = {"place": one["name"], "other": other["name"]}
    if rule == "ranked":
        return _("{place} is ranked before {other}").format(**places)
    if rule == _TIE_BREAK:
        return _("{place} comes before {other} in the list, everything else being equal").format(**places)
    mine, theirs = scores[one["location_id"]].get(rule), scores[other["location_id"]].get(rule)
    if mine is None:
        return ""
    if theirs is None:
        text = _("{place} is {near} km away, {other} an unknown distance")
        return text.format(**places, near=fmt.count(round(mine)))
    text = _("{place} is {near} km away, {other} {far} km")
    return text.format(**places, near=fmt.count(round(mine)), far=fmt.count(round(theirs)))


def _runner_up(
    one: Mapping[str, Any],
    candidates: Sequence[Mapping[str, Any]],
    order: Sequence[str],
    scores: Mapping[int, Mapping[str, float | None]],
) -> Mapping[str, Any] | None:
    """Return the place the deciding rule preferred the winner to: equal on every rule before it, next by it."""
    rule, mine = one["decided_by"], scores[one["location_id"]]
    before = order[: order.index(rule)] if rule in order else order
    equal = [
        c
        for c in candidates
        if c["location_id"] != one["location_id"]
        and c["location_id"] in scores
        and all(scores[c["location_id"]].get(name) == mine.get(name) for name in before)
    ]

    def nearness(c: Mapping[str, Any]) -> tuple[bool, float, int]:
        score = scores[c["location_id"]].get(rule)
        return score is None, float(score or 0), int(c["location_id"])

    return min(equal, key=nearness, default=None)
