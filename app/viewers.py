"""Who watches a live page now, and how often it is redrawn for that many."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

#: Sessions up to which a board is redrawn this often (seconds): a process redraws some 25 of them a second.
PACES = ((3, 0.4), (10, 1.0))
#: Pace for more sessions than that.
SLOWEST = 5.0
#: A session that has not drawn for this long has gone.
GONE_SECONDS = 12.0


@dataclass
class Viewers:
    """Sessions that drew the board a moment ago; threads share it."""

    _seen: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def see(self, session: str) -> float:
        """Note that a session draws now and return how often it should, in seconds."""
        now = time.monotonic()
        with self._lock:
            self._seen[session] = now
            self._seen = {who: at for who, at in self._seen.items() if now - at < GONE_SECONDS}
            return pace(len(self._seen))

    def watching(self) -> bool:
        """Tell whether anybody watches."""
        now = time.monotonic()
        with self._lock:
            return any(now - at < GONE_SECONDS for at in self._seen.values())


def pace(sessions: int) -> float:
    """Return the seconds between two redraws for that many sessions."""
    return next((seconds for most, seconds in PACES if sessions <= most), SLOWEST)
