"""Which location ships what, as pure functions: ordered rules, the first without a tie decides.

Stock is always asked first: a location that has nothing of what is wanted is no candidate. Then
the shop's rules in their order, each keeping only the best candidates; what is still tied after
the last rule goes to the lowest location id. When no single location has everything, the winner
ships what it can and the rest is routed again, so that the parcels are as few as possible.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING

from oms_core.locations.geography import distance_km

if TYPE_CHECKING:
    from collections.abc import Sequence

    from oms_core.locations.geography import Point

#: Rules of a shop that has set none, in order.
DEFAULT_RULES = ("fewest_splits", "ranked", "closest")
TIE_BREAK = "location_id"
ONLY_CANDIDATE = "stock"
#: With more candidates than this, covers are found greedily instead of exactly.
EXACT_CANDIDATES = 12
EXACT_SHIPMENTS = 3

#: Units by variant id.
Units = Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A location that may ship: its rank (1 first), its place, and what it can promise."""

    location_id: int
    name: str
    position: int
    point: Point | None
    units: Units


@dataclass(frozen=True, slots=True)
class Round:
    """One choice: every candidate's score by rule, who was left after each, who won and why."""

    winner: Candidate
    decided_by: str
    scores: Mapping[int, Mapping[str, float | None]]
    runner_up: Candidate | None
    take: Units


@dataclass(frozen=True, slots=True)
class Plan:
    """What each location ships, in the order chosen, and what nobody has."""

    rounds: Sequence[Round]
    missing: Units = field(default_factory=dict)


def route(
    wanted: Units, candidates: Sequence[Candidate], *, rules: Sequence[str] = DEFAULT_RULES, to: Point | None = None
) -> Plan:
    """Return which location ships how many of what.

    Parameters
    ----------
    wanted : mapping of int to int
        Units by variant id, all positive.
    candidates : sequence of Candidate
        Active locations.
    rules : sequence of str
        ``fewest_splits``, ``ranked``, ``closest``, in the shop's order.
    to : Point, optional
        Where the order goes; without it, or for a location without a place, `closest` cannot tell.
    """
    rest, pool, rounds = dict(wanted), list(candidates), list[Round]()
    while rest:
        able = [c for c in pool if any(c.units.get(v, 0) > 0 for v in rest)]
        if not able:
            break
        chosen = _decide(rest, able, rules, to)
        rounds.append(chosen)
        rest = {v: n - chosen.take.get(v, 0) for v, n in rest.items() if n > chosen.take.get(v, 0)}
        pool = [c for c in able if c is not chosen.winner]
    return Plan(rounds, rest)


def takes(candidate: Candidate, wanted: Units) -> dict[int, int]:
    """Return the units of `wanted` a candidate can ship."""
    return {v: min(n, candidate.units.get(v, 0)) for v, n in wanted.items() if candidate.units.get(v, 0) > 0}


def _decide(wanted: Units, able: Sequence[Candidate], rules: Sequence[str], to: Point | None) -> Round:
    scores: dict[int, dict[str, float | None]] = {c.location_id: {} for c in able}
    left, decided_by, runner_up = list(able), ONLY_CANDIDATE, None
    for rule in (*rules, TIE_BREAK):
        given = _scores(rule, wanted, able, to)
        for key, value in given.items():
            scores[key][rule] = value
        if len(left) == 1:
            continue
        best = min(_order(given[c.location_id]) for c in left)
        kept = [c for c in left if _order(given[c.location_id]) == best]
        if len(kept) < len(left):
            beaten = [c for c in left if c not in kept]
            decided_by = rule
            runner_up = min(beaten, key=lambda c: (_order(given[c.location_id]), c.location_id))
            left = kept
    return Round(left[0], decided_by, scores, runner_up, takes(left[0], wanted))


def _order(score: float | None) -> float:
    return float("inf") if score is None else score


def _scores(rule: str, wanted: Units, able: Sequence[Candidate], to: Point | None) -> dict[int, float | None]:
    """Return a rule's score of each candidate; lower is better, None is unknown and comes last."""
    if rule == "fewest_splits":
        return dict(shipments_needed(wanted, able))
    if rule == "ranked":
        return {c.location_id: c.position for c in able}
    if rule == "closest":
        return {c.location_id: round(distance_km(c.point, to), 1) if c.point and to else None for c in able}
    return {c.location_id: c.location_id for c in able}


def shipments_needed(wanted: Units, able: Sequence[Candidate]) -> dict[int, float]:
    """Return how many shipments are needed if this candidate ships first.

    Exact up to `EXACT_CANDIDATES` locations and `EXACT_SHIPMENTS` shipments: the smallest sets of
    locations that together have everything. Beyond that, greedy: whoever has most of the rest next.
    """
    whole = {c.location_id for c in able if covers(wanted, (c,))}
    if whole:
        return {c.location_id: 1.0 if c.location_id in whole else 2.0 for c in able}
    if len(able) <= EXACT_CANDIDATES:
        for size in range(2, min(EXACT_SHIPMENTS, len(able)) + 1):
            members = {c.location_id for group in combinations(able, size) if covers(wanted, group) for c in group}
            if members:
                return {c.location_id: float(size if c.location_id in members else size + 1) for c in able}
    return {c.location_id: float(_greedy(wanted, c, able)) for c in able}


def covers(wanted: Units, group: Sequence[Candidate]) -> bool:
    """Return whether the locations together have everything."""
    if len(group) == 1:  # asked of every location for every order
        there = group[0].units
        return all(there.get(v, 0) >= n for v, n in wanted.items())
    return all(sum(c.units.get(v, 0) for c in group) >= n for v, n in wanted.items())


def _greedy(wanted: Units, first: Candidate, able: Sequence[Candidate]) -> int:
    """Count shipments when `first` ships first and then always who has most of the rest."""
    rest, pool, count, current = dict(wanted), list(able), 0, first
    while True:
        taken = takes(current, rest)
        rest = {v: n - taken.get(v, 0) for v, n in rest.items() if n > taken.get(v, 0)}
        count, pool = count + 1, [c for c in pool if c is not current]
        useful = [c for c in pool if takes(c, rest)]
        if not rest or not useful:
            return count + len(rest)
        current = max(useful, key=lambda c: (sum(takes(c, rest).values()), -c.location_id))
