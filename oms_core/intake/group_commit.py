"""Group commit: orders that arrive together are committed together, each answered for itself.

A writer hands in an order and waits for its answer; while one group is being committed the next one
gathers. Nothing is made to wait for company: an order that comes alone is committed alone. An answer is
given after its group's transaction is durable, never before.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Self

from oms_core.intake.commands import place_alone
from oms_core.intake.plain import place_plain_alone, requests_of
from oms_core.kernel.errors import Conflict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    import sqlalchemy as sa

    from oms_core.kernel.settings import Shop
    from oms_core.orders.commands import NewOrder

#: Orders in one transaction at most: bounds how long locks are held and how long the first one waits.
GROUP = 64
#: Committers beside each other: one talks to the server while the other thinks. SQLite has one writer.
COMMITTERS = {"sqlite": 1}
_DEFAULT_COMMITTERS = 2

log = logging.getLogger(__name__)

_Waiting = tuple["NewOrder", "str | None", str, "Future[dict[str, Any]]"]


class GroupCommit:
    """The queue in front of the intake of one process.

    Parameters
    ----------
    engine : sqlalchemy.Engine
        The operational database.
    shop : Shop
        Its settings.
    group : int
        Orders committed together at most.
    """

    def __init__(self, engine: sa.Engine, shop: Shop, *, group: int = GROUP) -> None:
        self._engine, self._shop, self._group = engine, shop, group
        self._waiting: deque[_Waiting] = deque()
        self._came = threading.Condition()
        self._closed = False
        count = COMMITTERS.get(engine.dialect.name, _DEFAULT_COMMITTERS)
        self._committers = [
            threading.Thread(target=self._work, name=f"group-commit-{n}", daemon=True) for n in range(count)
        ]
        for committer in self._committers:
            committer.start()

    def __enter__(self) -> Self:
        """Return the queue, open."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the queue."""
        del kind, fault, trace
        self.close()

    def submit(self, new: NewOrder, *, key: str | None = None, actor: str = "api") -> Future[dict[str, Any]]:
        """Hand in an order; the answer (see `intake.place`) or the refusal comes with its commit.

        Raises
        ------
        Conflict
            ``intake.closed``: the process is shutting down.
        """
        answer: Future[dict[str, Any]] = Future()
        with self._came:
            if self._closed:
                raise Conflict("intake.closed", "This process is shutting down and takes no more orders.", "Try again.")
            self._waiting.append((new, key, actor, answer))
            self._came.notify()
        return answer

    def place(self, new: NewOrder, *, key: str | None = None, actor: str = "api") -> dict[str, Any]:
        """Place an order in the next group and wait for its answer (see `intake.place`)."""
        return self.submit(new, key=key, actor=actor).result()

    def close(self) -> None:
        """Commit what waits and stop."""
        with self._came:
            self._closed = True
            self._came.notify_all()
        for committer in self._committers:
            committer.join()

    def _work(self) -> None:
        while group := self._next():
            for actor in dict.fromkeys(who for _, _, who, _ in group):
                self._commit([waiting for waiting in group if waiting[2] == actor], actor)

    def _next(self) -> list[_Waiting]:
        """Wait for orders and take them, oldest first; none when closed and empty."""
        with self._came:
            while not self._waiting and not self._closed:
                self._came.wait()
            return [self._waiting.popleft() for _ in range(min(self._group, len(self._waiting)))]

    def _commit(self, group: Sequence[_Waiting], actor: str) -> None:
        """Commit what is plain together, then the others one by one: near sold-out, each is tried singly."""
        said: dict[int, dict[str, Any]] = {}
        if len(group) > 1:
            orders, keys = [new for new, *_ in group], [key for _, key, *_ in group]
            try:
                said = place_plain_alone(self._engine, self._shop, orders, requests_of(orders, keys), actor=actor)
            except Exception as fault:  # noqa: BLE001 - each is told below, by trying alone
                log.debug("a group goes one by one: %r", fault)
                said = {}
        for n, (new, key, _, answer) in enumerate(group):
            if n in said:
                answer.set_result(said[n])
            else:
                self._alone(new, key, actor, answer)

    def _alone(self, new: NewOrder, key: str | None, actor: str, answer: Future[dict[str, Any]]) -> None:
        try:
            done = place_alone(self._engine, self._shop, new, idempotency_key=key, actor=actor)
        except Exception as fault:  # noqa: BLE001 - the writer is told; a committer must live on
            answer.set_exception(fault)
        else:
            answer.set_result(done)
