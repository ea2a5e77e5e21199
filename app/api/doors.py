"""What the application is made of: the shop, its tokens, limits, counts, and turns at the database."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.api.counts import Counts
from app.api.gathering import Gatherer
from app.api.limits import Limiter
from app.api.tokens import TokenBook

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from sqlalchemy.orm import Session

    from analytics.replica import Replica
    from app.workspace import Workspace

#: Seconds an answer of the replica may be behind the shop.
FRESH_SECONDS = 2.0


@dataclass
class Doors:
    """One running application."""

    workspace: Workspace
    limiter: Limiter = field(default_factory=Limiter)
    counts: Counts = field(default_factory=Counts)
    tokens: TokenBook = field(init=False)
    gatherer: Gatherer = field(init=False)
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _refreshing: threading.Lock = field(default_factory=threading.Lock)
    _refreshed_at: float = -FRESH_SECONDS

    def __post_init__(self) -> None:
        self.tokens = TokenBook(self.workspace)
        self.gatherer = Gatherer(self)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a transaction; on SQLite writers of this process take turns instead of polling for the lock."""
        with self.turn(), self.workspace.transaction() as session:
            yield session

    def turn(self) -> AbstractContextManager[object]:
        """Take a turn at writing: on SQLite after the other writers of this process, on a server at once."""
        return self._turn if self.workspace.engine.dialect.name == "sqlite" else nullcontext()

    def replica(self) -> Replica:
        """Return the replica, at most :data:`FRESH_SECONDS` behind the shop."""
        replica = self.workspace.replica
        with self._refreshing:
            if time.monotonic() - self._refreshed_at >= FRESH_SECONDS:
                replica.refresh()
                self._refreshed_at = time.monotonic()
        return replica
