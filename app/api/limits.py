"""How often a token may ask: a bucket that fills steadily and holds a burst."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field

from oms_core.kernel.errors import Refused

#: Requests a second a token may make lastingly, and how many seconds' worth it may save up.
RATE, BURST_SECONDS = 500.0, 10.0


@dataclass
class Limiter:
    """Buckets of tokens, in this process's memory.

    Parameters
    ----------
    rate : float
        Requests a second; zero limits nobody.
    """

    rate: float = RATE
    burst_seconds: float = BURST_SECONDS
    buckets: dict[int, tuple[float, float]] = field(default_factory=dict)

    def take(self, token_id: int) -> None:
        """Take one request out of a token's bucket.

        Raises
        ------
        Refused
            ``request.too_many`` with the seconds to wait.
        """
        if not self.rate:
            return
        now, most = time.monotonic(), max(self.rate * self.burst_seconds, 1.0)
        left, at = self.buckets.get(token_id, (most, now))
        left = min(most, left + (now - at) * self.rate)
        if left < 1:
            self.buckets[token_id] = (left, now)
            wait = max(math.ceil((1 - left) / self.rate), 1)
            raise Refused(
                "request.too_many",
                f"This token may make {self.rate:g} requests a second.",
                f"Wait {wait} second(s) and try again.",
                retry_after=wait,
            )
        self.buckets[token_id] = (left - 1, now)
