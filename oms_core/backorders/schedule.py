"""When what waits can come: the oldest promise takes the earliest goods. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True)
class Arrival:
    """Units of a variant that an open purchase-order line still brings, and the day they are due."""

    line_id: int
    due_on: date
    units: int
    number: str = ""


@dataclass(frozen=True, slots=True)
class Slot:
    """The arrival that completes a promise."""

    line_id: int
    due_on: date
    number: str = ""


def assign(waiting: Sequence[tuple[int, int]], arrivals: Iterable[Arrival]) -> dict[int, Slot | None]:
    """Return, for each promise, the arrival with which its last unit comes.

    Parameters
    ----------
    waiting : sequence of (int, int)
        Promise and the units it waits for, the oldest first.
    arrivals : iterable of Arrival
        In any order.

    Returns
    -------
    dict of int to (Slot or None)
        None: what is on order does not reach this far.
    """
    coming = sorted(arrivals, key=lambda a: (a.due_on, a.line_id))
    slots, needed, reached, at = dict[int, Slot | None](), 0, 0, -1
    for key, units in waiting:
        needed += units
        while reached < needed and at + 1 < len(coming):
            at += 1
            reached += coming[at].units
        last = coming[at] if reached >= needed else None
        slots[key] = Slot(last.line_id, last.due_on, last.number) if last else None
    return slots


def promise_by_date(on_hand: int, waiting: int, arrivals: Iterable[Arrival], today: date) -> list[tuple[date, int]]:
    """Return how many units may be promised by each day on which that changes, from today on.

    ``on hand usable + inbound due by then - what waits``, never below zero; it never falls from one
    day to the next, for every commitment is due at once.
    """
    days: dict[date, int] = {today: on_hand - waiting}
    running = on_hand - waiting
    for arrival in sorted(arrivals, key=lambda a: (a.due_on, a.line_id)):
        running += arrival.units
        days[arrival.due_on] = running
    steps, before = list[tuple[date, int]](), -1
    for day, units in sorted(days.items()):
        if max(units, 0) != before:
            before = max(units, 0)
            steps.append((day, before))
    return steps
