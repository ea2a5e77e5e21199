"""Orders that come at the same moment are placed together: one transaction, one flush to disk, one answer each.

Whoever gets the turn takes everyone who waits behind; nobody waits for company. An order that is refused, was
answered before, or whose group failed goes on alone, so that its answer is exactly that of a single order.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastapi import Response
from sqlalchemy.exc import SQLAlchemyError

from app.api.encoding import as_json, told
from oms_core.intake.commands import place_many
from oms_core.intake.keys import claim, keep, unclaim
from oms_core.intake.plain import place_plain_alone
from oms_core.kernel.errors import OmsError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.api.doors import Doors
    from app.api.tokens import Bearer
    from oms_core.orders.new import NewOrder

#: Orders of one transaction at most.
MOST = 64


@dataclass(eq=False)
class Waiting:
    """One order on its way; without an answer in the end it goes on alone."""

    bearer: Bearer
    key: str | None
    print_: str
    new: NewOrder
    answer: Response | None = None
    is_done: bool = False


class Gatherer:
    """The queue of orders of one application."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors
        self._queue: list[Waiting] = []
        self._lock, self._turn = threading.Lock(), threading.Lock()

    def place(self, mine: Waiting) -> Response | None:
        """Place an order with those that wait beside it; None when it has to go alone."""
        with self._lock:
            self._queue.append(mine)
        with self._turn:
            if not mine.is_done:
                self._work(self._group_of(mine))
        return mine.answer

    def _group_of(self, mine: Waiting) -> list[Waiting]:
        """Take those of the same token from the queue; twins under one key stay for the next turn."""
        with self._lock:
            group, keys = [mine], {mine.key}
            for one in self._queue:
                fits = one.bearer.id == mine.bearer.id and (one.key is None or one.key not in keys)
                if one is not mine and fits and len(group) < MOST:
                    group.append(one)
                    keys.add(one.key)
            self._queue = [one for one in self._queue if one not in group]
        return group

    def _work(self, group: list[Waiting]) -> None:
        try:
            # of those left without an answer nothing was written: each goes alone and hears its own fault
            with suppress(OmsError, SQLAlchemyError):
                self._plain(group)
                self._others([one for one in group if one.answer is None])
        finally:
            for one in group:
                one.is_done = True

    def _plain(self, group: list[Waiting]) -> None:
        """Answer the plain orders: looked at in one statement, written and kept under their keys in another."""
        shop = self._doors.workspace.shop
        asked = [(one.key, one.print_) if one.key else None for one in group]

        def body(answer: dict[str, Any]) -> str:
            return as_json(told(answer, shop.currency))

        with self._doors.turn():
            engine, orders, actor = self._doors.workspace.engine, [one.new for one in group], group[0].bearer.actor
            said = place_plain_alone(engine, shop, orders, asked, actor=actor, kept=lambda one: _kept(body(one)))
        for n, answer in said.items():
            group[n].answer = Response(body(answer), 201, media_type="application/json")

    def _others(self, group: list[Waiting]) -> None:
        """Answer those that are not plain, together."""
        if group:
            with self._doors.writing() as session:
                answers = self._answers(session, group)
            for n, answer in answers.items():  # durable now
                group[n].answer = answer

    def _answers(self, session: Session, group: list[Waiting]) -> dict[int, Response]:
        said = claim(session, [(one.key, one.print_) for one in group])
        fresh = [n for n in range(len(group)) if said[n] is None]
        shop, actor = self._doors.workspace.shop, group[0].bearer.actor
        placed = place_many(session, shop, [group[n].new for n in fresh], actor=actor) if fresh else []
        found = {n: one for n, one in zip(fresh, placed, strict=True) if not isinstance(one, OmsError)}
        unclaim(session, [group[n].key for n in fresh if n not in found])
        bodies = {n: as_json(told(one, shop.currency)) for n, one in found.items()}
        keep(session, {group[n].key: _kept(body) for n, body in bodies.items()})
        return {n: Response(body, 201, media_type="application/json") for n, body in bodies.items()}


def _kept(body: str) -> dict[str, Any]:
    """Return an answer as `repeating` keeps it."""
    return {"status": 201, "headers": {}, "body": body}
