"""Things that will happen, carried out in time order, each with the clock held at its own moment."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from oms_core.kernel import clock
from oms_core.kernel.database import transaction

if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlalchemy.orm import Session

#: Events that share one transaction: commands never commit, so a batch costs one.
BATCH = 100
ROUND_SECONDS = 1800

Action = Callable[["Session"], None]


@dataclass
class Agenda:
    """A queue of actions up to `until`; later ones are left to whoever comes after."""

    until: datetime
    _heap: list[tuple[datetime, int, Action]] = field(default_factory=list)
    _rounds: dict[tuple[Hashable, int], list[Any]] = field(default_factory=dict)
    _turn: itertools.count[int] = field(default_factory=itertools.count)

    def add(self, at: datetime, action: Action) -> None:
        """Plan an action; equal times keep the order in which they were planned."""
        if at <= self.until:
            heapq.heappush(self._heap, (at, next(self._turn), action))

    def add_to_round(
        self,
        at: datetime,
        key: Hashable,
        item: Any,
        action: Callable[[list[Any], Session], None],
        *,
        every_seconds: int = ROUND_SECONDS,
    ) -> None:
        """Plan an item for the next round of its kind (`key`).

        Warehouses hand over in waves, carriers and gateways answer for many at once; so do we.
        """
        seconds = (int(at.timestamp()) // every_seconds + 1) * every_seconds
        at, slot = datetime.fromtimestamp(seconds, UTC), (key, seconds)
        if slot not in self._rounds:
            self._rounds[slot] = []
            self.add(at, lambda session: action(self._rounds.pop(slot), session))
        self._rounds[slot].append(item)

    def run(self, engine: sa.Engine, progress: Callable[[datetime], None]) -> int:
        """Carry out everything, batch by batch; return how many actions there were."""
        done = 0
        while self._heap:
            with transaction(engine) as session:
                done += self._batch(session)
            progress(self._heap[0][0] if self._heap else self.until)
        return done

    def _batch(self, session: Session) -> int:
        count = 0
        while self._heap and count < BATCH:
            at, _, action = heapq.heappop(self._heap)
            with clock.frozen(at):
                action(session)
            # what one command loaded is of no use to the next one, and makes every flush slower
            session.expunge_all()
            count += 1
        return count
