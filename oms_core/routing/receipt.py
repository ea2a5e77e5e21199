"""The receipt of a routing decision: candidates, scores, what decided, and one readable sentence."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from oms_core.routing.rules import ONLY_CANDIDATE, TIE_BREAK, Candidate, Plan, Round, Units

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Short lines, and places that lack them, named before "and n more".
_NAMED, _PLACES_NAMED = 3, 6
#: Places of a receipt: the chosen ones and the first of the others, so that a thousand places do not fill it.
KEPT = 25


def reason(plan: Plan, wanted: Units, candidates: Sequence[Candidate], skus: Mapping[int, str]) -> str:
    """Say in one sentence who ships what and why nobody else does.

    ``Leeds ships all 3 lines; Bristol lacks SKU-7; Leeds is ranked before Łódź``
    """
    parts, rest = list[str](), dict(wanted)
    for chosen in plan.rounds:
        parts.append(_ships(chosen, rest, whole=len(plan.rounds) == 1))
        parts += _lacking(chosen, rest, candidates, skus) if chosen is plan.rounds[0] else []
        why = _why(chosen)
        parts += [why] if why else []
        rest = {v: n - chosen.take.get(v, 0) for v, n in rest.items() if n > chosen.take.get(v, 0)}
    return "; ".join(parts)


def _ships(chosen: Round, rest: Units, *, whole: bool) -> str:
    lines = len(chosen.take)
    if whole:
        return f"{chosen.winner.name} ships " + ("the only line" if lines == 1 else f"all {lines} lines")
    units = sum(chosen.take.values())
    return f"{chosen.winner.name} ships {units} of {sum(rest.values())} units ({_count(lines, 'line')})"


def _lacking(chosen: Round, wanted: Units, candidates: Sequence[Candidate], skus: Mapping[int, str]) -> list[str]:
    """Say of every other location which lines it does not have in full."""
    said = []
    for other in sorted(candidates, key=lambda c: (c.position, c.location_id)):
        short = [skus[v] for v, n in wanted.items() if other.units.get(v, 0) < n]
        if other.location_id != chosen.winner.location_id and short:
            nothing = len(short) == len(wanted) > 1
            said.append(f"{other.name} has no line in full" if nothing else f"{other.name} lacks {_listed(short)}")
    more = len(said) - _PLACES_NAMED
    return said[:_PLACES_NAMED] + ([f"{more} more places lack something"] if more > 0 else [])


def _listed(short: Sequence[str]) -> str:
    more = len(short) - _NAMED
    return ", ".join(short[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _why(chosen: Round) -> str:
    winner, other = chosen.winner, chosen.runner_up
    if other is None or chosen.decided_by == ONLY_CANDIDATE:
        return ""
    mine, theirs = (chosen.scores[c.location_id].get(chosen.decided_by) for c in (winner, other))
    if chosen.decided_by == "fewest_splits":
        # what the others lack has been said
        return ""
    if chosen.decided_by == "ranked":
        return f"{winner.name} is ranked before {other.name}"
    if chosen.decided_by == TIE_BREAK:
        return f"{winner.name} comes before {other.name} in the list, everything else being equal"
    far = f"{theirs:,.0f} km" if theirs is not None else "an unknown distance"
    return f"{winner.name} is {mine:,.0f} km away, {other.name} {far}"


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def records(
    plan: Plan, wanted: Units, candidates: Sequence[Candidate], skus: Mapping[int, str]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the receipt's `candidates` and `chosen`, as plain values to be stored."""
    first, kept = plan.rounds[0].scores, _kept(plan, candidates)
    seen = [
        {
            "location_id": c.location_id,
            "name": c.name,
            "position": c.position,
            "lines": sum(1 for v, n in wanted.items() if c.units.get(v, 0) >= n),
            "units": sum(min(n, max(c.units.get(v, 0), 0)) for v, n in wanted.items()),
            "lacks": [skus[v] for v, n in wanted.items() if c.units.get(v, 0) < n],
            "scores": dict(first.get(c.location_id, {})),
        }
        for c in candidates
        if c.location_id in kept
    ]
    chosen = [
        {
            "location_id": r.winner.location_id,
            "name": r.winner.name,
            "decided_by": r.decided_by,
            "lines": len(r.take),
            "units": sum(r.take.values()),
            "scores": {str(key): dict(scores) for key, scores in r.scores.items() if key in kept},
        }
        for r in plan.rounds
    ]
    return seen, chosen


def _kept(plan: Plan, candidates: Sequence[Candidate]) -> set[int]:
    """Return the places the receipt tells of: who ships, who nearly did, and the first of the others."""
    kept = {r.winner.location_id for r in plan.rounds} | {r.runner_up.location_id for r in plan.rounds if r.runner_up}
    others = (c.location_id for c in candidates if c.location_id not in kept)
    return kept | set(islice(others, max(KEPT - len(kept), 0)))
