"""The dashboard process's shop floor: one workspace, one replica, one thread that keeps it fresh."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.viewers import Viewers
from oms_core.kernel import clock
from oms_core.kernel.errors import OmsError

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from analytics.replica import Replica
    from app.workspace import Workspace

#: Seconds between two looks at the change log: usually, and while somebody watches the board.
TICK_SECONDS, WATCHED_SECONDS = 1.0, 0.1

log = logging.getLogger("ordersight.dashboard")


@dataclass
class Floor:
    """What every page reads from.

    Attributes
    ----------
    workspace : Workspace
        The shop; commands of the dashboard run in its transactions.
    replica : Replica
        This process's replica file (a DuckDB file has one owner process).
    refreshed_at : datetime
        Shop time of the last tick that worked.
    fault : OmsError, optional
        Why the last tick did not work; shown as one line above the page.
    lag_ms : float
        Milliseconds from the last snapshot of the shop's database that had news to its being visible here.
    viewers : Viewers
        Sessions that watch the board: for them the change log is looked at more often.
    """

    workspace: Workspace
    replica: Replica
    refreshed_at: datetime
    fault: OmsError | None = None
    lag_ms: float = 0.0
    viewers: Viewers = field(default_factory=Viewers)
    _stop: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def open(cls, workspace: Workspace) -> Floor:
        """Open the replica, bring it up to date once, then keep it so in a thread."""
        floor = cls(workspace, workspace.replica, clock.now())
        floor.tick()
        threading.Thread(target=floor._keep_fresh, name="replica-refresh", daemon=True).start()
        return floor

    def tick(self) -> None:
        """Bring the replica up to date now; also right after a command, so that its effect is seen."""
        with self._lock:
            tick = self.replica.refresh()
            self.refreshed_at, self.fault = clock.now(), None
            if tick.rows and not tick.full:
                self.lag_ms = tick.lag_ms

    def _keep_fresh(self) -> None:
        while not self._stop.wait(WATCHED_SECONDS if self.viewers.watching() else TICK_SECONDS):
            try:
                self.tick()
            except OmsError as error:
                self.fault = error
            except Exception as error:
                log.warning("replica refresh failed", exc_info=error)
                self.fault = OmsError("replica.refresh_failed", "The replica could not be refreshed.")

    def staleness(self) -> timedelta:
        """Return how long ago the last tick worked."""
        return clock.now() - self.refreshed_at

    def close(self) -> None:
        """Stop the thread and let the replica file go."""
        self._stop.set()
        with self._lock:
            self.replica.close()
            self.workspace.engine.dispose()
